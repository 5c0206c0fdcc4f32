package quote

import (
	"strings"

	"councilgate/policy"
)

// field is what a label of a form on a web page asks for.
type field uint8

const (
	formName    field = 1 << iota
	formContact       // an address, street or mail, or a telephone
	formMessage
	formOther
)

// formLabels maps the labels of forms, folded and in lower case.
var formLabels = func() map[string]field {
	m := make(map[string]field)
	for f, names := range map[field]string{
		formName: `navn,namn,name,nimi,dit navn,ditt namn,ditt navn,your name,fulde navn,fullt navn,full name,fornavn,förnamn,efternavn,efternamn,vorname,nachname,
			afsender,avsändare,avsender`,
		formContact: `adresse,adress,address,anschrift,osoite,gate,vej,e-post,e-mail,email,epost,mail,e-postadress,e-postadresse,e-mailadresse,mailadresse,
			email address,e-mail-adresse,sähköposti,telefon,telefonnummer,tlf,tlf.,mobil,mobilnummer,mobiltelefon,phone,telephone,telefoni,puhelin,handy`,
		formMessage: `melding,din melding,besked,din besked,meddelelse,meddelande,ditt meddelande,message,your message,nachricht,ihre nachricht,viesti,
			henvendelse,kommentar,kommentarer,comment,comments,spørgsmål,spørsmål,fråga,question,frage,kysymys,tekst,text,fritekst,beskrivelse,beskrivning,description,
			beskjed,tilbakemelding,synspunkt,forslag,förslag,hvad drejer det sig om`,
		formOther: `emne,ämne,subject,betreff,aihe,gjelder,gäller,vedrører,ønsker svar,postnr,postnummer,by,ort,poststed,dato,datum,date,kategori,samtykke,samtykker til lagring`,
	} {
		for name := range strings.SplitSeq(names, ",") {
			m[string(lower(nil, fold(strings.TrimSpace(name))))] = f
		}
	}
	return m
}()

// formField reads a folded line as a form's field.
func formField(key string) (f field, value string) {
	colon := strings.IndexByte(key[:min(len(key), maxLabel)], ':')
	if colon < 1 {
		return 0, ""
	}
	var buf [maxLabel]byte
	return formLabels[string(lower(buf[:0], strings.Trim(key[:colon], "*_ ")))], strings.TrimLeft(key[colon+1:], "*_ ")
}

const maxFormLines = 30

// form returns the line after a form that somebody else filled in and that begins
// at line i, 0 if there is none: name, where to reach him, and what he says.
func (c *cutter) form(i int) (end int) {
	first, _ := formField(c.key(i))
	if first == 0 || first == formMessage {
		return 0
	}
	var seen field
	reachable := false
	for end = i; end < len(c.places) && end < i+maxFormLines && c.places[end].place == policy.Own; end++ {
		if c.page.blank(end) {
			next := c.page.next(end)
			if next == len(c.places) || next > end+2 {
				break
			}
			if f, _ := formField(c.key(next)); f == 0 {
				break
			}
			continue
		}
		f, value := formField(c.key(end))
		if f == 0 && seen&formMessage == 0 && strings.IndexByte(c.key(end), ':') < 0 && c.prose(end) {
			return 0
		}
		seen |= f
		switch f {
		case formName:
			if c.names.in(value) {
				return 0
			}
		case formContact:
			reachable = reachable || strings.ContainsRune(value, '@') || strings.ContainsAny(value, "0123456789")
		}
	}
	if seen&(formName|formContact|formMessage) != formName|formContact|formMessage || !reachable {
		return 0
	}
	return end
}

// formTitle returns the line where a form begins with fields from line i on: its
// title may stand above.
func (c *cutter) formTitle(i int) int {
	if i == 0 || c.places[i-1].place != policy.Own || c.page.blank(i-1) || len(c.key(i-1)) > maxGreeting ||
		strings.HasSuffix(c.key(i-1), ":") || c.greets(i-1) || i > 1 && !c.page.blank(i-2) {
		return i
	}
	return i - 1
}

// isPostFooter tells the line below a comment of social media: "41 Synes godt om ·
// Svar · 3 t". first is the class of its first word.
func (c *cutter) isPostFooter(i int, first class) bool {
	text := c.page.lines[i].text
	if len(text) > maxGreeting || first&social == 0 && (text[0] < '0' || text[0] > '9') || !strings.ContainsAny(text, "0123456789") {
		return false
	}
	words, buttons := 0, 0
	for word := range strings.FieldsSeq(c.key(i)) {
		word = trimPunctuation(strings.TrimSuffix(strings.TrimPrefix(word, "\u00b7"), "\u00b7"))
		if word == "" || strings.Trim(word, "0123456789\u00b7\u2022") == "" {
			continue
		}
		c := classOf(strings.TrimLeft(word, "0123456789"))
		if c&social == 0 {
			return false
		}
		words++
		buttons += count(c&button != 0)
	}
	return buttons >= 1 && words >= 2
}

// post returns the lines of a comment of social media with its footer in line i:
// from its author's name on, which is not the councillor's.
func (c *cutter) post(i int) (begin, end int) {
	for j := i - 1; j >= 0 && j > i-maxParagraph && c.places[j].place == policy.Own; j-- {
		if key := c.key(j); fullName(key) && c.startsParagraph(j) {
			if c.names.in(key) {
				break
			}
			return j, i + 1
		}
	}
	return 0, 0
}
