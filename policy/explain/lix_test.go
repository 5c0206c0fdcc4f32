package explain

import (
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"councilgate/policy"
)

// LIX (Björnsson, Läsbarhet, 1968) is the number of words a sentence plus the
// percentage of words with more than six letters. Below 30 is very easy, below 40
// easy, as fiction is; newspapers have 40 to 50, official prose 50 to 60.
const maxLIX = 40

// readByEye is what a reader looks at as a whole: addresses, links and codes.
// Each counts as one short word.
var readByEye = regexp.MustCompile(`\[ok [0-9A-Z-]+|https?://[^\s,]+|[^\s(]+@[^\s,)]+[a-z]|4XWkzB1mcqz`)

func lix(text string) float64 {
	text = readByEye.ReplaceAllString(text, "X")
	words, long, sentences := 0, 0, 0
	for _, word := range strings.Fields(text) {
		end := strings.ContainsRune(".!?:", rune(word[len(word)-1]))
		letters := strings.TrimFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		if letters == "" {
			continue
		}
		words++
		if utf8.RuneCountInString(letters) > 6 {
			long++
		}
		if end {
			sentences++
		}
	}
	return float64(words)/float64(max(sentences, 1)) + 100*float64(long)/float64(max(words, 1))
}

func TestLIXOfAKnownText(t *testing.T) {
	// Ten words in two sentences, four of them long: 10/2 + 100*4/10.
	if got := lix("Katten sover under den gamle kommode. Husmanden forsvandt hurtigt igen."); got != 45 {
		t.Errorf("got %v", got)
	}
	if got := lix("Skriv til direktor.social@norreaa.example."); got != 3 {
		t.Errorf("an address counts as %v", got)
	}
}

// A notice is the reply and a little more.
func TestReadabilityOfNotices(t *testing.T) {
	for _, language := range []string{"da", "sv", "nb"} {
		for _, o := range occasions(t) {
			if o.verdict.Action != policy.Reject || strings.Contains(o.title, "longest names") {
				continue
			}
			o.verdict.Sender.Councillor.Language = language
			if n := NoticeFor(o.policy, o.verdict, "4XWkzB1mcqz", noticeTime); lix(n.Text) >= maxLIX {
				t.Errorf("%s, %s: LIX %.0f: %s", language, o.title, lix(n.Text), n.Text)
			}
		}
	}
}

// Every text can be read at the first attempt. Left out is the text with
// everything that can be in one at once, with names of forty letters.
func TestReadability(t *testing.T) {
	for _, language := range []string{"da", "sv", "nb"} {
		var all strings.Builder
		worst, of := 0.0, ""
		for _, o := range occasions(t) {
			if strings.Contains(o.title, "longest names") {
				continue
			}
			o.verdict.Sender.Councillor.Language = language
			text := strings.Join(For(o.policy, o.verdict, "4XWkzB1mcqz", true).Lines, " ")
			all.WriteString(text + " ")
			l := lix(text)
			if l > worst {
				worst, of = l, o.title
			}
			if l >= maxLIX {
				t.Errorf("%s, %s: LIX %.0f: %s", language, o.title, l, text)
			}
		}
		t.Logf("LIX of the replies in %s: %.0f in all, at worst %.0f (%s)", language, lix(all.String()), worst, of)
	}
}
