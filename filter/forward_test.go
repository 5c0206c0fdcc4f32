package filter

import (
	"strings"
	"testing"

	"councilgate/filter/mail"
	"councilgate/filter/quote"
	"councilgate/policy"
)

func parseHeader(text string) mail.Header {
	return mail.ParseHeader([]byte(strings.ReplaceAll(text, "\n", "\r\n")+"\r\n\r\n"), mail.DefaultLimits())
}

const forwardPolicy = `
internal: [norreaa.example]
councillors:
  - address: anne.holm@norreaa.example
    name: Anne Holm
    private: [anneholm72@gmail.com]
`

func TestRedirect(t *testing.T) {
	p, err := policy.Parse("test.yaml", []byte(forwardPolicy))
	if err != nil {
		t.Fatal(err)
	}
	const citizen = "From: x@post.example\nTo: list@post.example"
	tests := []struct {
		name, from, header string
		want               policy.Confidence
		ruled              bool
	}{
		{"her own", "anne.holm@norreaa.example", "From: anne.holm@norreaa.example", 0, false},
		{"her own, with marks", "anne.holm@norreaa.example", "From: anne.holm@norreaa.example\nX-Forwarded-To: x@post.example", 0, true},
		{"her private mail", "anne.holm@norreaa.example", "From: Anne.Holm72@gmail.com", 0, false},
		{"no From", "anne.holm@norreaa.example", "To: x@post.example", 0, false},
		{"two authors, she is one", "anne.holm@norreaa.example", "From: x@post.example, anne.holm@norreaa.example", 0, false},
		{"a citizen's", "anne.holm@norreaa.example", citizen, policy.Possible, false},
		{"sent again by her", "anne.holm@norreaa.example", citizen + "\nResent-From: Anne <anne.holm@norreaa.example>", policy.Strong, false},
		{"sent again by another", "anne.holm@norreaa.example", citizen + "\nResent-From: y@post.example", policy.Possible, false},
		{"sent again by hand what was delivered", "anne.holm@norreaa.example", citizen + "\nDelivered-To: anne.holm@norreaa.example\nResent-From: anne.holm@norreaa.example", policy.Strong, false},
		{"delivered to her", "x@post.example", citizen + "\nDelivered-To: anne.holm@norreaa.example", policy.Strong, true},
		{"delivered to another", "anne.holm@norreaa.example", citizen + "\nDelivered-To: y@post.example", policy.Possible, false},
		{"Gmail's forwarder and target", "anne.holm@norreaa.example", citizen + "\nX-Forwarded-For: y@post.example anne.holm@norreaa.example", policy.Possible, false},
		{"automatic answer", "anne.holm@norreaa.example", citizen + "\nAuto-Submitted: auto-replied", policy.Possible, false},
		{"automatic forward", "anne.holm@norreaa.example", citizen + "\nAuto-Submitted: Auto-Forwarded; x=y", policy.Strong, true},
		{"rules agent", "anne.holm@norreaa.example", citizen + "\nX-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent", policy.Strong, true},
		{"to her, a colleague's", "anne.holm@norreaa.example", "From: staff@norreaa.example\nTo: anne.holm@norreaa.example", policy.Possible, false},
		{"to her, a citizen's", "anne.holm@norreaa.example", "From: x@post.example\nTo: anne.holm@norreaa.example", policy.Strong, false},
		{"signed, not verified", "anne.holm@norreaa.example", citizen + "\nDKIM-Signature: v=1; d=post.example; b=AA", policy.Possible, false},
		{"SRS", "anne.holm+SRS=a=b=post.example=x@norreaa.example", citizen, policy.Strong, false},
	}
	i := NewInspector()
	for _, tt := range tests {
		h := parseHeader(tt.header)
		env := Envelope{From: tt.from, Recipients: []string{"anneholm72@gmail.com"}}
		s, ok := p.Sender(identity(p, env, h))
		if !ok {
			t.Errorf("%s: nobody's mail", tt.name)
			continue
		}
		if got := i.redirect(t.Context(), p, s, env, h, nil); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
		if got := ruled(h, s.Councillor); got != tt.ruled {
			t.Errorf("%s: by a rule %v", tt.name, got)
		}
	}
}

func TestTrustedIdentity(t *testing.T) {
	tests := []struct{ header, want string }{
		{"Subject: x", ""},
		{"X-Id: Anne.Holm@norreaa.example", "anne.holm@norreaa.example"},
		{"x-id: Anne <anne.holm@norreaa.example>", "anne.holm@norreaa.example"},
		{"X-Id: anne.holm", "anne.holm"},
		{"X-Id: a@norreaa.example\nX-Id: A@norreaa.example", "a@norreaa.example"},
		{"X-Id: a@norreaa.example\nX-Id: b@norreaa.example", ""},
		{"X-Id: a@norreaa.example\nX-Id:", ""},
		{"X-Id: <", ""},
	}
	for _, tt := range tests {
		if got := trustedIdentity(parseHeader(tt.header), "X-Id"); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.header, got, tt.want)
		}
	}
	if got := trustedIdentity(parseHeader("X-Id: a"), ""); got != "" {
		t.Errorf("believed %q, though no field is named", got)
	}
}

// Whatever header and text say, what is gathered of a forward is gathered, within
// bounds.
func FuzzForward(f *testing.F) {
	p, err := policy.Parse("test.yaml", []byte(forwardPolicy))
	if err != nil {
		f.Fatal(err)
	}
	i := NewInspector()
	i.Signatures = NewSignatures(&fakeResolver{}, 0)
	f.Add("From: x@post.example\r\nTo: Anne <anne@gmail.com>\r\nX-Forwarded-For: anne.holm@norreaa.example b@c.example\r\nDKIM-Signature: d=post.example; s=x; h=from; bh=; b=\r\nIn-Reply-To: <1@gmail.com>\r\n\r\n", "Fra: a@b.example\nTil: c@d.example\n\nDen 3. marts 2026 skrev Anne:\n")
	f.Fuzz(func(t *testing.T, header, text string) {
		raw := []byte(header)
		h := mail.ParseHeader(raw, mail.DefaultLimits())
		env := Envelope{From: "anne.holm@norreaa.example", Recipients: []string{"anne@gmail.com"}}
		id := identity(p, env, h)
		if len(id.Forwarders) > maxForwarders {
			t.Errorf("%d forwarders", len(id.Forwarders))
		}
		s, _ := p.Sender(id)
		e := policy.Evidence{Sender: s, Recipients: recipients(env.Recipients)}
		e.Forward.Redirect = i.redirect(t.Context(), p, s, env, h, raw)
		i.lookForward(p, mail.Parse(raw, mail.DefaultLimits()), []quote.Segment{{Place: policy.Quoted, Text: text}}, &e)
		if e.Forward.Redirect == policy.Certain {
			t.Error("a signature was proved without a key")
		}
	})
}
