package sensitive

// A reference is a term as the index knows it: with what rules most terms out
// before the term itself is fetched from memory.
type reference struct {
	term     uint32 // its index
	language language
	more     bool // its anchor may go on
	tail     bool // it may end a compound
	name     bool // its anchor has a capital
	beside   int8 // where a word of the term stands, from its anchor, 0 if it has no other
	head     head // how that word begins
}

func (l *lexicon) reference(i int) reference {
	t := &l.terms[i]
	ref := reference{
		term: uint32(i), language: t.language, more: t.words[t.anchor].more, tail: t.isTail(),
		name: t.topic == name,
	}
	switch {
	case t.anchor+1 < len(t.words):
		ref.beside = 1
	case t.anchor > 0:
		ref.beside = -1
	default:
		return ref
	}
	if p := &t.words[t.anchor+int(ref.beside)]; p.fitsAll() {
		ref.beside = 0
	} else {
		ref.head = p.head
	}
	return ref
}

// fits reports whether the term may stand where tokens[i] is its anchor, as far as
// its reference can tell.
func (ref *reference) fits(tokens []token, i int) bool {
	if ref.beside != 0 {
		n := i + int(ref.beside)
		if n < 0 || n >= len(tokens) || tokens[n].head != ref.head {
			return false
		}
	}
	return !ref.name || tokens[i].capital
}
