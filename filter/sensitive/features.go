package sensitive

import "math"

// What the model sees of a sentence: the evidence of the lexicons (which category,
// how strong, of whom, amid what), the words themselves, whole, in pairs and in
// pieces, so that an inflection, a compound or a spelling mistake still looks like
// what it is, and what they mean, which is the same in all languages. Features are
// hashed to rows of the weight table; no text is kept.

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
	aspect  aspect
}

// An aspect is what a feature is about. The forest sees the odds of a sentence by
// aspect.
type aspect uint8

const (
	ofAll aspect = iota // the sentence and the letter
	ofTerms
	ofNeighbours
	ofEntry
	ofBeside
	ofPersons
	ofSenses
	ofWords
	ofCompany
	numAspects = 9
)

// parts are the log odds of a sentence in one category by aspect: by the weights of the
// category's own and by the shared ones.
type parts [numAspects][2]float32

func (p *parts) sum() (odds float32) {
	for _, a := range p {
		odds += a[0] + a[1]
	}
	return odds
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
	actors
	actorAmidAnimals
	kindAfterOne
	kindAfterTwo
	kindBefore
	twoBefore
	oneAround
	twoAfter
	threeBefore
	threeAround
	threeAfter
	textEdge
	neighbourPerson
	neighbourTerm
	neighbourPublic
	wordItself
	wordPair
	wordHead
	wordStem
	meaningBefore
	meaningAfter
	classBefore
	classAfter
	wordMeaning
	meaningPair
	classPair
	letterWord
	letterPair
	letterStem
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

// A collector gathers the features of one sentence after another of a reading.
type collector struct {
	*sentence
	reading *reading
	letter  letterhead
	list    []feature
	words   []hashedWord // of the sentence
	aspect  aspect       // of the features to come
}

// A hashedWord is a word as the features know it: what it means, and the hashes of the
// whole, of its beginnings of four, five and six letters. Those that it is too short
// for are 0.
type hashedWord struct {
	sense
	whole, head, root, stem uint64
}

func hashedWordOf(w []byte) hashedWord {
	h := hashedWord{whole: hashWord(w)}
	if len(w) < 5 {
		return h
	}
	if len(w) > 5 {
		h.root = hashWord(w[:5])
	}
	if isDigit(w[0]) {
		return h
	}
	h.head = hashWord(w[:4])
	if len(w) > 6 {
		h.stem = hashWord(w[:6])
	}
	return h
}

// word returns the hashes of a token of the sentence.
func (l *collector) word(token int) hashedWord { return l.words[token-l.first] }

// add adds a feature that speaks to every category.
func (l *collector) add(value float32, k featureKind, a, b, c uint64) {
	l.list = append(l.list, feature{row: hash(k, a, b, c), value: value, topic: every, aspect: l.aspect})
}

// evidence adds what speaks to one category, by a weight of the category's own and
// by the shared one.
func (l *collector) evidence(t topic, k featureKind, a, b uint64) {
	l.add(evidenceValue, k, uint64(t), a, b)
	l.share(t, sharedValue, k, a, b)
}

func (l *collector) share(t topic, value float32, k featureKind, a, b uint64) {
	l.list = append(l.list, feature{row: hash(sharedKinds+k, a, b, 0), value: value, topic: int8(t), aspect: l.aspect})
}

// lexical marks the feature added last as speaking of the word at a token.
func (l *collector) lexical(token int) {
	f := &l.list[len(l.list)-1]
	f.lexical, f.token = true, int32(token)
}

// collector prepares to gather the features of a reading's sentences.
func (r *reading) collector(letter letterhead) *collector {
	return &collector{
		reading: r, letter: letter,
		list:  make([]feature, 0, usualFeatures),
		words: make([]hashedWord, 0, maxWindow),
	}
}

// usualFeatures is more than most sentences have.
const usualFeatures = 500

// lexiconFeatures returns what the lexicons say of sentence i. The features of a
// sentence, these and the textFeatures, last until it is asked of another.
func (l *collector) lexiconFeatures(i int) []feature {
	l.sentence, l.list, l.words = &l.reading.sentences[i], l.list[:0], l.words[:0]
	for token := l.first; token < l.end; token++ {
		w := l.reading.word(token)
		h := hashedWordOf(w)
		h.sense = l.reading.sense(w)
		l.words = append(l.words, h)
	}
	l.aspect = ofAll
	l.add(evidenceValue, ofPlace, l.letter.own, 0, 0)
	l.add(evidenceValue, ofLetter, l.letter.voice, l.letter.public, 0)
	for t, n := range l.counts[:request] {
		if n > 0 {
			l.add(evidenceValue, ofTopic, uint64(t), min(uint64(n), 3), 0)
			l.add(evidenceValue, ofTopicInPlace, uint64(t), l.letter.own, 0)
		}
	}
	for t, spoken := range l.spoken() {
		if spoken {
			l.termFeatures(topic(t))
			l.neighbourFeatures(topic(t), i-1, 0)
			l.neighbourFeatures(topic(t), i+1, 1)
		}
	}
	for _, h := range l.hits {
		if h.topic < numCategories {
			l.hitFeatures(h)
		}
	}
	return l.list
}

// textFeatures returns what the words near the terms say, of the sentence that
// lexiconFeatures was asked of.
func (l *collector) textFeatures() []feature {
	evidence := len(l.list)
	near := l.vicinities()
	l.wordFeatures(near[numCategories])
	for t, spoken := range l.spoken() {
		if spoken {
			l.companyFeatures(topic(t), near[t])
		}
	}
	text := l.list[evidence:]
	// However many the words, they weigh the same together.
	value := wordValue / float32(math.Sqrt(float64(len(text))))
	for i := range text {
		text[i].value = value
	}
	return text
}

// vicinity is how many words before and after a term are looked at.
const vicinity = 8

// vicinities gives the tokens of the sentence that stand near a term of each
// category, and last those near any, as sets of bits.
func (l *collector) vicinities() (near [numCategories + 1]uint64) {
	for _, h := range l.hits {
		if h.topic >= numCategories {
			continue
		}
		from, to := max(h.first-vicinity, l.first)-l.first, min(h.end+vicinity, l.end)-l.first
		bits := uint64(1)<<to - uint64(1)<<from
		near[h.topic] |= bits
		near[numCategories] |= bits
	}
	return near
}

// wordFeatures adds the words near a term: whole, in pairs, and their beginnings.
func (l *collector) wordFeatures(near uint64) {
	l.aspect = ofWords
	for i := l.first; i < l.end; i++ {
		if near>>(i-l.first)&1 == 0 {
			continue
		}
		w := l.word(i)
		l.add(0, wordItself, w.whole, 0, 0)
		l.lexical(i)
		if i > l.first {
			l.add(0, wordPair, l.word(i-1).whole, w.whole, 0)
			l.lexical(i - 1)
		}
		if w.head != 0 {
			l.add(0, wordHead, w.head, 0, 0)
			l.lexical(i)
		}
		if w.stem != 0 {
			l.add(0, wordStem, w.stem, 0, 0)
			l.lexical(i)
		}
	}
}

// companyFeatures adds the words that keep company with a term, whatever its
// category, and what they mean in any language: "min" speaks for a person, "budget"
// against.
func (l *collector) companyFeatures(t topic, near uint64) {
	l.aspect = ofCompany
	for i := l.first; i < l.end; i++ {
		if near>>(i-l.first)&1 == 0 {
			continue
		}
		w := l.word(i)
		l.share(t, 0, wordItself, w.whole, 0)
		l.lexical(i)
		if i > l.first {
			l.share(t, 0, wordPair, l.word(i-1).whole, w.whole)
			l.lexical(i - 1)
		}
		if w.root != 0 {
			l.share(t, 0, wordStem, w.root, 0)
			l.lexical(i)
		}
		if w.meaning == 0 {
			continue
		}
		l.share(t, 0, wordMeaning, uint64(w.meaning), 0)
		l.lexical(i)
		if i == l.first {
			continue
		}
		if before := l.word(i - 1); before.meaning != 0 {
			l.share(t, 0, meaningPair, uint64(before.meaning), uint64(w.meaning))
			l.lexical(i - 1)
			l.share(t, 0, classPair, uint64(before.class), uint64(w.class))
			l.lexical(i - 1)
		}
	}
}
