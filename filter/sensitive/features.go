package sensitive

import "math"

// What the model sees of a sentence: the evidence of the lexicons (which category,
// how strong, of whom, amid what), and the words themselves, whole, in pairs and in
// pieces, so that an inflection, a compound or a spelling mistake still looks like
// what it is. Features are hashed to rows of the weight table; no text is kept.

// A feature is a row of the weight table and how much it counts. Most speak to
// every category, each with a weight of its own. Some speak to one category in
// words that fit any: "a strong term of the category stands beside the writer's
// mother". These share one weight, so that what was learned of illness holds for
// faith.
type feature struct {
	row   uint32
	value float32
	topic int8 // the category it speaks to by the shared weight, or every
	// lexical features speak of the very words at a token, not of what the lexicons
	// say of them.
	lexical bool
	token   int32
}

const (
	every   = -1
	shared  = numCategories     // the column of the shared weights
	columns = numCategories + 1 // of the weight table

	rowBits = 19
	rows    = 1 << rowBits
)

// How much a feature counts: what is general more than what is particular, so that
// the general learns first. All words of a sentence together make a vector of the
// length wordValue.
const (
	evidenceValue = 0.2
	sharedValue   = 0.5
	entryValue    = 0.2
	wordValue     = 5
)

// A kind of feature; what the arguments of each are, its one use shows.
type featureKind uint64

const (
	ofPlace featureKind = iota
	ofLetter
	ofTopic
	ofTopicInPlace
	termAlone
	termOfPerson
	termInPlace
	termAmidPublic
	personAmidPublic
	termHaving
	termAndNames
	termInLetter
	termInLength
	letterAbout
	personAbout
	termEntry
	termEntryOfPerson
	kindOfPerson
	wordBefore
	wordNearBefore
	wordAfter
	noPerson
	personPath
	personDistance
	textEdge
	neighbourPerson
	neighbourTerm
	neighbourPublic
	wordItself
	wordPair
	wordSkip
	wordHead
	wordStem
	wordTail
	sharedKinds
)

// hash mixes the kind of a feature and what it is about into a row (after
// splitmix64's finalizer).
func hash(k featureKind, a, b, c uint64) uint32 {
	h := uint64(k)*0x9e3779b97f4a7c15 ^ a
	h *= 0xbf58476d1ce4e5b9
	h ^= h>>29 ^ b
	h *= 0x94d049bb133111eb
	h ^= h>>31 ^ c
	h *= 0xbf58476d1ce4e5b9
	return uint32(h >> (64 - rowBits))
}

// hashWord is FNV-1a, with digits alike.
func hashWord(w []byte) uint64 {
	h := uint64(14695981039346656037)
	for _, c := range w {
		if isDigit(c) {
			c = '0'
		}
		h = (h ^ uint64(c)) * 1099511628211
	}
	return h
}

// A collector gathers the features of one sentence.
type collector struct {
	*sentence
	reading *reading
	list    []feature
}

// add adds a feature that speaks to every category.
func (l *collector) add(value float32, k featureKind, a, b, c uint64) {
	l.list = append(l.list, feature{row: hash(k, a, b, c), value: value, topic: every})
}

// evidence adds what speaks to one category, by a weight of the category's own and
// by the shared one.
func (l *collector) evidence(t topic, k featureKind, a, b uint64) {
	l.add(evidenceValue, k, uint64(t), a, b)
	l.share(t, sharedValue, k, a, b)
}

func (l *collector) share(t topic, value float32, k featureKind, a, b uint64) {
	l.list = append(l.list, feature{row: hash(sharedKinds+k, a, b, 0), value: value, topic: int8(t)})
}

// lexical marks the feature added last as speaking of the word at a token.
func (l *collector) lexical(token int) {
	f := &l.list[len(l.list)-1]
	f.lexical, f.token = true, int32(token)
}

// features appends the features of sentence i to list.
func (r *reading) features(list []feature, all []sentence, i int, letter letterhead) []feature {
	l := &collector{sentence: &all[i], reading: r, list: list}
	l.add(evidenceValue, ofPlace, letter.own, 0, 0)
	l.add(evidenceValue, ofLetter, letter.voice, letter.public, 0)
	for t, n := range l.counts[:request] {
		if n > 0 {
			l.add(evidenceValue, ofTopic, uint64(t), min(uint64(n), 3), 0)
			l.add(evidenceValue, ofTopicInPlace, uint64(t), letter.own, 0)
		}
	}
	for t, spoken := range l.spoken() {
		if spoken {
			l.termFeatures(topic(t), letter)
			l.neighbourFeatures(topic(t), all, i-1, 0)
			l.neighbourFeatures(topic(t), all, i+1, 1)
		}
	}
	for _, h := range l.hits {
		if h.topic < numCategories {
			l.hitFeatures(h)
			l.bridges(h)
		}
	}
	evidence := len(l.list)
	l.wordFeatures()
	for t, spoken := range l.spoken() {
		if spoken {
			l.companyFeatures(topic(t))
		}
	}
	// However long the sentence, its words weigh the same together.
	value := wordValue / float32(math.Sqrt(float64(len(l.list)-evidence)))
	for j := evidence; j < len(l.list); j++ {
		l.list[j].value = value
	}
	return l.list
}

// wordFeatures adds the words: whole, in pairs, and their beginnings and ends.
func (l *collector) wordFeatures() {
	var last, beforeLast uint64
	for i := l.first; i < l.end; i++ {
		w := l.reading.word(i)
		h := hashWord(w)
		l.add(0, wordItself, h, 0, 0)
		l.lexical(i)
		if i > l.first {
			l.add(0, wordPair, last, h, 0)
			l.lexical(i - 1)
		}
		if i > l.first+1 {
			l.add(0, wordSkip, beforeLast, h, 0)
			l.lexical(i - 2)
		}
		beforeLast, last = last, h
		const shortest = 5
		if len(w) < shortest || isDigit(w[0]) {
			continue
		}
		l.add(0, wordHead, hashWord(w[:4]), 0, 0)
		l.lexical(i)
		l.add(0, wordTail, hashWord(w[len(w)-4:]), 0, 0)
		l.lexical(i)
		if len(w) > 6 {
			l.add(0, wordStem, hashWord(w[:6]), 0, 0)
			l.lexical(i)
		}
	}
}

// companyFeatures adds the words that keep company with a term, whatever its
// category: "min" speaks for a person, "budget" against.
func (l *collector) companyFeatures(t topic) {
	var last uint64
	for i := l.first; i < l.end; i++ {
		w := l.reading.word(i)
		h := hashWord(w)
		l.share(t, 0, wordItself, h, 0)
		l.lexical(i)
		if i > l.first {
			l.share(t, 0, wordPair, last, h)
			l.lexical(i - 1)
		}
		last = h
		const stem = 5
		if len(w) > stem {
			l.share(t, 0, wordStem, hashWord(w[:stem]), 0)
			l.lexical(i)
		}
	}
}
