package sensitive

import (
	"fmt"
	"io/fs"
	"strings"
)

// A wordRole is what a word of couples.txt is, a set of bits.
type wordRole uint32

const (
	roleMan wordRole = 1 << iota // a man's name
	roleWoman
	roleHe // any other word for one man
	roleShe
	roleHusband
	roleWife
	rolePartner // says nothing of the sex
	roleMy
	roleYour
	roleHis
	roleHer
	roleOwn // "sin": of whom the sentence speaks
	roleMyself
	roleBound     // "gift", "kär": has a bond with another
	roleNamed     // "hed", "used to be": a name of somebody's follows
	roleMeanwhile // may stand between that and the name
	roleAnd
	roleGreeting
	roleClosing
)

var wordRoles = map[string]wordRole{
	"men": roleMan, "women": roleWoman, "he": roleHe, "she": roleShe, "husband": roleHusband, "wife": roleWife, "partner": rolePartner,
	"my": roleMy, "your": roleYour, "his": roleHis, "her": roleHer, "own": roleOwn, "i": roleMyself,
	"bound": roleBound, "named": roleNamed, "meanwhile": roleMeanwhile, "and": roleAnd, "greeting": roleGreeting, "closing": roleClosing,
}

const (
	roleNames      = roleMan | roleWoman
	roleSpouses    = roleHusband | roleWife | rolePartner
	rolePossessors = roleMy | roleYour | roleHis | roleHer | roleOwn
)

// roleTable gives the roles of words, folded.
type roleTable map[string]wordRole

// loadRoles reads couples.txt: words, several on a line, under the section of their role.
func loadRoles(files fs.FS, file string) (roleTable, error) {
	data, err := fs.ReadFile(files, file)
	if err != nil {
		return nil, err
	}
	const usualWord = 7 // bytes, with the space after it
	t := make(roleTable, len(data)/usualWord)
	var section wordRole
	for number, line := range lexiconLines(string(data)) {
		if name, ok, err := sectionOf(line); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", file, number, err)
		} else if ok {
			if section = wordRoles[name]; section == 0 {
				return nil, fmt.Errorf("%s:%d: unknown section %s", file, number, line)
			}
			continue
		}
		if section == 0 {
			return nil, fmt.Errorf("%s:%d: words without a section", file, number)
		}
		for _, word := range strings.Fields(line) {
			t[string(fold(word).text)] |= section
		}
	}
	return t, nil
}

// A sex is a man's or a woman's, as far as it is known.
type sex uint8

const (
	eitherSex sex = iota
	male
	female
)

// sex gives the sex that a role tells.
func (r wordRole) sex() sex {
	switch m, f := r&(roleMan|roleHe|roleHusband|roleHis) != 0, r&(roleWoman|roleShe|roleWife|roleHer) != 0; {
	case m && !f:
		return male
	case f && !m:
		return female
	}
	return eitherSex
}
