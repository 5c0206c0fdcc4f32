package sensitive

import (
	"strings"
	"testing"
)

// TestCouples tells a bond between two of one sex from any other, by names, kinship and
// whose spouse somebody is.
func TestCouples(t *testing.T) {
	l := builtin().lexicon
	for _, test := range []struct{ text, found string }{
		{"Min mand og jeg bor på nr. 4.\nVenlig hilsen\nHenrik Lund", "Min mand"},
		{"Min mand og jeg bor på nr. 4.\nVenlig hilsen\nHanne Lund", ""},
		{"Min mand og jeg bor på nr. 4.", ""},
		{"Min man har ringt tre gånger. Mvh Björn", "Min man"},
		{"Min fru har ringt tre gånger. Mvh Björn", ""},
		{"Mannen min er syk.\nHilsen Odd", "Mannen min"},
		{"Mannen min er syk.\nHilsen Turid", ""},
		{"Min nye kæreste flytter ind.\nKarl", ""},
		{"Min nye kæreste Jonas flytter ind.\nKarl", "Min nye kæreste Jonas"},
		{"Dottern och hennes sambo Linn vågar inte gå dit.", "hennes sambo Linn"},
		{"Sonen och hans sambo Linn vågar inte gå dit.", ""},
		{"Syrran flyttade in med sin tjej.", "sin tjej"},
		{"Brorsan flyttade in med sin tjej.", ""},
		{"Peters mand ringede.", "Peters mand"},
		{"Hej Anna, hälsa din fru.", "din fru"},
		{"Hej Anders, hälsa din fru.", ""},
		{"Jeg er gift med Peter.\nHilsen Jens", "Jeg er gift med Peter"},
		{"Jeg er gift med Peter.\nHilsen Jane", ""},
		{"Nina och Therese är gifta sedan i våras.", "Nina och Therese är gifta"},
		{"Nina och Bertil är gifta sedan i våras.", ""},
		{"My wife Ruth and I wrote in May.\nKind regards, Catherine Dale", "My wife"},
		{"My wife Ruth and I wrote in May.\nKind regards, Peter Dale", ""},
		{"Min hustru går der. Mvh Inge-Lise Storgaard", "Min hustru"},
		{"Min kone og jeg.\nVenlig hilsen\nBirgitte Holm, Møllevej 31", "Min kone"},
		{"Min kone og jeg. Birgitte Holm sagde nej.", ""},
		{"Sam used to be Samantha.", ""}, // either may be called Sam
		{"Erik used to be Samantha.", "Erik used to be Samantha"},
		{"Maja blev i sommar Max.", "Maja blev i sommar Max"},
		{"Hon heter Anton nu.", "Hon heter Anton"},
		{"Hun hedder Maja nu.", ""},
		{"Hans hund hedder Maja.", ""},
		{"Peter og Maja blev venner af Jens.", ""},
		// Who signs for two is not known, a mother is, a name amid a sentence is no signature.
		{"Min mand og jeg har ventet.\nHilsen Peter og Hanne", ""},
		{"Min kone venter.\nHilsen Sofies mor", "Min kone"},
		{"Min kone venter. Det er Hanne på kontoret, der har sagen.", ""},
		{"min mand er træt af det. mvh jens", "min mand"},
		{"min mand er træt af jens", ""},
	} {
		r := l.read(test.text)
		found := ""
		for _, h := range r.couples(l.roles) {
			found += test.text[r.at[r.tokens[h.first].start]:r.at[r.tokens[h.end-1].end]]
		}
		if found != test.found {
			t.Errorf("%q: found %q, want %q", test.text, found, test.found)
		}
	}
}

// TestCouplesBounded reads long lists of what couples consist of in linear time.
func TestCouplesBounded(t *testing.T) {
	l := builtin().lexicon
	for _, piece := range []string{"min mand ", "Peter og Jens gift ", "gift gift med ", "Peter. "} {
		r := l.read(strings.Repeat(piece, 1<<14))
		if n := len(r.couples(l.roles)); n > len(r.tokens) {
			t.Errorf("%q: %d couples", piece, n)
		}
	}
}
