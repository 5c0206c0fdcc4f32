package sensitive

import (
	"strings"
	"testing"

	"councilgate/policy"
)

// TestSpokenIDs tells the numbers whose parts stand among words from dates and numbers
// that have nothing to do with each other.
func TestSpokenIDs(t *testing.T) {
	d := builtin()
	for _, test := range []struct{ text, found string }{
		{"Jeg er født den 14. marts 67, og de fire sidste er 1211.", "14. marts 67, og de fire sidste er 1211"},
		{"Jag är född 14 juli 1985 och de fyra sista är 2399, den andre bor i Motala.", "14 juli 1985 och de fyra sista är 2399"},
		{"personnr. 04.02.79, så 150 og til slutt 22", "04.02.79, så 150 og til slutt 22"},
		{"She was born on 14 July 1985 and the last four digits are 2399.", "14 July 1985 and the last four digits are 2399"},
		{"cpr 140367 bindestreg 1211", "140367 bindestreg 1211"},
		{"Personnummer: 850714, sista fyra 2399", "850714, sista fyra 2399"},
		{"mit cpr: 14/3-1967 og de sidste 4 er 1211", "14/3-1967 og de sidste 4 er 1211"},
		{"född 1985-07-14, sista siffrorna 2399", "1985-07-14, sista siffrorna 2399"},
		{"Pål er født 24.08.85, personnr. 42181.", "24.08.85, personnr. 42181"},
		{"Jag är född den 14 juli 1985 (850714) och de fyra sista i personnumret är 2399.", "850714) och de fyra sista i personnumret är 2399"},
		{"født 14. marts 67, bor i Ry, personnr 1211", "14. marts 67, bor i Ry, personnr 1211"},
		// A check digit that does not hold, no word of birth, no word of an end.
		{"Jeg er født den 14. marts 67, og de fire sidste er 1202.", ""},
		{"Mødet den 14. marts 67 blev aflyst, kortet slutter på 1211.", ""},
		{"Betalt 14. marts 67, de fire sidste cifre er 1211.", ""},
		{"Jeg er født den 14. marts 67, og huset kostede 1211 kroner.", ""},
		{"Jag är född 14 juli 1985 och bor på 2399 Storgatan.", ""},
		{"cpr-kontoret lukker den 14. marts 67. Ring til nummer 1211.", ""},
	} {
		found := ""
		for _, f := range d.Find([]Passage{{Place: policy.Quoted, Text: test.text}}) {
			if f.Category == policy.NationalID && f.Confidence >= policy.Strong {
				found = test.text[f.Start:f.End]
			}
		}
		if found != test.found {
			t.Errorf("%s: found %q", test.text, found)
		}
	}
	// However many dates stand in a row, each is looked at once.
	if got := spokenIDs(fold(strings.Repeat("14 marts 67 og ", 20000)).text, d.ids); got != nil {
		t.Errorf("%d numbers among dates alone", len(got))
	}
}
