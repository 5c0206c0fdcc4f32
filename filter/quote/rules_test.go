package quote

import (
	"strings"
	"testing"
)

// cutterOf prepares the rules for a text of unmarked lines.
func cutterOf(text string, related bool) *cutter {
	p := &page{boxes: make([]box, 1)}
	for _, s := range strings.Split(text, "\n") {
		l := line{text: s}
		unmark(&l)
		p.lines = append(p.lines, l)
	}
	return &cutter{page: p, names: newNames([]string{"Anne Holm"}), keys: make([]string, len(p.lines)), related: related, wrapped: true}
}

func TestAttribution(t *testing.T) {
	for _, c := range []struct {
		text    string
		related bool
		lines   int // of the attribution, 0 for none
	}{
		// Danish
		{"Den man. 4. maj 2026 kl. 10.12 skrev Bent Krogh <bent@krogh.example>:", false, 1},
		{"Den man. 4. maj 2026 kl. 10.12 skrev Bent Krogh <\nbent@krogh.example>:", false, 2},
		{"Den 4. maj 2026 kl. 10.12 skrev Bent Krogh:", true, 1},
		{"Den 4. maj 2026 kl. 10.12 skrev Bent Krogh:\nHej Anne", false, 1},
		{"Den 4. maj 2026 kl. 10.12 skrev Bent Krogh:\n> Hej Anne", false, 1},
		{"Den 04/05/2026 kl. 10.12 skrev Bent:", false, 1},
		{"Den 04-05-2026 10:12 skrev bent@krogh.example:", false, 1},
		{"Den 04.05.26 10.12, skrev Bent Krogh:", false, 1},
		{"Den mandag den 4. maj 2026 kl. 10.12.13 CEST skrev Bent Krogh <bent@krogh.example>:", false, 1},
		{"mandag den 4. maj 2026 10.12.13 CEST skrev Bent Krogh:", false, 1},
		{"Bent Krogh <bent@krogh.example> skrev den 4. maj 2026 kl. 10.12:", false, 1},
		{"Bent Krogh <bent@krogh.example> skrev:", false, 1},
		{"tor, 12 03 2026 kl. 08:05 +0200, skrev Bent Krogh:", true, 1},
		{"Bent Krogh [mailto:bent@krogh.example] skrev følgende:", false, 1},
		{"På vegne af Borgerservice, Nørreå Kommune <post@norreaa.example> skrev:", false, 1},
		{"Den 4. maj 2026 kl. 10.12 skrev Bent Krogh\n<bent@krogh.example>\nfølgende:", false, 3},
		{"Den 4. maj 2026 skrev Bent Krogh:", true, 1},
		{"Bent Krogh\n<bent@krogh.example> skrev den 4. maj 2026 10:12:", false, 2},
		{"Bent Krogh skrev:\n> Hej", false, 1},
		{"Bent skrev d. 4/5:\n> Hej", false, 1},
		{"Du skrev:\n> Hej", false, 0}, // the councillor speaks; the marks tell the rest
		{"Den 4. maj 2026 kl. 10.12 skrev bent krogh <bent@krogh.example>:", false, 1},
		{"Citat fra Bent Krogh <bent@krogh.example>:", false, 1},
		// Swedish
		{"Den mån 4 maj 2026 kl 10:12 skrev Åsa Hjälm <asa@hjalm.example>:", false, 1},
		{"4 maj 2026 kl. 10:12 skrev Åsa Hjälm <asa@hjalm.example>:", false, 1},
		{"Den 2026-05-04 kl. 10:12, skrev Åsa Hjälm:", false, 1},
		{"Åsa Hjälm skrev 2026-05-04 10:12:", false, 1},
		{"Citerar Åsa Hjälm <asa@hjalm.example>:", false, 1},
		{"måndag 4 maj 2026 10:12 skrev Åsa:", false, 1},
		{"2026-05-04 10:12 skrev Åsa Hjälm:", false, 1},
		// Norwegian
		{"man. 4. mai 2026 kl. 10:12 skrev Ola Sæther <ola@online.example>:", false, 1},
		{"4. mai 2026 kl. 10.12 skreiv Torbjørg Løkeland <t@l.example>:", false, 1},
		{"På mandag 4. mai 2026 kl. 10:12 skrev Ola Sæther:", false, 1},
		// English
		{"On Mon, May 4, 2026 at 10:12\u202fAM Priya Raman <priya@raman.example> wrote:", false, 1},
		{"On Mon, May 4, 2026 at 10:12 AM Priya Raman <priya@raman.example>\nwrote:", false, 2},
		{"On 4 May 2026, at 10:12, Priya Raman wrote:", true, 1},
		{"On Monday, 4 May 2026, 10:12:13 CEST Priya Raman wrote:", false, 1},
		{"Priya Raman <priya@raman.example> wrote on Mon, 4 May 2026 10:12:13 +0200:", false, 1},
		{"On 5/4/26, 10:12 AM, \"Raman, Priya\" <priya@raman.example> wrote:", false, 1},
		{"---- On Mon, 04 May 2026 10:12:13 +0200 Priya <priya@raman.example> wrote ---", false, 1},
		{"In a message dated 5/4/2026 10:12:13 AM, priya@raman.example writes:", false, 1},
		{"* Priya Raman <priya@raman.example> [2026-05-04 10:12]:", false, 1},
		{"Quoting Priya Raman <priya@raman.example>:", false, 1},
		{"2026-05-04 10:12 GMT+02:00 Priya Raman <priya@raman.example>:", false, 1},
		// German, Finnish
		{"Am Mo., 4. Mai 2026 um 10:12 Uhr schrieb Jürgen Weiß <j@weiss.example>:", false, 1},
		{"Am 04.05.26 um 10:12 schrieb Jürgen Weiß:", false, 1},
		{"Am Montag, 4. Mai 2026 um 10:12:13 MESZ hat Jürgen Weiß <j@weiss.example> Folgendes geschrieben:", false, 1},
		{"ma 4. toukok. 2026 klo 10.12 Jukka Mäkelä (jukka@makela.example) kirjoitti:", false, 1},
		{"Jukka Mäkelä kirjoitti 4.5.2026 klo 10.12:", false, 1},
		// Others
		{"Le lun. 4 mai 2026 à 10:12, Bent Krogh <bent@krogh.example> a écrit :", true, 1},
		{"W dniu 4 maja 2026 10:12 użytkownik Zoe <zoe@zoe.example>\nnapisał:", true, 2},
		{"On 11-Apr-2026, at 6:54 PM, Priya Raman <priya@raman.example> wrote:", false, 1},
		{"------On 05/04/2026 17:32 PM, Priya Raman wrote-----", false, 1},
		{"2026/5/4 Priya Raman <priya@raman.example>\n> Hi", false, 1},
		{"Den 14 september, 2026 02:23:18, Bent Krogh (bent@krogh.example) skrev:", false, 1},
		{"På 14 september 2026 på 02:23:18, Ola Sæther (ola@online.example) skrev:", false, 1},
		// Notes
		{"Bent Krogh ---04-05-2026 10:12:13---Kære Anne", false, 1},

		// What councillors write.
		{"Den 4. maj skrev Jyllands-Posten:", false, 0},
		{"Den 4. maj 2026 kl. 10.12 skrev Jyllands-Posten:\n\"Kommunen sparer.\"", false, 0},
		{"Tak for din mail af 4. maj 2026 kl. 10.12, hvor du skrev:", true, 0},
		{"Direktøren (direktor@norreaa.example) skrev til mig i går:", true, 0},
		{"Den 4. maj 2026 skrev Jyllands-Posten:", false, 0},
		{"Den 4. maj kl. 10.12 skrev Jyllands-Posten på sin hjemmeside:", false, 0},
		{"Jeg skrev den 4. maj 2026 kl. 10.12 til Bent Krogh <bent@krogh.example>:", true, 0},
		{"Her er, hvad jeg skrev til bent@krogh.example:", true, 0},
		{"I 2019 skrev vi følgende:", true, 0},
		{"Avisen skrev følgende:", false, 0},
		{"Som byrådet skrev i sin udtalelse den 4. maj 2026:", true, 0},
		{"Mødet er den 4. maj 2026 kl. 10.12\nBent skrev det.", true, 0},
		{"Husk den 4. maj 2026 kl. 10.12:", false, 0},
		{"Tidsplan 4. maj 2026 kl. 10.12:", true, 0},
		{"Kontakt: anne.holm@norreaa.example, tlf. 20 30 40 50:", true, 0},
		{"Den 4 maj 2026 skrev Ekviks-Posten:", false, 0},
		{"On 4 May 2026 the newspaper wrote:", true, 0},
		{"Tilmelding senest den 4. maj 2026 kl. 12.00 til anne@norreaa.example:", false, 0},
	} {
		cut := cutterOf(c.text, c.related)
		end, ok := cut.attribution(0)
		if !ok {
			end = 0
		}
		if end != c.lines {
			t.Errorf("attribution of %d lines, want %d: %q", end, c.lines, c.text)
		}
	}
}

func TestSeparator(t *testing.T) {
	for text, want := range map[string]mark{
		"-----Oprindelig meddelelse-----":                                    markOriginal,
		"-----Original Message-----":                                         markOriginal,
		"-------- Oprindelig besked --------":                                markOriginal,
		"-----Ursprungligt meddelande-----":                                  markOriginal,
		"----- Ursprungligt meddelande ----":                                 markOriginal,
		"-----Opprinnelig melding-----":                                      markOriginal,
		"-----Ursprüngliche Nachricht-----":                                  markOriginal,
		"-----Alkuperäinen viesti-----":                                      markOriginal,
		"-----Original Appointment-----":                                     markOriginal,
		"------ Originalmeddelande ------":                                   markOriginal,
		"---------- Forwarded message ---------":                             markForward,
		"---------- Forwarded message ----------":                            markForward,
		"---------- Videresendt meddelelse ---------":                        markForward,
		"-----Videresendt besked-----":                                       markForward,
		"-------- Videresendt besked --------":                               markForward,
		"---------- Vidarebefordrat meddelande ---------":                    markForward,
		"-------- Vidarebefordrat mejl --------":                             markForward,
		"-------- Vidarebefordrat brev --------":                             markForward,
		"---------- Videresendt melding ---------":                           markForward,
		"-------- Vidaresend melding --------":                               markForward,
		"-------- Weitergeleitete Nachricht --------":                        markForward,
		"-------- Välitetty viesti --------":                                 markForward,
		"============ Forwarded message ============":                        markForward,
		"------- Forwarded Message -------":                                  markForward,
		"----- Forwarded message from Bent Krogh <bent@krogh.example> -----": markForward,
		"----- Videresendt af Anne Holm/Norreaa den 05-05-2026 08:00 -----":  markForward,
		"----- End forwarded message -----":                                  markEnd,
		"Start på videresendt besked:":                                       markForward,
		"Begin forwarded message:":                                           markForward,
		"Anfang der weitergeleiteten Nachricht:":                             markForward,
		"Början på vidarebefordrat brev:":                                    markForward,
		"Vidarebefordrat brev:":                                              markLooseForward,
		"Videresendt melding:":                                               markLooseForward,
		"Forwarded message:":                                                 markLooseForward,
		"Oprindelig meddelelse":                                              markLoose,
		"________________________________":                                   markRule,
		"-------- Message transféré --------":                                markTitle,
		"---":                                                                markNone,
		"--- Sak 1 ---":                                                      markTitle,
		"Jeg har videresendt din besked:":                                    markNone,
		"Tak for din oprindelige mail.":                                      markNone,
		"Din besked er videresendt.":                                         markNone,
		"Start på mødet kl. 10:":                                             markNone,
		"Her er den oprindelige meddelelse i sagen":                          markNone,
	} {
		if got := separator(fold(text)); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}

func TestHeaderBlock(t *testing.T) {
	for _, c := range []struct {
		text    string
		related bool
		ok      bool
	}{
		{"Fra: Bent Krogh <bent@krogh.example>\nSendt: 4. maj 2026 10:12\nTil: Anne Holm\nEmne: Vejen", false, true},
		{"Fra: Bent Krogh\nSendt: 4. maj 2026 10:12\nTil: Anne Holm\nEmne: Vejen", false, true},
		{"*Fra:* Bent Krogh\n*Sendt:* 4. maj 2026 10:12\n*Til:* Anne Holm\n*Emne:* Vejen", true, true},
		{"**Från:** Åsa\n**Skickat:** den 4 maj 2026 10:12\n**Till:** Karin\n**Ämne:** Vägen", true, true},
		{"*Fra*: Bent Krogh\n*Sendt*: 4. maj 2026 10:12\n*Til*: Anne Holm\n*Emne*: Vejen", true, true},
		{"Emne: Vejen\nDato: 4. maj 2026 10:12\nFra: Bent Krogh <bent@krogh.example>\nTil: Anne", false, true},
		{"Från: Gunnar Öberg [mailto:gunnar@oberg.example]\nSkickat: den 4 maj 2026 10:12\nTill: Karin Lindqvist\nÄmne: LSS", false, true},
		{"Frå: Torbjørg\nSendt: måndag 4. mai 2026 10:12\nTil: Kari\nEmne: Veg", true, true},
		{"From: Priya\nSent: Monday, May 4, 2026 10:12 AM\nTo: Jane\nSubject: School", true, true},
		{"Von: Jürgen\nGesendet: Montag, 4. Mai 2026 10:12\nAn: Anne\nBetreff: Straße", true, true},
		{"Lähettäjä: Jukka\nLähetetty: maanantai 4. toukokuuta 2026 10.12\nVastaanottaja: Karin\nAihe: Koulutie", true, true},
		{"Fra: Bent\n\nSendt: 4. maj 2026 10:12\n\nTil: Anne\n\nEmne: Vejen", true, true},
		{"Fra:\nBent Krogh <bent@krogh.example>\nSendt:\n4. maj 2026 10:12\nTil:\nAnne", true, true},
		{"Fra: Bent Krogh\nEmne: Vejen", true, true},
		{"Fra: Bent Krogh <bent@krogh.example> Sendt: 4. maj 2026 10:12 Til: Anne Holm Emne: Vejen", false, true},
		{"Til: anne@norreaa.example; per@norreaa.example;\n lone@norreaa.example\nFra: Bent <bent@krogh.example>\nEmne: Vejen", false, true},

		{"De : Brendan Orr [mailto:brendan@orr.example]\nEnvoyé : lundi 4 mai 2026 10:12\nÀ : Anne\nObjet : Follow Up", true, true},
		{"Fra: bent@krogh.example", true, true},
		{"Date: Mon, 4 May 2026 10:12:13 +0200\nTo: anne@norreaa.example", true, true},

		{"Fra: bent@krogh.example fik jeg i går at vide, at mødet er aflyst", true, false},
		{"Fra: bent@krogh.example", false, false},
		{"Fra: kl. 10\nTil: kl. 12", true, false},
		{"Fra: kl. 10 Til: kl. 12", true, false},
		{"Fra: Aarhus\nTil: København", true, false},
		{"Fra: Aarhus\nTil: København\nDato: 4. maj", true, false},
		{"Fra: Aarhus\nTil: København\nDato: 4. maj 2026", false, false},
		{"Til: alle naboer", true, false},
		{"Emne: skolen", true, false},
		{"Til: alle naboer\nEmne: skolen", true, false},
		{"Dato: 4. maj 2026\nEmne: skolen", true, false},
		{"Til: Byrådet\nFra: Anne Holm\nDato: 4. maj 2026\nEmne: Budget", false, false},
		{"Sendt: protokollen\nTil: udvalget", true, false},
		{"Dato: 4. maj 2026 kl. 19\nTid: to timer\nHvor: Rådhuset", true, false},
		{"Kopi: alle\nTil: Per", true, false},
	} {
		if _, ok := cutterOf(c.text, c.related).headerBlock(0, leadNone, false); ok != c.ok {
			t.Errorf("header block %v, want %v: %q", ok, c.ok, c.text)
		}
	}
}

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"Från: Åsa":                "Fran: Asa",
		"Fra\u030an: A\u030asa":    "Fran: Asa",
		"Ämne\u00a0:\u200b  x ":    "Amne : x",
		"“Hej”\u2014‘x’":           `"Hej"-'x'`,
		"\ufeffSkriv\u00adelse：ＯＫ": "Skrivelse:ＯＫ",
		"Kære Øjvind":              "Kaere Ojvind",
		"plain ASCII":              "plain ASCII",
		"  two  spaces\t":          "two spaces",
	} {
		if got := fold(in); got != want {
			t.Errorf("fold(%q) = %q, want %q", in, got, want)
		}
	}
}
