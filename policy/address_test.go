package policy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestParseAddress(t *testing.T) {
	tests := []struct {
		in   string
		want Address
	}{
		{"anne.holm@norreaa.example", Address{"anne.holm", "norreaa.example"}},
		{"Anne.Holm@NORREAA.Example", Address{"anne.holm", "norreaa.example"}},
		{"ÅSE@norreaa.example", Address{"åse", "norreaa.example"}},
		{"anne@norreaa.example.", Address{"anne", "norreaa.example"}},
		{`"anne.holm"@norreaa.example`, Address{"anne.holm", "norreaa.example"}},
		{`"anne holm"@norreaa.example`, Address{"anne holm", "norreaa.example"}},
		{`"a\"b\\c@d"@norreaa.example`, Address{`a"b\c@d`, "norreaa.example"}},
		{"post@nørreå.example", Address{"post", "xn--nrre-toa4i.example"}},
		{"post@NØRREÅ.example", Address{"post", "xn--nrre-toa4i.example"}},
		{"post@XN--nrre-toa4i.example", Address{"post", "xn--nrre-toa4i.example"}},
		{"post@norreaa。example", Address{"post", "norreaa.example"}},
		{"post@[192.0.2.1]", Address{"post", "[192.0.2.1]"}},
		{"post@[IPv6:2001:DB8::1]", Address{"post", "[ipv6:2001:db8::1]"}},
		{"@relay.example,@two.example:anneholm72@gmail.com", Address{"anneholm72", "gmail.com"}},
		{"a_b@under_score.example", Address{"a_b", "under_score.example"}},
	}
	for _, tt := range tests {
		got, err := ParseAddress(tt.in)
		if err != nil || got != tt.want {
			t.Errorf("ParseAddress(%q) = %q @ %q, %v; want %q @ %q", tt.in, got.Local, got.Domain, err, tt.want.Local, tt.want.Domain)
		}
	}
}

func TestParseAddressRefuses(t *testing.T) {
	tests := []string{
		"", "anne", "@norreaa.example", "anne@", "anne@.", "anne@a..b", "anne@a b",
		"anne holm@norreaa.example", "<anne@norreaa.example>", "anne@norreaa.example>", "a,b@norreaa.example",
		`"anne@norreaa.example`, `"anne"norreaa.example`, `"anne\`, `""@norreaa.example`,
		"a@b@norreaa.example", "anne\n@norreaa.example", "\"an\rne\"@norreaa.example", "anne@norreaa\x00.example",
		"anne@[192.0.2.1", "anne@[a b]", "anne@xn--a.example", "anne@[" + strings.Repeat("1", 60) + "]",
		"\xff@norreaa.example",
		strings.Repeat("a", 257) + "@norreaa.example",
		"anne@" + strings.Repeat("a", 64) + ".example",
		"anne@" + strings.Repeat("a.", 500) + "example",
	}
	for _, in := range tests {
		got, err := ParseAddress(in)
		if err == nil {
			t.Errorf("ParseAddress(%q) = %q @ %q, want an error", in, got.Local, got.Domain)
			continue
		}
		if got != (Address{}) {
			t.Errorf("ParseAddress(%q) gives an address with its error", in)
		}
	}
}

// However an address is printed by accident, it stays secret.
func TestAddressIsMasked(t *testing.T) {
	a := Address{"secret-local", "secret-domain.example"}
	sender := Sender{Councillor: Councillor{Address: a, Aliases: []Address{a}, Private: []Address{a}}}
	shown := printedAllWays(a, &a, []Address{a}, sender, &sender, map[Address]bool{a: true}, Evidence{Sender: sender, Recipients: []Address{a}})
	for _, got := range append(shown, a.String()) {
		if strings.Contains(got, "secret") || strings.Contains(got, fmt.Sprintf("%x", "secret")) {
			t.Errorf("an address leaks: %s", got)
		}
	}
	if got := a.Text(); got != "secret-local@secret-domain.example" {
		t.Errorf("Text() = %q", got)
	}
}

// printedAllWays formats, logs and marshals each value.
func printedAllWays(values ...any) []string {
	var shown []string
	for _, v := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			shown = append(shown, fmt.Sprintf(verb, v))
		}
		var b bytes.Buffer
		fmt.Fprintln(&b, v)
		slog.New(slog.NewTextHandler(&b, nil)).Info("m", "v", v)
		slog.New(slog.NewJSONHandler(&b, nil)).Info("m", "v", v)
		json.NewEncoder(&b).Encode(v)
		shown = append(shown, b.String())
	}
	return shown
}

func FuzzParseAddress(f *testing.F) {
	for _, s := range []string{"anne.holm@norreaa.example", `"a\"b"@nørreå.example`, "@a:b@c.example", "a@[192.0.2.1]", "a@xn--nrre-toa4i.example"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := ParseAddress(s)
		if err != nil {
			return
		}
		again, err := ParseAddress(a.Text())
		if err != nil || again != a {
			t.Errorf("ParseAddress(%q): the text %q reads as %q @ %q, %v", s, a.Text(), again.Local, again.Domain, err)
		}
	})
}
