package sensitive

import (
	"encoding/binary"
	"math/bits"
)

// An index finds terms by their anchors: those that a word is, that it begins with,
// or that end a compound. Anchors are known by their hashes, since the look-ups of
// one word then need not wait for each other as the steps through a tree do. Before
// the table stand sets of bits, small enough for the processor's cache, that say no
// to nearly all that is asked.
type index struct {
	slots []slot // a hash is in the slot of its number, or in the next that is free
	terms []reference

	stems  bitset // the anchors that go on: "kræft*"
	wholes bitset // those that do not
	tails  bitset // the first letters of those that may end a compound
}

// A slot leads to the terms[first:first+n] of an anchor. It holds the upper half of
// the hash; the lower half led to it.
type slot struct {
	hash  uint32
	first uint32
	n     uint32 // 0 in a free slot
}

// newIndex builds an index of terms by their anchors.
func newIndex(anchors []pattern, terms []reference) *index {
	n := len(terms)
	x := &index{
		slots: make([]slot, 1<<bits.Len(uint(n))), terms: make([]reference, n),
		stems: newBitset(n), wholes: newBitset(n), tails: newBitset(n),
	}
	where := make([]uint64, n) // the slots
	for i, p := range anchors {
		key := hashAnchor(p.text)
		if p.more {
			x.stems.add(key)
		} else {
			x.wholes.add(key)
			key = ^key
		}
		if terms[i].tail {
			x.tails.add(tailHash(p.text))
		}
		where[i] = x.slot(key)
		x.slots[where[i]].hash = uint32(key >> 32)
		x.slots[where[i]].n++
	}
	first := uint32(0)
	for i := range x.slots {
		s := &x.slots[i]
		first, s.first, s.n = first+s.n, first, 0
	}
	for i, number := range where {
		s := &x.slots[number]
		x.terms[s.first+s.n] = terms[i]
		s.n++
	}
	return x
}

// slot returns the number of the slot of a hash, or of the free one that it would
// take.
func (x *index) slot(hash uint64) uint64 {
	most := uint64(len(x.slots) - 1)
	for i := hash & most; ; i = (i + 1) & most {
		if s := &x.slots[i]; s.n == 0 || s.hash == uint32(hash>>32) {
			return i
		}
	}
}

// at returns the terms of a hash.
func (x *index) at(hash uint64) []reference {
	s := &x.slots[x.slot(hash)]
	return x.terms[s.first : s.first+s.n]
}

// find calls found with the terms that a word may be or begin with.
func (x *index) find(word []byte, found func([]reference)) {
	h := uint64(0)
	for _, b := range word {
		if h = hashStep(h, b); x.stems.has(h) {
			found(x.at(h))
		}
	}
	if x.wholes.has(h) {
		found(x.at(^h))
	}
}

// mayEnd reports whether an end of a word, at least shortestTail letters long, may be
// or begin with what ends a compound.
func (x *index) mayEnd(tail []byte) bool { return x.tails.has(tailHash(tail)) }

const golden = 0x9e3779b97f4a7c15 // 2^64 divided by the golden ratio: it mixes well upwards

func hashStep(h uint64, b byte) uint64 { return (h ^ uint64(b)) * golden }

func hashAnchor(text []byte) uint64 {
	h := uint64(0)
	for _, b := range text {
		h = hashStep(h, b)
	}
	return h
}

// tailHash is a hash of the first six letters, fewer than shortestTail.
func tailHash(text []byte) uint64 {
	return (uint64(binary.LittleEndian.Uint32(text)) | uint64(binary.LittleEndian.Uint16(text[4:]))<<32) * golden
}

// A bitset is a set of hashes that now and then says yes for a no.
type bitset struct {
	words []uint64
	shift int // what makes a hash the number of a bit
}

// newBitset returns a set for n hashes, that says a wrong yes once in sixteen times
// at most.
func newBitset(n int) bitset {
	const spare = 16
	size := max(6, bits.Len(uint(n*spare)))
	return bitset{words: make([]uint64, 1<<size/64), shift: 64 - size}
}

func (s bitset) add(hash uint64) {
	n := hash >> s.shift
	s.words[n/64] |= 1 << (n % 64)
}

func (s bitset) has(hash uint64) bool {
	n := hash >> s.shift
	return s.words[n/64]>>(n%64)&1 != 0
}
