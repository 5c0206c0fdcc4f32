package policy

import (
	"strings"
	"unicode"

	"golang.org/x/net/idna"
)

// Correspondent is a recipient with the name that the mail gives them, "" if none.
type Correspondent struct {
	Address Address
	Name    string
}

// Lookalike is a recipient whose address or name at a private mail provider, or
// whose domain, is like the councillor's own name: perhaps a mailbox that nobody registered, perhaps
// a namesake.
type Lookalike struct {
	Address Address
	// Confidence is Strong for a whole name, whatever the spelling, and Possible
	// for a part of one.
	Confidence Confidence
}

// Lookalikes finds the recipients who look like the sender at home. Registered
// private addresses are not among them.
func (p *Policy) Lookalikes(s Sender, rcpts []Correspondent) []Lookalike {
	var found []Lookalike
	names := p.likenessOf(s.Councillor)
	for _, r := range rcpts {
		a := mailbox(r.Address)
		if p.isInternal(r.Address) || p.secure.contain(r.Address) || s.Councillor.Owns(r.Address.Text()) {
			continue
		}
		if names.ofDomain(a.Domain) {
			found = append(found, Lookalike{r.Address, Strong})
			continue
		}
		if !p.atPrivateProvider(a) {
			continue
		}
		if c := max(names.of(a.Local), names.of(untagged(routed(r.Address).Local)), names.of(r.Name)); c > 0 {
			found = append(found, Lookalike{r.Address, c})
		}
	}
	return found
}

// likeness maps the spellings of a councillor's name, as skeletons, to how sure
// they tell it.
type likeness map[string]Confidence

const (
	maxNameWords = 4 // of a name, the first and the last ones; 632 spellings
	minSpelling  = 5 // letters of a whole name or local part: "ahlm" may be anybody
)

// likenessOf gives the spellings of a councillor's name. They are made when they are
// needed first: many councillors never send a mail between two reloads.
func (p *Policy) likenessOf(c Councillor) likeness {
	if i, ok := p.byAddress[c.Address]; ok {
		return p.likenesses[i]()
	}
	return newLikeness(c)
}

func newLikeness(c Councillor) likeness {
	l := make(likeness)
	words := nameWords(c.Name)
	if len(words) == 0 {
		words = nameWords(c.Address.Local)
	}
	if n := len(words); n > maxNameWords {
		words = append(words[:maxNameWords-1:maxNameWords-1], words[n-1])
	}
	l.spell(words, make([]bool, len(words)), spelling{})
	for _, a := range append(append([]Address{c.Address}, c.Aliases...), c.Private...) {
		l.add(strings.Join(nameWords(a.Local), ""), Strong)
	}
	return l
}

// spelling is a name as far as it is spelled: words and initials in some order.
type spelling struct {
	letters  string
	words    int
	initials int
	surname  bool // a whole word other than the first is among them
}

// spell notes all spellings that go on from s: "anneholm", "holmanne", "aholm",
// "holma", "annemholm".
func (l likeness) spell(words []string, used []bool, s spelling) {
	switch {
	case s.words >= 2, s.words == 1 && s.initials > 0 && s.surname:
		l.add(s.letters, Strong)
	case s.words == 1:
		l.add(s.letters, Possible)
	}
	for i, word := range words {
		if used[i] {
			continue
		}
		used[i] = true
		runes := []rune(word)
		if len(runes) > 1 {
			l.spell(words, used, spelling{s.letters + word, s.words + 1, s.initials, s.surname || i > 0})
		}
		l.spell(words, used, spelling{s.letters + string(runes[:1]), s.words, s.initials + 1, s.surname})
		used[i] = false
	}
}

func (l likeness) add(letters string, c Confidence) {
	key := skeleton(letters)
	if len(key) < minSpelling {
		c = Possible
	}
	if len(key) > 2 && c > l[key] {
		l[key] = c
	}
}

// of tells how sure a local part or a display name tells the councillor's name.
func (l likeness) of(s string) Confidence {
	const longest = 128
	if len(s) > longest {
		return 0
	}
	return l[skeleton(strings.Join(nameWords(s), ""))]
}

// ofDomain reports whether a domain is the councillor's whole name: a place of her
// own, anneholm.dk, that no list of providers knows.
func (l likeness) ofDomain(domain string) bool {
	for {
		label, rest, ok := strings.Cut(domain, ".")
		if !ok {
			return false
		}
		if unicodeLabel, err := idna.ToUnicode(label); err == nil && len(label) <= 63 && l.of(unicodeLabel) == Strong {
			return true
		}
		domain = rest
	}
}

// nameWords lists the words of a name or local part in lower case, without digits
// (a birth year) and without what people add to tell their mailboxes apart.
func nameWords(s string) []string {
	words := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.Is(unicode.Mn, r)
	})
	var kept []string
	for _, w := range words {
		if !additions[w] {
			kept = append(kept, w)
		}
	}
	return kept
}

// additions are the words that stand beside a name in a private address.
var additions = map[string]bool{
	"privat": true, "private": true, "privt": true, "hjem": true, "hjemme": true, "hemma": true, "hem": true,
	"home": true, "mail": true, "email": true, "epost": true, "post": true, "min": true, "my": true,
	"dk": true, "se": true, "no": true, "gmail": true, "hotmail": true, "outlook": true, "icloud": true,
}

// letters maps a letter to the plain one that people type for it.
var letters = map[rune]string{
	'æ': "a", 'ä': "a", 'å': "a", 'à': "a", 'á': "a", 'â': "a", 'ã': "a", 'ă': "a", 'ą': "a",
	'ø': "o", 'ö': "o", 'ò': "o", 'ó': "o", 'ô': "o", 'õ': "o", 'ő': "o", 'œ': "o",
	'ü': "u", 'ù': "u", 'ú': "u", 'û': "u", 'ű': "u", 'ů': "u",
	'é': "e", 'è': "e", 'ê': "e", 'ë': "e", 'ę': "e", 'ě': "e",
	'í': "i", 'ì': "i", 'î': "i", 'ï': "i", 'ı': "i",
	'ý': "y", 'ÿ': "y", 'ç': "c", 'ć': "c", 'č': "c", 'ð': "d", 'đ': "d", 'ď': "d", 'ğ': "g", 'ł': "l",
	'ñ': "n", 'ń': "n", 'ň': "n", 'ř': "r", 'ś': "s", 'š': "s", 'ş': "s", 'ß': "ss", 'þ': "th",
	'ť': "t", 'ź': "z", 'ż': "z", 'ž': "z",
}

// digraphs are the two-letter spellings of letters that a keyboard may lack.
var digraphs = strings.NewReplacer("ae", "a", "aa", "a", "oe", "o", "ue", "u")

// skeleton gives the form in which the spellings of one name are equal: Bjørn,
// Bjoern and Bjorn; Håkan, Haakan and Hakan. Both sides of a comparison go through
// it, so that it need not be right, only the same.
func skeleton(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch plain, ok := letters[r]; {
		case ok:
			b.WriteString(plain)
		case unicode.IsLetter(r):
			b.WriteRune(r)
		}
	}
	for plain := b.String(); ; {
		shorter := digraphs.Replace(plain)
		if shorter == plain {
			return plain
		}
		plain = shorter
	}
}
