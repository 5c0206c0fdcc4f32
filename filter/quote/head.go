package quote

// head is what introduces a quoted or forwarded mail: separator, header block,
// attribution, each alone or one after the other.
type head struct {
	end     int  // the line after it
	forward bool // it says so itself
}

// lead is how well a header block is announced by what stands above it.
type lead uint8

const (
	leadNone lead = iota
	leadRule      // a rule or border, as it stands above much else
	leadSure      // a separator's words, or markup of a mail program
)

// head looks for a head at line i. marked: the markup says that there is one.
func (c *cutter) head(i int, marked bool) (head, bool) {
	m, next := separator(c.key(i)), c.page.next(i+1)
	switch m {
	case markForward, markOriginal:
		h := head{end: i + 1, forward: m == markForward}
		if end, ok := c.headerBlock(next, leadSure, true); ok {
			h.end = end
		} else if end, ok := c.attribution(next); ok {
			h.end = end
		}
		return h, true
	case markTitle:
		if end, ok := c.headerBlock(next, leadRule, false); ok {
			return head{end: end}, true
		}
	case markLoose, markLooseForward:
		h := head{end: i + 1, forward: m == markLooseForward}
		if end, ok := c.headerBlock(next, leadSure, false); ok {
			h.end = end
			return h, true
		}
		if next < len(c.page.lines) && c.page.lines[next].depth > 0 {
			return h, true
		}
	case markRule:
		if next <= i+3 {
			if h, ok := c.bareHead(next, leadRule); ok {
				return h, true
			}
		}
	}
	hint := c.page.lines[i].hint
	l := leadNone
	switch {
	case marked:
		l = leadSure
	case hint == hintBorder:
		l = leadRule
	}
	if h, ok := c.bareHead(i, l); ok {
		return h, true
	}
	return head{end: i + 1}, hint == hintOpen
}

// bareHead looks for a head without a separator.
func (c *cutter) bareHead(i int, l lead) (head, bool) {
	if end, ok := c.headerBlock(i, l, false); ok {
		return head{end: end}, true
	}
	if end, ok := c.attribution(i); ok {
		return head{end: end}, true
	}
	if end, ok := c.columnBlock(i); ok {
		return head{end: end}, true
	}
	return head{}, false
}
