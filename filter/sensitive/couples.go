package sensitive

import (
	"slices"

	"councilgate/policy"
)

// No single word tells that a man has a husband: "min mand" says whom he loves from him,
// and nothing from her. So whoever wrote a letter, is addressed by it or spoken of is
// told for a man or a woman by name and kinship. A bond between two of one sex, and a name
// of the other sex that somebody bore, are given to the model as terms, which weighs them
// as any other.

// coupleKind is the kind of the findings that couples make.
const coupleKind = "couple"

// The terms that stand for a bond between two of one sex, by whom it is told of, and for
// a name of the other sex.
var (
	writersCouple    = madeTerm("couple/writer", coupleKind)
	addresseesCouple = madeTerm("couple/addressee", coupleKind)
	othersCouple     = madeTerm("couple/other", coupleKind)
	otherName        = madeTerm("name/other", "gender")
)

// madeTerm makes a term that stands in no lexicon; its name, which no word can have, is
// what the model knows it by.
func madeTerm(name, kind string) *term {
	return &term{
		topic:    topic(slices.Index(topicCategories, policy.Sexuality)),
		kind:     kind,
		strength: telling,
		words:    []pattern{{text: []byte(name)}},
	}
}

// couples is what finds couples in a reading.
type couples struct {
	*reading
	roles             []wordRole // of each token
	writer, addressee sex
}

// couples finds the bonds between two of one sex and the names of the other, as hits in
// reading order.
func (r *reading) couples(table roleTable) []hit {
	c := couples{reading: r, roles: make([]wordRole, len(r.tokens))}
	var any wordRole
	for i := range r.tokens {
		c.roles[i] = c.role(table, i)
		any |= c.roles[i]
	}
	if any&(roleSpouses|roleBound|roleNamed) == 0 {
		return nil
	}
	c.writer, c.addressee = c.signed(), c.greeted()
	var list []hit
	for _, w := range r.windows {
		for i := w.first; i < w.end; i++ {
			var h hit
			switch {
			case c.roles[i]&roleSpouses != 0:
				h = c.ofSpouse(w, i)
			case c.roles[i]&roleBound != 0:
				h = c.ofBond(w, i)
			case c.roles[i]&roleNamed != 0:
				h = c.ofName(w, i)
			}
			if h.term != nil {
				list = append(list, h)
			}
		}
	}
	return list
}

// role gives the roles of token i. A name has a capital, but for what hasty people write
// below their letters, and may have the ending by which it says whose something is.
func (c *couples) role(table roleTable, i int) wordRole {
	word := c.word(i)
	found := table[string(word)]
	if found == 0 && len(word) > 1 && word[len(word)-1] == 's' {
		found = table[string(word[:len(word)-1])] & roleNames
	}
	if !c.tokens[i].capital && (i == 0 || c.roles[i-1]&roleClosing == 0) {
		found &^= roleNames
	}
	return found
}

// ofSpouse gives the bond that a word for a spouse at token i tells of, no term if it
// tells of none: whose it is stands right before it, or right behind it as Norwegians
// have it ("mannen min"), with a word between at most ("min nye kæreste").
func (c *couples) ofSpouse(w window, i int) hit {
	spouse, last := c.roles[i].sex(), i
	if c.roles[i]&rolePartner != 0 {
		spouse = eitherSex
		for j := i + 1; j < min(i+3, w.end) && spouse == eitherSex; j++ {
			if c.roles[j]&roleNames != 0 {
				spouse, last = c.roles[j].sex(), j
			}
		}
	}
	if spouse == eitherSex {
		return hit{}
	}
	for _, j := range [...]int{i - 1, i - 2, i + 1} {
		if j < w.first || j >= w.end || j == last || c.roles[j]&(rolePossessors|roleNames) == 0 {
			continue
		}
		t, whose := c.possessor(w, j)
		if whose == spouse {
			return hit{term: t, first: min(i, j), end: max(last, j) + 1}
		}
		return hit{}
	}
	return hit{}
}

// possessor tells for a man or a woman whose something is, by the word at token i.
func (c *couples) possessor(w window, i int) (*term, sex) {
	switch role := c.roles[i]; {
	case role&roleMy != 0:
		return writersCouple, c.writer
	case role&roleYour != 0:
		return addresseesCouple, c.addressee
	case role&roleOwn != 0:
		_, t, s := c.spokenOf(w, i)
		return t, s
	default:
		return othersCouple, role.sex()
	}
}

// spokenOf gives the person nearest before token i in its sentence.
func (c *couples) spokenOf(w window, i int) (token int, t *term, s sex) {
	for j := i - 1; j >= w.first; j-- {
		if t, s := c.person(j); t != nil {
			return j, t, s
		}
	}
	return -1, nil, eitherSex
}

// person gives the person that the word at token i stands for, by the term that a bond of
// that person's would be, nil if it stands for none.
func (c *couples) person(i int) (*term, sex) {
	switch role := c.roles[i]; {
	case role&roleMyself != 0:
		return writersCouple, c.writer
	case role&(roleNames|roleHe|roleShe) != 0 && role&rolePossessors == 0: // "Hans hund"
		return othersCouple, role.sex()
	}
	return nil, eitherSex
}

// ofBond gives the bond that token i speaks of: between the person before it and the one
// close behind ("gift med Peter"), or two that stand together ("Nina och Therese är
// gifta").
func (c *couples) ofBond(w window, i int) hit {
	const close = 5
	for j := i + 1; j < min(i+close, w.end); j++ {
		if t, with := c.person(j); t == othersCouple && !c.paired(w, j) {
			token, t, one := c.spokenOf(w, i)
			if one != eitherSex && one == with {
				return hit{term: t, first: token, end: j + 1}
			}
			break
		}
	}
	for j := w.first + 1; j < w.end-1; j++ {
		if !c.paired(w, j-1) {
			continue
		}
		t, one := c.person(j - 1)
		second, other := c.person(j + 1)
		if second == writersCouple {
			t = second // "Lars og jeg"
		}
		if one != eitherSex && one == other {
			return hit{term: t, first: min(i, j-1), end: max(i, j+1) + 1}
		}
	}
	return hit{}
}

// ofName gives the name of the other sex that token i says somebody bears or bore: "Maja
// blev i sommar Max".
func (c *couples) ofName(w window, i int) hit {
	const before, behind = 6, 4
	j, end := i+1, min(i+behind, w.end)
	for j < end && c.roles[j]&(roleMeanwhile|roleNamed) != 0 {
		j++
	}
	if j == end || c.roles[j]&roleNames == 0 || c.paired(w, j) {
		return hit{}
	}
	token, t, one := c.spokenOf(w, i)
	if t != othersCouple || i-token >= before || c.paired(w, token) {
		return hit{}
	}
	if other := c.roles[j].sex(); one == eitherSex || other == eitherSex || one == other {
		return hit{}
	}
	return hit{term: otherName, first: token, end: j + 1}
}

// paired reports that the person at token i is the first of two: "Peter og Jens".
func (c *couples) paired(w window, i int) bool {
	if i+2 >= w.end || c.roles[i+1]&roleAnd == 0 {
		return false
	}
	one, _ := c.person(i)
	other, _ := c.person(i + 2)
	return one != nil && other != nil
}

// greeted tells for a man or a woman who is addressed.
func (c *couples) greeted() sex {
	const near = 3
	if c.roles[0]&roleGreeting == 0 {
		return eitherSex
	}
	for i := 1; i < min(near, len(c.roles)); i++ {
		if c.roles[i]&roleNames != 0 && !c.paired(window{0, len(c.roles)}, i) {
			return c.roles[i].sex()
		}
	}
	return eitherSex
}

// signed tells for a man or a woman who wrote the passage: a name that stands alone
// on one of the last lines, or behind a word that closes a letter.
func (c *couples) signed() sex {
	const lines = 6
	for n := len(c.windows) - 1; n >= max(0, len(c.windows)-lines); n-- {
		w := c.windows[n]
		for i := w.first; i < w.end; i++ {
			if c.roles[i]&(roleNames|roleHe|roleShe) == 0 || !c.signs(w, i) {
				continue
			}
			if i+1 < w.end && c.roles[i+1]&(roleHe|roleShe) != 0 {
				i++ // "Sofies mor"
			}
			if c.paired(w, i) {
				if _, other := c.person(i + 2); other != c.roles[i].sex() {
					return eitherSex
				}
			}
			return c.roles[i].sex()
		}
	}
	return eitherSex
}

// signs reports that the name at token i closes a letter: it stands behind a word of
// closing, or begins a line that follows one, or is a last line of names alone.
func (c *couples) signs(w window, i int) bool {
	from := i
	for from > w.first && c.tokens[from-1].capital && c.roles[from-1]&roleClosing == 0 {
		from-- // "Inge-Lise Holm"
	}
	if from > w.first {
		return c.roles[from-1]&roleClosing != 0
	}
	if c.roles[i]&roleNames == 0 {
		return false
	}
	if w.first > 0 && c.roles[w.first-1]&roleClosing != 0 {
		return true
	}
	for j := w.first; j < w.end; j++ {
		if !c.tokens[j].capital && !isDigit(c.word(j)[0]) {
			return false // "Birgitte Holm sagde nej"
		}
	}
	return w.end == len(c.tokens)
}
