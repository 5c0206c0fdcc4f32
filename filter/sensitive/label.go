package sensitive

import "bytes"

// What stands around a number: words that name it, or that say it is something
// else.

// surroundings is what the text around a number says of it.
type surroundings struct {
	beside  bool    // a label of national numbers right beside it
	near    bool    // such a label within reach
	label   country // the only country that uses the label beside it, if there is one
	against bool    // right beside it, a word of another kind of number, or a link around it
}

const (
	// reach is how far a keyword may stand, in characters either way, as in the
	// definitions of Microsoft Purview.
	reach = 300
	// beside is how far a label may stand: a few words.
	besideBefore = 48
	besideAfter  = 36
)

// lookAround reads the words around text[start:end]. A number that follows a
// labelled one, "cpr 010180-1234 og 020281-4321", shares its label; labelled is
// where that one ended, -1 if there is none.
func lookAround(text []byte, start, end, labelled int) *surroundings {
	s := &surroundings{}
	before, word := labelBefore(text, start)
	after, wordAfter := labelAfter(text, end)
	switch {
	case before == idLabel:
		s.beside, s.label = true, labelCountry(word)
	case before == noLabel && after == idLabel:
		s.beside, s.label = true, labelCountry(wordAfter)
	case before == otherLabel, after == otherLabel && isLinked(text, end):
		s.against = true
	case labelled >= 0 && start-labelled <= 12:
		s.beside = true
	}
	if !s.beside && isLinked(text, start) {
		s.against = true
	}
	s.near = s.beside || keywordNear(text, start, end)
	return s
}

type label int

const (
	noLabel label = iota
	idLabel
	otherLabel
)

// labelBefore finds the nearest label in the words before a number, up to the
// sentence's beginning or another number. A word of another kind of number counts
// only with nothing but fillers between: "faktura nr. 0101801234", yes; "fakturaen
// til min mor, 010180-1234", no. A label that has a short number of its own is not
// this one's: in "gnr. 114 fnr. 0, 010180 12345" it names a piece of land.
func labelBefore(text []byte, start int) (l label, word []byte) {
	low := max(0, start-besideBefore)
	fillersOnly, ownNumber := true, false
	for end := start; end > low; {
		for end > low && !isWord(text[end-1]) {
			if isStop(text, end-1) {
				return noLabel, nil
			}
			fillersOnly = fillersOnly && text[end-1] != ','
			end--
		}
		begin := end
		for begin > low && isLabelByte(text[begin-1]) {
			begin--
		}
		if begin == end || allDigits(text[begin:end]) && end-begin >= 4 {
			return noLabel, nil
		}
		switch l := classify(text[begin:end]); {
		case l != noLabel && ownNumber:
			return noLabel, nil
		case l == idLabel, l == otherLabel && fillersOnly:
			return l, text[begin:end]
		}
		ownNumber = allDigits(text[begin:end])
		fillersOnly = fillersOnly && fillers.words[string(bytes.Trim(text[begin:end], "-."))]
		end = begin
	}
	return noLabel, nil
}

// labelAfter finds the nearest label in the words after a number.
func labelAfter(text []byte, start int) (l label, word []byte) {
	high := min(len(text), start+besideAfter)
	for i := start; i < high; {
		for i < high && !isWord(text[i]) {
			if text[i] == '.' || text[i] == '\n' || text[i] == ';' || text[i] == '\t' || text[i] == '|' {
				return noLabel, nil
			}
			i++
		}
		end := i + countAt(text, i, isLabelByte)
		if l := classify(text[i:end]); l != noLabel {
			return l, text[i:end]
		}
		if end == i || isDigit(text[i]) {
			return noLabel, nil
		}
		i = end
	}
	return noLabel, nil
}

// labelCountry tells which country alone uses a label.
func labelCountry(word []byte) country {
	if bytes.HasPrefix(word, []byte("cpr")) || bytes.HasPrefix(word, []byte("erstatningscpr")) {
		return denmark
	}
	return anyCountry
}

// isStop reports a character that separates a number from the words before it: the
// end of a sentence or a paragraph, a semicolon.
func isStop(text []byte, i int) bool {
	switch text[i] {
	case ';', '!', '?':
		return true
	case '\n':
		return i > 0 && text[i-1] == '\n'
	case '.':
		// "cpr.nr. 010180" is no end of a sentence: the word before is short, or a
		// label itself.
		word := i
		for word > 0 && isLabelByte(text[word-1]) {
			word--
		}
		const abbreviation = 4
		return i-word > abbreviation && classify(text[word:i]) == noLabel
	}
	return false
}

// isLabelByte reports a character of words such as "cpr-nr" and "p.nr".
func isLabelByte(b byte) bool { return isWord(b) || b == '-' || b == '.' }

// classify tells what a word says of the number beside it.
func classify(word []byte) label {
	w := bytes.Trim(word, "-.")
	// "cpr-nr", "cpr.nr" and "cprnr" are one word.
	var plain [24]byte
	n := 0
	for _, b := range w {
		if b != '-' && b != '.' && n < len(plain) {
			plain[n] = b
			n++
		}
	}
	w = plain[:n]
	switch {
	case len(w) == 0:
		return noLabel
	case matchesAny(w, idLabels):
		return idLabel
	case matchesAny(w, otherLabels):
		return otherLabel
	}
	return noLabel
}

// matchesAny looks a word up among words and, ended by a star, beginnings.
func matchesAny(w []byte, labels *labelSet) bool {
	if labels.words[string(w)] {
		return true
	}
	for _, p := range labels.prefixes {
		if bytes.HasPrefix(w, p) {
			return true
		}
	}
	return false
}

// isLinked reports that the word around i is a link, an address or a message id.
func isLinked(text []byte, i int) bool {
	const longest = 200
	low, high := i, i
	for low > 0 && i-low < longest && !isBlank(text[low-1]) {
		low--
	}
	for high < len(text) && high-i < longest && !isBlank(text[high]) {
		high++
	}
	w := text[low:high]
	return bytes.Contains(w, []byte("://")) || bytes.Contains(w, []byte("www.")) || bytes.IndexByte(w, '@') >= 0
}

func isBlank(b byte) bool { return b == ' ' || b == '\n' || b == '\t' }

// keywordNear looks for a label within reach of a number.
func keywordNear(text []byte, start, end int) bool {
	return hasLabel(text[max(0, start-reach):start]) || hasLabel(text[end:min(len(text), end+reach)])
}

func hasLabel(text []byte) bool {
	for i := 0; i < len(text); {
		if !isLetter(text[i]) {
			i++
			continue
		}
		end := i + countAt(text, i, isLabelByte)
		if classify(text[i:end]) == idLabel {
			return true
		}
		i = end
	}
	return false
}

// A labelSet is a list of folded words and beginnings of words.
type labelSet struct {
	words    map[string]bool
	prefixes [][]byte
}

func newLabelSet(list ...string) *labelSet {
	s := &labelSet{words: map[string]bool{}}
	for _, l := range list {
		if stem, ok := cutStar(l); ok {
			s.prefixes = append(s.prefixes, fold(stem).text)
		} else {
			s.words[string(fold(l).text)] = true
		}
	}
	return s
}

func cutStar(s string) (string, bool) {
	if n := len(s) - 1; n >= 0 && s[n] == '*' {
		return s[:n], true
	}
	return s, false
}

// idLabels name a national identification number, in the Nordic languages and
// English, without dots and hyphens. "Born" is among them: in front of a whole
// number it says as much.
var idLabels = newLabelSet(
	"cpr*", "personnum*", "personnr", "persnr", "persnum*", "personid*", "pnr", "persn", "personn", "identifikationsnum*", "idnummer", "idnr",
	"fødselsnum*", "fødselsnr", "fødselstal", "fødtnr", "fnr", "født", "fødd", "føddnr", "samordningsnum*", "samordningsnr", "samnr", "födelsenum*",
	"dnummer", "hnummer", "reservnum*", "interimsnum*", "erstatningscpr*", "henkilötunnu*", "hetu", "sotu", "sosiaaliturvatunnu*", "syntymä*",
	"born", "birth", "dob", "ssn", "nationalid*", "nin", "persnonnum*", "perssonnum*", "personum*", "personunm*", "crp",
)

// otherLabels name numbers of every other kind.
var otherLabels = newLabelSet(
	"tel", "telf", "tlf", "tlfnr", "telefon*", "phone*", "telephone*", "mobil*", "mob", "fax", "sms", "ring", "ringe", "ringa", "call", "cell", "lokalnr", "växel*",
	"sag", "sags", "sagsnr", "sagsnum*", "sagsid", "sagen", "journal", "journaln*", "jnr", "dnr", "diarie*", "ärende", "ärenden*", "ärendet", "målnr", "målnum*", "sak", "saks", "saksn*", "arkivn*", "aktnr", "case", "casen*",
	"faktura", "fakturan*", "regningsn*", "räkningsn*", "ordre", "ordren*", "order", "ordern*", "ocr*", "kid", "kidn*", "kvitteringsn*", "kvitton*", "bilag", "bilagsn*", "verifikat*", "invoice", "receipt",
	"bestillingsn*", "beställningsn*", "booking", "bookingn*", "bokningsn*", "rekvisition*", "løben*", "kundenr", "kundenum*", "kundn*", "medlemsn*", "medlemsid", "abonnementsn*", "aftalen*", "avtalsn*", "kontraktn*", "policen*", "police",
	"forsikringsn*", "försäkringsn*", "skaden*", "skadesn*", "konto", "konton*", "kto", "regnr", "bankgiro*", "bg", "plusgiro*", "pg", "postgiro*", "giro", "giron*", "clearing*", "iban", "bic", "swift", "account", "betalingsid", "betalnings*", "indbetalings*",
	"cvr*", "senr", "orgn*", "organisationsn*", "organisasjonsn*", "foretaksn*", "företagsn*", "pnummer", "produktionsenhed*", "momsn*", "vat", "ean*", "gln*", "gtin", "isbn*", "issn*", "doi",
	"matrikel*", "matrn*", "ejendomsn*", "ejendomsid*", "eiendomsn*", "eiendomsid*", "fastighetsn*", "fastighetsb*", "bfe*", "kommunen*", "postn*", "husn*", "gnr", "bnr", "snr",
	"serien*", "varen*", "artikeln*", "model", "typen*", "version", "målern*", "mätarn*", "mätare*", "elmåler*", "aftagen*", "anläggningsn*", "anleggsn*", "målepunkt*", "stregkode*", "registreringsn*", "stelnum*", "chassis*",
	"ref", "refn*", "reference*", "referens*", "referanse*", "tracking*", "forsendelsesn*", "försändelse*", "pakken*", "pakke", "paket*", "kolli*", "sendingsn*", "ticket*", "mødeid", "møteid", "mötesid", "meeting*", "teams", "zoom", "kode", "kod", "code", "pin",
	"gps", "koordinat*", "utm", "licensn*", "lisensn*", "license*", "billetn*", "biljettn*", "lodn*", "lotn*", "anmeldelsesn*", "dokumentn*", "dokumentid", "dokn*", "dok", "kr", "sek", "dkk", "nok", "eur",
)

// fillers may stand between a word of another kind of number and the number.
var fillers = newLabelSet(
	"nr", "nummer", "nummeret", "numret", "num", "no", "number", "id", "er", "är", "is", "på", "til", "till", "mig", "mej", "meg", "os", "oss", "me", "us", "at", "on", "den", "det", "min", "mit", "mitt",
	"vores", "vårt", "vår", "din", "dit", "ditt", "ert", "jeres", "har", "med", "lyder", "the", "a", "our", "my", "your", "gerne", "bare", "direkte", "via", "under", "i", "of",
)
