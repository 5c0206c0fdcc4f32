package quote

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"councilgate/filter/mail"
)

// readPlain takes a plain text apart: lines of format=flowed are joined
// (RFC 3676), quote marks are counted and taken off.
func readPlain(t mail.Text) *page {
	p := &page{boxes: make([]box, 1)}
	cut := cutLine
	if !strings.ContainsAny(t.Body, "\r\f\v") && !strings.Contains(t.Body, "\u0085") &&
		!strings.Contains(t.Body, "\u2028") && !strings.Contains(t.Body, "\u2029") {
		cut = cutLF
	}
	p.lines = make([]line, 0, min(len(t.Body)/usualLine+8, 1<<15))
	for raw, rest := "", t.Body; rest != ""; {
		raw, rest = cut(rest)
		if raw != "" || p.roomForBlank() {
			p.lines = append(p.lines, line{text: raw})
		}
	}
	for i := range p.lines {
		unmark(&p.lines[i])
	}
	if t.Flowed {
		p.lines = joinFlowed(p.lines, t.DelSp)
	}
	unmarkRare(p.lines)
	excuseLists(p.lines)
	return p
}

// usualLine is the length in bytes of a line of mail, by rule of thumb.
const usualLine = 40

// cutLF cuts the first line off s, ended by LF.
func cutLF(s string) (first, rest string) {
	first, rest, _ = strings.Cut(s, "\n")
	return first, rest
}

// cutLine cuts the first line off s, whatever ends it: LF, CRLF, CR, a form feed
// or one of Unicode's separators.
func cutLine(s string) (first, rest string) {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\n', '\f', '\v':
			return s[:i], s[i+1:]
		case '\r':
			if i+1 < len(s) && s[i+1] == '\n' {
				return s[:i], s[i+2:]
			}
			return s[:i], s[i+1:]
		case 0xe2: // U+2028, U+2029
			if strings.HasPrefix(s[i:], "\u2028") || strings.HasPrefix(s[i:], "\u2029") {
				return s[:i], s[i+3:]
			}
		case 0xc2: // U+0085
			if i+1 < len(s) && s[i+1] == 0x85 {
				return s[:i], s[i+2:]
			}
		}
	}
	return s, ""
}

// joinFlowed undoes the soft breaks of RFC 3676, section 4.1: a line that ends
// with a space goes on in the next line of the same quote depth.
func joinFlowed(lines []line, delSp bool) []line {
	out := lines[:0]
	var open *strings.Builder // the paragraph being joined
	var depth int32
	flush := func() {
		if open != nil {
			out = append(out, line{text: open.String(), depth: depth})
			open = nil
		}
	}
	for _, l := range lines {
		d, text := l.depth, l.text
		if d == 0 {
			text = strings.TrimPrefix(text, " ") // space-stuffing; unmark took it off after marks
		}
		soft := strings.HasSuffix(text, " ") && text != "-- "
		if soft && delSp {
			text = text[:len(text)-1]
		}
		if open != nil && (d != depth || text == "-- ") {
			flush()
		}
		switch {
		case open != nil:
			open.WriteString(text)
			if !soft {
				flush()
			}
		case soft:
			open, depth = new(strings.Builder), d
			open.WriteString(text)
		default:
			out = append(out, line{text: text, depth: d})
		}
	}
	flush()
	return out
}

// unmark takes the quote marks ("> > ", ">>", ">|") off a line and counts them.
func unmark(l *line) {
	if name, ok := strings.CutPrefix(l.text, ">>> "); ok && strings.HasSuffix(strings.TrimRight(name, " "), " >>>") {
		if first, _ := utf8.DecodeRuneInString(name); unicode.IsLower(first) && !strings.ContainsAny(name, "@0123456789") {
			return // somebody speaks
		}
		l.text, l.hint = name, hintOpen // GroupWise's attribution; the text below bears no marks
		return
	}
	if strings.HasPrefix(l.text, ">>") && strings.HasSuffix(strings.TrimRight(l.text, " "), "<<") {
		return // ">>> Tilmeld dig her <<<"
	}
	s, depth := l.text, int32(0)
	for {
		rest, ok := cutMark(s, depth > 0)
		if !ok {
			break
		}
		s = rest
		depth++
	}
	if depth == 0 {
		return
	}
	l.depth += depth
	l.text = strings.TrimPrefix(s, " ")
}

// cutMark cuts one quote mark off s, with up to three spaces and whatever is
// invisible before it. A "|" counts only after another mark.
func cutMark(s string, nested bool) (string, bool) {
	spaces := 0
	for i, r := range s {
		switch {
		case r == '>' || r == '＞':
			rest := s[i+utf8.RuneLen(r):]
			if !nested && i == 0 && strings.HasPrefix(rest, "From ") {
				return s, false // mbox escape of a line that begins with "From "
			}
			return rest, true
		case r == '|' && nested && spaces <= 1:
			return s[i+1:], true
		case r == ' ' || r == '\t' || r == '\u00a0':
			if spaces++; spaces > 3 {
				return s, false
			}
		case invisible(r):
		default:
			return s, false
		}
	}
	return s, false
}

// unmarkRare takes off the marks that need proof: initials before the mark ("KB>
// "), and bars ("| ") below a line that says who wrote it.
func unmarkRare(lines []line) {
	for i := 0; i < len(lines); {
		kind := rareMark(lines[i])
		if kind == 0 {
			i++
			continue
		}
		end := i + 1
		for end < len(lines) && rareMark(lines[end]) == kind {
			end++
		}
		if kind == 'i' || introduced(lines[:i]) {
			for j := i; j < end; j++ {
				at := strings.IndexAny(lines[j].text, ">|")
				lines[j].text = lines[j].text[at+1:]
				lines[j].depth++
				unmark(&lines[j])
				lines[j].text = strings.TrimPrefix(lines[j].text, " ")
			}
		}
		i = end
	}
}

// introduced tells whether the last line that is not blank, of three, says that
// somebody wrote what follows.
func introduced(lines []line) bool {
	for i := len(lines) - 1; i >= 0 && i >= len(lines)-3; i-- {
		if key := fold(lines[i].text); key != "" {
			s := readSigns(key)
			return s.colon && (s.verb || s.quoting)
		}
	}
	return false
}

// rareMark tells the kind of a rare quote mark at the start of a line: 'i' for
// initials, '|' for a bar that is not a table's, 0 for none.
func rareMark(l line) byte {
	if l.depth > 0 {
		return 0
	}
	s := strings.TrimLeft(l.text, " ")
	if bar, ok := strings.CutPrefix(s, "|"); ok {
		if strings.ContainsRune(bar, '|') || bar != "" && bar[0] != ' ' {
			return 0
		}
		return '|'
	}
	letters := 0
	for i, r := range s {
		if r == '>' {
			if letters >= 2 && (i+1 == len(s) || s[i+1] == ' ' || s[i+1] == '>') {
				return 'i'
			}
			return 0
		}
		if letters++; letters > 3 || !strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZÆØÅÄÖÜ", r) {
			return 0
		}
	}
	return 0
}

// maxList bounds a list whose items begin with ">", in lines.
const maxList = 12

// excuseLists marks as bare the runs of marked lines that a writer may have typed
// as a list or as signs: "> 50 børn -> to voksne". They say nothing in sentences,
// and nothing above says that somebody wrote them.
func excuseLists(lines []line) {
	for i := 0; i < len(lines); {
		if lines[i].depth == 0 {
			i++
			continue
		}
		end := i
		for end < len(lines) && lines[end].depth > 0 {
			end++
		}
		if end-i <= maxList && isList(lines[i:end]) && !announcesQuote(lines[:i]) {
			for j := i; j < end; j++ {
				lines[j].bare = true
			}
		}
		i = end
	}
}

// isList tells lines that are items rather than sentences that go on from line to
// line. One alone has to bear more than a mark.
func isList(lines []line) bool {
	signs := 0
	for _, l := range lines {
		key := fold(l.text)
		if l.depth > 1 || key == "" || len(key) > maxGreeting || strings.ContainsAny(key[len(key)-1:], ".?!:,;") || strings.ContainsRune(key, '@') {
			return false
		}
		first, rest, _ := strings.Cut(key, " ")
		if classOf(first)&(greeting|closing|closingAdj|thanks|pronoun) != 0 {
			return false
		}
		quantity := len(first) <= 3 && strings.Trim(first, "0123456789") == "" && rest != "" && (lowerCase(rest) || rest[0] == '-')
		arrow := strings.Contains(key, "->") || strings.Contains(key, " > ") || strings.Contains(key, " => ")
		if !quantity && !arrow && lowerCase(key) {
			return false
		}
		signs += count(quantity || arrow)
	}
	return len(lines) > 1 || signs > 0
}

// announcesQuote tells whether the last line that is not blank speaks of what
// somebody wrote.
func announcesQuote(lines []line) bool {
	for i := len(lines) - 1; i >= 0 && i >= len(lines)-1-maxBlank; i-- {
		for word := range strings.FieldsSeq(lines[i].text) {
			if classOf(fold(word))&(verb|quoting|carrier) != 0 && word != "så" {
				return true
			}
		}
		if !blank(lines[i].text) {
			return false
		}
	}
	return false
}
