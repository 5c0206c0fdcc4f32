package quote_test

import (
	"fmt"
	"mime"
	netmail "net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"councilgate/filter/mail"
	"councilgate/filter/quote"
	"councilgate/policy"
)

// The corpus in testdata/quote: NAME.eml is a mail as a mail program writes it,
// NAME.want says where its places change. A line "PLACE: TEXT" of NAME.want
// begins a run where the rendered text reads TEXT (white space and ">" apart), after
// the run before; places are own, signature (own, too), quoted, forwarded, attached.
// Lines below "part N" hold for that part alone, those above it for all others.
// A "#" begins a comment. Parts that are attached as a whole need no lines.
//
// Of the names, "hand-" are shapes that no program's format gives, "hard-" mails made
// to be hard by somebody who does not know this package, "everyday-" what councillors
// mostly send, "sibling-" variants of both in other languages and programs.
//
// testdata/quote/unseen has the same form, is written by somebody who does not
// know this package, and is reported apart.
func TestCorpus(t *testing.T) {
	for _, c := range []struct {
		dir          string
		mails, chars float64 // floors, percent
	}{
		{"../../testdata/quote", 99, 99.5},
		{"../../testdata/quote/unseen", 96, 99},
	} {
		t.Run(filepath.Base(c.dir), func(t *testing.T) {
			files, err := filepath.Glob(filepath.Join(c.dir, "*.eml"))
			if err != nil {
				t.Fatal(err)
			}
			if len(files) == 0 {
				t.Skip("no mails")
			}
			var sum score
			for _, file := range files {
				s, report := judge(t, file)
				sum.add(s)
				if report != "" {
					t.Logf("%s: %s", filepath.Base(file), report)
				}
			}
			t.Logf("%d mails: %.1f %% cut exactly right; %.2f %% of %d characters in the right place; "+
				"signatures: %.1f %% of their characters known, %.2f %% of other own text taken for one",
				sum.mails, sum.mailShare(), sum.charShare(), sum.chars,
				percent(sum.signatureRight, sum.signature), percent(sum.signatureWrong, sum.own))
			if sum.mailShare() < c.mails || sum.charShare() < c.chars {
				t.Errorf("below the floor of %v %% of mails and %v %% of characters", c.mails, c.chars)
			}
		})
	}
}

// score counts mails and characters (white space apart).
type score struct {
	mails, exact                   int
	chars, right                   int
	own, signature                 int
	signatureRight, signatureWrong int
}

func (s *score) add(t score) {
	s.mails += t.mails
	s.exact += t.exact
	s.chars += t.chars
	s.right += t.right
	s.own += t.own
	s.signature += t.signature
	s.signatureRight += t.signatureRight
	s.signatureWrong += t.signatureWrong
}

func (s *score) mailShare() float64 { return percent(s.exact, s.mails) }
func (s *score) charShare() float64 { return percent(s.right, s.chars) }

func percent(n, of int) float64 {
	if of == 0 {
		return 100
	}
	return 100 * float64(n) / float64(of)
}

// judge cuts one mail and compares; the report tells what is wrong.
func judge(t *testing.T, file string) (s score, report string) {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	w, err := readWant(strings.TrimSuffix(file, ".eml") + ".want")
	if err != nil {
		t.Fatal(err)
	}
	m := mail.Parse(raw, mail.DefaultLimits())
	names := []string{fromName(raw)}
	s.mails = 1
	var wrong []string
	for _, text := range m.Texts {
		if text.Type == mail.Field {
			continue
		}
		runs := w.parts[text.Part]
		if runs == nil && text.Attached {
			runs = []run{{place: "attached"}}
		}
		if runs == nil {
			runs = w.all
		}
		// One at a time, since a part that can be read in two ways comes twice.
		one := &mail.Message{Header: m.Header, Texts: []mail.Text{text}}
		right, err := compare(&s, labels(quote.Split(one, names)), runs)
		if err != nil {
			t.Fatalf("%s part %s: %v", file, text.Part, err)
		}
		if right != "" {
			wrong = append(wrong, fmt.Sprintf("part %s: %s", text.Part, right))
		}
	}
	if len(m.Texts) == 0 {
		wrong = append(wrong, "no text")
	}
	if len(wrong) == 0 {
		s.exact = 1
	}
	return s, strings.Join(wrong, "; ")
}

// labelled is one character and where it was put.
type labelled struct {
	r     rune
	label string
}

// counts tells the characters that are compared: quote marks are no text of the
// mail, yet ">" also stands in texts.
func counts(r rune) bool { return r != '>' && !unicode.IsSpace(r) }

// labels spreads segments to their characters, the subject apart.
func labels(segments []quote.Segment) []labelled {
	var got []labelled
	for _, seg := range segments {
		label := string(seg.Place)
		if seg.Signature {
			label = "signature"
		}
		if seg.Place == policy.Subject {
			continue
		}
		for _, r := range seg.Text {
			if counts(r) {
				got = append(got, labelled{r, label})
			}
		}
	}
	return got
}

// compare counts a part's characters in the right place, and tells the first
// that is not.
func compare(s *score, got []labelled, runs []run) (report string, err error) {
	text := make([]rune, len(got))
	for i, l := range got {
		text[i] = l.r
	}
	starts := make([]int, len(runs)+1)
	for i, at := 0, 0; i < len(runs); i++ {
		found := index(text[at:], runs[i].start)
		if found < 0 {
			return "", fmt.Errorf("%q does not stand after the run before it, in %q", string(runs[i].start), string(text[at:min(len(text), at+400)]))
		}
		at += found
		starts[i] = at
		at += min(len(runs[i].start), 1)
	}
	starts[len(runs)] = len(text)
	if len(runs) == 0 || starts[0] != 0 {
		return "", fmt.Errorf("the first line does not begin the text %q", string(text[:min(len(text), 80)]))
	}
	for n, r := range runs {
		for i := starts[n]; i < starts[n+1]; i++ {
			want, have := r.place, got[i].label
			s.chars++
			if placeOf(want) == placeOf(have) {
				s.right++
			} else if report == "" {
				report = fmt.Sprintf("%s, want %s at %q", have, want, string(text[i:min(len(text), i+50)]))
			}
			switch {
			case want == "signature":
				s.signature++
				s.signatureRight += bit(have == "signature")
			case want == "own":
				s.own++
				s.signatureWrong += bit(have == "signature")
			}
		}
	}
	return report, nil
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

func placeOf(label string) string {
	if label == "signature" {
		return "own"
	}
	return label
}

func index(text, what []rune) int {
	for i := 0; i+len(what) <= len(text); i++ {
		if slices.Equal(text[i:i+len(what)], what) {
			return i
		}
	}
	return -1
}

// want is what a NAME.want file says.
type want struct {
	all   []run
	parts map[string][]run
}

// run begins where its words stand.
type run struct {
	place string
	start []rune // without white space
}

func readWant(file string) (want, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return want{}, err
	}
	w := want{parts: map[string][]run{}}
	part := ""
	for n, line := range strings.Split(string(raw), "\n") {
		if blankOrComment(line) {
			continue
		}
		if name, ok := strings.CutPrefix(line, "part "); ok {
			part = strings.TrimSpace(name)
			w.parts[part] = []run{}
			continue
		}
		place, text, ok := strings.Cut(line, ":")
		if !ok || !slices.Contains([]string{"own", "signature", "quoted", "forwarded", "attached"}, place) {
			return want{}, fmt.Errorf("%s:%d: no place in %q", file, n+1, line)
		}
		r := run{place: place}
		for _, c := range text {
			if counts(c) {
				r.start = append(r.start, c)
			}
		}
		if len(r.start) == 0 {
			return want{}, fmt.Errorf("%s:%d: no words", file, n+1)
		}
		if part == "" {
			w.all = append(w.all, r)
		} else {
			w.parts[part] = append(w.parts[part], r)
		}
	}
	return w, nil
}

func blankOrComment(line string) bool {
	line = strings.TrimSpace(line)
	return line == "" || strings.HasPrefix(line, "#")
}

// fromName returns the display name of the mail's From field.
func fromName(raw []byte) string {
	m, err := netmail.ReadMessage(strings.NewReader(string(raw)))
	if err != nil {
		return ""
	}
	a, err := (&netmail.AddressParser{WordDecoder: new(mime.WordDecoder)}).Parse(m.Header.Get("From"))
	if err != nil {
		return ""
	}
	return a.Name
}
