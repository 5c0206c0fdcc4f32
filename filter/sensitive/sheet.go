package sensitive

import (
	"iter"
	"strings"
)

const (
	// sheet is how much text is read at a time. A reading takes some thirty times
	// its text in memory, and a mail may have megabytes of it; a letter fits on one
	// sheet many times over.
	sheet = 64 << 10
	// overlap is what the next sheet reads again, so that a number near the edge is
	// seen with the words around it.
	overlap = 2 * reach
)

// sheets cuts a long text, at line ends where there are any, and gives each piece
// with its offset.
func sheets(text string) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		start := 0
		for len(text)-start > sheet {
			end := start + sheet
			if line := strings.LastIndexByte(text[start+sheet/2:end], '\n'); line >= 0 {
				end = start + sheet/2 + line + 1
			} else {
				end = runeStart(text, end)
			}
			if !yield(start, text[start:end]) {
				return
			}
			start = runeStart(text, end-overlap)
		}
		yield(start, text[start:])
	}
}

// runeStart is the last place at or before i where a character begins.
func runeStart(text string, i int) int {
	const longest = 4 // bytes of a character
	for n := 1; n < longest && i > 0 && text[i]&0xc0 == 0x80; n++ {
		i--
	}
	return i
}
