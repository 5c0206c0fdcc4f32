// Package sensitive finds personal data of the guidelines' categories in a
// passage of text, and tells a person's own affairs from public debate. A finding
// never holds the value found.
//
// National identification numbers follow rules of evidence (nationalid.go). The
// other categories are read sentence by sentence: lexicons say what is spoken of
// and of whom (lexicon.go), a linear model weighs that together with the words
// themselves (features.go, model.go), and a forest judges what the sum is worth in this
// letter (survey.go, forest.go).
package sensitive

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"councilgate/policy"
)

// A Passage is a run of text with one place.
type Passage struct {
	Place     policy.Place
	Part      string // IMAP section number
	Text      string // UTF-8
	Signature bool   // a signature or disclaimer, where titles and warnings say nothing of anybody
	// OwnSubject marks the Subject of a mail that answers and forwards nothing: the
	// councillor's own words.
	OwnSubject bool
}

// voice is the place whose words a passage is written like.
func (p *Passage) voice() policy.Place {
	if p.OwnSubject {
		return policy.Own
	}
	return p.Place
}

// maxSame bounds the findings that differ only in where in a place they stand: past
// it, more of the same changes nothing. What differs in more may be judged otherwise.
const maxSame = 50

// Detector finds sensitive text. It is safe for concurrent use.
type Detector struct {
	lexicon *lexicon
	model   *model
	ids     []idFormat
}

// New compiles the built-in lexicons and weights. It panics if they are broken,
// which no build that passes its tests can be.
func New() *Detector {
	m, broken := loadModel(modelFile)
	l, err := loadLexicon(lexiconFiles)
	if err := errors.Join(err, broken); err != nil {
		panic(err)
	}
	return &Detector{lexicon: l, model: m, ids: idFormats(cprUncheckedYears)}
}

// Find returns the findings of one message's passages, in reading order.
// Finding.Segment is the index of the passage.
func (d *Detector) Find(passages []Passage) []policy.Finding {
	var found []policy.Finding
	count := make(map[policy.Finding]int)
	add := func(f policy.Finding) {
		same := policy.Finding{Category: f.Category, Kind: f.Kind, Place: f.Place, Confidence: f.Confidence, Solicits: f.Solicits}
		if count[same]++; count[same] <= maxSame {
			found = append(found, f)
		}
	}
	for i, p := range passages {
		for offset, text := range sheets(p.Text) {
			r := d.lexicon.read(text)
			matches := nationalIDs(r.folded, d.ids)
			if !p.Signature {
				matches = append(matches, d.told(&r, p.voice())...)
				if p.Place == policy.Own {
					matches = append(matches, r.requests()...)
				}
			}
			for _, m := range matches {
				f := m.finding(&r, p, text)
				f.Segment, f.Start, f.End = i, f.Start+offset, f.End+offset
				add(f)
			}
		}
	}
	return found
}

// finding turns a match into what may be told of it.
func (m match) finding(r *reading, p Passage, text string) policy.Finding {
	start, end := r.source(m.start, m.end)
	return policy.Finding{
		Category: m.category, Kind: m.kind, Place: p.Place, Part: p.Part, Confidence: m.confidence,
		Mask:     fmt.Sprintf("%s, %d characters", m.name, utf8.RuneCountInString(text[start:end])),
		Solicits: m.kind == requestKind,
		Start:    start, End: end,
	}
}
