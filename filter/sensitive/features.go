package sensitive

import (
	"math"

	"councilgate/policy"
)

// What the model sees of a sentence. Two kinds of features: the evidence of the
// lexicons (which category, how strong, of whom, amid what), each counted once;
// and the words themselves, whole, in pairs and in pieces, so that an inflection,
// a compound or a spelling mistake still looks like what it is. Features are
// hashed to rows of the weight table; no text is kept.

// A feature is a row of the weight table and how much it counts. Most speak to
// every category, each with a weight of its own. Some speak to one category in
// words that fit any: "a strong term of the category stands beside the writer's
// mother". These share one weight, so that what was learned of illness holds for
// faith.
type feature struct {
	row   uint32
	value float32
	topic int8  // the category it speaks to by the shared weight, or every
	first int32 // the first token it rests on, -1 for the sentence as a whole
	// lexical features speak of the very words, not of what the lexicons say of them.
	lexical bool
}

const (
	every   = -1
	shared  = numCategories     // the column of the shared weights
	columns = numCategories + 1 // of the weight table
)

const (
	rowBits = 18
	rows    = 1 << rowBits
)

// hash mixes the kind of a feature and what it is about into a row (after
// splitmix64's finalizer).
func hash(kind, a, b, c uint64) uint32 {
	h := kind*0x9e3779b97f4a7c15 ^ a
	h *= 0xbf58476d1ce4e5b9
	h ^= h>>29 ^ b
	h *= 0x94d049bb133111eb
	h ^= h>>31 ^ c
	h *= 0xbf58476d1ce4e5b9
	return uint32(h >> (64 - rowBits))
}

// hashBytes is FNV-1a, with digits alike.
func hashBytes(b []byte) uint64 {
	h := uint64(14695981039346656037)
	for _, c := range b {
		if isDigit(c) {
			c = '0'
		}
		h = (h ^ uint64(c)) * 1099511628211
	}
	return h
}

// The kinds of features.
const (
	fBias uint64 = iota
	fTerm
	fTermOf
	fTermAmid
	fTermWith
	fTermEntry
	fTermBeside
	fTopic
	fWord
	fPair
	fSkip
	fPiece
	fBefore
	fAfter
	fText
	fTwo
	fAbout
	sharedKinds
)

// A summary is what the lexicons say of a window.
type summary struct {
	counts   [numTopics]uint8
	strength [numCategories]int8 // strongest term, -1 if there is none
	person   uint64              // who is spoken of
	public   uint64              // what speaks for a debate
	names    uint64              // capitalised words within the sentence
}

// spoken tells which categories a term stands for.
func (s *summary) spoken() (set [numCategories]bool) {
	for c := range set {
		set[c] = s.strength[c] >= 0
	}
	return set
}

func (r *reading) summarize(w window, hits []hit) summary {
	s := summary{}
	for i := range s.strength {
		s.strength[i] = -1
	}
	for _, h := range hits {
		if s.counts[h.topic] < 255 {
			s.counts[h.topic]++
		}
		if h.topic < numCategories {
			s.strength[h.topic] = max(s.strength[h.topic], h.weight())
		}
	}
	for i := w.first + 1; i < w.end; i++ {
		if r.tokens[i].capital && r.tokens[i].end-r.tokens[i].start > 1 {
			s.names = min(s.names+1, 3)
		}
	}
	s.person = bit(s.counts[first] > 0, 0) | bit(s.counts[third]+s.counts[kin] > 0, 1) |
		bit(s.counts[name] > 0, 2) | bit(s.counts[second] > 0, 3)
	s.public = min(uint64(s.counts[policyWord]), 2) | bit(s.counts[people] > 0, 2) | bit(s.counts[role] > 0, 3) |
		bit(s.counts[genre]+s.counts[fiction]+s.counts[thing] > 0, 4) | bit(s.counts[animal] > 0, 5)
	return s
}

func bit(b bool, n int) uint64 {
	if b {
		return 1 << n
	}
	return 0
}

// A sentence is a window with what the lexicons say of it.
type sentence struct {
	window
	hits []hit
	summary
}

// sentences joins the windows of a reading with their hits.
func (r *reading) sentences() []sentence {
	list := make([]sentence, len(r.windows))
	next := 0
	for i, w := range r.windows {
		from := next
		for next < len(r.hits) && r.hits[next].first < w.end {
			next++
		}
		hits := r.hits[from:next]
		list[i] = sentence{w, hits, r.summarize(w, hits)}
	}
	return list
}

// bucket turns a count into a size: 0, 1, 2, 3-4, 5-8, ...
func bucket(n int) uint64 {
	if n == 0 {
		return 0
	}
	return 1 + uint64(math.Ceil(math.Log2(float64(n))))
}

// context is what all sentences of a passage share.
type context struct {
	place  uint64
	voice  uint64    // how much a person speaks, or of a person
	public uint64    // how much of politics, groups, genres
	about  [4]uint64 // how much of animals, fiction, genres, offices
	length uint64
}

// aboutTopics are what a whole letter may be about, so that a single sentence of it
// is not of a person: the dog's cancer, the murder in a play.
var aboutTopics = [4]topic{animal, fiction, genre, role}

func (r *reading) context(place policy.Place, all []sentence) context {
	var voice, public int
	for _, s := range all {
		voice += int(s.counts[first]) + int(s.counts[third]) + int(s.counts[kin])
		public += int(s.counts[policyWord]) + int(s.counts[people]) + 2*int(s.counts[genre])
	}
	var about [4]int
	for _, s := range all {
		for i, t := range aboutTopics {
			about[i] += int(s.counts[t])
		}
	}
	c := context{voice: min(bucket(voice), 5), public: min(bucket(public), 5), length: min(bucket(len(r.tokens)), 9)}
	for i, n := range about {
		c.about[i] = min(bucket(n), 3)
	}
	if place == policy.Own {
		c.place = 1
	}
	return c
}

// A collector gathers the features of one sentence.
type collector []feature

func (l *collector) add(first int, kind, a, b, c uint64) {
	value := float32(ownValue)
	if kind == fTermEntry || kind == fTermBeside {
		value = entryValue
	}
	*l = append(*l, feature{row: hash(kind, a, b, c), value: value, topic: every, first: int32(first), lexical: kind == fTermEntry || isWordKind(kind)})
}

func isWordKind(kind uint64) bool {
	return kind == fWord || kind == fPair || kind == fSkip || kind == fPiece
}

// share adds a feature that speaks to one category.
func (l *collector) share(t uint64, first int, kind, a, b, c uint64) {
	value := float32(sharedValue)
	if kind == fTermBeside {
		value = entryValue
	}
	*l = append(*l, feature{row: hash(sharedKinds+kind, a, b, c), value: value, topic: int8(t), first: int32(first), lexical: isWordKind(kind)})
}

// features appends the features of sentence i.
func (r *reading) features(out []feature, all []sentence, i int, c context) []feature {
	s := &all[i]
	l := (*collector)(&out)
	l.add(-1, fBias, c.place, 0, 0)
	l.add(-1, fText, c.voice, c.public, 0)
	for t, n := range s.counts[:request] {
		if n > 0 {
			l.add(-1, fTopic, uint64(t), min(uint64(n), 3), 0)
			if topic(t) >= numCategories {
				l.add(-1, fTopic, 100+uint64(t), c.place, 0)
			}
		}
	}
	r.termFeatures(l, s, c)
	neighbour := func(kind uint64, n int) {
		if n < 0 || n >= len(all) {
			l.add(-1, kind, 1000, 0, 0)
			return
		}
		o := &all[n]
		l.add(-1, kind, 1001, o.person, 0)
		for t := range topic(numCategories) {
			if o.strength[t] >= 0 {
				l.add(-1, kind, uint64(t), uint64(o.strength[t]), 0)
				for mine := range topic(numCategories) {
					if s.strength[mine] >= 0 {
						l.add(-1, kind, 2000, uint64(t), uint64(mine))
					}
				}
			}
		}
		for t := range topic(numCategories) {
			if s.strength[t] >= 0 {
				l.add(-1, kind, 3000, uint64(t), o.person)
				l.share(uint64(t), -1, kind, o.person, s.person, bit(o.strength[t] >= 0, 0))
				l.share(uint64(t), -1, kind, 100+o.public, 0, 0)
			}
		}
	}
	neighbour(fBefore, i-1)
	neighbour(fAfter, i+1)

	evidence := len(out)
	r.wordFeatures(l, s)
	r.companyFeatures(l, s)
	// However long the sentence, its words weigh the same together.
	if n := len(out) - evidence; n > 0 {
		value := wordWeight / float32(math.Sqrt(float64(n)))
		for j := evidence; j < len(out); j++ {
			out[j].value = value
		}
	}
	return out
}

const (
	ownValue    = 0.7
	entryValue  = 0.4
	sharedValue = 1.5
)

// wordWeight is the length of the vector that the words of a sentence make.
const wordWeight = 4

// termFeatures adds what the terms of the lexicons say, alone and together with
// who is spoken of and what stands around.
func (r *reading) termFeatures(l *collector, s *sentence, c context) {
	for t := range uint64(numCategories) {
		if s.strength[t] < 0 {
			continue
		}
		strength := uint64(s.strength[t])
		n := min(uint64(s.counts[t]), 3)
		l.add(-1, fTerm, t, strength, n)
		l.add(-1, fTermOf, t, strength, s.person)
		l.add(-1, fTermOf, 100+t, s.person, c.place)
		l.add(-1, fTermAmid, t, strength, s.public)
		l.add(-1, fTermAmid, 100+t, bit(s.person != 0, 0), s.public)
		l.add(-1, fTermWith, t, min(uint64(s.counts[have]), 2)<<4|strength, bit(s.person != 0, 0))
		l.add(-1, fTermWith, 100+t, s.names, s.person)
		l.add(-1, fText, 100+t, c.voice, c.public)
		l.add(-1, fText, 200+t, c.place, strength)
		l.add(-1, fText, 300+t, c.length, 0)

		l.share(t, -1, fTerm, strength, n, c.place)
		l.share(t, -1, fTermOf, strength, s.person, c.place)
		l.share(t, -1, fTermAmid, strength, s.person, s.public)
		l.share(t, -1, fTermAmid, 100+bit(s.person != 0, 0), s.public, 0)
		l.share(t, -1, fTermWith, min(uint64(s.counts[have]), 2)<<4|strength, s.person, 0)
		l.share(t, -1, fTermWith, 100+s.names, s.person, 0)
		l.share(t, -1, fText, c.voice, c.public, strength)
		l.share(t, -1, fText, 100+c.length, c.place, strength)
		for i, n := range c.about {
			l.share(t, -1, fAbout, uint64(i), n, s.person)
			l.share(t, -1, fAbout, 100+uint64(i), n, 0)
			l.add(-1, fAbout, t, uint64(i), n)
		}
		for topic, count := range s.counts[numCategories:request] {
			if count > 0 {
				l.share(t, -1, fTopic, uint64(topic), min(uint64(count), 3), strength)
			}
		}
	}
	for _, h := range s.hits {
		if h.topic >= numCategories {
			continue
		}
		t := uint64(h.topic)
		entry := hashBytes(h.words[h.anchor].text)
		l.add(h.first, fTermEntry, t, entry, 0)
		l.add(h.first, fTermEntry, 100+t, entry, bit(s.person != 0, 0))
		l.add(h.first, fTermEntry, 200+t, hashBytes([]byte(h.kind)), s.person)
		const beside = 3
		for j := max(s.first, h.first-beside); j < h.first; j++ {
			word := hashBytes(r.word(j))
			l.add(h.first, fTermBeside, t, word, 0)
			l.share(t, h.first, fTermBeside, word, uint64(h.first-j), 0)
			l.share(t, h.first, fTermBeside, word, 100, 0)
		}
		for j := h.end; j < min(s.end, h.end+beside); j++ {
			word := hashBytes(r.word(j))
			l.add(h.first, fTermBeside, 100+t, word, 0)
			l.share(t, h.first, fTermBeside, word, 200, 0)
		}
		l.share(t, h.first, fTermEntry, hashBytes([]byte(h.kind)), s.person, uint64(h.weight()))
		r.bridges(l, s, h)
	}
}

// bridges adds how a term is tied to the persons nearest before and after it: "min
// kone går til dialyse", "dialyse, som min kone".
func (r *reading) bridges(l *collector, s *sentence, h hit) {
	t := uint64(h.topic)
	before, after := -1, -1
	for i, o := range s.hits {
		switch {
		case !o.isPerson():
		case o.end <= h.first:
			before = i
		case o.first >= h.end && after < 0:
			after = i
		}
	}
	for side, i := range [2]int{before, after} {
		if i < 0 {
			l.share(t, h.first, fTwo, uint64(side), 0, uint64(h.weight()))
			l.add(h.first, fTwo, t, uint64(side), 0)
			continue
		}
		p := s.hits[i]
		from, to := p.end, h.first
		if side == 1 {
			from, to = h.end, p.first
		}
		who := uint64(side)<<8 | uint64(p.topic)
		path, having, comma := uint64(1), uint64(0), uint64(0)
		for j := from; j < to; j++ {
			class := r.step(s, j)
			if class == uint64(have) {
				having = 1
			}
			path = path*31 + class
		}
		for j := max(from, 1); j <= to && j < s.end; j++ {
			if r.comma(j) {
				comma = 1
			}
		}
		distance := bucket(to - from)
		const nearby = 5
		if to-from <= nearby {
			l.share(t, h.first, fTwo, who, path, comma)
		}
		l.share(t, h.first, fTwo, who|having<<16|comma<<17, distance, uint64(h.weight()))
		l.add(h.first, fTwo, t, who|having<<16|comma<<17, distance)
	}
}

// step is the class of a word between a person and a term: what the lexicons say
// of it, or for a short word the word itself.
func (r *reading) step(s *sentence, token int) uint64 {
	for _, h := range s.hits {
		if h.first <= token && token < h.end && (h.topic >= numCategories || h.topic == have) {
			return uint64(h.topic)
		}
	}
	const functionWord = 4
	if w := r.word(token); len(w) <= functionWord {
		return hashBytes(w)
	}
	return 1000
}

// comma reports a comma or dash before a token.
func (r *reading) comma(token int) bool {
	for _, b := range r.text[r.tokens[token-1].end:r.tokens[token].start] {
		if b == ',' || b == ';' || b == ':' || b == '(' || b == '-' {
			return true
		}
	}
	return false
}

// weight is the strength of a hit, one more for each than the term's: 0 is left
// for a doubtful one.
func (h hit) weight() int8 {
	if h.doubtful {
		return 0
	}
	return int8(h.strength) + 1
}

func (h hit) isPerson() bool { return h.topic >= first && h.topic <= name }

// wordFeatures adds the words: whole, in pairs, and in pieces of four and five
// letters.
func (r *reading) wordFeatures(l *collector, s *sentence) {
	var last, beforeLast uint64
	for i := s.first; i < s.end; i++ {
		w := r.word(i)
		h := hashBytes(w)
		l.add(i, fWord, h, 0, 0)
		if last != 0 {
			l.add(i-1, fPair, last, h, 0)
		}
		if beforeLast != 0 {
			l.add(i-2, fSkip, beforeLast, h, 0)
		}
		beforeLast, last = last, h
		const shortest = 5
		if len(w) < shortest || isDigit(w[0]) {
			continue
		}
		l.add(i, fPiece, 1, hashBytes(w[:4]), 0)
		l.add(i, fPiece, 2, hashBytes(w[len(w)-4:]), 0)
		if len(w) > 6 {
			l.add(i, fPiece, 3, hashBytes(w[:6]), 0)
		}
	}
}

// companyFeatures adds the words that keep company with a term, whatever its
// category: "min" speaks for a person, "budget" against.
func (r *reading) companyFeatures(l *collector, s *sentence) {
	for t := range uint64(numCategories) {
		if s.strength[t] < 0 {
			continue
		}
		var last uint64
		for i := s.first; i < s.end; i++ {
			w := r.word(i)
			h := hashBytes(w)
			l.share(t, i, fWord, h, 0, 0)
			if last != 0 {
				l.share(t, i-1, fPair, last, h, 0)
			}
			last = h
			if len(w) > 5 {
				l.share(t, i, fPiece, hashBytes(w[:5]), 0, 0)
			}
		}
	}
}
