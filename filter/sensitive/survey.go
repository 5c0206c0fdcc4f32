package sensitive

import (
	"slices"

	"councilgate/policy"
)

// silent stands for the odds of a sentence in which no term stands.
const silent = -9

// circumstances are what the forest looks at, a number each.
type circumstances [numCircumstances]float32

const (
	general          = 19 // circumstances beside the parts of the odds
	numCircumstances = general + 2*numAspects
)

// A survey is a reading as the forest sees it: every sentence's odds.
type survey struct {
	*reading
	letterhead
	odds            [][numCategories]float32
	best, next      [numCategories]float32 // the highest odds of a category, and those after
	persons, public float32                // the share of the sentences that speak of them
	gist            float32
}

// survey gives the claims of a reading, and how the forest sees them: nil if all are
// hopeless.
func (d *Detector) survey(r *reading, place policy.Place) ([]claim, *survey) {
	letter := r.letterhead(place)
	claims := d.claims(r, letter)
	if !slices.ContainsFunc(claims, func(c claim) bool { return !c.hopeless() }) {
		return claims, nil
	}
	v := &survey{reading: r, letterhead: letter, gist: d.model.gist(r), odds: make([][numCategories]float32, len(r.sentences))}
	for i := range v.odds {
		for t := range numCategories {
			v.odds[i][t] = silent
		}
		s := &r.sentences[i]
		v.persons += float32(set(s.person != 0)) / float32(len(r.sentences))
		v.public += float32(set(s.public != 0)) / float32(len(r.sentences))
	}
	for t := range numCategories {
		v.best[t], v.next[t] = silent, silent
	}
	for i := range claims {
		c := &claims[i]
		v.odds[c.sentence][c.topic] = c.odds
		if best, next := &v.best[c.topic], &v.next[c.topic]; c.odds > *best {
			*best, *next = c.odds, *best
		} else {
			*next = max(*next, c.odds)
		}
	}
	return claims, v
}

// at gives the odds of a sentence, those of silence beyond the ends of the letter.
func (v *survey) at(sentence int, t topic) float32 {
	if sentence < 0 || sentence >= len(v.odds) {
		return silent
	}
	return v.odds[sentence][t]
}

// circumstances gives those of a claim: what its odds consist of, and amid what it
// stands, in the sentence, in the letter.
func (v *survey) circumstances(c *claim) *circumstances {
	s := &v.sentences[c.sentence]
	same := v.best[c.topic] // of the other sentences
	if c.odds == same {
		same = v.next[c.topic]
	}
	beside, elsewhere := float32(silent), float32(silent) // of the other categories
	for t := range topic(numCategories) {
		if t != c.topic {
			beside, elsewhere = max(beside, v.odds[c.sentence][t]), max(elsewhere, v.best[t])
		}
	}
	list := circumstances{
		// The odds, and those of other sentences and other categories.
		c.odds, same, beside, elsewhere, v.at(c.sentence-1, c.topic), v.at(c.sentence+1, c.topic),
		// How long the letter is, and where in it the sentence stands.
		float32(len(v.sentences)), float32(len(v.tokens)), float32(c.sentence) / float32(len(v.sentences)),
		// What the sentence is like.
		float32(s.end - s.first), float32(s.names), float32(s.counts[c.topic]), float32(s.strength[c.topic]), float32(c.topic),
		// What the letter is like.
		v.persons, v.public, float32(v.voice), float32(v.own), v.gist,
	}
	for i, p := range c.parts {
		copy(list[general+2*i:], p[:])
	}
	return &list
}
