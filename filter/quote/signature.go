package quote

import (
	"strings"

	"councilgate/policy"
)

// Bounds of a signature, so that a closing formula cannot hide a letter: lines,
// and words in a line that is not a disclaimer's.
const (
	maxSignature     = 25
	maxSignatureLine = 10
)

// findSignatures marks the signatures and disclaimers in the councillor's text.
func (c *cutter) findSignatures() {
	for i := 0; i < len(c.places); {
		if c.places[i].place != policy.Own {
			i++
			continue
		}
		end := i
		for end < len(c.places) && c.places[end].place == policy.Own {
			end++
		}
		c.signaturesIn(i, end)
		i = end
	}
}

// signaturesIn marks the signatures of one run of own lines.
func (c *cutter) signaturesIn(start, end int) {
	for i := start; i < end; {
		if c.page.blank(i) {
			i++
			continue
		}
		switch {
		case c.page.lines[i].signature && !c.prose(i), c.key(i) == "--", c.closes(i):
			i = c.signature(i, end)
		case c.sentFrom(i), c.disclaimer(i, end):
			c.places[i].signature = true
			i++
		default:
			i++
		}
	}
}

// signature marks the lines of a signature from i on and returns the line after
// it: it ends where somebody writes on.
func (c *cutter) signature(i, end int) int {
	last := i
	for j, lines := i, 0; j < end && lines < maxSignature; j++ {
		if c.page.blank(j) {
			continue
		}
		if j > i && c.prose(j) {
			break
		}
		last = j
		lines++
	}
	for ; i <= last; i++ {
		c.places[i].signature = true
	}
	return last + 1
}

// prose tells a line in which somebody says something: too many words for a
// name, title or address, and none of a disclaimer's; or a postscript.
func (c *cutter) prose(i int) bool {
	key := c.key(i)
	if first, _, _ := strings.Cut(key, " "); len(first) <= 5 && strings.HasPrefix(strings.ToUpper(strings.ReplaceAll(first, ".", "")), "PS") {
		return true
	}
	if c.duties(key) >= 1 && len(key) > 40 || c.sentFrom(i) {
		return false
	}
	words, lowers, speaks := 0, 0, false
	for word := range strings.FieldsSeq(key) {
		words++
		if word[0] >= 'a' && word[0] <= 'z' && !strings.ContainsAny(word, "@/") {
			lowers++
		}
		speaks = speaks || classOf(word)&pronoun != 0 && len(word) > 1
	}
	if c.closes(i) {
		return false
	}
	return words > maxSignatureLine && lowers > words/2 || words >= 4 && lowers > words/2 && (speaks || strings.ContainsAny(key[len(key)-1:], ".?!"))
}

// closes tells a line that begins with a closing formula: "Med venlig hilsen",
// "Mvh Anne Holm".
func (c *cutter) closes(i int) bool {
	_, ok := closingOf(c.key(i))
	return ok
}

// closingOf cuts a closing formula off a folded line.
func closingOf(key string) (rest string, ok bool) {
	if len(key) > 100 || key == "" {
		return "", false
	}
	for rest = key; rest != ""; {
		var word string
		word, rest, _ = strings.Cut(rest, " ")
		switch c := classOf(word); {
		case c&closing != 0:
			rest = afterClosing(rest)
			return rest, strings.Count(rest, " ") <= 7 && !strings.ContainsAny(key[len(key)-1:], "?")
		case c&closingAdj == 0:
			return "", false
		}
	}
	return "", false
}

// afterClosing skips the words that link a closing to the name: "hilsen fra",
// "regards and best wishes".
func afterClosing(rest string) string {
	for rest != "" {
		word, after, _ := strings.Cut(rest, " ")
		if classOf(word)&(closing|closingAdj|particle) == 0 {
			return rest
		}
		rest = after
	}
	return rest
}

// sentFrom tells the lines by which telephones speak of themselves: "Sendt fra
// min iPhone", "Hent Outlook til iOS".
func (c *cutter) sentFrom(i int) bool {
	key := c.key(i)
	if len(key) > 200 {
		return false
	}
	first, rest, _ := strings.Cut(strings.TrimLeft(key, "-*_ ("), " ")
	if classOf(first)&sentWord == 0 {
		return false
	}
	rest, _, _ = strings.Cut(rest, "<")
	words, named := 0, false
	for word := range strings.FieldsSeq(rest) {
		words++
		named = named || classOf(word)&device != 0
	}
	return named && words <= 9
}

// duties counts the words of a disclaimer in a folded line.
func (c *cutter) duties(key string) int {
	n := 0
	for word := range strings.FieldsSeq(key) {
		if classOf(word)&duty != 0 {
			n++
		}
	}
	return n
}

// disclaimer tells a paragraph at the end of the councillor's text that speaks of
// the mail itself.
func (c *cutter) disclaimer(i, end int) bool {
	if end-i > 12 || len(c.key(i)) < 60 {
		return false
	}
	return c.duties(c.key(i)) >= 2
}
