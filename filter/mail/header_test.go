package mail

import (
	"slices"
	"testing"
)

func TestParse_header(t *testing.T) {
	tests := []struct {
		name    string
		raw     string
		subject string
		from    []string
		reply   bool
		forward bool
	}{
		{
			"plain",
			lines("From: Åse Ørum <aase@post.example>", "Subject: Møde"),
			"Møde", []string{"aase@post.example"}, false, false,
		},
		{
			"encoded and folded",
			lines("From: =?iso-8859-1?Q?=C5se?= <aase@post.example>", "Subject: =?utf-8?B?TcO4?=", " =?utf-8?B?ZGU=?="),
			"Møde", []string{"aase@post.example"}, false, false,
		},
		{
			"several addresses and fields",
			lines("From: a@post.example, B <b@post.example>", "From: c@post.example", "Subject: en", "Subject: to"),
			"en\nto", []string{"a@post.example", "b@post.example", "c@post.example"}, false, false,
		},
		{
			"broken From",
			lines("From: Åse, ( \xd8rum <aase@post.example> b@post.example;"),
			"", []string{"aase@post.example", "b@post.example"}, false, false,
		},
		{"reply by its fields", lines("References: <x@post.example>"), "", nil, true, false},
		{"forward by its fields", lines("Resent-From: a@post.example"), "", nil, false, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := Parse([]byte(tt.raw), DefaultLimits()).Header
			if h.Subject != tt.subject || !slices.Equal(h.From, tt.from) || h.Reply != tt.reply || h.Forward != tt.forward {
				t.Errorf("got %+v", h)
			}
		})
	}
}

func TestPrefixes(t *testing.T) {
	tests := []struct {
		subject        string
		reply, forward bool
	}{
		{"Møde", false, false},
		{"Dagsorden: møde", false, false},
		{"Re", false, false},
		{"Referat: møde", false, false},
		{"Re: Møde", true, false},
		{"SV: Møde", true, false},
		{"Sv : Møde", true, false},
		{"Re[2]: Møde", true, false},
		{"RE^2: Møde", true, false},
		{"[EXT] Vedr.: Møde", true, false},
		{"Antw: Møde", true, false},
		{"AW: Sitzung", true, false},
		{"VB: Möte", false, true},
		{"Fwd: Møde", false, true},
		{"WG: Sitzung", false, true},
		{"Videresendt: Møde", false, true},
		{"SV: FW: Møde", true, true},
		{"VS: Møde", true, true}, // Danish forward, Finnish reply
		{"[EXT", false, false},
	}
	for _, tt := range tests {
		if reply, forward := prefixes(tt.subject); reply != tt.reply || forward != tt.forward {
			t.Errorf("prefixes(%q) = %v, %v, want %v, %v", tt.subject, reply, forward, tt.reply, tt.forward)
		}
	}
}

// TestTopic blanks out what says that a mail answers, and nothing else.
func TestTopic(t *testing.T) {
	for _, tt := range []struct{ subject, want string }{
		{"Møde", "Møde"},
		{"SV: Sønnens sag", "  : Sønnens sag"},
		{"Re[2]: sv : Møde", "  [2]:    : Møde"},
		{"[min søn har angst] SV: Møde", "[min søn har angst]   : Møde"},
		{"Møde med SV: nej", "Møde med SV: nej"},
		{"Videresendt: x\nVB: y", "           : x\n  : y"},
		{"ſv: x", "ſv: x"},
		{"[EXT", "[EXT"},
	} {
		if got := Topic(tt.subject); got != tt.want {
			t.Errorf("Topic(%q) = %q, want %q", tt.subject, got, tt.want)
		}
	}
}

func TestAuthenticated(t *testing.T) {
	const mx = "mx.norreaa.example"
	tests := []struct {
		name   string
		fields []string
		want   string
	}{
		{"none", nil, ""},
		{"login", []string{mx + "; auth=pass smtp.auth=anne"}, "anne"},
		{"comments, blanks and quotes", []string{mx + ` 1 (by us); auth = pass (plain; ok) smtp.auth="anne.holm@norreaa.example"`}, "anne.holm@norreaa.example"},
		{"second trusted field", []string{mx + "; none", mx + "; spf=none; auth=pass smtp.auth=anne"}, "anne"},
		{"stranger", []string{"mx.post.example; auth=pass smtp.auth=anne"}, ""},
		{"below a stranger's", []string{"mx.post.example; none", mx + "; auth=pass smtp.auth=anne"}, ""},
		{"failed", []string{mx + "; auth=fail smtp.auth=anne"}, ""},
		{"failed above passed", []string{mx + "; auth=fail smtp.auth=anne", mx + "; auth=pass smtp.auth=bo"}, ""},
		{"result inside a comment", []string{mx + "; spf=fail (x; auth=pass smtp.auth=anne)"}, ""},
		{"result inside quotes", []string{mx + `; spf=fail reason="x; auth=pass smtp.auth=anne"`}, ""},
		{"escaped quote", []string{mx + `; spf=fail reason="x\"; auth=pass smtp.auth=anne"`}, ""},
		{"comment never closed", []string{mx + "; (auth=pass smtp.auth=anne"}, ""},
		{"version of the future", []string{mx + " 2; auth=pass smtp.auth=anne"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := Header{AuthResults: tt.fields}
			if got := h.Authenticated(func(id string) bool { return id == mx }); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
