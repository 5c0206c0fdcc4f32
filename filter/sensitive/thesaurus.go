package sensitive

import (
	"fmt"
	"io/fs"
	"strings"
)

// A sense is what a word means, by numbers that are the same in all languages, so
// that what is learned of a Danish word holds for the Swedish one: the meaning
// itself, and the class it belongs to. Both are 0 where it is not known.
type sense struct{ meaning, class uint32 }

// A thesaurus gives the senses of the words of a language, by their folded forms.
type thesaurus map[string]sense

// loadThesaurus reads the thesaurus of a language.
func loadThesaurus(files fs.FS, file string) (thesaurus, error) {
	data, err := fs.ReadFile(files, file)
	if err != nil {
		return nil, err
	}
	return parseThesaurus(file, string(data))
}

// parseThesaurus reads a file in the format that thesaurus/README.md tells.
func parseThesaurus(file, data string) (thesaurus, error) {
	const usualShare = 12 // bytes of the file for each word, about
	t := make(thesaurus, len(data)/usualShare)
	class := uint32(0)
	for i, line := range strings.Split(data, "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		if section, ok := strings.CutPrefix(line, "["); ok {
			class = senseID(section)
			continue
		}
		meaning, words, ok := strings.Cut(line, ":")
		if !ok || class == 0 {
			return nil, fmt.Errorf("%s:%d: write \"meaning: words\", under a class in brackets", file, i+1)
		}
		s := sense{senseID(meaning), class}
		for _, w := range strings.Fields(words) {
			folded := string(fold(w).text)
			if _, twice := t[folded]; twice {
				return nil, fmt.Errorf("%s:%d: %q stands here twice", file, i+1, w)
			}
			t[folded] = s
		}
	}
	return t, nil
}

// senseID gives a meaning or a class its number.
func senseID(name string) uint32 { return uint32(hashWord([]byte(name))) | 1 }

const (
	// An inflected form has at most so many letters more than the form that is known,
	// and that has at least so many.
	longestEnding = 3
	shortestRoot  = 4
	// A compound has at least so many letters before its last part, and that at least
	// so many.
	shortestModifier = 2
	shortestLast     = 4
)

// word finds w itself.
func (t thesaurus) word(w []byte) (s sense, ok bool) {
	s, ok = t[string(w)]
	return s, ok
}

// root finds the word that w is an unknown form of.
func (t thesaurus) root(w []byte) (s sense, ok bool) {
	for ending := 1; ending <= longestEnding && len(w)-ending >= shortestRoot && !ok; ending++ {
		s, ok = t[string(w[:len(w)-ending])]
	}
	return s, ok
}

// last finds the last part of the compound w.
func (t thesaurus) last(w []byte) (s sense, ok bool) {
	for start := shortestModifier; start+shortestLast <= len(w) && !ok; start++ {
		s, ok = t[string(w[start:])]
	}
	return s, ok
}

// sense returns what a word means in the languages that a reading may be written in:
// the word itself, or else the one it is a form of, or the last part of it.
func (r *reading) sense(w []byte) sense {
	for _, find := range [...]func(thesaurus, []byte) (sense, bool){thesaurus.word, thesaurus.root, thesaurus.last} {
		for lang, likely := range r.languages {
			if !likely {
				continue
			}
			if s, ok := find(r.thesauri[lang], w); ok {
				return s
			}
		}
	}
	return sense{}
}
