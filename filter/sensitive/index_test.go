package sensitive

import (
	"bytes"
	"testing"
)

// The index finds every term that a look at each of them finds, and no other.
func TestIndexFindsAll(t *testing.T) {
	l := builtin().lexicon
	letters := readLetters(t, "seen")
	const every = 2000 // letters between those that are read: comparing takes long
	found := 0
	for i := 0; i < len(letters); i += every {
		r := l.read(letters[i].text)
		got := make(map[hit]bool)
		for _, h := range l.appendHits(nil, &r) {
			got[h] = true
		}
		found += len(got)
		for n := range l.terms {
			term := &l.terms[n]
			for at := range r.tokens {
				h := hit{term: term, first: at, end: at + len(term.words)}
				if stands := r.languages[term.language] && h.end <= len(r.tokens) && r.stands(h); stands != got[h] {
					t.Errorf("%s: %q at word %d: stands there %v, found %v", letters[i].id, term.words[0].text, at, stands, got[h])
				}
			}
		}
	}
	if found < 100 {
		t.Errorf("%d terms found", found)
	}
}

// stands reports whether a term stands where a hit has it, by looking at each of its
// words.
func (r *reading) stands(h hit) bool {
	if h.topic == name && !r.tokens[h.first+h.anchor].capital {
		return false
	}
	for i := range h.words {
		p := &h.words[i]
		if p.matches(r, h.first+i) {
			continue
		}
		word := r.word(h.first + i)
		if !h.isTail() || p.before || !p.more && !bytes.HasSuffix(word, p.text) || p.more && !bytes.Contains(word, p.text) {
			return false
		}
		if front := bytes.LastIndex(word, p.text); front < shortestFront {
			return false
		}
	}
	return r.allows(h)
}

// TestHyphenEndsWord wants "lo-*" to be the union, not whatever begins with its letters.
func TestHyphenEndsWord(t *testing.T) {
	term, err := parseTerm("lo-*")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{"LO": true, "LO-facket": true, "lokalen": false} {
		r := builtin().lexicon.read(text)
		if got := term.words[0].matches(&r, 0); got != want {
			t.Errorf("%q: found %v, want %v", text, got, want)
		}
	}
}
