package explain

import "strings"

// ASCII spells a text without letters beyond ASCII, as native readers of the
// language do where they must: Danish and Norwegian write ae, oe and aa, Swedish
// leaves the dots and rings out. What has no such spelling becomes a question
// mark.
func ASCII(language, s string) string {
	letters := danish
	if language == "sv" {
		letters = swedish
	}
	s = common.Replace(letters.Replace(s))
	return strings.Map(func(r rune) rune {
		if r > '~' {
			return '?'
		}
		return r
	}, s)
}

var (
	// danish serves Norwegian and, for Nordic names, English, too.
	danish = strings.NewReplacer(
		"æ", "ae", "ø", "oe", "å", "aa", "ä", "ae", "ö", "oe",
		"Æ", "Ae", "Ø", "Oe", "Å", "Aa", "Ä", "Ae", "Ö", "Oe")
	swedish = strings.NewReplacer(
		"å", "a", "ä", "a", "ö", "o", "æ", "a", "ø", "o",
		"Å", "A", "Ä", "A", "Ö", "O", "Æ", "A", "Ø", "O")
	common = strings.NewReplacer(
		"á", "a", "à", "a", "â", "a", "é", "e", "è", "e", "ê", "e", "ë", "e", "í", "i", "ï", "i",
		"ó", "o", "ò", "o", "ô", "o", "ú", "u", "ù", "u", "ü", "u", "ý", "y", "ñ", "n", "ç", "c",
		"š", "s", "ž", "z", "č", "c", "đ", "d", "ŋ", "n", "ð", "d", "þ", "th", "ß", "ss",
		"Á", "A", "À", "A", "É", "E", "È", "E", "Í", "I", "Ó", "O", "Ú", "U", "Ü", "U", "Ý", "Y",
		"Š", "S", "Ž", "Z", "Č", "C", "Đ", "D", "Ŋ", "N", "Ð", "D", "Þ", "Th",
		"–", "-", "—", "-", "‐", "-", "‑", "-", "‘", "'", "’", "'", "“", `"`, "”", `"`, "„", `"`, "«", `"`, "»", `"`,
		"…", "...", "\u00a0", " ", "\u00ad", "")
)
