package sensitive

import (
	"cmp"
	"math/bits"
	"slices"
)

// A trie finds the terms whose first word begins where a word begins: most of a
// lexicon. A word is walked letter by letter until the trie ends, as a rule after
// a few. Children of a node stand side by side and a bit set says which there are,
// so a node takes sixteen bytes.
type trie struct {
	nodes []trieNode
	// terms[nodes[n].terms:nodes[n+1].terms] end in node n.
	terms []reference
}

type trieNode struct {
	children uint64 // a bit for each class of letter
	first    uint32 // the first child
	terms    uint32
}

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

// newTrie builds a trie of words and the terms that they are the anchors of.
func newTrie(words [][]byte, terms []reference) *trie {
	type entry struct {
		word []byte
		term reference
	}
	entries := make([]entry, len(words))
	for i := range words {
		entries[i] = entry{words[i], terms[i]}
	}
	slices.SortFunc(entries, func(a, b entry) int {
		return cmp.Or(
			slices.CompareFunc(a.word, b.word, func(a, b byte) int { return int(class[a]) - int(class[b]) }),
			cmp.Compare(a.term, b.term),
		)
	})
	t := &trie{}
	// Breadth first, so that children stand side by side: each node is a range of
	// the sorted entries that share its letters.
	type span struct{ from, to, depth int }
	queue := []span{{0, len(entries), 0}}
	for n := 0; n < len(queue); n++ {
		s := queue[n]
		node := trieNode{first: uint32(len(queue)), terms: uint32(len(t.terms))}
		for s.from < s.to && len(entries[s.from].word) == s.depth {
			t.terms = append(t.terms, entries[s.from].term)
			s.from++
		}
		for i := s.from; i < s.to; {
			c := class[entries[i].word[s.depth]]
			j := i
			for j < s.to && class[entries[j].word[s.depth]] == c {
				j++
			}
			node.children |= 1 << c
			queue = append(queue, span{i, j, s.depth + 1})
			i = j
		}
		t.nodes = append(t.nodes, node)
	}
	t.nodes = append(t.nodes, trieNode{terms: uint32(len(t.terms))})
	return t
}

// find calls found for every term at the beginning of word; more says that word
// goes on after it.
func (t *trie) find(word []byte, found func(term reference, more bool)) {
	n := uint32(0)
	for i := 0; ; i++ {
		node := &t.nodes[n]
		for _, term := range t.terms[node.terms:t.nodes[n+1].terms] {
			found(term, i < len(word))
		}
		if i == len(word) {
			return
		}
		bit := uint64(1) << class[word[i]]
		if node.children&bit == 0 {
			return
		}
		n = node.first + uint32(bits.OnesCount64(node.children&(bit-1)))
	}
}
