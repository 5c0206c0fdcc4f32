package sensitive

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"councilgate/policy"
)

// Options is what an operator adds to the built-in lexicons and tables.
type Options struct {
	Words []policy.Word
	// CPRWithoutCheck lists the years of birth of whose 1 January there are CPR
	// numbers without a check digit, in place of the built-in list; none keeps that.
	CPRWithoutCheck []int
}

// With returns a detector that knows the options as well. It shares the tables of
// d, so that only what is added has to be compiled. The error says which word is
// wrong; CheckEntry would have told.
func (d *Detector) With(o Options) (*Detector, error) {
	with := *d
	if len(o.Words) > 0 {
		own, err := d.lexicon.add(o.Words)
		if err != nil {
			return nil, err
		}
		with.lexicon = own
	}
	if len(o.CPRWithoutCheck) > 0 {
		years := make(yearSet)
		for _, year := range o.CPRWithoutCheck {
			years[year] = true
		}
		with.ids = idFormats(years)
	}
	return &with, nil
}

// add returns a lexicon with the terms of l and those of the words.
func (l *lexicon) add(words []policy.Word) (*lexicon, error) {
	own := &lexicon{base: l, thesauri: l.thesauri, roles: l.roles}
	for i, w := range words {
		t, err := parseEntry(w.Entry)
		lang := slices.Index(languageFolders[:], w.Language)
		category := slices.Index(topicCategories, w.Category)
		if err == nil && (lang < 0 || category < 0) {
			err = errors.New("unknown language or category")
		}
		if err != nil {
			return nil, fmt.Errorf("word %d: %w", i+1, err)
		}
		t.topic, t.language, t.kind = topic(category), language(lang), localKind
		own.terms = append(own.terms, t)
	}
	own.compile()
	return own, nil
}

// CPRWithoutCheck lists the built-in years of birth of whose 1 January there are
// CPR numbers without a check digit, in order.
func CPRWithoutCheck() []int {
	var years []int
	for year := range cprUncheckedYears {
		years = append(years, year)
	}
	slices.Sort(years)
	return years
}

// CheckEntry says what is wrong with an entry of a lexicon that an operator adds
// (lexicon/README.md describes the format). The error does not show the entry.
func CheckEntry(entry string) error {
	_, err := parseEntry(entry)
	return err
}

// The least letters of an operator's term, so that a slip of the pen does not find
// something in every mail.
const (
	leastLetters = 2 // in all
	leastStarred = 3 // of the longest word, if it has a star
)

func parseEntry(entry string) (term, error) {
	if strings.ContainsAny(entry, "#[]") {
		return term{}, errors.New("an entry holds no section and no comment; take the brackets or what begins with # away")
	}
	entry = strings.TrimSpace(entry)
	words, _, _ := strings.Cut(entry, ";")
	if _, rest, ok := strings.Cut(words, ":"); ok && (!strings.HasPrefix(rest, " ") || strings.Contains(rest, ":")) {
		return term{}, errors.New("a colon stands behind weak or telling alone, with a space after it")
	}
	t, err := parseTerm(entry)
	if err != nil {
		return term{}, err
	}
	letters, longest := 0, t.words[0]
	for _, w := range t.words {
		letters += len(w.text)
		if len(w.text) > len(longest.text) {
			longest = w
		}
	}
	if letters < leastLetters || (longest.before || longest.more) && len(longest.text) < leastStarred {
		return term{}, fmt.Errorf("too short, it would be found in every mail; write %d letters at least, beside a star %d", leastLetters, leastStarred)
	}
	return t, nil
}
