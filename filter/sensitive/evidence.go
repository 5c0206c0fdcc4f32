package sensitive

// The evidence of the lexicons: what a term is, of whom it may be said, and amid
// what it stands.

// termFeatures adds what the terms of a category are like, taken together, and who
// and what else the sentence and the letter speak of.
func (l *collector) termFeatures(t topic) {
	l.aspect = ofTerms
	letter := &l.letter
	strength := uint64(l.strength[t])
	somebody := set(l.person != 0)
	l.evidence(t, termAlone, strength, min(uint64(l.counts[t]), 3))
	l.evidence(t, termInPlace, strength<<1|letter.own, l.person)
	l.evidence(t, termOfPerson, strength, l.person)
	l.evidence(t, termAmidPublic, strength, l.public)
	l.evidence(t, personAmidPublic, l.person, l.public)
	l.evidence(t, termHaving, min(uint64(l.counts[have]), 2)<<2|strength, somebody)
	l.evidence(t, termAndNames, l.names, l.person)
	l.evidence(t, termInLetter, letter.voice<<3|letter.public, strength)
	l.evidence(t, termInLength, letter.length<<1|letter.own, strength)
	for i, n := range letter.about {
		l.evidence(t, letterAbout, uint64(i), n)
		l.evidence(t, personAbout, uint64(i)<<2|n, l.person)
	}
	for other, n := range l.counts[numCategories:request] {
		if n > 0 {
			l.share(t, sharedValue, ofTopic, uint64(other)<<2|min(uint64(n), 3), strength)
		}
	}
}

// neighbourFeatures adds what the sentence before or after a term speaks of.
func (l *collector) neighbourFeatures(t topic, n int, side uint64) {
	l.aspect = ofNeighbours
	if n < 0 || n >= len(l.reading.sentences) {
		l.evidence(t, textEdge, side, 0)
		return
	}
	o := &l.reading.sentences[n]
	l.evidence(t, neighbourPerson, side<<8|o.person, l.person)
	l.evidence(t, neighbourTerm, side<<8|set(o.strength[t] >= 0), o.person)
	l.evidence(t, neighbourPublic, side<<8|o.public, 0)
}

// hitFeatures adds what a single term is, and the words right beside it.
func (l *collector) hitFeatures(h hit) {
	l.aspect = ofEntry
	t := uint64(h.topic)
	anchor := hashWord(h.words[h.anchor].text)
	l.add(entryValue, termEntry, t, anchor, 0)
	l.lexical(h.first)
	l.add(entryValue, termEntryOfPerson, t, anchor, set(l.person != 0))
	l.lexical(h.first)
	kind := hashWord([]byte(h.kind))
	l.evidence(h.topic, kindOfPerson, kind<<2|uint64(h.strength), l.person)

	l.aspect = ofBeside
	for j := max(l.first, h.first-beside); j < h.first; j++ {
		w := l.word(j).whole
		l.add(entryValue, wordBefore, t, w, 0)
		l.share(h.topic, entryValue, wordBefore, w, 0)
		l.share(h.topic, entryValue, wordNearBefore, w, uint64(h.first-j))
	}
	for j := h.end; j < min(l.end, h.end+beside); j++ {
		w := l.word(j).whole
		l.add(entryValue, wordAfter, t, w, 0)
		l.share(h.topic, entryValue, wordAfter, w, 0)
	}
	l.sensesBeside(h, kind)
	l.actors(h)
	l.bridges(h)
}

// beside is how many words before and after a term stand right beside it.
const beside = 3

// sensesBeside adds what the words right beside a term mean, alone, in twos and threes,
// and before and after a term of its kind.
func (l *collector) sensesBeside(h hit, kind uint64) {
	l.aspect = ofSenses
	sense := func(token int, ofMeaning, ofClass featureKind, distance int) {
		s := l.word(token).sense
		if s.meaning == 0 {
			return
		}
		l.add(entryValue, ofMeaning, uint64(h.topic), uint64(s.meaning), 0)
		l.share(h.topic, entryValue, ofMeaning, uint64(s.meaning), 0)
		l.share(h.topic, entryValue, ofClass, uint64(s.class), uint64(distance))
	}
	for j := max(l.first, h.first-beside); j < h.first; j++ {
		sense(j, meaningBefore, classBefore, h.first-j)
	}
	for j := h.end; j < min(l.end, h.end+beside); j++ {
		sense(j, meaningAfter, classAfter, j-h.end)
	}
	class := func(token int) uint64 {
		if token < l.first || token >= l.end {
			return outside
		}
		return uint64(l.word(token).class)
	}
	before, after := class(h.first-1), class(h.end)
	l.evidence(h.topic, kindAfterOne, kind, before)
	l.evidence(h.topic, kindAfterTwo, kind+class(h.first-2), before)
	l.evidence(h.topic, kindBefore, kind, after)
	l.evidence(h.topic, twoBefore, class(h.first-2), before)
	l.evidence(h.topic, oneAround, before, after)
	l.evidence(h.topic, twoAfter, after, class(h.end+1))
	l.evidence(h.topic, threeBefore, class(h.first-3)*31+class(h.first-2), before)
	l.evidence(h.topic, threeAround, class(h.first-2)*31+before, after)
	l.evidence(h.topic, threeAfter, after*31+class(h.end+1), class(h.end+2))
}

// outside stands for the class of a word beyond the ends of a sentence.
const outside = 2

// actors adds who or what stands next before a term and next after it, of all that
// may be said to be ill or guilty: the person, a group, the dog, the play.
func (l *collector) actors(h hit) {
	l.aspect = ofPersons
	before, after := l.around(h, hit.isActor)
	class := func(h *hit) uint64 {
		if h == nil {
			return 0
		}
		return uint64(h.topic)
	}
	l.evidence(h.topic, actors, class(before)<<1|l.letter.own, class(after))
	l.evidence(h.topic, actorAmidAnimals, class(before), l.letter.about[0])
}

// bridges adds how a term is tied to the persons nearest before and after it: "min
// kone går til dialyse", "dialyse, som min kone".
func (l *collector) bridges(h hit) {
	l.aspect = ofPersons
	before, after := l.around(h, hit.isPerson)
	if before != nil {
		l.bridge(h, *before, min(before.end, h.first), h.first, 0)
	} else {
		l.evidence(h.topic, noPerson, 0, uint64(h.strength))
	}
	if after != nil {
		l.bridge(h, *after, min(h.end, after.first), after.first, 1)
	} else {
		l.evidence(h.topic, noPerson, 1, uint64(h.strength))
	}
}

// bridge adds the way tokens[from:to] between a term and a person.
func (l *collector) bridge(h, person hit, from, to int, side uint64) {
	path, having := uint64(1), false
	for j := from; j < to; j++ {
		step := l.step(j)
		having = having || step == uint64(have)
		path = path*31 + step
	}
	comma := false
	for j := max(from, 1); j <= to && j < l.end; j++ {
		comma = comma || l.reading.comma(j)
	}
	who := side<<8 | uint64(person.topic)
	const nearby = 5
	if to-from <= nearby {
		l.share(h.topic, sharedValue, personPath, who<<1|set(comma), path)
	}
	l.evidence(h.topic, personDistance, who<<2|set(having, comma), size(to-from, 9)<<2|uint64(h.strength))
}

// step is the class of a word between a person and a term: what the lexicons say
// of it, or for a short word the word itself.
func (l *collector) step(token int) uint64 {
	for _, h := range l.hits {
		if h.first <= token && token < h.end && h.topic >= numCategories {
			return uint64(h.topic)
		}
	}
	const (
		functionWord = 4 // letters
		other        = 1000
	)
	if len(l.reading.word(token)) <= functionWord {
		return l.word(token).whole
	}
	return other
}

// comma reports a comma, a dash or the like before a token.
func (r *reading) comma(token int) bool {
	for _, b := range r.text[r.tokens[token-1].end:r.tokens[token].start] {
		switch b {
		case ',', ';', ':', '(', '-':
			return true
		}
	}
	return false
}

func (h hit) isActor() bool {
	switch h.topic {
	case people, role, animal, fiction, thing:
		return true
	}
	return h.isPerson()
}

func (h hit) isPerson() bool { return h.topic >= first && h.topic <= name }
