package quote_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"councilgate/filter/mail"
	"councilgate/filter/quote"
	"councilgate/policy"

	"golang.org/x/net/html"
)

// seed adds the corpus's texts of one type.
func seed(f *testing.F, want mail.Type) {
	files, err := filepath.Glob("../../testdata/quote/*.eml")
	if err != nil {
		f.Fatal(err)
	}
	for i, file := range files {
		if i%5 != 0 {
			continue
		}
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, text := range mail.Parse(raw, mail.DefaultLimits()).Texts {
			if text.Type == want {
				f.Add(text.Body, uint8(i))
			}
		}
	}
}

// message wraps a text; the bits of kind choose what the rest of the mail says.
func message(typ mail.Type, body string, kind uint8) *mail.Message {
	return &mail.Message{
		Header: mail.Header{Subject: "SV: x", Reply: kind&1 != 0, Forward: kind&2 != 0},
		Texts:  []mail.Text{{Part: "1", Type: typ, Body: body, Attached: kind&4 != 0, Flowed: kind&8 != 0, DelSp: kind&16 != 0}},
	}
}

var councillor = []string{"Anne Holm"}

// FuzzPlain: of a plain text nothing may get lost but quote marks and white space.
func FuzzPlain(f *testing.F) {
	seed(f, mail.Plain)
	f.Add("> a\n\x01\n\u0301\nb\n>> c\n>>> d >>>\n| e\n| f\nKB> g\n", uint8(9))
	f.Fuzz(func(t *testing.T, body string, kind uint8) {
		body = strings.ToValidUTF8(body, "?") // as mail.Parse gives it
		got := joined(t, quote.Split(message(mail.Plain, body, kind), councillor))
		if want := visible(body); got != want && !initials.MatchString(body) {
			t.Errorf("text changed:\n got %q\nwant %q", got, want)
		}
	})
}

// initials are what may stand before a quote mark, and goes with it; tags may
// stand between them.
var initials = regexp.MustCompile(`(^|[\n\r\f\v\x{85}\x{2028}\x{2029}])[\s\x{a0}]*(?:[A-ZÆØÅÄÖÜ]\n*){2,3}>`)

// FuzzHTML: the text between the tags must stand in the segments, in its order.
func FuzzHTML(f *testing.F) {
	seed(f, mail.HTML)
	f.Add("<table><tr><td>1<td><p>2</table><blockquote>x</blockquote><a href=mailto:a@b.example?subject=c%20d>e</a>", uint8(0))
	f.Fuzz(func(t *testing.T, body string, kind uint8) {
		body = strings.ToValidUTF8(body, "?") // as mail.Parse gives it
		got := joined(t, quote.Split(message(mail.HTML, body, kind), councillor))
		if text := between(body); !initials.MatchString(text) && !contains(got, visible(text)) {
			t.Errorf("text lost:\n got %q\nwant %q", got, visible(text))
		}
		if body := strings.Map(letter, body); kind&32 != 0 {
			// The same words as the content of ever deeper elements.
			deep := strings.Repeat("<div><blockquote>", 300) + body + strings.Repeat("</div>", 100) + body
			if got := joined(t, quote.Split(message(mail.HTML, deep, kind), councillor)); got != body+body {
				t.Errorf("deep text changed:\n got %q\nwant %q", got, body+body)
			}
		}
	})
}

// between returns the text between the tags, scripts and style sheets apart.
func between(body string) string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(body))
	hidden := 0
	for {
		switch typ := z.Next(); typ {
		case html.ErrorToken:
			return b.String()
		case html.TextToken:
			if hidden == 0 {
				b.Write(z.Text())
			}
			b.WriteByte('\n')
		case html.StartTagToken, html.SelfClosingTagToken, html.EndTagToken:
			if name, _ := z.TagName(); string(name) == "script" || string(name) == "style" {
				hidden = 0
				if typ != html.EndTagToken {
					hidden = 1
				}
			}
		}
	}
}

// contains tells whether the characters of part stand in whole, in their order.
func contains(whole, part string) bool {
	rest := []rune(part)
	for _, r := range whole {
		if len(rest) > 0 && r == rest[0] {
			rest = rest[1:]
		}
	}
	return len(rest) == 0
}

func letter(r rune) rune {
	if unicode.IsLetter(r) && r != utf8.RuneError {
		return r
	}
	return -1
}

// joined checks what holds for all segments and returns their visible characters.
func joined(t *testing.T, segments []quote.Segment) string {
	t.Helper()
	var b strings.Builder
	for i, s := range segments {
		switch {
		case s.Place == policy.Subject:
			if i != 0 || s.Part != "" {
				t.Fatalf("subject is segment %d of part %q", i, s.Part)
			}
			continue
		case s.Part != "1":
			t.Fatalf("segment of part %q", s.Part)
		case s.Signature && s.Place != policy.Own:
			t.Fatalf("a signature that is %s", s.Place)
		case !strings.HasSuffix(s.Text, "\n"):
			t.Fatalf("unended line in %q", s.Text)
		}
		b.WriteString(s.Text)
	}
	return visible(b.String())
}

// visible leaves out white space and what quote marks are made of.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || strings.ContainsRune(">＞|", r) || r < ' ' || unicode.In(r, unicode.Cf) || unicode.In(r, unicode.Variation_Selector) {
			return -1
		}
		return r
	}, strings.Map(func(r rune) rune {
		if r == '\u034f' || r == '\u115f' {
			return -1
		}
		return r
	}, s))
}
