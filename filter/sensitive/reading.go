package sensitive

import (
	"slices"
	"unicode"
	"unicode/utf8"
)

// A reading is a passage as the detectors see it: folded, cut into words and
// sentences, with every term of the lexicons that stands in it.
type reading struct {
	folded
	tokens  []token
	windows []window
	hits    []hit // by first token
}

// A hit is a term of the lexicon that stands at tokens[first:end].
type hit struct {
	*term
	first, end int
}

// read reads a passage.
func (l *lexicon) read(s string) reading {
	r := reading{folded: fold(s)}
	r.tokens = tokenize(r.text)
	for i := range r.tokens {
		c, _ := utf8.DecodeRuneInString(s[r.at[r.tokens[i].start]:])
		r.tokens[i].capital = unicode.IsUpper(c)
	}
	r.windows = windows(r.text, r.tokens)
	r.hits = l.hits(&r)
	return r
}

// word returns token i.
func (r *reading) word(i int) []byte { return r.text[r.tokens[i].start:r.tokens[i].end] }

// hits finds the terms of a reading, in the languages it is written in.
func (l *lexicon) hits(r *reading) []hit {
	var list []hit
	speaks := r.languages()
	at := 0 // the token that holds the end of the last occurrence
	l.find.find(r.text, func(word uint32, end int) {
		for int(r.tokens[at].end) < end {
			at++
		}
		t := &l.terms[word]
		if !speaks[t.language] {
			return
		}
		p, tok := t.words[t.anchor], r.tokens[at]
		if !p.before && end-len(p.text) != int(tok.start) || !p.more && end != int(tok.end) {
			return
		}
		if t.topic == name && !tok.capital {
			return
		}
		if first := at - t.anchor; first >= 0 && first+len(t.words) <= len(r.tokens) && r.inRow(t, first) {
			list = append(list, hit{t, first, first + len(t.words)})
		}
	})
	slices.SortStableFunc(list, func(a, b hit) int { return a.first - b.first })
	return slices.DeleteFunc(list, func(h hit) bool { return !r.conditions(h) })
}

// inRow reports whether the words of a term stand from token first on.
func (r *reading) inRow(t *term, first int) bool {
	for i, p := range t.words {
		if i != t.anchor && !p.matches(r.word(first+i)) {
			return false
		}
	}
	return true
}

// conditions reports whether what must stand near a term does, and what must not
// does not.
func (r *reading) conditions(h hit) bool {
	if h.near == nil && h.not == nil {
		return true
	}
	i, _ := slices.BinarySearchFunc(r.windows, h.first, func(w window, token int) int { return w.end - 1 - token })
	w := r.windows[i]
	stands := func(list []pattern) bool {
		for i := w.first; i < w.end; i++ {
			if i >= h.first && i < h.end {
				continue
			}
			for _, p := range list {
				if p.matches(r.word(i)) {
					return true
				}
			}
		}
		return false
	}
	return (h.near == nil || stands(h.near)) && !stands(h.not)
}

// languages guesses what a passage is written in, by its most frequent words.
// Short texts, and texts in no language we know, may be in any.
func (r *reading) languages() (speaks [languages]bool) {
	var count [languages]int
	best := 0
	for i := range r.tokens {
		w := r.word(i)
		if len(w) > 5 {
			continue
		}
		for lang, set := range commonWords {
			if set.words[string(w)] {
				count[lang]++
				best = max(best, count[lang])
			}
		}
	}
	const few = 3
	for lang := range speaks {
		speaks[lang] = best < few || count[lang]*2 >= best
	}
	return speaks
}

// commonWords are frequent words that tell the languages apart. Danish and
// Norwegian share most, and a text is often read as both.
var commonWords = [languages]*labelSet{
	danish:     newLabelSet("og", "ikke", "jeg", "af", "der", "hvad", "mig", "også", "noget", "kun", "meget", "fra", "hun", "var", "har", "blev", "være", "nu", "til", "efter", "med", "min", "han", "vi", "så", "er", "et", "på", "dig", "fået"),
	swedish_:   newLabelSet("och", "inte", "jag", "av", "att", "som", "vad", "mig", "också", "något", "bara", "från", "hon", "är", "har", "blev", "vara", "nu", "till", "efter", "med", "min", "han", "vi", "så", "ett", "på", "fått", "för", "när"),
	norwegian_: newLabelSet("og", "ikke", "jeg", "av", "som", "hva", "meg", "også", "noe", "bare", "fra", "hun", "er", "har", "ble", "være", "nå", "til", "etter", "med", "min", "han", "vi", "så", "et", "på", "fått", "deg", "ikkje", "eg", "kva", "frå", "ho", "me"),
	english:    newLabelSet("the", "and", "of", "to", "is", "in", "that", "my", "for", "with", "not", "was", "he", "she", "we", "you", "it", "on", "are", "have", "has", "but", "his", "her", "this", "be", "at", "had", "they", "from"),
}
