package sensitive

import "cmp"

// A claim is that a sentence, in which a term of a category stands, tells
// something of a person.
type claim struct {
	sentence int
	topic    topic
	parts    parts
	odds     float32 // by the linear model, the sum of the parts
}

// hopeless reports a claim that is not looked into.
func (c *claim) hopeless() bool { return c.odds <= hopeless }

// claims gives the claims of a reading, in reading order.
func (d *Detector) claims(r *reading, letter letterhead) []claim {
	var list []claim
	l := r.collector(letter)
	own := letter.own != 0
	var ofWriter [numCategories]bool // told of the writer so far
	for i := range r.sentences {
		s := &r.sentences[i]
		asked := s.spoken()
		if own && s.requests() {
			continue // who asks for papers does not tell what they say
		}
		for t := range asked {
			if own && asked[t] {
				asked[t] = s.ofAnother(topic(t), ofWriter[t])
				ofWriter[t] = !asked[t]
			}
		}
		if asked != [numCategories]bool{} {
			list = d.weigh(list, l, i, asked)
		}
	}
	return list
}

// hopeless are odds below which a claim is not looked into. Of 51,000 sentences of the
// letters that speak of something the lexicons alone leave 19,000 there; in 18 of them the
// words would have turned the scales.
const hopeless = -3

// weigh adds sentence i as a claim of the categories asked for. Its words are not looked
// at where the lexicons leave no hope.
func (d *Detector) weigh(list []claim, l *collector, i int, asked [numCategories]bool) []claim {
	from := len(list)
	for t, yes := range asked {
		if yes {
			list = append(list, claim{sentence: i, topic: topic(t)})
		}
	}
	added := list[from:]
	if d.model.score(added, l.lexiconFeatures(i)) > hopeless {
		d.model.score(added, l.textFeatures())
	}
	return list
}

// ofAnother reports that a term of a topic may be said of somebody beside the writer:
// the person nearest before it, or where there is none the nearest after it; but of the
// writer if the next word is: "De opererar mitt knä". Where the sentences before spoke of
// the writer, the next does too until it names another: "Artros, säger doktorn."
func (s *sentence) ofAnother(t topic, ofWriter bool) bool {
	for _, h := range s.hits {
		if h.topic != t || h.term == writersCouple {
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
