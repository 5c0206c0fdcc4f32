package quote

import (
	"strings"

	"councilgate/policy"
)

// maxSignature bounds a signature in lines, so that a closing formula cannot
// hide a letter.
const maxSignature = 25

// maxNotice is the length in bytes of the longest line looked at for a closing
// or a disclaimer.
const maxNotice = 2000

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
		if c.page.blank(i) || len(c.page.lines[i].text) > maxNotice {
			i++
			continue
		}
		word, _, _ := strings.Cut(c.key(i), " ")
		first := classOf(word)
		switch {
		case c.page.lines[i].signature && !c.prose(i), c.key(i) == "--",
			first&(closing|closingAdj) != 0 && c.closes(i), first&thanks != 0 && c.thanks(i, end),
			i > start && c.names.alone(c.key(i)):
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

// prose tells a line in which somebody says something rather than gives a name,
// a title or an address: lower-case words that are neither of a title nor of a
// disclaimer; or a postscript. In doubt it is prose, since what counts as a
// signature is not looked at as closely.
func (c *cutter) prose(i int) bool {
	key := c.key(i)
	if postscript(key) || strings.HasPrefix(key, "NB ") || strings.HasPrefix(key, "NB:") {
		return true
	}
	words, lowers := 0, 0
	for word := range strings.FieldsSeq(key) {
		words++
		if lowerCase(word) && classOf(word)&(particle|politics|timeWord) == 0 && !strings.ContainsAny(word, "@/.") {
			lowers++
		}
		if words >= 3 && lowers >= 2 {
			return duties(key) < 2 && !c.sentFrom(i) && !c.closes(i)
		}
	}
	return false
}

// postscript tells a folded line that begins one.
func postscript(key string) bool {
	return strings.HasPrefix(key, "PS") || strings.HasPrefix(key, "P.S")
}

// lowerCase tells a word of letters that begins with a small one.
func lowerCase(word string) bool { return word[0] >= 'a' && word[0] <= 'z' }

// closes tells a line that begins with a closing formula: "Med venlig hilsen",
// "Mvh Anne Holm".
func (c *cutter) closes(i int) bool {
	_, ok := closingOf(c.key(i))
	return ok
}

// thanks tells a line of thanks that closes: the councillor's name stands below.
func (c *cutter) thanks(i, end int) bool {
	word, rest, _ := strings.Cut(c.key(i), " ")
	next := c.page.next(i + 1)
	return classOf(word)&thanks != 0 && (rest == "" || c.names.alone(rest)) && next < end && c.names.alone(c.key(next))
}

// closingOf cuts a closing formula off a folded line and returns the name that
// follows it, if any. A line that says more is no closing: "Tak for din mail".
func closingOf(key string) (name string, ok bool) {
	if len(key) > 100 || key == "" {
		return "", false
	}
	for rest := key; rest != ""; {
		var word string
		word, rest, _ = strings.Cut(rest, " ")
		switch c := classOf(word); {
		case c&closing != 0:
			name = afterClosing(rest)
			linked := len(name) < len(rest) // "hilsen fra en bekymret mor"
			return name, name == "" || nameAfterClosing(name, linked)
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
		if classOf(word)&(closing|closingAdj|particle) == 0 && strings.Trim(word, "-,") != "" {
			return rest
		}
		rest = after
	}
	return rest
}

// nameAfterClosing tells a name, perhaps with a title, from a sentence. linked: a
// word like "fra" stands before it, so that it may be no name but still a person.
func nameAfterClosing(name string, linked bool) bool {
	if strings.Count(name, " ") > 7 || strings.ContainsAny(name[len(name)-1:], "?!:") {
		return false
	}
	lowers := 0
	for word := range strings.FieldsSeq(name) {
		c := classOf(word)
		if c&pronoun != 0 {
			return false
		}
		if lowerCase(word) && c&(particle|politics) == 0 {
			lowers++
		}
	}
	return lowers == 0 || lowers == 1 && !lowerCase(name) || linked && lowers <= 3 && !strings.HasSuffix(name, ".")
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

// duties counts the words of a disclaimer in a folded line; none count where
// somebody speaks of himself or of another.
func duties(key string) int {
	n := 0
	for word := range strings.FieldsSeq(key) {
		c := classOf(word)
		if c&personal != 0 {
			return 0
		}
		if c&duty != 0 {
			n++
		}
	}
	return n
}

// disclaimer tells a paragraph at the end of the councillor's text that speaks of
// the mail itself. Without a signature above it has to say more to be one.
func (c *cutter) disclaimer(i, end int) bool {
	return end-i <= 12 && len(c.key(i)) >= 60 && duties(c.key(i)) >= 3
}
