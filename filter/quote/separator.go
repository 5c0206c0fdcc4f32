package quote

import (
	"slices"
	"strings"
)

// mark is what a line says that mail programs set between two mails.
type mark uint8

const (
	markNone     mark = iota
	markRule          // a line of dashes or underscores
	markOriginal      // "-----Oprindelig meddelelse-----"
	markForward       // "---------- Forwarded message ---------"
	markLoose         // an original's words without dashes: counts only before a header block
	markLooseForward
	markTitle // any few words between dashes: counts only before a header block
	markEnd   // "----- End forwarded message -----"
)

const (
	ruleChars   = "-_=*~#+"
	maxSepWords = 16
	// maxLooseWords bounds the words of a separator without dashes.
	maxLooseWords = 8
)

// separator reads a folded line as a separator.
func separator(key string) mark {
	if len(key) > 160 || len(key) < 5 || len(key) > 70 && !strings.ContainsAny(key[:1], ruleChars) {
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
		if words++; words > maxSepWords || !dashed && words > maxLooseWords {
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
	case forward && mail && seen&beginWord != 0 && colon && others <= 1 && words <= maxLooseWords:
		return markForward
	case forward && mail && others == 0 && words <= 5:
		return markLooseForward
	case origin && mail && others == 0 && words <= 4:
		return markLoose
	case dashed && closed && words <= 5:
		return markTitle
	}
	return markNone
}

// splitInline gives a head that runs on in a line a line of its own: Samsung's
// mail and careless conversions write "Mvh Anne -------- Original message
// --------From: ...", and flattened HTML "Se nedenfor. Fra: Bent Krogh Sendt: ...".
// The first one decides; what follows it is carried anyway.
func (p *page) splitInline(names *nameSet) {
	for i, l := range p.lines {
		cuts := inlineHead(l.text, names)
		if cuts == nil {
			continue
		}
		parts := make([]line, 0, 3)
		from := 0
		for _, to := range append(cuts, len(l.text)) {
			if to > from {
				part := l
				part.text = l.text[from:to]
				parts = append(parts, part)
			}
			from = to
		}
		p.lines = slices.Replace(p.lines, i, i+1, parts...)
		return
	}
}

// inlineHead returns where to cut a line before and after a head, nil if there is
// nothing to cut.
func inlineHead(text string, names *nameSet) []int {
	const dashes = "----"
	if from := strings.Index(text, dashes); from >= 0 {
		words := strings.TrimLeft(text[from:], "-")
		length := strings.Index(words, dashes)
		if length < 0 || length > 80 {
			return nil
		}
		after := strings.TrimLeft(words[length:], "-")
		to := len(text) - len(after)
		if blank(text[:from]) && blank(after) {
			return nil
		}
		if key := fold(after); key != "" && lowerCase(key) {
			if what, _ := label(key); what == 0 {
				return nil // somebody speaks of the separator
			}
		}
		if m := separator(fold(text[from:to])); m == markOriginal || m == markForward {
			return []int{from, to}
		}
		return nil
	}
	if strings.Count(text, ":") < 3 || strings.IndexByte(text, '@') < 0 {
		return nil
	}
	// The place in the folded line is that in the line if nothing before it was
	// folded; otherwise the label is sought.
	key := fold(text)
	f, begin := inlineBlock(key, names)
	if begin <= 0 || !f.opens(false, leadNone) {
		return nil
	}
	label, _, _ := strings.Cut(key[begin:], ":")
	at := strings.Index(text, label+":")
	if at <= 0 {
		return nil
	}
	return []int{at}
}
