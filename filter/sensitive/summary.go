package sensitive

import (
	"math/bits"

	"councilgate/policy"
)

// A sentence is a window with the terms that stand in it.
type sentence struct {
	window
	hits []hit
	summary
}

// A summary is what the lexicons say of a sentence, in numbers.
type summary struct {
	counts   [numTopics]uint8
	strength [numCategories]int8 // of the strongest term, -1 if there is none
	person   uint64              // who is spoken of, a set of bits
	public   uint64              // what speaks for a debate, a set of bits
	names    uint64              // capitalised words within the sentence, 3 at most
}

// joinTerms joins the windows of a reading with their terms.
func (r *reading) joinTerms() []sentence {
	list := make([]sentence, len(r.windows))
	next := 0
	for i, w := range r.windows {
		from := next
		for next < len(r.hits) && r.hits[next].first < w.end {
			next++
		}
		list[i] = sentence{window: w, hits: r.hits[from:next]}
		list[i].summarize(r)
	}
	return list
}

func (s *sentence) summarize(r *reading) {
	for c := range s.strength {
		s.strength[c] = -1
	}
	n := &s.counts
	for _, h := range s.hits {
		if n[h.topic] < 255 {
			n[h.topic]++
		}
		if h.topic < numCategories {
			s.strength[h.topic] = max(s.strength[h.topic], int8(h.strength))
		}
	}
	for i := s.first + 1; i < s.end; i++ {
		if r.tokens[i].capital && r.tokens[i].end-r.tokens[i].start > 1 {
			s.names = min(s.names+1, 3)
		}
	}
	s.person = set(n[first] > 0, n[third]+n[kin] > 0, n[name] > 0, n[second] > 0)
	s.public = set(n[policyWord] > 0, n[policyWord] > 1, n[people] > 0, n[role] > 0,
		n[genre]+n[fiction]+n[thing] > 0, n[animal] > 0)
}

// spoken tells which categories a term stands for.
func (s *summary) spoken() (list [numCategories]bool) {
	for c := range list {
		list[c] = s.strength[c] >= 0
	}
	return list
}

// set makes a set of bits.
func set(members ...bool) (s uint64) {
	for i, m := range members {
		if m {
			s |= 1 << i
		}
	}
	return s
}

// size turns a count into an order of magnitude: 0, 1, 2, 3 for 3 and 4, 4 for 5 to
// 8, and so on up to most.
func size(n int, most uint64) uint64 {
	if n == 0 {
		return 0
	}
	return min(1+uint64(bits.Len(uint(n-1))), most)
}

// A letterhead is what all sentences of a passage share.
type letterhead struct {
	own    uint64 // 1 in the councillor's own words
	voice  uint64 // how much a person speaks, or of a person
	public uint64 // how much of politics, groups, genres
	length uint64
	// about tells how much of the letter is about the topics of aboutTopics.
	about [len(aboutTopics)]uint64
}

// aboutTopics are what a whole letter may be about, so that a single sentence of it
// is of nobody: the dog's cancer, the murder in a play.
var aboutTopics = [...]topic{animal, fiction, genre, role}

func (r *reading) letterhead(place policy.Place) letterhead {
	var voice, public int
	var about [len(aboutTopics)]int
	for i := range r.sentences {
		n := &r.sentences[i].counts
		voice += int(n[first]) + int(n[third]) + int(n[kin])
		public += int(n[policyWord]) + int(n[people]) + 2*int(n[genre])
		for j, t := range aboutTopics {
			about[j] += int(n[t])
		}
	}
	l := letterhead{
		own:   set(place == policy.Own),
		voice: size(voice, 5), public: size(public, 5), length: size(len(r.tokens), 9),
	}
	for i, n := range about {
		l.about[i] = size(n, 3)
	}
	return l
}
