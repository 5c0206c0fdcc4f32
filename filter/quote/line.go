package quote

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// hint is what the markup of a mail program says of a line. Plain text has none.
type hint uint8

const (
	hintNone   hint = iota
	hintOpen        // a reply's or forward's head begins at this line
	hintBorder      // a rule or border stands above; it counts only with a header block below
)

// line is one line as a reader sees it, from plain text or HTML alike.
type line struct {
	text      string // without quote marks, without the line end
	depth     int32  // quote levels: marks and cite elements together
	box       int32  // innermost quote container of a mail program, 0 for none
	hint      hint
	hue       hue  // colour of its text
	bare      bool // all its depth is that of marks that the writer may have set
	signature bool // the markup calls it a signature
}

// box is an element in which a mail program puts what it quotes, for example
// Gmail's div.gmail_quote. Inside it only the cited element is quoted for sure
// where there is one (cites); else all of the box is.
type box struct {
	parent  int32 // index of the enclosing box, 0 for none
	nested  int   // how many boxes enclose it
	forward bool
	cites   bool // a cite element stands inside
}

// page is a text taken apart into lines. boxes[0] stands for no box.
type page struct {
	lines []line
	boxes []box
}

// inBox tells whether the line stands in box b or in a box inside it.
func (p *page) inBox(i int, b int32) bool {
	for at := p.lines[i].box; at != 0; at = p.boxes[at].parent {
		if at == b {
			return true
		}
	}
	return false
}

// maxBlank bounds how many empty lines in a row are kept; more say no more.
const maxBlank = 4

func (p *page) roomForBlank() bool {
	n := len(p.lines)
	if n < maxBlank {
		return true
	}
	for _, l := range p.lines[n-maxBlank:] {
		if l.text != "" {
			return true
		}
	}
	return false
}

func (p *page) blank(i int) bool { return blank(p.lines[i].text) }

// next returns the first line at or after i that is not blank, and len(lines)
// if there is none within reach.
func (p *page) next(i int) int {
	for i < len(p.lines) && p.blank(i) {
		i++
	}
	return i
}

// blank tells a text of which nothing is left in folded form.
func blank(s string) bool {
	for _, r := range s {
		if !unicode.IsSpace(r) && !dropped(r) {
			return false
		}
	}
	return true
}

// dropped tells the characters that folding drops: control characters, what is
// invisible, and the marks that stand on letters.
func dropped(r rune) bool {
	return r < ' ' || invisible(r) || r >= 0x300 && unicode.Is(unicode.Mn, r)
}

// invisible tells characters that take no place: zero-width ones, the soft
// hyphen, direction marks, variation selectors.
func invisible(r rune) bool {
	switch {
	case r < 0xad:
		return false
	case r == 0xad, r == 0x34f, r == 0x61c, r == 0x115f, r == 0x180e, r == 0xfeff:
		return true
	case r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2060 && r <= 0x206f:
		return true
	}
	return r >= 0xfe00 && r <= 0xfe0f
}

// foldLimit bounds, in bytes, how much of a line the rules look at. The heads
// that mail programs write are shorter; longer lines are prose.
const foldLimit = 1000

// fold writes the line in the one form in which all rules compare: Nordic and
// other accented letters by their ASCII base (so that "Från" matches however it
// is composed), every space a single blank, every dash "-", every quotation mark
// '"', invisible characters gone. Case stays, since a name is told by it.
func fold(s string) string {
	if len(s) > foldLimit {
		s = s[:foldLimit]
	}
	if plainASCII(s) {
		return s
	}
	b := make([]byte, 0, len(s))
	space := true // leading spaces go
	for _, r := range s {
		switch {
		case r < utf8.RuneSelf && r > ' ':
			b = append(b, byte(r))
			space = false
			continue
		case unicode.IsSpace(r):
			if !space {
				b = append(b, ' ')
			}
			space = true
			continue
		case dropped(r):
			continue
		}
		b = append(b, asciiOf(r)...)
		space = false
	}
	return string(bytes.TrimSuffix(b, []byte(" ")))
}

// plainASCII tells whether s is in folded form already.
func plainASCII(s string) bool {
	space := true
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c < ' ' || c >= utf8.RuneSelf || c == ' ' && space {
			return false
		}
		space = c == ' '
	}
	return !space
}

func asciiOf(r rune) string {
	switch r {
	case 'å', 'ä', 'á', 'à', 'â', 'ã':
		return "a"
	case 'Å', 'Ä', 'Á', 'À', 'Â', 'Ã':
		return "A"
	case 'ö', 'ø', 'ó', 'ô', 'ò', 'ő':
		return "o"
	case 'Ö', 'Ø', 'Ó', 'Ô', 'Ò', 'Ő':
		return "O"
	case 'æ':
		return "ae"
	case 'Æ':
		return "Ae"
	case 'ü', 'ú', 'û', 'ù':
		return "u"
	case 'Ü', 'Ú', 'Û', 'Ù':
		return "U"
	case 'é', 'è', 'ê', 'ë':
		return "e"
	case 'É', 'È', 'Ê', 'Ë':
		return "E"
	case 'í', 'ï', 'î':
		return "i"
	case 'ß':
		return "ss"
	case '：', '﹕', '꞉', '∶':
		return ":"
	case '＞':
		return ">"
	case '＜':
		return "<"
	case '＠':
		return "@"
	case '“', '”', '„', '«', '»', '″':
		return `"`
	case '‘', '’', '‚', '′':
		return "'"
	case '─', '━', '―', '‗', '＿', '−':
		return "-"
	case '｜', '│', '┃':
		return "|"
	}
	if unicode.Is(unicode.Pd, r) {
		return "-"
	}
	return string(r)
}

// lower appends s in ASCII lower case to buf; s is folded.
func lower(buf []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		buf = append(buf, c)
	}
	return buf
}
