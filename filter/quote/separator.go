package quote

import "strings"

// mark is what a line says that mail programs set between two mails.
type mark uint8

const (
	markNone     mark = iota
	markRule          // a line of dashes or underscores
	markOriginal      // "-----Oprindelig meddelelse-----"
	markForward       // "---------- Forwarded message ---------"
	markLoose         // an original's words without dashes: counts only before a header block
	markLooseForward
	markEnd // "----- End forwarded message -----"
)

const (
	ruleChars   = "-_=*~#+"
	maxSepWords = 16
)

// separator reads a folded line as a separator.
func separator(key string) mark {
	if len(key) > 160 || len(key) < 5 {
		return markNone
	}
	inner := strings.Trim(key, ruleChars+" <>")
	if inner == "" {
		if strings.Trim(key, ruleChars) == "" {
			return markRule
		}
		return markNone
	}
	dashed := len(key)-len(strings.TrimLeft(key, ruleChars)) >= 2
	closed := len(key)-len(strings.TrimRight(key, ruleChars)) >= 2
	var seen class
	words, others := 0, 0
	for word := range strings.FieldsSeq(inner) {
		if words++; words > maxSepWords {
			return markNone
		}
		c := classOf(word)
		if c&(forwardWord|originWord|mailWord|beginWord|endWord|particle) == 0 {
			others++
		}
		seen |= c
	}
	forward, origin, mail := seen&forwardWord != 0, seen&originWord != 0, seen&mailWord != 0
	colon := strings.HasSuffix(inner, ":")
	switch {
	case dashed && forward && seen&endWord != 0:
		return markEnd
	case dashed && forward && (closed || mail && others == 0):
		return markForward
	case dashed && origin && mail && others <= 1:
		return markOriginal
	case forward && mail && seen&beginWord != 0 && colon && others <= 1 && words <= 8:
		return markForward
	case forward && mail && others == 0 && words <= 5:
		return markLooseForward
	case origin && mail && others == 0 && words <= 4:
		return markLoose
	}
	return markNone
}

// splitInline gives a separator that runs on in its line, as Samsung's mail and
// careless conversions write it ("Mvh Anne -------- Original message --------From:
// ..."), a line of its own.
func (p *page) splitInline() {
	for i := 0; i < len(p.lines); i++ {
		before, sep, after, ok := inlineSeparator(p.lines[i].text)
		if !ok {
			continue
		}
		l := p.lines[i]
		parts := make([]line, 0, 3)
		for _, text := range [...]string{before, sep, after} {
			if text != "" {
				part := l
				part.text = text
				parts = append(parts, part)
			}
		}
		p.lines = append(p.lines[:i], append(parts, p.lines[i+1:]...)...)
		return // the first decides; what follows is quoted
	}
}

func inlineSeparator(text string) (before, sep, after string, ok bool) {
	const dashes = "----"
	from := strings.Index(text, dashes)
	if from < 0 {
		return "", "", "", false
	}
	words := strings.TrimLeft(text[from:], "-")
	length := strings.Index(words, dashes)
	if length < 0 || length > 80 {
		return "", "", "", false
	}
	after = strings.TrimLeft(words[length:], "-")
	sep = text[from : len(text)-len(after)]
	before = text[:from]
	if blank(before) && blank(after) {
		return "", "", "", false
	}
	m := separator(fold(sep))
	return before, sep, after, m == markOriginal || m == markForward
}
