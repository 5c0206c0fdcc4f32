package quote

import "strings"

// nameSet holds the councillor's names, by whose parts or initials a closing or a
// remark in brackets is known as the councillor's own.
type nameSet struct{ words []string }

func newNames(names []string) *nameSet {
	s := new(nameSet)
	for _, name := range names {
		var initials []byte
		for word := range strings.FieldsFuncSeq(fold(name), func(r rune) bool { return r == ' ' || r == '.' || r == ',' || r == '-' }) {
			if len(word) >= 2 {
				s.words = append(s.words, word)
				initials = append(initials, word[0])
			}
		}
		if len(initials) >= 2 {
			s.words = append(s.words, string(initials))
		}
	}
	return s
}

// in tells whether one of the names stands in the folded text.
func (s *nameSet) in(key string) bool {
	for word := range strings.FieldsFuncSeq(key, notLetter) {
		for _, name := range s.words {
			if strings.EqualFold(word, name) {
				return true
			}
		}
	}
	return false
}

// alone tells whether the folded text is one of the names or some of their parts,
// and nothing else: "Anne", "/ Anne Holm".
func (s *nameSet) alone(key string) bool {
	if len(key) > 60 {
		return false
	}
	any := false
	for word := range strings.FieldsFuncSeq(key, notLetter) {
		if any = s.in(word); !any {
			return false
		}
	}
	return any
}

func notLetter(r rune) bool {
	return r < 0x80 && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
}
