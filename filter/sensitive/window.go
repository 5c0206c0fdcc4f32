package sensitive

// A passage is read in windows: sentences, or what comes nearest to them in mail,
// where people forget the full stop and lists have none.

// A token is a word, [start,end) of a folded text.
type token struct {
	start, end int32
	head       head
	capital    bool // its first letter is a capital
}

// A window is a sentence: tokens[first:end] of a text.
type window struct{ first, end int }

const (
	// A longer sentence is cut: what stands sixty words apart says nothing of each
	// other. A set of its words must fit into 64 bits.
	maxWindow = 60
	// A line shorter than this ends its sentence: mail programs wrap at 60 to 78.
	fullLine = 45
)

// usualWord is less than the length of words in most texts, with what stands between
// them.
const usualWord = 5

// tokenize splits a folded text into words. A paragraph sign is a word of its own,
// so that "§85" and "§ 85" are the same.
func tokenize(text []byte) []token {
	tokens := make([]token, 0, len(text)/usualWord+1)
	for i := 0; i < len(text); {
		switch {
		case text[i] == paragraphSign:
			tokens = append(tokens, token{start: int32(i), end: int32(i + 1)})
			i++
		case class[text[i]] == 0:
			i++
		default:
			start := i
			for i < len(text) && class[text[i]] != 0 {
				i++
			}
			tokens = append(tokens, token{start: int32(start), end: int32(i)})
		}
	}
	return tokens
}

const paragraphSign = 0xa7

// windows cuts the tokens of a text into sentences.
func windows(text []byte, tokens []token) []window {
	var list []window
	first, lineStart := 0, 0
	for i := range tokens {
		last := i == len(tokens)-1
		gapEnd := len(text)
		if !last {
			gapEnd = int(tokens[i+1].start)
		}
		end, newline := endsSentence(text, tokens, i, gapEnd, lineStart)
		if newline >= 0 {
			lineStart = newline
		}
		if last || end || i+1-first >= maxWindow {
			list = append(list, window{first, i + 1})
			first = i + 1
		}
	}
	return list
}

// endsSentence judges the gap after token i, which reaches to gapEnd. newline is
// where the next line begins, -1 if the gap holds no line end.
func endsSentence(text []byte, tokens []token, i, gapEnd, lineStart int) (end bool, newline int) {
	gap := text[tokens[i].end:gapEnd]
	newline = -1
	for j, b := range gap {
		switch b {
		case '!', '?':
			end = true
		case '.':
			end = end || isFullStop(text, tokens, i, gap[j+1:])
		case '\n':
			at := int(tokens[i].end) + j
			if newline >= 0 || at-lineStart < fullLine || j > 0 && lastVisible(gap[:j]) == ':' {
				end = true // an empty line, the end of a short one, or of a heading
			}
			newline = at + 1
		case '*', '|', '\t', '"':
			end = end || newline >= 0 || b == '\t'
		}
	}
	return end, newline
}

// lastVisible is the last character that is no blank, 0 if there is none.
func lastVisible(text []byte) byte {
	for i := len(text) - 1; i >= 0; i-- {
		if !isBlank(text[i]) {
			return text[i]
		}
	}
	return 0
}

// isFullStop tells the end of a sentence from an abbreviation ("bl.a.", "nr. 5",
// "kl. 14", "J. Hansen") and an ordinal ("4. maj").
func isFullStop(text []byte, tokens []token, i int, after []byte) bool {
	if len(after) == 0 { // "14.000", "f.eks"
		return i == len(tokens)-1
	}
	if !isBlank(after[0]) {
		return after[0] == '.' || after[0] == ')' || after[0] == '"'
	}
	word := text[tokens[i].start:tokens[i].end]
	if len(word) == 1 || isDigit(word[len(word)-1]) && len(word) <= 2 {
		return false
	}
	return !abbreviations.words[string(word)]
}

var abbreviations = newLabelSet(
	"nr", "kl", "ca", "bl", "evt", "fx", "eks", "dvs", "mv", "osv", "mht", "vedr", "pga", "jf", "inkl", "ekskl", "tlf", "hr", "fr", "dr", "adv", "sst",
	"st", "stk", "mio", "mia", "kr", "pct", "afd", "cand", "prof", "jr", "sr", "tex", "ex", "resp", "exkl", "ung", "mr", "mrs", "ms", "vs", "no", "gl", "skt",
)
