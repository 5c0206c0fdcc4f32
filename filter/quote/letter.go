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
	for i := 0; i < len(c.places); i++ {
		if c.places[i].place != policy.Own || c.page.blank(i) || !c.greetsCouncillor(i) {
			continue
		}
		end, ok := c.letterEnd(i)
		if !ok {
			continue
		}
		for ; i < end; i++ {
			c.places[i].place, c.places[i].unsure = policy.Forwarded, true
		}
		i--
	}
}

// greetsCouncillor tells a greeting that names the councillor, or all of them.
func (c *cutter) greetsCouncillor(i int) bool {
	if !c.greets(i) {
		return false
	}
	key := c.key(i)
	if c.names.in(key) {
		return true
	}
	for word := range strings.FieldsSeq(key) {
		if classOf(word)&politics != 0 {
			return true
		}
	}
	return false
}

const maxLetter = 400 // lines

// letterEnd looks for the closing of a letter that begins at line i, and returns
// the line after its last one. A closing with the councillor's name ends the
// search: then the letter is the councillor's.
func (c *cutter) letterEnd(i int) (int, bool) {
	for j := i + 1; j < len(c.places) && j < i+maxLetter; j++ {
		if c.places[j].place != policy.Own {
			return 0, false
		}
		if c.page.blank(j) {
			continue
		}
		rest, ok := closingOf(c.key(j))
		if !ok {
			continue
		}
		name, at := rest, j
		if name == "" {
			if at = c.page.next(j + 1); at >= len(c.places) || at > j+3 {
				return 0, false
			}
			name = c.key(at)
		}
		if c.names.in(name) || !personName(name) || c.places[at].place != policy.Own {
			return 0, false
		}
		return c.letterTail(at + 1), true
	}
	return 0, false
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

// personName tells whether a folded text begins as a person's name does.
func personName(s string) bool {
	words := len(strings.Fields(s))
	return words > 0 && words <= 8 && (s[0] >= 'A' && s[0] <= 'Z' || s[0] >= 0x80)
}
