package quote

import (
	"strings"

	"councilgate/policy"
)

// findLetters looks in the councillor's text for a letter by somebody else that
// was pasted in without any mark: it greets the councillor and closes with
// another name. The words alone say so, hence it is unsure.
func (c *cutter) findLetters() {
	if len(c.names.words) == 0 {
		return
	}
	var closing [2]int // the first one below line i, per kind of greeting; looked for once
	for i := 0; i < len(c.places); i++ {
		if c.places[i].place != policy.Own || c.page.blank(i) {
			continue
		}
		to := c.greetsCouncillor(i)
		if to == nobody {
			continue
		}
		if closing[to] <= i {
			closing[to] = c.nextClosing(i+1, to)
		}
		end, ok := c.letterEnd(closing[to])
		if !ok {
			continue
		}
		for ; i < end; i++ {
			c.places[i].place, c.places[i].unsure = policy.Forwarded, true
		}
		i--
	}
}

// addressee is whom a greeting greets.
type addressee int

const (
	nobody     addressee = iota - 1 // no councillor
	everybody                       // councillors in general, as councillors greet them, too
	councillor                      // the councillor by name
)

// greetsCouncillor tells whom of the council a line greets.
func (c *cutter) greetsCouncillor(i int) addressee {
	if !c.greets(i) {
		return nobody
	}
	key := c.key(i)
	if c.names.in(key) {
		return councillor
	}
	for word := range strings.FieldsSeq(key) {
		if classOf(word)&politics != 0 {
			return everybody
		}
	}
	return nobody
}

// nextClosing returns the first own line at or after i that closes a letter, the
// end of the councillor's run of text, or of the whole.
func (c *cutter) nextClosing(i int, to addressee) int {
	for i < len(c.places) && c.places[i].place == policy.Own && !c.endsLetter(i, to) {
		i++
	}
	return i
}

// endsLetter tells a closing formula; in a letter to the councillor by name also a
// name alone in its line after a blank one.
func (c *cutter) endsLetter(i int, to addressee) bool {
	if c.page.blank(i) || len(c.page.lines[i].text) > maxNotice {
		return false
	}
	return c.closes(i) || to == councillor && c.page.blank(i-1) && fullName(c.key(i))
}

// letterEnd returns the line after the last one of a letter with this closing,
// where the name in or below it is not the councillor's.
func (c *cutter) letterEnd(closing int) (int, bool) {
	if closing >= len(c.places) || c.places[closing].place != policy.Own {
		return 0, false
	}
	name, closes := closingOf(c.key(closing))
	at := closing
	switch {
	case !closes:
		name = c.key(closing)
	case name == "":
		if at = c.page.next(closing + 1); at >= len(c.places) || at > closing+3 {
			return 0, false
		}
		name = c.key(at)
	}
	if c.names.in(name) || !personName(name) || c.places[at].place != policy.Own {
		return 0, false
	}
	end := c.letterTail(at + 1)
	for i := at + 1; i < end; i++ {
		if c.names.in(c.key(i)) { // "Venlig hilsen / SF-gruppen / Anne Holm"
			return 0, false
		}
	}
	return end, true
}

// letterTail returns the line after the address lines below a letter's name.
func (c *cutter) letterTail(i int) int {
	for n := 0; n < 8 && i < len(c.places) && c.places[i].place == policy.Own && !c.page.blank(i) && !c.prose(i); n++ {
		if c.greets(i) || c.closes(i) {
			break
		}
		i++
	}
	return i
}

// fullName tells two to four capitalised words and nothing else.
func fullName(key string) bool {
	words := 0
	for word := range strings.FieldsSeq(key) {
		c := classOf(word)
		if words++; word[0] < 'A' || word[0] > 'Z' && word[0] < 0x80 || strings.ContainsAny(word, ":;?!,()0123456789") || c&(weekday|month|politics|greeting) != 0 {
			return false
		}
	}
	return words >= 2 && words <= 4 && !strings.HasSuffix(key, ".")
}

// personName tells whether a folded text can be a person's name: no longer than
// one, and not a group's.
func personName(s string) bool {
	words := 0
	for word := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == ' ' || r == '-' }) {
		if words++; words > 8 || classOf(word)&group != 0 {
			return false
		}
	}
	return words > 0
}
