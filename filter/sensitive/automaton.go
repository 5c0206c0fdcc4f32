package sensitive

// An automaton finds many words inside others in one pass (Aho and Corasick,
// "Efficient string matching", 1975), as a table: one look-up a character, whatever
// the number of words. It is for the tails and insides of compounds.
type automaton struct {
	// next holds alphabet entries for each state; the top bit of an entry says
	// that words end in the state it leads to.
	next []uint32
	// words[ends[s]:ends[s+1]] are the words that end in state s, longest first.
	ends  []uint32
	words []uint32
}

const (
	hasWords  = 1 << 31
	stateMask = hasWords - 1
)

// alphabet is the number of classes of folded bytes: class 0 belongs to no word.
const alphabet = 1 + 26 + 10 + 3

// class maps a folded byte to its class.
var class = func() (t [256]uint8) {
	n := uint8(1)
	for b := range t {
		if isWord(byte(b)) && (b < 0x80 || b == aRing || b == ash || b == slash) {
			t[b] = n
			n++
		}
	}
	return t
}()

// newAutomaton builds the table for words, which are folded and not empty. A word
// is known by its index.
func newAutomaton(words [][]byte) *automaton {
	a := &automaton{next: make([]uint32, alphabet)}
	final := [][]uint32{nil}
	for i, w := range words {
		s := uint32(0)
		for _, b := range w {
			e := &a.next[s*alphabet+uint32(class[b])]
			if *e == 0 {
				*e = uint32(len(final))
				s = *e
				final = append(final, nil)
				a.next = append(a.next, make([]uint32, alphabet)...)
				continue
			}
			s = *e
		}
		final[s] = append(final[s], uint32(i))
	}
	a.link(final)
	return a
}

// link completes the trie to an automaton, in breadth-first order: a state without
// an edge goes where its longest proper suffix would go.
func (a *automaton) link(final [][]uint32) {
	fail := make([]uint32, len(final))
	queue := make([]uint32, 0, len(final))
	for _, s := range a.next[:alphabet] {
		if s != 0 {
			queue = append(queue, s)
		}
	}
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		final[s] = append(final[s], final[fail[s]]...)
		for c := range uint32(alphabet) {
			e := &a.next[s*alphabet+c]
			onward := a.next[fail[s]*alphabet+c]
			if *e == 0 {
				*e = onward
				continue
			}
			fail[*e] = onward
			queue = append(queue, *e)
		}
	}
	a.ends = make([]uint32, 1, len(final)+1)
	for _, f := range final {
		a.words = append(a.words, f...)
		a.ends = append(a.ends, uint32(len(a.words)))
	}
	for i, s := range a.next {
		if len(final[s]) > 0 {
			a.next[i] |= hasWords
		}
	}
}

// find calls found for every occurrence inside word, with the end of it, in the
// order of the ends. A word is known by its index.
func (a *automaton) find(word []byte, found func(index uint32, end int)) {
	s := uint32(0)
	for i, b := range word {
		e := a.next[s*alphabet+uint32(class[b])]
		s = e & stateMask
		if e&hasWords != 0 {
			for _, w := range a.words[a.ends[s]:a.ends[s+1]] {
				found(w, i+1)
			}
		}
	}
}
