package quote

import (
	"strings"

	"councilgate/policy"
)

const (
	maxNotes      = 20 // link notes below a text
	maxDisclaimer = 12 // lines of a disclaimer below them
)

// findNotes looks below a text carried to its end for the notes that converters of
// HTML set there, "[1] https://norreaa.example": each belongs to the text that
// refers to it. What a gateway adds below them is of the councillor's house.
func (c *cutter) findNotes() {
	if !c.wrapped || !c.carry || c.until != 0 {
		return
	}
	last := len(c.page.lines) - 1
	for last >= 0 && c.page.blank(last) {
		last--
	}
	end := last + 1 // the line after the notes
	for end > 1 && last-end < maxDisclaimer && linkNote(c.page.lines[end-1].text) == "" {
		end--
	}
	begin := end
	for begin > 1 && end-begin < maxNotes && linkNote(c.page.lines[begin-1].text) != "" {
		begin--
	}
	if begin == end || !c.isDisclaimer(end, last+1) {
		return
	}
	for i := begin; i < end; i++ {
		c.places[i] = c.places[c.referrer(linkNote(c.page.lines[i].text), begin)]
		c.places[i].signature = false
	}
	for i := end; i <= last; i++ {
		c.places[i] = placed{place: policy.Own, signature: true}
	}
}

// linkNote returns the mark of a link note, "[1]", and "" if the line is none.
func linkNote(text string) string {
	mark, target, ok := strings.Cut(strings.TrimSpace(text), "] ")
	if !ok || len(mark) < 2 || len(mark) > 3 || mark[0] != '[' || strings.Trim(mark[1:], "0123456789") != "" ||
		strings.ContainsRune(target, ' ') || !strings.HasPrefix(target, "http") && !strings.HasPrefix(target, "mailto:") {
		return ""
	}
	return mark + "]"
}

// referrer returns the first line above the notes that refers to one, itself the
// line above them where none does.
func (c *cutter) referrer(mark string, notes int) int {
	for i := 0; i < notes; i++ {
		if strings.Contains(c.page.lines[i].text, mark) {
			return i
		}
	}
	return notes - 1
}

// isDisclaimer tells lines that are blank or say what a disclaimer says.
func (c *cutter) isDisclaimer(i, end int) bool {
	words, lines := 0, 0
	for ; i < end; i++ {
		if !c.page.blank(i) {
			words += duties(c.key(i))
			lines++
		}
	}
	return lines == 0 || words >= 3
}
