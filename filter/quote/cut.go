package quote

import (
	"strings"

	"councilgate/policy"
)

// cutter gives every line of a page its place, from top to bottom in one pass.
// Markup comes before words: a line rule only opens what no markup has opened.
type cutter struct {
	page    *page
	names   *nameSet
	keys    []string // folded lines, as far as they were needed
	related bool     // the mail is a reply or a forward
	// standing is the place of carried text that does not say itself which it is.
	standing policy.Place
	// wrapped: lines are wrapped by width (plain text), not paragraphs (HTML).
	wrapped bool

	places []placed

	headed bool         // a head was found
	marked policy.Place // place of lines that bear marks, since the last head
	carry  bool         // all lines are carried, marks or no marks
	until  int32        // box at whose end carry stops, 0 for the end of the text
	place  policy.Place // place of carried lines

	answers *answers // what is said of answers inside carried text; nil until needed
}

// placed is what the cutter found of a line.
type placed struct {
	place     policy.Place
	signature bool
	unsure    bool
}

// key returns line i in folded form.
func (c *cutter) key(i int) string {
	if c.keys[i] == "" {
		c.keys[i] = fold(c.page.lines[i].text)
	}
	return c.keys[i]
}

func (c *cutter) run() []placed {
	c.page.splitInline(c.names)
	c.keys = make([]string, len(c.page.lines))
	c.places = make([]placed, len(c.page.lines))
	c.marked = c.standing
	for i := 0; i < len(c.page.lines); {
		i = c.step(i)
	}
	c.findNotes()
	c.findLetters()
	c.findSignatures()
	return c.places
}

// set gives the lines from i up to end a place.
func (c *cutter) set(i, end int, p policy.Place) int {
	for ; i < end; i++ {
		c.places[i].place = p
	}
	return end
}

// step places line i, and those that belong to it, and returns the next one.
func (c *cutter) step(i int) int {
	l := &c.page.lines[i]
	if c.carry {
		switch {
		case c.until != 0 && !c.page.inBox(i, c.until):
			c.carry = false
		case !c.page.blank(i) && l.depth == 0 && separator(c.key(i)) == markEnd:
			c.carry = false
			return c.set(i, i+1, c.place)
		case c.remark(i):
			return c.set(i, c.paragraph(i), policy.Own)
		default:
			return c.set(i, i+1, c.place)
		}
	}
	if c.page.blank(i) {
		if next := i + 1; l.hint != hintNone && next < len(c.page.lines) {
			c.page.lines[next].hint = max(l.hint, c.page.lines[next].hint)
		}
		place := policy.Own
		if i > 0 {
			place = c.places[i-1].place
		}
		return c.set(i, i+1, place)
	}
	if l.depth >= 3 && c.wrapped {
		// GroupWise: ">>> On 5/4/2026 at 10:12 AM, Bent Krogh wrote:", the text
		// below bears no marks.
		if next := c.page.next(i + 1); next < len(c.page.lines) && c.page.lines[next].depth == 0 {
			if end, ok := c.attribution(i); ok {
				return c.open(i, head{end: end}, 0)
			}
		}
	}
	if l.depth > 0 && !c.authored(i) {
		if c.marked == policy.Quoted && c.answered(i) {
			return c.set(i, i+1, policy.Own)
		}
		return c.quoted(i)
	}
	if c.saysOn(i) {
		return c.set(i, i+1, policy.Own)
	}
	entered := c.entered(i)
	if h, ok := c.head(i, entered != 0 || l.hint == hintOpen); ok {
		return c.open(i, h, entered)
	}
	if entered != 0 {
		return c.enter(i, entered)
	}
	if c.continuation(i) {
		return c.set(i, i+1, c.marked)
	}
	return c.set(i, i+1, policy.Own)
}

// prosaic is the length in bytes from which a line is a paragraph: longer than
// mail programs wrap, and than the heads that they write in one line unless it
// ends or begins as those do.
const prosaic = 160

// saysOn tells cheaply a paragraph of plain prose that nothing opens, which is
// what most of a long text consists of.
func (c *cutter) saysOn(i int) bool {
	l := &c.page.lines[i]
	if len(l.text) < prosaic || l.hint != hintNone || l.box != 0 {
		return false
	}
	first, last := l.text[0], l.text[len(l.text)-1]
	return (first >= 'A' && first <= 'Z' || first >= 'a' && first <= 'z') && (last == '.' || last == '?' || last == '!') &&
		strings.IndexByte(l.text[:maxLabel], ':') < 0 && strings.IndexByte(l.text, '@') < 0 && !strings.Contains(l.text, "---")
}

// quoted places a line that bears marks.
func (c *cutter) quoted(i int) int {
	if i == 0 || c.places[i-1].place == policy.Own {
		// A forward that Apple Mail has put into the quote, separator and all.
		if m := separator(c.key(i)); m == markForward || m == markLooseForward {
			c.marked = policy.Forwarded
		}
	}
	return c.set(i, i+1, c.marked)
}

// authored tells a line in a blockquote that the councillor may have set as an
// author does: in a new mail, without any mark of a mail program and no head above.
func (c *cutter) authored(i int) bool { return c.page.lines[i].bare && !c.related && !c.headed }

// cited tells whether line i is quoted, as seen from line from.
func (c *cutter) cited(i, from int) bool {
	return i < len(c.page.lines) && c.page.lines[i].depth > c.page.lines[from].depth && !c.authored(i)
}

// open places a head and decides how far it reaches: where marks follow, as far
// as the marks; else to the end of the box it stands in, or of the text.
func (c *cutter) open(i int, h head, entered int32) int {
	place := c.standing
	if h.forward {
		place = policy.Forwarded
	}
	c.marked, c.headed = place, true
	if !c.cited(c.page.next(h.end), i) {
		c.carry, c.place, c.until = true, place, entered
		if entered == 0 {
			c.until = c.outermost(i)
		}
	}
	return c.set(i, h.end, place)
}

// entered returns the outermost box that begins at line i, 0 for none.
func (c *cutter) entered(i int) int32 {
	entered := int32(0)
	prev := i - 1
	for prev >= 0 && c.page.blank(prev) {
		prev--
	}
	for b := c.page.lines[i].box; b != 0; b = c.page.boxes[b].parent {
		if prev >= 0 && c.page.inBox(prev, b) {
			break
		}
		entered = b
	}
	return entered
}

func (c *cutter) outermost(i int) int32 {
	b := c.page.lines[i].box
	for b != 0 && c.page.boxes[b].parent != 0 {
		b = c.page.boxes[b].parent
	}
	return b
}

// enter places the first line of a box without a head that we know: all of the
// box is carried, or, where an element in it cites, what stands before that.
func (c *cutter) enter(i int, b int32) int {
	place := c.standing
	if c.page.boxes[b].forward {
		place = policy.Forwarded
	}
	c.marked = place
	if !c.page.boxes[b].cites {
		c.carry, c.place, c.until = true, place, b
		return c.set(i, i+1, place)
	}
	end := i + 1 // the first line belongs to the box even if it is cited itself
	for end < len(c.page.lines) && c.page.lines[end].depth == 0 && c.page.inBox(end, b) {
		end++
	}
	return c.set(i, end, place)
}

// softWidth is the width in bytes from which a quoted line counts as full, so
// that a short line that ends the quote is its rest.
const softWidth = 55

// continuation tells a line that a mail program has wrapped off a quoted line
// without marking it.
func (c *cutter) continuation(i int) bool {
	if !c.wrapped || i == 0 || c.page.blank(i-1) || c.places[i-1].place == policy.Own || c.page.lines[i-1].depth == 0 {
		return false
	}
	before, here := c.key(i-1), c.key(i)
	if before == "" || here == "" { // nothing but what cannot be seen
		return false
	}
	ended := strings.ContainsAny(before[len(before)-1:], ".!?:;")
	between := i+1 < len(c.page.lines) && c.page.lines[i+1].depth > 0
	if len(here) > 60 || ended {
		return between && len(here) <= 60 && here[0] >= 'a' && here[0] <= 'z'
	}
	return between || len(before) >= softWidth && (here[0] >= 'a' && here[0] <= 'z' || here[0] >= '0' && here[0] <= '9')
}

// maxGreeting is the length in bytes of the longest line looked at for a greeting,
// or for a line of a letterhead or form.
const maxGreeting = 80

// greets tells a line that greets somebody.
func (c *cutter) greets(i int) bool {
	key := c.key(i)
	if len(key) > maxGreeting {
		return false
	}
	word, rest, _ := strings.Cut(key, " ")
	return classOf(word)&greeting != 0 && (rest != "" || len(word) > 3)
}
