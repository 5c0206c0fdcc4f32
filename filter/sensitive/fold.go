package sensitive

import (
	"unicode"
	"unicode/utf8"
)

// A folded text is what the detectors read: one byte a character, lower case,
// in ISO 8859-1, with every trick of typography undone. It is made once for each
// segment. at leads back to where a character stood.
//
// What goes: zero-width characters, soft hyphens, the difference between kinds of
// spaces, dashes, digits and widths, letters of other alphabets that look like
// Latin ones (in words that mix both), accents that Nordic languages do not know.
// ä and ö are written æ and ø, so that a Swedish word typed on a Danish keyboard
// is still the same word.
type folded struct {
	text []byte
	at   []int32 // text[i] stood at byte at[i] of the source; one more than text
}

// Folding gives unknown characters this byte: part of no word, no number.
const unknown = 0

// fold folds a text.
func fold(s string) folded {
	f := folded{text: make([]byte, 0, len(s)), at: make([]int32, 0, len(s)+1)}
	foreign := false
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			f.put(asciiFold[c], i)
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case f.combine(r):
		case isInvisible(r):
		default:
			foreign = f.putRune(r, i) || foreign
		}
		i += n
	}
	f.at = append(f.at, int32(len(s)))
	if foreign {
		f.lookAlikes(s)
	}
	return f
}

func (f *folded) put(b byte, at int) {
	f.text = append(f.text, b)
	f.at = append(f.at, int32(at))
}

// source returns the bytes [start,end) of the source that text[i:j] came from.
func (f *folded) source(i, j int) (start, end int) {
	return int(f.at[i]), int(f.at[j])
}

// asciiFold lowers letters and turns control characters into spaces.
var asciiFold = func() (t [utf8.RuneSelf]byte) {
	for i := range t {
		switch c := byte(i); {
		case c == '\n', c == '\t':
			t[i] = c
		case c < ' ' || c == 0x7f:
			t[i] = ' '
		case 'A' <= c && c <= 'Z':
			t[i] = c + 'a' - 'A'
		default:
			t[i] = c
		}
	}
	return t
}()

// The letters beyond ASCII that words are made of.
const (
	aRing = 0xe5 // å
	ash   = 0xe6 // æ, ä
	slash = 0xf8 // ø, ö
)

// combine lets a combining mark change the letter before it, as macOS writes file
// names ("a" and a ring). It reports whether r was a mark.
func (f *folded) combine(r rune) bool {
	if r < 0x300 || r > 0x36f {
		return false
	}
	if n := len(f.text); n > 0 {
		last := &f.text[n-1]
		switch {
		case r == 0x30a && *last == 'a':
			*last = aRing
		case r == 0x308 && *last == 'a':
			*last = ash
		case r == 0x308 && *last == 'o', r == 0x338 && *last == 'o':
			*last = slash
		}
	}
	return true
}

// isInvisible reports characters that a reader does not see: they hide a word from
// a filter and mean nothing.
func isInvisible(r rune) bool {
	return r == 0xad || r == 0x34f || r == 0x61c || r == 0x115f || r == 0x1160 || r == 0x17b4 || r == 0x17b5 ||
		r == 0x3164 || r == 0xfeff || r == 0xffa0 || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r)
}

// putRune folds one character beyond ASCII. It reports a letter that looks like a
// Latin one but is not: whether it is meant so, its neighbours must tell.
func (f *folded) putRune(r rune, at int) (foreign bool) {
	if 0xff01 <= r && r <= 0xff5e { // full width forms of ASCII
		r -= 0xff01 - '!'
		f.put(asciiFold[r], at)
		return false
	}
	if 0x1d7ce <= r && r <= 0x1d7ff { // mathematical digits
		f.put('0'+byte((r-0x1d7ce)%10), at)
		return false
	}
	if 0x1d400 <= r && r <= 0x1d6a3 { // mathematical letters
		f.put('a'+byte((r-0x1d400)%26), at)
		return false
	}
	r = unicode.ToLower(r)
	if s, ok := latin[r]; ok {
		for i := 0; i < len(s); i++ {
			f.put(s[i], at)
		}
		return false
	}
	switch {
	case unicode.IsDigit(r):
		f.put('0'+byte(digitValue(r)), at)
	case unicode.IsSpace(r):
		f.put(' ', at)
	case unicode.Is(unicode.Pd, r), r == 0x2212, r == 0x2043, r == 0x2027:
		f.put('-', at)
	case r == 0x2044, r == 0x2215:
		f.put('/', at)
	case unicode.IsLetter(r):
		f.put(unknown, at)
		return lookAlike[r] != 0
	default:
		f.put(unknown, at)
	}
	return false
}

// digitValue gives the value of a decimal digit of any script: Unicode keeps each
// script's ten in a row that begins at a multiple of ten or sixteen.
func digitValue(r rune) int {
	zero := r
	for zero > 0 && r-zero < 9 && unicode.IsDigit(zero-1) {
		zero--
	}
	return int(r - zero)
}

// lookAlikes turns letters of other alphabets into the Latin ones they look like
// where a neighbour is Latin: "kræft" with a Cyrillic "а" is meant to be read as
// Danish, a word that is Cyrillic throughout is not.
func (f *folded) lookAlikes(s string) {
	for i, b := range f.text {
		if b != unknown {
			continue
		}
		r, _ := utf8.DecodeRuneInString(s[f.at[i]:])
		like := lookAlike[unicode.ToLower(r)]
		if like != 0 && f.latinNeighbour(i) {
			f.text[i] = like
		}
	}
}

// latinNeighbour reports whether the word that holds text[i] has a Latin letter
// or digit near.
func (f *folded) latinNeighbour(i int) bool {
	const reach = 4
	for d := 1; d <= reach && i-d >= 0 && (isWord(f.text[i-d]) || f.text[i-d] == unknown); d++ {
		if isWord(f.text[i-d]) {
			return true
		}
	}
	for d := 1; d <= reach && i+d < len(f.text) && (isWord(f.text[i+d]) || f.text[i+d] == unknown); d++ {
		if isWord(f.text[i+d]) {
			return true
		}
	}
	return false
}

// isWord reports a byte of a folded text that words and numbers consist of.
func isWord(b byte) bool { return isLetter(b) || isDigit(b) }

func isLetter(b byte) bool { return 'a' <= b && b <= 'z' || b >= 0xdf }

func isDigit(b byte) bool { return '0' <= b && b <= '9' }

// latin gives the folding of Latin letters and of punctuation that has a plain
// form.
var latin = func() map[rune]string {
	m := map[rune]string{
		'å': "\xe5", 'æ': "\xe6", 'ä': "\xe6", 'ø': "\xf8", 'ö': "\xf8", 'ő': "\xf8", 'ß': "ss", 'þ': "th", 'œ': "oe",
		'ﬁ': "fi", 'ﬂ': "fl", 'ﬀ': "ff", 'ﬃ': "ffi", 'ﬄ': "ffl", 'ĳ': "ij", 'ǽ': "\xe6", 'ǿ': "\xf8", 'ǻ': "\xe5",
		'‘': "'", '’': "'", '‚': "'", '′': "'", '“': "\"", '”': "\"", '„': "\"", '«': "\"", '»': "\"", '…': "...",
		'·': ".", '•': ".", '§': "\xa7", '№': "nr", 'º': "o", 'ª': "a", '\u2028': "\n", '\u2029': "\n",
		'¹': "1", '²': "2", '³': "3", '⁰': "0", 'ı': "i",
	}
	for plain, variants := range map[string]string{
		"a": "àáâãāăą", "c": "çćĉċč", "d": "ďđð", "e": "èéêëēĕėęě", "g": "ĝğġģ", "h": "ĥħ", "i": "ìíîïĩīĭį", "j": "ĵ",
		"k": "ķ", "l": "ĺļľŀł", "n": "ñńņňŋ", "o": "òóôõōŏ", "r": "ŕŗř", "s": "śŝşšș", "t": "ţťŧț", "u": "ùúûüũūŭůűų",
		"w": "ŵ", "y": "ýÿŷ", "z": "źżž",
	} {
		for _, r := range variants {
			m[r] = plain
		}
	}
	for i := rune(0); i < 9; i++ {
		m['①'+i] = string('1' + i)
	}
	for i := rune(0); i < 10; i++ {
		m['₀'+i] = string('0' + i)
	}
	return m
}()

// lookAlike gives the Latin letter that a lower-case letter of another alphabet is
// mistaken for (after the confusables of Unicode Technical Standard 39).
var lookAlike = map[rune]byte{
	'а': 'a', 'в': 'b', 'с': 'c', 'ԁ': 'd', 'е': 'e', 'ё': 'e', 'һ': 'h', 'і': 'i', 'ї': 'i', 'ј': 'j', 'к': 'k', 'м': 'm', 'н': 'h',
	'о': 'o', 'р': 'p', 'ѕ': 's', 'т': 't', 'у': 'y', 'х': 'x', 'ԛ': 'q', 'ԝ': 'w', 'ӕ': ash, 'ө': slash, 'ӧ': slash, 'ӓ': ash,
	'α': 'a', 'β': 'b', 'ε': 'e', 'η': 'n', 'ι': 'i', 'κ': 'k', 'μ': 'm', 'ν': 'v', 'ο': 'o', 'ρ': 'p', 'τ': 't', 'υ': 'u', 'χ': 'x',
	'ա': 'w', 'օ': 'o', 'ѵ': 'v', 'ɑ': 'a', 'ɡ': 'g', 'ⅼ': 'l', 'ӏ': 'l',
}
