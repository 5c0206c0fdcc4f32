package sensitive

import (
	"bytes"

	"councilgate/policy"
)

// National identification numbers: candidates are runs of digit groups of the
// right length; what a candidate is worth follows from its date, its check digit,
// the way it is divided, and the words beside it. Ten digits that merely begin
// with a date are nothing: three in a hundred do.

// A match is a sensitive stretch [start,end) of a folded text.
type match struct {
	start, end int
	category   policy.Category
	kind       string
	name       string // for the mask
	confidence policy.Confidence
	country    country // of a national id
}

// A group is a run of digits, [start,end) of a folded text.
type group struct{ start, end int }

const (
	// maxSeparator is the widest gap between two groups of one number: " - ", a
	// line break with an indent, the end of a table cell.
	maxSeparator = 4
	// maxGroups bounds the groups of one number: each digit may stand alone.
	maxGroups = 12
)

// nationalIDs finds the national identification numbers of a text.
func nationalIDs(f folded, formats []idFormat) []match {
	var found []match
	labelled := -1 // end of the last number that a label stood beside
	chain := make([]group, 0, 64)
	for i := 0; i < len(f.text); {
		if !isDigit(f.text[i]) {
			i++
			continue
		}
		chain = nextChain(f.text, i, chain[:0])
		i = chain[len(chain)-1].end
		found, labelled = chainIDs(f.text, chain, formats, found, labelled)
	}
	return append(found, spokenIDs(f.text, formats)...)
}

// nextChain collects the digit groups from i on that separators of numbers alone
// lie between.
func nextChain(text []byte, i int, chain []group) []group {
	for {
		end := i + digitsAt(text, i)
		chain = append(chain, group{i, end})
		next := end
		for next < len(text) && next-end <= maxSeparator && isSeparator(text[next]) {
			next++
		}
		if next == end || next >= len(text) || next-end > maxSeparator || !isDigit(text[next]) {
			return chain
		}
		i = next
	}
}

func isSeparator(b byte) bool {
	switch b {
	case ' ', '\n', '\t', '-', '+', '.', '/', '_', ':', '|', '\'':
		return true
	}
	return false
}

// chainIDs finds the numbers of one chain, leftmost first; a group belongs to one
// number at most.
func chainIDs(text []byte, chain []group, formats []idFormat, found []match, labelled int) ([]match, int) {
	for i := 0; i < len(chain); i++ {
		best, last := match{}, i
		length := 0
		for j := i; j < len(chain) && j < i+maxGroups && length <= 12; j++ {
			length += chain[j].end - chain[j].start
			if length < 10 || length > 12 {
				continue
			}
			m := gradeID(text, chain, formats, i, j, labelled)
			if m.confidence > best.confidence {
				best, last = m, j
			}
		}
		// One in thirty numbers with a dash could be Finnish as well.
		if m, ok := letteredID(text, chain, i); ok && m.confidence > best.confidence {
			best, last = m, i
		}
		if best.confidence == 0 {
			continue
		}
		found = append(found, best)
		if best.confidence >= policy.Strong {
			labelled = best.end
		}
		i = last
	}
	return found, labelled
}

// gradeID judges the groups i to j of a chain as one number, by every format of
// that length, and returns the best reading.
func gradeID(text []byte, chain []group, formats []idFormat, i, j, labelled int) match {
	var digits [12]byte
	d := digits[:0]
	cuts := uint16(0)
	for k := i; k <= j; k++ {
		if k > i {
			cuts |= 1 << len(d)
		}
		d = append(d, text[chain[k].start:chain[k].end]...)
	}
	var best match
	var around *surroundings
	for _, format := range formats {
		if format.length != len(d) {
			continue
		}
		check := format.parse(d)
		if check == notAnID {
			continue
		}
		if around == nil {
			around = lookAround(text, chain[i].start, chain[j].end, labelled)
		}
		c := candidate{check: check, around: around}
		switch {
		case cuts == 0:
			// 070 to 079 without a dash read as a child born in 2007.
			c.mobile = len(d) == 10 && d[0] == '0' && d[1] == '7'
		case cuts&^format.cuts == 0:
			c.hyphen = lastSeparator(text, chain, i, j, len(d)) == '-'
		default:
			c.spread = true
		}
		c.embedded = isEmbedded(text, chain, i, j, c.spread) || isTime(text, chain[i:j+1])
		level := c.confidence()
		if level > best.confidence || level == best.confidence && level > 0 && around.label == format.country && format.country != best.country {
			best = match{
				start: chain[i].start, end: chain[j].end,
				category: policy.NationalID, kind: format.kind, name: format.name, confidence: level, country: format.country,
			}
		}
	}
	return best
}

// lastSeparator tells what divides the serial number, the last four digits (five
// of eleven), from the date: '-' for a dash or plus, ' ' for anything else.
func lastSeparator(text []byte, chain []group, i, j, length int) byte {
	serial := 4
	if length == 11 {
		serial = 5
	}
	if chain[j].end-chain[j].start != serial || j == i {
		return ' '
	}
	if bytes.ContainsAny(text[chain[j-1].end:chain[j].start], "-+") {
		return '-'
	}
	return ' '
}

// isEmbedded reports that the groups are part of something longer: more digits
// follow or precede, joined by a dash, dot or slash. Spread digits must be all
// there is, or any run of small numbers would do.
func isEmbedded(text []byte, chain []group, i, j int, spread bool) bool {
	joined := func(a, b int) bool {
		sep := text[chain[a].end:chain[b].start]
		return spread || !bytes.ContainsAny(sep, " \n\t|")
	}
	return i > 0 && joined(i-1, i) || j+1 < len(chain) && joined(j, j+1)
}

// isTime reports that a time of day is among the groups, "14:12" or as in the field
// Date "14:12:32 +0200".
func isTime(text []byte, groups []group) bool {
	for k := 1; k < len(groups); k++ {
		a, b := groups[k-1], groups[k]
		if a.end-a.start <= 2 && b.end-b.start == 2 && string(text[a.end:b.start]) == ":" {
			return true
		}
	}
	return false
}

// A candidate is what is known of a number.
type candidate struct {
	check    idCheck
	hyphen   bool // a dash before the serial number, as the authorities write it
	spread   bool // divided where nobody divides such a number
	embedded bool
	mobile   bool // ten digits as a Swedish mobile telephone has
	around   *surroundings
}

// confidence weighs the evidence. The ladder follows what the leading products
// demand (date, check digit, keyword near), with two steps they lack: numbers
// that are issued without a check digit, and numbers with a label right beside
// them, which count even if mistyped.
func (c candidate) confidence() policy.Confidence {
	a := c.around
	if a.beside {
		if c.check >= uncheckable {
			return policy.Certain
		}
		return policy.Strong
	}
	if a.against || c.embedded {
		if c.check == checked && a.near {
			return policy.Possible
		}
		return 0
	}
	switch {
	case c.spread:
		if c.check == checked && a.near {
			return policy.Strong
		}
	case c.check == checked:
		if c.hyphen || a.near {
			return policy.Certain
		}
		if !c.mobile {
			return policy.Strong
		}
	case c.check == uncheckable:
		if c.hyphen || a.near {
			return policy.Strong
		}
	case c.hyphen && a.near:
		return policy.Possible
	}
	return 0
}

// letteredID reads the numbers that hold letters, which begin with group i:
// Finnish codes, which prove themselves, and the interim and replacement numbers
// of Denmark and Sweden ("010180-4AB1", "800101-T220"), which a label must prove.
func letteredID(text []byte, chain []group, i int) (match, bool) {
	start := chain[i].start
	g := text[start:chain[i].end]
	if start > 0 && isWord(text[start-1]) && !isDigit(text[start-1]) {
		return match{}, false
	}
	const hetuLength = 11
	if rest := text[start:]; len(g) == 6 && len(rest) >= hetuLength && allDigits(rest[7:10]) && !wordAt(text, start+hetuLength) {
		if check := hetu(rest[:hetuLength]); check != notAnID {
			a := lookAround(text, start, start+hetuLength, -1)
			m := match{start: start, end: start + hetuLength, category: policy.NationalID, kind: hetuKind, name: "henkilötunnus"}
			switch {
			case check == checked && !a.against:
				m.confidence = policy.Certain
			case a.beside && isLetter(text[start+hetuLength-1]):
				m.confidence = policy.Strong
			}
			if m.confidence > 0 {
				return m, true
			}
		}
	}
	return interimID(text, start, len(g))
}

// interimID reads six or eight digits of a date and four characters with a letter
// among them, right beside a label.
func interimID(text []byte, start, dateDigits int) (match, bool) {
	if dateDigits != 6 && dateDigits != 8 {
		return match{}, false
	}
	end := start + dateDigits
	if end < len(text) && (text[end] == '-' || text[end] == '+' || text[end] == ' ') {
		end++
	}
	serial := end
	letters := 0
	for end < len(text) && isWord(text[end]) && end-serial <= 4 {
		if isLetter(text[end]) {
			letters++
		}
		end++
	}
	if end-serial != 4 || letters == 0 || letters > 3 || wordAt(text, end) {
		return match{}, false
	}
	date := text[start : start+dateDigits]
	if dateDigits == 8 {
		date = date[2:]
	}
	if !isDate(2000, number(date[2:4]), number(date[:2])%60) && !isDate(2000, number(date[2:4]), number(date[4:6])%60) {
		return match{}, false
	}
	if !lookAround(text, start, end, -1).beside {
		return match{}, false
	}
	return match{
		start: start, end: end,
		category: policy.NationalID, kind: "interim-number", name: "interim national id number", confidence: policy.Strong,
	}, true
}

func allDigits(t []byte) bool {
	for _, b := range t {
		if !isDigit(b) {
			return false
		}
	}
	return true
}

func wordAt(text []byte, i int) bool { return i < len(text) && isWord(text[i]) }
