package quote

import (
	"strings"

	"councilgate/policy"
)

// answers is what the councillor says of answers typed into the text that the
// reply carries. Without such words all of that text counts as carried.
type answers struct {
	below    bool // "Se mine svar nedenfor": there are some
	capitals bool // "in capitals"
	hue      hue  // "med rødt", else that of the words that announce
	coloured bool // "with colour", whichever
}

const maxAnnouncing = 200 // lines above the carried text that are looked at

// announced reads the councillor's text above line end, the first that is carried,
// once.
func (c *cutter) announced(end int) *answers {
	if c.answers != nil {
		return c.answers
	}
	a := new(answers)
	c.answers = a
	for i := max(0, end-maxAnnouncing); i < end; i++ {
		if c.places[i].place != policy.Own || c.page.blank(i) {
			continue
		}
		a.read(c.key(i), c.page.lines[i].hue)
	}
	return a
}

func (a *answers) read(key string, own hue) {
	var seen class
	named := hueNone
	for word := range strings.FieldsSeq(key) {
		seen |= classOf(word)
		if h := hueWord(word); h != hueNone {
			named = h
		}
	}
	if seen&capitals != 0 {
		a.capitals = true
	}
	if seen&answer == 0 || seen&(below|colour) == 0 && named == hueNone {
		return
	}
	a.below = true
	a.coloured = a.coloured || seen&colour != 0
	if named == hueNone {
		named = own
	}
	a.hue = max(a.hue, named)
}

// remark tells a remark of the councillor inside carried text: "[Anne Holm] Ja,
// det er rigtigt", as Outlook marks it, or an answer that the text above announces.
func (c *cutter) remark(i int) bool {
	if c.bracketed(i) {
		return true
	}
	if c.place != policy.Quoted || c.answers != nil && !c.answers.below && !c.answers.capitals || c.page.blank(i) {
		return false
	}
	// The text above is read only where a line can be what it announces.
	return c.answered(i) || c.labelled(i) && c.announced(i).below || c.inCapitals(i) && c.announced(i).capitals
}

// bracketed tells a remark behind the councillor's name in brackets.
func (c *cutter) bracketed(i int) bool {
	text := c.page.lines[i].text
	if !strings.HasPrefix(strings.TrimLeft(text, " *"), "[") {
		return false
	}
	name, _, ok := strings.Cut(c.key(i), "]")
	return ok && len(name) <= 60 && c.names.in(name) && !strings.ContainsAny(name, "@:")
}

// answered tells a line in the colour that the councillor announces.
func (c *cutter) answered(i int) bool {
	h := c.page.lines[i].hue
	return h != hueNone && c.announced(i).below && (h == c.answers.hue || c.answers.coloured)
}

// labelled tells a line that begins with "Svar:" or with the councillor's name and
// a colon.
func (c *cutter) labelled(i int) bool {
	key := c.key(i)
	label, rest, ok := strings.Cut(key[:min(len(key), maxLabel)], ":")
	if !ok || rest == "" || strings.Count(label, " ") > 2 {
		return false
	}
	if c.names.alone(label) {
		return true
	}
	var seen class
	for word := range strings.FieldsSeq(label) {
		m := classOf(word)
		if m&(answer|personal) == 0 {
			return false
		}
		seen |= m
	}
	return seen&answer != 0
}

// inCapitals tells a line of two words or more in capitals alone.
func (c *cutter) inCapitals(i int) bool {
	key := c.key(i)
	letters := 0
	for at := 0; at < len(key); at++ {
		if key[at] >= 'a' && key[at] <= 'z' {
			return false
		}
		letters += count(key[at] >= 'A' && key[at] <= 'Z')
	}
	return letters >= 5 && strings.Contains(key, " ")
}

// paragraph returns the line after those that a remark in line i is wrapped to.
func (c *cutter) paragraph(i int) int {
	for i++; c.wrapped && i < len(c.page.lines) && !c.page.blank(i) && len(c.page.lines[i-1].text) >= softWidth; i++ {
	}
	return i
}
