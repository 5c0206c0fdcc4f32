package sensitive

import (
	"bytes"

	"councilgate/policy"
)

// Numbers as they are told in words: "født den 14. marts 67, og de fire sidste er 1203",
// "personnr. 04.02.79, så 150 og til slutt 22". The date of birth and the serial number
// stand apart, with words between them that say that they belong together.

// A birthday is a date as a text gives it, text[start:end].
type birthday struct {
	day, month, year int // year in the century
	start, end       int
}

const (
	spokenGap    = 48 // characters between two parts of a spoken number
	spokenGroups = 4  // parts of its serial number
)

// spokenIDs finds the numbers of a text whose parts stand among words.
func spokenIDs(text []byte, formats []idFormat) []match {
	var found []match
	for i := 0; i < len(text); {
		if !isDigit(text[i]) {
			i++
			continue
		}
		end := i + digitsAt(text, i)
		if end-i <= 8 && (i == 0 || !isWord(text[i-1])) {
			for _, b := range birthdays(text, i, end) {
				if m, ok := spokenID(text, b, formats); ok {
					found, end = append(found, m), m.end
					break
				}
			}
		}
		i = end
	}
	return found
}

// spokenID reads the serial number that follows a birthday after words.
func spokenID(text []byte, b birthday, formats []idFormat) (match, bool) {
	var serial []byte
	tail := false // a word said that the end of a number follows
	at := b.end
	for range spokenGroups {
		next, said, ok := spokenWords(text, at)
		if !ok {
			break
		}
		tail = tail || said
		at = next + digitsAt(text, next)
		serial = append(serial, text[next:at]...)
		if len(serial) >= 4 && tail && !wordAt(text, at) {
			if m, ok := b.with(serial, text, formats); ok {
				m.end = at
				return m, true
			}
		}
	}
	return match{}, false
}

// with joins a birthday and a serial number. What joins them must be proved by the check
// digit, and by a label.
func (b birthday) with(serial, text []byte, formats []idFormat) (match, bool) {
	two := func(n int) []byte { return []byte{'0' + byte(n/10), '0' + byte(n%10)} }
	dayFirst := bytes.Join([][]byte{two(b.day), two(b.month), two(b.year), serial}, nil)
	yearFirst := bytes.Join([][]byte{two(b.year), two(b.month), two(b.day), serial}, nil)
	if !keywordNear(text, b.start, b.end) {
		return match{}, false
	}
	for _, f := range formats {
		digits := dayFirst
		if f.country == sweden {
			digits = yearFirst
		}
		if f.length != len(digits) || f.parse(digits) < uncheckable {
			continue
		}
		return match{start: b.start, category: policy.NationalID, kind: f.kind, name: f.name, confidence: policy.Certain, country: f.country}, true
	}
	return match{}, false
}

// spokenWords reads the words between two parts of a number, up to the next digit, and
// tells whether one of them says that the end of a number follows.
func spokenWords(text []byte, from int) (next int, tail, ok bool) {
	strange := false // a word, and no label after it, that does not join them
	for i := from; i < len(text) && i-from <= spokenGap; {
		switch {
		case isDigit(text[i]):
			if digitsAt(text, i) > 1 || i+1 == len(text) || !isBlank(text[i+1]) {
				return i, tail, i > from && !strange
			}
			i++ // "de sidste 4 er 1203"
		case isLetter(text[i]):
			end := i + lettersAt(text, i)
			switch word, long := text[i:end], i+countAt(text, i, isLabelByte); {
			case classify(text[i:long]) == idLabel:
				tail, strange, end = true, false, long // "født 14.3.67, bor i Ry, cpr slutter på 1211"
			case matchesAny(word, tailWords):
				tail = true
			case !matchesAny(word, joiningWords):
				strange = true
			}
			i = end
		case text[i] == ';', text[i] == '@', text[i] == '\n' && i+1 < len(text) && text[i+1] == '\n':
			return 0, false, false
		default:
			i++
		}
	}
	return 0, false, false
}

// digitsAt counts the digits in a row from i on, lettersAt the letters.
func digitsAt(text []byte, i int) int  { return countAt(text, i, isDigit) }
func lettersAt(text []byte, i int) int { return countAt(text, i, isLetter) }

func countAt(text []byte, i int, is func(byte) bool) int {
	n := 0
	for i+n < len(text) && is(text[i+n]) {
		n++
	}
	return n
}

// birthdays reads the dates that may begin with the digits text[start:end].
func birthdays(text []byte, start, end int) []birthday {
	var list []birthday
	add := func(day, month, year, last int) {
		if isDate(2000+year%100, month, day) || isDate(1900+year%100, month, day) {
			list = append(list, birthday{day: day, month: month, year: year % 100, start: start, end: last})
		}
	}
	d := text[start:end]
	switch len(d) {
	case 6:
		add(number(d[:2]), number(d[2:4]), number(d[4:]), end)
		add(number(d[4:]), number(d[2:4]), number(d[:2]), end)
	case 8:
		add(number(d[:2]), number(d[2:4]), number(d[4:]), end)
		add(number(d[6:]), number(d[4:6]), number(d[:4]), end)
	case 1, 2, 4:
		month, at := monthAt(text, end)
		if month == 0 {
			return nil
		}
		last, lastEnd := yearAt(text, at)
		switch {
		case lastEnd == 0:
		case len(d) == 4 && last <= 31:
			add(last, month, number(d), lastEnd)
		case len(d) <= 2:
			add(number(d), month, last, lastEnd)
		}
	}
	return list
}

// monthAt reads a month, by number or name, after a day.
func monthAt(text []byte, i int) (month, end int) {
	i = skipSeparators(text, i)
	if n := digitsAt(text, i); n == 1 || n == 2 {
		return number(text[i : i+n]), i + n
	}
	end = i + lettersAt(text, i)
	return months[string(text[i:end])], end
}

// yearAt reads the last number of a date, of at most four digits.
func yearAt(text []byte, i int) (year, end int) {
	i = skipSeparators(text, i)
	if n := digitsAt(text, i); n == 2 || n == 4 {
		return number(text[i : i+n]), i + n
	}
	return 0, 0
}

// skipSeparators skips what stands between the parts of a date.
func skipSeparators(text []byte, i int) int {
	for n := 0; n < 3 && i < len(text) && (isBlank(text[i]) || text[i] == '.' || text[i] == '/' || text[i] == '-' || text[i] == ','); n++ {
		i++
	}
	return i
}

// months are the names of the months in the Nordic languages and English.
var months = func() map[string]int {
	m := map[string]int{}
	for i, names := range [...]string{
		"januar januari january jan", "februar februari february feb", "marts mars march mar", "april apr", "maj mai may", "juni june jun",
		"juli july jul", "august augusti aug", "september sept sep", "oktober october okt oct", "november nov", "december desember dec des",
	} {
		for _, name := range bytes.Fields([]byte(names)) {
			m[string(name)] = i + 1
		}
	}
	return m
}()

// tailWords say that the end of a number follows.
var tailWords = newLabelSet(
	"sidste", "sista", "siste", "last", "final", "slut", "slutt", "slutter", "slutar", "sluttar", "sluter", "ender", "ending", "ends", "endelse", "bindestreg*", "bindestrek*", "bindestreck*",
	"streg", "strek", "streck", "dash", "hyphen", "minus", "cifre*", "siffror*", "siffre*", "sifre*", "sifrene", "digit*", "løbenum*", "løbenr", "kontrolcif*", "kontrollsif*", "kontrollsiff*",
)

// joiningWords may stand between the parts of a number.
var joiningWords = newLabelSet(
	"de", "den", "det", "the", "og", "och", "and", "så", "sen", "sedan", "derefter", "deretter", "därefter", "then", "til", "till", "to", "at", "på", "in", "i", "on", "with", "med", "er", "är", "is", "are", "fire", "fyra", "four",
	"fem", "five", "tre", "three", "två", "two", "mine", "mina", "my", "hans", "hendes", "hennes", "his", "her", "dem", "dom", "numret", "nummeret", "number", "nummer", "tal", "tallene", "talen", "som", "of", "lyder", "efterfulgt", "etterfulgt", "följt", "followed", "by", "av", "af",
)
