package quote

import (
	"strings"
	"testing"

	"councilgate/policy"
)

// placesOf cuts a plain text of a mail and tells the place of every line: o for
// own, s for a signature, q for quoted, f for forwarded.
func placesOf(text string, related bool) string {
	c := cutterOf(text, related)
	unmarkRare(c.page.lines)
	excuseLists(c.page.lines)
	c.standing = policy.Quoted
	var b strings.Builder
	for i, p := range c.run() {
		switch {
		case c.page.blank(i):
			b.WriteByte(' ')
		case p.signature:
			b.WriteByte('s')
		default:
			b.WriteString(string(p.place)[:1])
		}
	}
	return b.String()
}

func TestPastedTexts(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"greeting and closing", "Hej Lone\n\nKære Anne Holm\nVi venter.\nMvh Bo\n\nHvad nu?", "o fff o"},
		{"greeting to the councillor in German", "Hallo\n\nSehr geehrte Frau Holm,\nwir warten.\nHochachtungsvoll\nUte Kessler\n\nUnd nun?", "o ffff o"},
		{"greeting to councillors in Finnish", "Hei\n\nArvoisa Anne Holm\nodotamme.\nKunnioittaen\nEino Rantanen\n\nMitä nyt?", "o ffff o"},
		{"address line and date", "Hej\n\nVesterkær, den 11. juni 2026\nTil byrådsmedlem Anne Holm\n\nVi venter på svar.\n\nMvh Bo Bak\n\nHvad nu?", "o ff f f o"},
		{"name as greeting", "Hej\n\nAnne Holm,\n\ndu har glemt hele vores vej.\n\nBo Bak\n\nHvad nu?", "o f f f o"},
		{"sender's address above", "Clare,\n\nRose Cottage\n14th June\n\nDear Anne Holm\n\nWe wait.\n\nYours sincerely\nBo Bak\n\nPS It rains.\n\nWhat now?", "o ff f f ff f o"},
		{"thanks close", "Hej\n\nKære Anne\nVi venter.\nPå forhånd tak\nBo Bak\n\nHvad nu?", "o ffff o"},
		{"one line with a closing", "Hej\n\nHej Anne, der er ingen hjælp til min far i aften, hvad gør vi? Hilsen Bo Bak\n\nHvad nu?", "o f o"},
		{"one line below a colon", "Hej, denne kom nu:\n\nHej Anne, der er ingen hjælp til min far i aften, hvad gør vi nu?\n\nKan du?", "o f o"},
		{"text behind the greeting", "Hej\n\nHej Anne, jeg skriver til dig, fordi min far ingen hjælp får.\n\nVi venter.\n\nMvh Bo Bak\n\nHvad nu?", "o f f f o"},
		{"one line, neither", "Hej\n\nHej Anne og Per, der er ingen hjælp i aften, hvad gør vi nu?\n\nKan I?", "o o o"},
		{"no closing, introduced", "Hej\n\nBo skriver:\n\nHej Anne\n\nVi venter.\n\nMvh Anne", "o o f f s"},
		{"no closing, not introduced", "Hej\n\nVi ses.\n\nHej Anne\n\nVi venter.\n\nMvh Anne", "o o o o s"},
		{"chat", "Hej\n\nBo Bak\n4. MAJ 2026 KL. 23.51\n\nHej Anne\n\nVi venter.\n\nKnus Bo\n\nHvad nu?", "o ff f f f o"},
		{"two messages of a chat", "Hej\n\nBo Bak\n4. MAJ 2026 KL. 23.51\n\nVi venter.\n\nBo Bak\n4. MAJ 2026 KL. 23.53\n\nRing.\n\nKnus Bo\n\nHvad nu?", "o ff f ff f f o"},
		{"message of two paragraphs", "Denne kom:\n\nHej Anne, jeg skriver til dig, fordi min kone er faldet igen.\n\nVi venter på en rollator. Hilsen Bo Bak\n\nHvad nu?", "o f f o"},
		{"name inside the letter", "Hej\n\nHej Anne\n\nPer Alm\nvar her i går og så på det.\n\nMvh Bo Bak\n\nHvad nu?", "o f ff f o"},
		{"form with a long message", "Hej, via skemaet:\n\nNavn: Bo Bak\nE-mail: bo@bak.example\nBesked: Vi venter.\n\nRing til mig.\n\nMvh Bo Bak\n\nHvad nu?", "o fff f f o"},
		{"introduced above a letterhead, no closing", "Hej\n\nKom på sms\n\nLunden, 4. maj 2026\n\nHej Anne\n\nVi venter.\n\nMvh Anne", "o o f f f s"},
		{"introduced, no greeting to anybody", "Hej\n\nJeg fik denne mail:\n\nHej\n\nVi venter.\n\nMvh Bo Bak\n\nHvad nu?", "o o f f f o"},
		{"introduced, no greeting at all", "Hej\n\nBrevet lyder:\n\nVi venter.\n\nMvh Bo Bak\n\nHvad nu?", "o o f f o"},
		{"signed with a name that we do not know", "Hej\n\nTak for din mail. Mit svar:\n\nVi venter.\n\nMvh Musse", "o o o s"},
		{"own letter", "Hej\n\nDette brev har jeg sendt:\n\nKære minister\n\nVi venter.\n\nMvh Anne Holm\n\nHvad siger du så til det?", "o o o o s o"},
		{"greeting to herself, closed by all", "Kære alle\n\nKære Anne\n\nHusk det.\n\nMed hilsen til jer alle\n\nAnne Holm", "o o o s s"},
		{"form", "Hej, via skemaet:\n\nNavn: Bo Bak\nE-mail: bo@bak.example\nBesked: Vi venter\npå svar.\n\nHvad nu?", "o ffff o"},
		{"form with a title", "Hej\n\nNyt skema er sendt ind\nNavn: Bo Bak\nTelefon: 20 00 00 01\nBesked: Vi venter.\n\nHvad nu?", "o ffff o"},
		{"form that the councillor filled in", "Hej\n\nNavn: Anne Holm\nE-mail: anne@holm.example\nBesked: Vi venter.\n\nHvad nu?", "o ooo o"},
		{"notes of a call", "Hej\n\nNavn: Bo Bak\nTelefon: ukendt\nBesked: Vi venter.\n\nHvad nu?", "o ooo o"},
		{"list of telephone numbers", "Hej\n\nNavn: Bo Bak\nTelefon: 20 00 00 01\nAnsvar: kaffe\n\nHvad nu?", "o ooo o"},
		{"comment", "Hej\n\nBo Bak\nVi venter, Anne.\n41 Synes godt om · Svar · 3 t\n\nHvad nu?", "o fff o"},
		{"comment in Swedish", "Hej\n\nBo Bak\nVi väntar.\nGilla · Svara · 5 tim\n\nVad nu?", "o fff o"},
		{"the councillor's own comment", "Hej\n\nAnne Holm\nVi venter.\n41 Synes godt om · Svar · 3 t\n\nHvad nu?", "o sso o"},
	} {
		if got := placesOf(c.text, false); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

const carriedHead = "Fra: Bo Bak <bo@bak.example>\nSendt: 4. maj 2026 10:12\nTil: Anne Holm\nEmne: Vejen\n\n"

func TestRemarks(t *testing.T) {
	for _, c := range []struct{ name, own, carried, want string }{
		{"labelled", "Mine svar står nedenfor.", "Hvornår?\n\nSvar: I maj.\n\nTak", "q o q"},
		{"by name", "My answers are inline.", "When?\n\nAnne: In May.\n\nThanks", "q o q"},
		{"label without a word of it", "Tak for din mail.", "Hvornår?\n\nSvar: I maj.\n\nTak", "q q q"},
		{"another's label", "Mine svar står nedenfor.", "Hvornår?\n\nBo: I maj.\n\nTak", "q q q"},
		{"field", "Mine svar står nedenfor.", "Til: Anne\n\nTak", "q q"},
		{"capitals", "MY ANSWERS ARE IN CAPITALS.", "When?\n\nIN MAY.\n\nThanks", "q o q"},
		{"capitals without a word of it", "Mine svar står nedenfor.", "Hvornår?\n\nI MAJ!\n\nTak", "q q q"},
		{"brackets", "Se her.", "Hvornår?\n\n[Anne Holm] I maj.\n\nTak", "q o q"},
	} {
		got := placesOf(c.own+"\n\n"+carriedHead+c.carried, true)
		if got = got[strings.Index(got, "qqqq ")+len("qqqq "):]; got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestLists(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"items", "Hej\n\nMin liste:\n\n> Skoler\n> Veje", "o o oo"},
		{"quantities", "Hej\n\n> 50 børn -> to voksne", "o o"},
		{"arrows", "Hej\n\n> ansøgning > visitation > plads", "o o"},
		{"one item", "Hej\n\n> Skoler", "o q"},
		{"sentences", "Hej\n\n> Min søn er syg.\n> Ring til mig.", "o qq"},
		{"wrapped", "Hej\n\n> Min søn er syg og kan\n> ikke gå i skole mere", "o qq"},
		{"somebody wrote", "Bo skrev\n\n> Min søn\n> Min datter", "o qq"},
		{"greeting", "Hej\n\n> Kære Anne\n> Min søn er syg", "o qq"},
	} {
		if got := placesOf(c.text, false); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if got := placesOf(c.text, true); strings.TrimLeft(got, "o ") != strings.Repeat("q", strings.Count(c.text, "\n>")) {
			t.Errorf("%s: in a reply %q", c.name, got)
		}
	}
}

func TestLinkNotes(t *testing.T) {
	for _, c := range []struct{ name, end, want string }{
		{"own note", "[1] https://norreaa.example", "o"},
		{"both", "[1] https://norreaa.example\n[2] https://bak.example/x", "oq"},
		{"disclaimer below", "[1] https://norreaa.example\n\nDenne e-mail kan indeholde fortrolige oplysninger, slet den.", "o s"},
		{"text below", "[1] https://norreaa.example\n\nMin søn er syg.", "q q"},
		{"no link", "[1] se bilaget", "q"},
	} {
		got := placesOf("Se planen [1].\n\n"+carriedHead+"Hvad med min [2]?\n\n"+c.end, true)
		if got = got[strings.LastIndex(got, "qqqq q ")+len("qqqq q "):]; got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestColourHue(t *testing.T) {
	for value, want := range map[string]hue{
		"red": hueRed, "#c00": hueRed, "#ff0000": hueRed, "rgb(192, 0, 0)": hueRed, "#1f497d": hueBlue, "#0070c0": hueBlue,
		"rgb(0,128,0)": hueGreen, "black": hueNone, "windowtext": hueNone, "#000000": hueNone, "#201f1e": hueNone,
		"rgb(101,103,107)": hueNone, "#xyz": hueNone, "": hueNone, "#12": hueNone, "rgb(": hueNone, "rgb(999999999999,0,0)": hueRed,
	} {
		if got := colourHue(value); got != want {
			t.Errorf("%q: %d, want %d", value, got, want)
		}
	}
	if _, ok := styleHue([]byte("background-color:red;font-size:1px")); ok {
		t.Error("a background is no text colour")
	}
	if h, ok := styleHue([]byte("background-color:blue; color: red")); h != hueRed || !ok {
		t.Error("the text colour behind a background is lost")
	}
}
