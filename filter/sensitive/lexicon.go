package sensitive

import (
	"bytes"
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"path"
	"slices"
	"strings"
	"sync"

	"councilgate/policy"
)

// The lexicons are data: one readable file per language and category under
// lexicon/, which a speaker of the language can extend without knowing Go.
// lexicon/README.md describes the format.
//
//go:embed lexicon thesaurus
var lexiconFiles embed.FS

// A strength says how much a term tells by itself.
type strength uint8

const (
	weak    strength = iota // needs a person, and a verb of being or having
	plain                   // needs a person
	telling                 // is of itself said of one person
)

var strengthNames = map[string]strength{"weak": weak, "telling": telling}

// A language of the lexicons.
type language uint8

const (
	danish language = iota
	swedish
	norwegian
	english
	languages = 4
)

var languageFolders = [languages]string{"da", "sv", "nb", "en"}

// A topic is what a term speaks of: a category, or what the words around it are.
type topic uint8

// The topics beyond the categories: the sections of person.txt, public.txt and
// solicits.txt.
const (
	first  topic = iota + topic(numCategories) // the writer
	we                                         //
	second                                     // the person addressed
	third                                      // one other person
	kin                                        // family, neighbours, whoever "my" and "his" go with
	name                                       // given names and surnames
	have                                       // verbs of being, having, getting
	age
	policyWord // politics and administration
	people     // groups, the public
	genre      // newsletters, minutes, adverts
	role       // public offices
	fiction
	animal
	thing
	request // the sections of solicits.txt
	papers
	safe
	warning
	numTopics
)

// numCategories counts the categories that words tell, national ids apart.
const numCategories = 8

// topicCategories are the categories in the order of their topics.
var topicCategories = policy.Categories()[1:]

var topicNames = func() map[string]topic {
	m := map[string]topic{
		"first": first, "we": we, "second": second, "third": third, "kin": kin, "name": name, "have": have, "age": age,
		"policy": policyWord, "group": people, "genre": genre, "role": role, "fiction": fiction, "animal": animal, "thing": thing,
		"request": request, "papers": papers, "safe": safe, "warning": warning,
	}
	for i, c := range topicCategories {
		m[string(c)] = topic(i)
	}
	return m
}()

// A term is one entry of a lexicon.
type term struct {
	topic       topic
	strength    strength
	language    language
	kind        string    // the section it stands in
	words       []pattern // in a row
	anchor      int       // the word by which it is found
	*conditions           // nil for most terms
}

// conditions are the other words of the sentence on which a term rests.
type conditions struct {
	near []pattern // one of these must stand in it, if there are any
	not  []pattern // none of these may
}

// A pattern matches a word, or its beginning, end or inside.
type pattern struct {
	text         []byte // folded
	head         head   // of text
	before, more bool   // something may stand before it, after it
}

// matches reports whether the pattern matches token i.
func (p *pattern) matches(r *reading, i int) bool {
	if !p.fits(r.tokens[i].head) {
		return false
	}
	word := r.word(i)
	switch {
	case p.before && p.more:
		return bytes.Contains(word, p.text)
	case p.before:
		return bytes.HasSuffix(word, p.text)
	case p.more:
		return bytes.HasPrefix(word, p.text)
	}
	return bytes.Equal(word, p.text)
}

// fits reports whether a word with a head may match, which rules most of them out.
func (p *pattern) fits(h head) bool {
	return p.head == h || p.fitsAll()
}

// fitsAll reports whether words with any head may match.
func (p *pattern) fitsAll() bool { return p.before || p.more && len(p.text) < len(p.head) }

// A head is the first letters of a word, 0 where it has less.
type head [2]byte

func headOf(word []byte) (h head) {
	copy(h[:], word)
	return h
}

// lexicon is every term of every language, and what finds them. One that adds to
// another shares its tables.
type lexicon struct {
	base    *lexicon // what this one adds to, or nil
	terms   []term
	heads   *index      // terms that begin where a word begins, or end it
	insides *automaton  // terms before which something may stand
	inside  []reference // the terms that insides finds, by index

	thesauri *[languages]thesaurus // what the words around the terms mean
	roles    roleTable             // who is whose husband or wife
}

// loadLexicon compiles the files under lexicon/ and thesaurus/, the languages side by side.
func loadLexicon(files fs.FS) (*lexicon, error) {
	var parts [languages]lexicon
	var errs, broken [languages]error
	l := &lexicon{thesauri: new([languages]thesaurus)}
	var wg sync.WaitGroup
	for lang, folder := range languageFolders {
		wg.Go(func() { errs[lang] = parts[lang].parseFolder(files, language(lang), path.Join("lexicon", folder)) })
		wg.Go(func() { l.thesauri[lang], broken[lang] = loadThesaurus(files, path.Join("thesaurus", folder+".txt")) })
	}
	var err error
	wg.Go(func() { l.roles, err = loadRoles(files, "lexicon/couples.txt") })
	wg.Wait()
	if err := errors.Join(slices.Concat(errs[:], broken[:], []error{err})...); err != nil {
		return nil, err
	}
	l.terms = slices.Concat(parts[danish].terms, parts[swedish].terms, parts[norwegian].terms, parts[english].terms)
	l.compile()
	return l, nil
}

// parseFolder reads the files of a language.
func (l *lexicon) parseFolder(files fs.FS, lang language, folder string) error {
	names, err := fs.Glob(files, path.Join(folder, "*.txt"))
	if err != nil {
		return err
	}
	for _, name := range names {
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		if err := l.parse(name, lang, string(data)); err != nil {
			return err
		}
	}
	return nil
}

// chooseAnchors makes each term known by the rarest of its words: of what is no common
// word and stands in fewest terms, the longest. "kan ikke se" is looked for where "se"
// stands, not wherever something is denied. The words of phrases are few and stand in
// many: equal ones come to share their memory.
func (l *lexicon) chooseAnchors() {
	type use struct {
		text  []byte
		terms int
	}
	const many = 1 << 20 // for a word of which every text is full
	uses := make(map[string]*use)
	for i := range l.terms {
		if words := l.terms[i].words; len(words) > 1 {
			for j := range words {
				u := uses[string(words[j].text)]
				if u == nil {
					u = &use{text: bytes.Clone(words[j].text)}
					if _, common := commonWords[string(u.text)]; common {
						u.terms = many
					}
					uses[string(u.text)] = u
				}
				u.terms++
				words[j].text = u.text
			}
		}
	}
	for i := range l.terms {
		t := &l.terms[i]
		for j, w := range t.words[1:] {
			a := t.words[t.anchor]
			if cmp.Or(uses[string(w.text)].terms-uses[string(a.text)].terms, len(a.text)-len(w.text)) < 0 {
				t.anchor = j + 1
			}
		}
	}
}

// compile makes what finds the terms, by their anchors.
func (l *lexicon) compile() {
	l.chooseAnchors()
	var heads []pattern
	var terms []reference
	var insides [][]byte
	for i := range l.terms {
		t := &l.terms[i]
		if p := t.words[t.anchor]; p.before {
			insides = append(insides, p.text)
			l.inside = append(l.inside, l.reference(i))
		} else {
			heads = append(heads, p)
			terms = append(terms, l.reference(i))
		}
	}
	l.heads = newIndex(heads, terms)
	l.insides = newAutomaton(insides)
}

// parse reads one file. In person.txt, public.txt and solicits.txt the sections
// are topics, in the others the file's name is, and the sections are kinds.
func (l *lexicon) parse(file string, lang language, data string) error {
	base := strings.TrimSuffix(path.Base(file), ".txt")
	helper := base == "person" || base == "public" || base == "solicits"
	section := ""
	l.terms = slices.Grow(l.terms, strings.Count(data, "\n"))
	for number, line := range lexiconLines(data) {
		fault := func(format string, args ...any) error {
			return fmt.Errorf("%s:%d: %s", file, number, fmt.Sprintf(format, args...))
		}
		if name, ok, err := sectionOf(line); err != nil {
			return fault("%v", err)
		} else if ok {
			section = strings.Clone(name) // or every term would hold on to the whole file
			continue
		}
		topicName := base
		if helper {
			topicName = section
		}
		topic, ok := topicNames[topicName]
		if !ok || section == "" {
			return fault("unknown section [%s] of %s", section, base)
		}
		t, err := parseTerm(line)
		if err != nil {
			return fault("%v", err)
		}
		t.topic, t.kind, t.language = topic, section, lang
		l.terms = append(l.terms, t)
		if topic == name {
			l.terms = append(l.terms, t.genitive())
		}
	}
	return nil
}

// lexiconLines yields the lines of a lexicon with their numbers, without comments and
// blank lines.
func lexiconLines(data string) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		number := 0
		for line := range strings.SplitSeq(data, "\n") {
			number++
			line, _, _ = strings.Cut(line, "#")
			if line = strings.TrimSpace(line); line != "" && !yield(number, line) {
				return
			}
		}
	}
}

// sectionOf reads a line that begins a section.
func sectionOf(line string) (name string, ok bool, err error) {
	if name, ok = strings.CutPrefix(line, "["); !ok {
		return "", false, nil
	}
	if name, ok = strings.CutSuffix(name, "]"); !ok {
		return "", false, errors.New("a section ends with ]")
	}
	return name, true, nil
}

// genitive returns the term with the ending by which a name says whose something
// is: "Svends kræft".
func (t term) genitive() term {
	t.words = slices.Clone(t.words)
	last := &t.words[len(t.words)-1]
	last.text = append(slices.Clip(last.text), 's')
	return t
}

// parseTerm reads an entry: "weak: gift* ; near arsenik ; not med".
func parseTerm(line string) (term, error) {
	t := term{strength: plain}
	if word, rest, ok := strings.Cut(line, ": "); ok {
		s, known := strengthNames[strings.TrimSpace(word)]
		if !known {
			return t, errors.New("what stands before the colon is no strength; write weak: or telling: or nothing")
		}
		t.strength, line = s, rest
	}
	clauses := strings.Split(line, ";")
	if len(clauses) > 1 {
		t.conditions = new(conditions)
	}
	for _, clause := range clauses[1:] {
		word, rest, _ := strings.Cut(strings.TrimSpace(clause), " ")
		var list *[]pattern
		switch word {
		case "near":
			list = &t.near
		case "not":
			list = &t.not
		default:
			return t, errors.New("what stands behind the semicolon is no condition; write near or not before its words")
		}
		for _, w := range strings.Split(rest, ",") {
			words, err := parsePatterns(w)
			if err != nil {
				return t, err
			}
			*list = append(*list, words...)
		}
	}
	words, err := parsePatterns(clauses[0])
	if err != nil {
		return t, err
	}
	t.words = words
	return t, nil
}

// parsePatterns reads words in a row, each with its stars.
func parsePatterns(s string) ([]pattern, error) {
	var list []pattern
	for _, field := range strings.Fields(s) {
		field, before := strings.CutPrefix(field, "*")
		field, more := strings.CutSuffix(field, "*")
		more = more && !strings.HasSuffix(field, "-") // a word ends at its hyphen
		if strings.Contains(field, "*") {
			return nil, errors.New("a star stands before a word or after it, not within")
		}
		f := fold(field)
		words := tokenize(f.text)
		for i, w := range words {
			list = append(list, pattern{
				text:   f.text[w.start:w.end],
				head:   headOf(f.text[w.start:w.end]),
				before: before && i == 0,
				more:   more && i == len(words)-1,
			})
		}
	}
	if len(list) == 0 {
		return nil, errors.New("a word is missing")
	}
	return list, nil
}
