package policy

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// A Word is an entry that an operator adds to the lexicons: what this house calls
// its homes, wards and schemes.
type Word struct {
	Category Category
	Language string // one of Languages
	Entry    string // in the format of the lexicons: "telling: bostedet solsikken"
}

// Vocabulary is what a policy may say about findings, told by whoever finds them.
// Where a function is nil, nothing is known, and everything passes.
type Vocabulary struct {
	// Kinds lists the kinds of findings of a category.
	Kinds func(Category) []string
	// CheckEntry says what is wrong with the entry of a Word. Its error must not
	// show the entry, since faults of a policy are logged.
	CheckEntry func(entry string) error
}

// Bounds of the operator's words: each costs memory, and every word of every mail
// is looked up in them.
const (
	maxWords = 500
	maxEntry = 200 // bytes
)

type wordConfig struct {
	Category string `yaml:"category"`
	Language string `yaml:"language"`
	Entry    string `yaml:"entry"`
}

// words checks the operator's words.
func (v *validator) words(list []wordConfig) {
	if len(list) > maxWords {
		v.add("words", "lists more than %d words; keep those that no other entry covers", maxWords)
		return
	}
	var allowed []string // numbers are found by their digits
	for _, c := range Categories() {
		if c != NationalID {
			allowed = append(allowed, string(c))
		}
	}
	for i, w := range list {
		path := fmt.Sprintf("words[%d]", i)
		if v.at[path] {
			continue
		}
		if !slices.Contains(allowed, w.Category) {
			v.add(path+".category", "must be one of %s", strings.Join(allowed, ", "))
		}
		v.language(path+".language", w.Language)
		v.entry(path+".entry", w.Entry)
	}
}

func (v *validator) entry(path, s string) {
	switch {
	case strings.TrimSpace(s) == "":
		v.add(path, `is missing; write a word or several in a row, like "telling: bostedet solsikken"`)
	case len(s) > maxEntry:
		v.add(path, "is longer than %d bytes; write several entries", maxEntry)
	case strings.ContainsFunc(s, unicode.IsControl):
		v.add(path, "holds a line break or control character; write one entry in one line")
	case v.vocabulary.CheckEntry != nil:
		if err := v.vocabulary.CheckEntry(s); err != nil {
			v.add(path, "%v", err)
		}
	}
}

// The years of birth that a CPR number can tell.
const (
	firstCPRYear = 1858
	lastCPRYear  = 2057
)

// cprYears checks the years of whose 1 January CPR numbers fail their check.
func (v *validator) cprYears(list []int) {
	for i, year := range list {
		if year < firstCPRYear || year > lastCPRYear {
			v.add(fmt.Sprintf("cpr_without_check[%d]", i), "must be a year of birth in four digits, from %d to %d", firstCPRYear, lastCPRYear)
		}
	}
}

// Words lists the operator's own words.
func (p *Policy) Words() []Word {
	list := make([]Word, len(p.config.Words))
	for i, w := range p.config.Words {
		list[i] = Word{Category: Category(w.Category), Language: w.Language, Entry: w.Entry}
	}
	return list
}

// CPRWithoutCheck lists the years of birth of whose 1 January there are CPR
// numbers without a check digit; none for those that councilgate knows of. The
// caller must not change the list.
func (p *Policy) CPRWithoutCheck() []int { return p.config.CPRWithoutCheck }
