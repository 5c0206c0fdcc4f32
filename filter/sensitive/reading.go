package sensitive

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A reading is a passage as the detectors see it: folded, cut into words and
// sentences, with every term of the lexicons that stands in it.
type reading struct {
	folded
	tokens    []token
	windows   []window
	hits      []hit      // by first token
	sentences []sentence // the windows, with their terms

	languages [languages]bool // what it may be written in
	prose     bool
	thesauri  *[languages]thesaurus
}

// A hit is a term of the lexicon that stands at tokens[first:end].
type hit struct {
	*term
	first, end int
}

// read reads a passage.
func (l *lexicon) read(s string) reading {
	r := reading{folded: fold(s), thesauri: l.thesauri}
	r.tokens = tokenize(r.text)
	for i := range r.tokens {
		t := &r.tokens[i]
		c, _ := utf8.DecodeRuneInString(s[r.at[t.start]:])
		t.capital = unicode.IsUpper(c)
		t.head = headOf(r.word(i))
	}
	r.windows = windows(r.text, r.tokens)
	r.speaks()
	r.hits = l.hits(&r)
	r.sentences = r.joinTerms()
	return r
}

// word returns token i.
func (r *reading) word(i int) []byte { return r.text[r.tokens[i].start:r.tokens[i].end] }

// hits finds the terms of a reading, in the languages it is written in.
func (l *lexicon) hits(r *reading) []hit {
	list := l.appendHits(make([]hit, 0, len(r.tokens)), r)
	list = append(list, r.couples(l.roles)...)
	// A term is found by its anchor, which need not be its first word.
	slices.SortStableFunc(list, func(a, b hit) int {
		return cmp.Or(a.first-b.first, b.end-a.end, int(b.strength)-int(a.strength))
	})
	return once(list)
}

// once drops the hits that say again what one before them says: several entries, or
// two languages, know the same words for the same. The strongest stays.
func once(list []hit) []hit {
	kept := list[:0]
	for _, h := range list {
		said := false
		for j := len(kept) - 1; j >= 0 && kept[j].first == h.first && kept[j].end == h.end && !said; j-- {
			said = kept[j].topic == h.topic
		}
		if !said {
			kept = append(kept, h)
		}
	}
	return kept
}

// appendHits finds the terms whose words stand in a reading, in the order of
// their anchors.
func (l *lexicon) appendHits(list []hit, r *reading) []hit {
	if l.base != nil {
		list = l.base.appendHits(list, r)
	}
	for i := range r.tokens {
		word := r.word(i)
		add := func(ref reference) {
			if !r.languages[ref.language] || !ref.fits(r.tokens, i) {
				return
			}
			t := &l.terms[ref.term]
			h := hit{term: t, first: i - t.anchor, end: i - t.anchor + len(t.words)}
			if h.first >= 0 && h.end <= len(r.tokens) && r.inRow(h) && r.allows(h) {
				list = append(list, h)
			}
		}
		l.heads.find(word, func(refs []reference) {
			for _, ref := range refs {
				add(ref)
			}
		})
		for start := shortestFront; start+shortestTail <= len(word); start++ {
			if tail := word[start:]; l.heads.mayEnd(tail) {
				l.heads.find(tail, func(refs []reference) {
					for _, ref := range refs {
						if ref.tail {
							add(ref)
						}
					}
				})
			}
		}
		l.insides.find(word, func(n uint32, end int) {
			if ref := l.inside[n]; end == len(word) || ref.more {
				add(ref)
			}
		})
	}
	return list
}

const (
	// A compound has at least so many letters before the term that it ends with, and
	// the term at least so many: "brystkræft", "fødselsdepression".
	shortestFront = 3
	shortestTail  = 7
)

// isTail reports a term that may be the end of a compound, as the Nordic languages
// make them at will.
func (t *term) isTail() bool {
	return t.topic < numCategories && len(t.words) == 1 && len(t.words[0].text) >= shortestTail && t.language != english
}

// inRow reports whether all words of a term stand where a hit has them, its anchor
// being there.
func (r *reading) inRow(h hit) bool {
	for i := range h.words {
		if i != h.anchor && !h.words[i].matches(r, h.first+i) {
			return false
		}
	}
	return true
}

// allows reports whether what must stand near a term does, and what must not does
// not.
func (r *reading) allows(h hit) bool {
	if h.conditions == nil {
		return true
	}
	i, _ := slices.BinarySearchFunc(r.windows, h.first, func(w window, token int) int { return w.end - 1 - token })
	w := r.windows[i]
	stands := func(list []pattern) bool {
		for i := w.first; i < w.end; i++ {
			if i >= h.first && i < h.end {
				continue
			}
			for j := range list {
				if list[j].matches(r, i) {
					return true
				}
			}
		}
		return false
	}
	return (h.near == nil || stands(h.near)) && !stands(h.not)
}

// speaks guesses what a passage is written in, by how many of its words are among
// the frequent ones of a language. A text without any may be in any language. A
// long text with few such words is not prose: a table, a program, the bytes of a
// picture.
func (r *reading) speaks() {
	const (
		close    = 70 // percent of the best count that a language needs to be likely, too
		long     = 40 // words from which a text must be prose
		frequent = 25 // in prose, one word of so many is a frequent one, at least
	)
	var count [languages]int
	for i := range r.tokens {
		w := r.word(i)
		if len(w) > longestCommon {
			continue
		}
		for _, lang := range commonWords[string(w)] {
			count[lang]++
		}
	}
	best := slices.Max(count[:])
	r.prose = len(r.tokens) < long || best*frequent >= len(r.tokens)
	for lang := range count {
		r.languages[lang] = count[lang]*100 >= best*close
	}
}

// longestCommon is the length of the longest of the commonWords.
const longestCommon = 6

// commonWords are the frequent words of each language that are not frequent in all
// of them. A word that several share stands with each, or a sentence with a "som"
// would be taken for Norwegian alone.
var commonWords = func() map[string][]language {
	m := map[string][]language{}
	for lang, words := range [languages]string{
		danish: `og er jeg det på har at til ikke en for der om med vi den af min kan så fra de skal men et du han som ved var nu vil hun
			år mig efter have siger kære må din hilsen hej vores selv ud siden op noget når gerne ham hvor går blev over fået hver får
			alle hvad kommer bliver fordi få fik ingen sig være godt tak nye kl uden står bare da eller her folk bør meget dig`,
		swedish: `och är jag det att har inte en till för om med som vi den min av men kan så ni du han ska hej från ett hon får vill var nu
			de när mig år går sedan ut två vid säger fick alla ha vår efter ingen där din vad bara finns någon få hur upp sig står
			hela fått tack oss kommer här vet blev eller blir kl folk dig något också`,
		norwegian: `og på er det jeg har til ikke for at om med som vi en av du å han fra men kan så de min den var dere skal hun nå vil ut
			ble hei får år et ha går må etter hilsen meg alle noen opp siden da når sier bare noe inn vår din fikk seg der fått ved
			står blir hver ingen få hva si vært kommer eller igjen deg vet folk bør takk oss over fordi være nye hvor selv her ham
			godt kl ikkje eg kva frå ho me dei ein`,
		english: `the and a to in is s it for on my of you at that with t was has your he so from we have about be can me our ve are she not
			m one her by been who as no his they since but there will out two now told up this what do people an please all dear
			had says him like know got new when don say why every were would could only back them get over`,
	} {
		for _, w := range strings.Fields(words) {
			w = string(fold(w).text)
			m[w] = append(m[w], language(lang))
		}
	}
	return m
}()
