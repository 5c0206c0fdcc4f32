package sensitive

import (
	"cmp"
	"slices"

	"councilgate/policy"
)

// A threshold is the probability from which a sentence counts.
type threshold struct{ possible, strong, certain float64 }

// In the councillor's own words the model is slower to believe that somebody is told
// of, and a sentence must speak of another than the writer (ofAnother); so the
// threshold can be lower there, and still fewer of the innocent are refused. A Subject
// is a heading: a few words without a verb, which say less than they seem to.
var (
	carriedThreshold = threshold{possible: 0.20, strong: 0.50, certain: 0.95}
	subjectThreshold = threshold{possible: 0.20, strong: 0.70, certain: 0.95}
	ownThreshold     = threshold{possible: 0.20, strong: 0.30, certain: 0.95}
)

func (t threshold) confidence(p float64) policy.Confidence {
	switch {
	case p >= t.certain:
		return policy.Certain
	case p >= t.strong:
		return policy.Strong
	case p >= t.possible:
		return policy.Possible
	}
	return 0
}

// told finds the sentences of a reading that tell something of a person. Where no
// term of a category stands, nothing of the category is told; the model says
// whether a term that stands there is said of somebody. Several sentences that may
// tell something of a category prove each other. Neighbours of one kind are one
// match.
func (d *Detector) told(r *reading, place policy.Place) []match {
	if !r.prose {
		return nil
	}
	limits := carriedThreshold
	switch place {
	case policy.Own:
		limits = ownThreshold
	case policy.Subject:
		limits = subjectThreshold
	}
	all := r.sentences
	chances, together := d.chances(r, all, place)
	var list []match
	for t := range numCategories {
		last := -1 // the sentence before, if it tells of the category
		for i := range all {
			if chances[i][t] < limits.possible {
				continue
			}
			s := &all[i]
			m := match{
				start: int(r.tokens[s.first].start), end: int(r.tokens[s.end-1].end),
				category: topicCategories[t], kind: s.kind(topic(t)),
				confidence: limits.confidence(together[t]),
			}
			m.name = string(m.category) + " (" + m.kind + ")"
			if previous := len(list) - 1; last >= 0 && last == i-1 && list[previous].kind == m.kind {
				list[previous].end = m.end
			} else {
				list = append(list, m)
			}
			last = i
		}
	}
	return list
}

// chances gives the probability that each sentence tells of each category, and
// that any of them does. A letter in which many sentences speak of a category is
// rather a debate of it, so that there each of them has to say more.
func (d *Detector) chances(r *reading, all []sentence, place policy.Place) (each [][numCategories]float64, together [numCategories]float64) {
	each = make([][numCategories]float64, len(all))
	l := r.collector(all, r.letterhead(place, all))
	var speaking [numCategories]int
	var ofWriter [numCategories]bool // told of the writer so far
	for i := range all {
		s := &all[i]
		spoken := s.spoken()
		if place == policy.Own && s.requests() {
			continue // who asks for papers does not tell what they say
		}
		for t := range spoken {
			if place == policy.Own && spoken[t] {
				spoken[t] = s.ofAnother(topic(t), ofWriter[t])
				ofWriter[t] = !spoken[t]
			}
		}
		if spoken == [numCategories]bool{} {
			continue
		}
		for t, odds := range d.odds(l, i, spoken) {
			if spoken[t] {
				p := probability(odds)
				if s.isOperators(topic(t)) {
					p = operatorsWord(s.person != 0)
				}
				each[i][t] = p
				together[t] = 1 - (1-together[t])*(1-p)
				speaking[t]++
			}
		}
	}
	for t, n := range speaking {
		together[t] *= amidMany[min(n, len(amidMany)-1)]
	}
	return each, together
}

// odds gives the log odds that sentence i tells of the categories asked for. Its
// words are not looked at where the lexicons alone leave no doubt that it does not.
func (d *Detector) odds(l *collector, i int, asked [numCategories]bool) [numCategories]float32 {
	// Of 51,000 sentences of the letters that speak of something, 19,000 are below it. In
	// 18 of them the words would have turned the scales.
	const hopeless = -3
	odds := d.model.score(l.lexiconFeatures(i), asked)
	hope := false
	for t, yes := range asked {
		hope = hope || yes && odds[t] > hopeless
	}
	if !hope {
		return odds
	}
	for t, more := range d.model.score(l.textFeatures(), asked) {
		odds[t] += more
	}
	return odds
}

// amidMany is by how much less likely it is that somebody is told of, the more
// sentences speak of a category: n to the power of -0.3, for n up to 3. Found by
// leaving each writer of the seen letters out.
var amidMany = [...]float64{1, 1, 0.81, 0.72}

// operatorsWord is the probability that a telling word of the operator's tells of
// somebody, in a sentence with a person or without. The model has never seen the
// word; the operator knows what it means.
func operatorsWord(person bool) float64 {
	if person {
		return 0.9
	}
	return 0
}

// isOperators reports that a telling word of the operator's stands for a category,
// and no word beside it.
func (s *sentence) isOperators(t topic) bool {
	found := false
	for _, h := range s.hits {
		if h.topic != t {
			continue
		}
		if h.kind != localKind || h.strength != telling {
			return false
		}
		found = true
	}
	return found
}

// ofAnother reports that a term of a topic may be said of somebody beside the writer:
// the person nearest before it, or where there is none the nearest after it; but of the
// writer if the next word is: "De opererar mitt knä". Where the sentences before spoke of
// the writer, the next does too until it names another: "Artros, säger doktorn."
func (s *sentence) ofAnother(t topic, ofWriter bool) bool {
	for _, h := range s.hits {
		if h.topic != t {
			continue
		}
		who, after := s.around(h, func(p hit) bool { return p.isPerson() && p.topic != we })
		mine := after != nil && after.topic == first && after.first == h.end
		if who == nil && !ofWriter || mine {
			who = after
		}
		if who != nil && who.topic != first || who == nil && !ofWriter && s.names > 0 {
			return true
		}
	}
	return false
}

// around returns what of a kind stands nearest before a hit and nearest after it, nil
// where nothing does.
func (s *sentence) around(h hit, is func(hit) bool) (before, after *hit) {
	for i := range s.hits {
		p := &s.hits[i]
		switch {
		case !is(*p):
		case p.first > h.first:
			after = cmp.Or(after, p)
		case before == nil || p.end >= before.end:
			before = p
		}
	}
	return before, after
}

// kind names the finer kind of what a sentence tells: that of the strongest term.
func (s *sentence) kind(t topic) string {
	kind, best := "", int8(-1)
	for _, h := range s.hits {
		if h.topic == t && int8(h.strength) > best {
			kind, best = h.kind, int8(h.strength)
		}
	}
	return kind
}

// requests reports that a sentence asks somebody to send personal data by mail: a
// word of asking and a word for papers, the person addressed, and no word for a
// safe way, nor a warning.
func (s *sentence) requests() bool {
	n := &s.counts
	return n[request] > 0 && n[papers] > 0 && n[safe] == 0 && n[warning] == 0 && (n[second] > 0 || s.imperative())
}

// requests finds the sentences that ask for personal data.
func (r *reading) requests() []match {
	var list []match
	for i := range r.sentences {
		s := &r.sentences[i]
		if !s.requests() {
			continue
		}
		category := policy.Health
		for _, h := range s.hits {
			if h.topic == papers && slices.ContainsFunc(h.words, func(p pattern) bool { return isIDWord(p.text) }) {
				category = policy.NationalID
			}
		}
		list = append(list, match{
			start: int(r.tokens[s.first].start), end: int(r.tokens[s.end-1].end),
			category: category, kind: requestKind, name: "request", confidence: policy.Strong,
		})
	}
	return list
}

// imperative reports that the sentence begins with its word of asking: "Send
// journalen".
func (s *sentence) imperative() bool {
	const near = 3
	for _, h := range s.hits {
		if h.topic == request && h.first-s.first < near {
			return true
		}
	}
	return false
}

func isIDWord(w []byte) bool { return classify(w) == idLabel }
