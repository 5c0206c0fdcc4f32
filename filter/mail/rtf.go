package mail

import (
	"bytes"
	"strconv"
	"unicode/utf16"
)

// readRTF reads the text of an RTF document.
func (w *walker) readRTF(data []byte, n node) {
	w.emit(Text{Part: n.section, Type: Plain, Attached: true}, rtfText(data))
}

// rtfText extracts the text of an RTF document (Rich Text Format Specification
// 1.9.1). Formatting is dropped; paragraphs and cells end as in other documents.
func rtfText(data []byte) []byte {
	r := rtfReader{rest: data, codePage: "windows-1252", state: rtfState{unicodeSkip: 1}}
	for len(r.rest) > 0 {
		r.next()
	}
	r.flush()
	return r.out
}

// rtfState is what a group inherits, and restores when it ends.
type rtfState struct {
	hidden      bool // inside a destination that is no text
	unicodeSkip int  // characters that stand for one \u in old readers
}

type rtfReader struct {
	rest     []byte
	out      []byte
	pending  []byte   // bytes in the code page, not yet decoded
	units    []uint16 // UTF-16 of \u, which spells some characters with two
	codePage string
	state    rtfState
	groups   []rtfState
	skip     int  // characters still to be skipped after \u
	star     bool // "\*" stood before: an unknown destination is to be ignored
}

// deepestRTF bounds the nesting of groups; deeper ones share one state.
const deepestRTF = 1000

// next reads one token.
func (r *rtfReader) next() {
	c := r.rest[0]
	r.rest = r.rest[1:]
	switch c {
	case '{':
		if len(r.groups) < deepestRTF {
			r.groups = append(r.groups, r.state)
		}
		r.skip = 0
	case '}':
		if len(r.groups) > 0 {
			r.state = r.groups[len(r.groups)-1]
			r.groups = r.groups[:len(r.groups)-1]
		}
		r.skip, r.star = 0, false
	case '\\':
		r.control()
	case '\r', '\n':
	default:
		r.text(c)
	}
}

// text takes a byte of text in the code page.
func (r *rtfReader) text(c byte) {
	switch {
	case r.skip > 0:
		r.skip--
	case !r.state.hidden:
		r.flushUnits()
		r.pending = append(r.pending, c)
	}
}

// write takes text in UTF-8.
func (r *rtfReader) write(s string) {
	if !r.state.hidden {
		r.flush()
		r.out = append(r.out, s...)
	}
}

func (r *rtfReader) flush() {
	r.flushUnits()
	r.flushPending()
}

func (r *rtfReader) flushPending() {
	r.out = append(r.out, toUTF8(r.pending, r.codePage)...)
	r.pending = r.pending[:0]
}

func (r *rtfReader) flushUnits() {
	r.out = append(r.out, string(utf16.Decode(r.units))...)
	r.units = r.units[:0]
}

// control reads a control word or symbol, whose backslash is gone already.
func (r *rtfReader) control() {
	if len(r.rest) == 0 {
		return
	}
	c := r.rest[0]
	if !isLetter(c) {
		r.rest = r.rest[1:]
		r.symbol(c)
		return
	}
	n := 0
	for n < len(r.rest) && isLetter(r.rest[n]) {
		n++
	}
	word := string(r.rest[:min(n, 32)])
	r.rest = r.rest[n:]
	digits := 0
	for digits < len(r.rest) && digits < 10 && (r.rest[digits] == '-' && digits == 0 || '0' <= r.rest[digits] && r.rest[digits] <= '9') {
		digits++
	}
	argument, _ := strconv.Atoi(string(r.rest[:digits]))
	r.rest = bytes.TrimPrefix(r.rest[digits:], []byte(" "))
	r.word(word, argument)
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

// symbol takes a control that is one character.
func (r *rtfReader) symbol(c byte) {
	switch c {
	case '\'':
		if len(r.rest) >= 2 {
			if hi, lo := unhex(r.rest[0]), unhex(r.rest[1]); hi >= 0 && lo >= 0 {
				r.rest = r.rest[2:]
				r.text(byte(hi<<4 | lo))
			}
		}
	case '*':
		r.star = true
	case '~':
		r.write("\u00a0")
	case '_':
		r.write("-") // a hyphen that does not break
	case '\\', '{', '}':
		r.text(c)
	case '\r', '\n':
		r.write("\n")
	}
}

// word takes a control word.
func (r *rtfReader) word(word string, argument int) {
	star := r.star
	r.star = false
	switch word {
	case "par", "line", "row", "sect", "page":
		r.write("\n")
	case "tab", "cell":
		r.write("\t")
	case "ansicpg":
		r.codePage = "windows-" + strconv.Itoa(argument)
	case "uc":
		r.state.unicodeSkip = max(argument, 0)
	case "u":
		if !r.state.hidden {
			r.flushPending()
			r.units = append(r.units, uint16(argument))
		}
		r.skip = r.state.unicodeSkip
	case "bin":
		r.rest = r.rest[min(max(argument, 0), len(r.rest)):]
	case "fonttbl", "colortbl", "stylesheet", "listtable", "pict", "objdata", "sp", "themedata", "datastore":
		r.state.hidden = true
	case "fldinst", "shpinst", "annotation", "footnote":
		// Ignorable to old readers, but text: links, text boxes, comments.
	default:
		if star {
			r.state.hidden = true
		}
	}
}
