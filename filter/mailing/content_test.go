package mailing

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// What mail merge and mail systems change does not make another text; what a
// councillor changes does.
func TestNormalBody(t *testing.T) {
	const text = "Hermed inviteres du til sommerfest i parken på lørdag."
	tests := []struct {
		name string
		a, b string
		same bool
	}{
		{"line ends and wrapping", text, strings.ReplaceAll(text, " ", "\r\n"), true},
		{"letter case", text, strings.ToUpper(text), true},
		{"greeting in a line", "Kære Anna Skov,\n\n" + text, "Kære Bo\u00a0Lund,\n\n" + text, true},
		{"greeting in the same line", "Hej Anna! " + text, "Hej Bo! " + text, true},
		{"title", "Kære hr. Skov, " + text, "Kære fru Lund, " + text, true},
		{"full stop", "Kære Anna. " + text, "Kære Bo. " + text, true},
		{"greeting without a mark", "Kære borger\n\n" + text, "Kære Anna Skov,\r\n\r\n" + text, true},
		{"nothing but a greeting", "Hej Anna", "Hej Bo", false},
		{"greeting in Swedish", "Bästa Anna!\n" + text, "Bästa Bo!\n" + text, true},
		{"link", text + " https://norreaa.example/tilmeld?id=1", text + " https://norreaa.example/tilmeld?id=2#x", true},
		{"address in the footer", text + " Sendt til anna@post.example", text + " Sendt til bo@post.example", true},
		{"zero-width space", text, text + "\u200b", true},
		{"another day", text, strings.Replace(text, "lørdag", "søndag", 1), false},
		{"another page", text + " https://norreaa.example/a", text + " https://norreaa.example/b", false},
		{"a name that is no greeting", "Anna Skov, " + text, "Bo Lund, " + text, false},
		{"what is asked of somebody", "Hej Anna, kommer du?", "Hej Bo, kommer jeg?", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if a, b := normalBody(tt.a), normalBody(tt.b); (a == b) != tt.same {
				t.Errorf("%q\n%q\nthe same: %v, want %v", a, b, a == b, tt.same)
			}
		})
	}
}

func TestNormalSubject(t *testing.T) {
	for _, same := range []string{"Sommerfest", "sommerfest ", "SV: Sommerfest", "Re: VS: Sommerfest", "[begrundelse: sidste frist] Sommerfest", "Sommerfest [Motiv: sista dag]"} {
		if got := normalSubject(same); got != "sommerfest" {
			t.Errorf("%q: %q", same, got)
		}
	}
}

func TestBodyText(t *testing.T) {
	for _, tt := range []struct {
		plain, html []string
		want        string
	}{
		{[]string{"tekst"}, []string{"<p>andet</p>"}, "tekst"},
		{[]string{" \n"}, []string{"<p>tekst</p>"}, "tekst"},
		{nil, []string{"<html><head><style>p {color: red}</style></head><body><p>Hej <b>Anna</b>,</p></body></html>"}, "Hej Anna ,"},
		{nil, []string{"<img src=x>"}, ""},
		{nil, nil, ""},
	} {
		if got := strings.Join(strings.Fields(BodyText(tt.plain, tt.html)), " "); got != tt.want {
			t.Errorf("%q, %q: %q, want %q", tt.plain, tt.html, got, tt.want)
		}
	}
}

func TestJustification(t *testing.T) {
	for _, tt := range []struct {
		subject, rest string
		justified     bool
	}{
		{"Sommerfest", "Sommerfest", false},
		{"[motiv: akut vattenläcka] Information", "Information", true},
		{"Information [Begrundelse:høringsfristen udløber]", "Information", true},
		{"SV: Info [ begrunnelse : frist i morgen ] til alle", "SV: Info til alle", true},
		{"Info [reason: deadline] [motiv: ]", "Info", true},
		{"Info [motivering: brand]", "Info", true},
		{"[motiv:] Info", "Info", false},
		{"[motiv: ...] Info", "Info", false},
		{"[motiv] Info", "[motiv] Info", false},
		{"[grund: brand] Info", "[grund: brand] Info", false},
		{"[motiv: brand", "[motiv: brand", false},
		{"[motiv: akut]", "", true},
	} {
		if rest, justified := Justification(tt.subject); rest != tt.rest || justified != tt.justified {
			t.Errorf("%q: %q, %v; want %q, %v", tt.subject, rest, justified, tt.rest, tt.justified)
		}
	}
}

// Whatever a mail holds, it has one fingerprint, and its subject keeps no marker.
func FuzzContent(f *testing.F) {
	f.Add("[motiv: x] Info", "Hej Anna, https://x.example/?a a@b.example", "<p>Hej</p>")
	f.Add("Re: [motiv: [reason: y]]", "\xff\xfe til", "<style>")
	f.Fuzz(func(t *testing.T, subject, plain, html string) {
		rest, _ := Justification(subject)
		if again, _ := Justification(rest); utf8.ValidString(subject) && strings.Count(subject, "[") < 2 && again != rest {
			t.Errorf("a marker is left in %q", rest)
		}
		if body := normalBody(BodyText([]string{plain}, []string{html})); len(strings.Fields(body)) > 0 && strings.TrimSpace(body) != body {
			t.Errorf("white space round %q", body)
		}
	})
}
