package sensitive

import (
	"math"
	"slices"

	"councilgate/policy"
)

// The probabilities from which a sentence counts. Of 31,000 letters of citizens and 9,000
// in the councillor's own words, each judged by what others taught, 96 and 98 of a hundred
// innocent ones stay below strong; most of these were made to be hard.
const (
	possible = 0.20
	strong   = 0.50
	certain  = 0.95
)

func confidence(p float64) policy.Confidence {
	switch {
	case p >= certain:
		return policy.Certain
	case p >= strong:
		return policy.Strong
	case p >= possible:
		return policy.Possible
	}
	return 0
}

// told finds the sentences of a reading that tell something of a person. Where no
// term of a category stands, nothing of the category is told. Neighbours of one kind
// are one match.
func (d *Detector) told(r *reading, place policy.Place) []match {
	if !r.prose {
		return nil
	}
	chances := d.chances(r, place)
	var list []match
	for t := range numCategories {
		last := -1 // the sentence before, if it tells of the category
		for i := range r.sentences {
			chance := chances[i][t]
			if chance < possible {
				continue
			}
			s := &r.sentences[i]
			m := match{
				start: int(r.tokens[s.first].start), end: int(r.tokens[s.end-1].end),
				category: topicCategories[t], kind: s.kind(topic(t)),
				confidence: confidence(chance),
			}
			m.name = string(m.category) + " (" + m.kind + ")"
			if n := len(list) - 1; last >= 0 && last == i-1 && list[n].kind == m.kind {
				list[n].end, list[n].confidence = m.end, max(list[n].confidence, m.confidence)
			} else {
				list = append(list, m)
			}
			last = i
		}
	}
	return list
}

// chances gives the probability that each sentence tells of each category.
func (d *Detector) chances(r *reading, place policy.Place) [][numCategories]float64 {
	each := make([][numCategories]float64, len(r.sentences))
	claims, v := d.survey(r, place)
	for i := range claims {
		c := &claims[i]
		switch s := &r.sentences[c.sentence]; {
		case s.isOperators(c.topic):
			each[c.sentence][c.topic] = operatorsWord(s.person != 0)
		case !c.hopeless():
			each[c.sentence][c.topic] = probability(d.model.forest.score(v.circumstances(c)))
		}
	}
	return each
}

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

// probability turns log odds into a probability.
func probability(odds float32) float64 { return 1 / (1 + math.Exp(-float64(odds))) }

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
