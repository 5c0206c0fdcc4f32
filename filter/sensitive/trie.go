package sensitive

import (
	"bytes"
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
	for i, w := range words {
		classes := make([]byte, len(w)) // in the order of which the bits of a node stand
		for j, b := range w {
			classes[j] = class[b]
		}
		entries[i] = entry{classes, terms[i]}
	}
	slices.SortFunc(entries, func(a, b entry) int {
		return cmp.Or(bytes.Compare(a.word, b.word), cmp.Compare(a.term, b.term))
	})
	t := &trie{}
	// Breadth first, so that children stand side by side: each node is a range of
	// the sorted entries that share its letters.
	type span struct{ from, to, depth int }
	queue := append(make([]span, 0, 2*len(entries)+1), span{0, len(entries), 0})
	t.nodes = make([]trieNode, 0, cap(queue))
	for n := 0; n < len(queue); n++ {
		s := queue[n]
		node := trieNode{first: uint32(len(queue)), terms: uint32(len(t.terms))}
		for s.from < s.to && len(entries[s.from].word) == s.depth {
			t.terms = append(t.terms, entries[s.from].term)
			s.from++
		}
		for i := s.from; i < s.to; {
			c := entries[i].word[s.depth]
			j := i
			for j < s.to && entries[j].word[s.depth] == c {
				j++
			}
			node.children |= 1 << c
			queue = append(queue, span{i, j, s.depth + 1})
			i = j
		}
		t.nodes = append(t.nodes, node)
	}
	t.nodes = slices.Clip(append(t.nodes, trieNode{terms: uint32(len(t.terms))}))
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
