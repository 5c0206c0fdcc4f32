package sensitive

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"councilgate/policy"
)

// All numbers here are made up; those that are checked were given a fitting last
// digit.
func TestNationalIDs(t *testing.T) {
	tests := []struct {
		text       string
		kind       string
		confidence policy.Confidence
	}{
		// Every way of writing a CPR number.
		{"Hendes nummer er 070761-4285.", "cpr", policy.Certain},
		{"cpr 0707614285", "cpr", policy.Certain},
		{"cpr: 07 07 61 - 4285", "cpr", policy.Certain},
		{"CPR-nr.: 07.07.61-4285", "cpr", policy.Certain},
		{"cpr.nr. 07/07/61-4285", "cpr", policy.Certain},
		{"07071961-4285 (cpr)", "cpr", policy.Certain},
		{"070761–4285 er mit CPR-nummer", "cpr", policy.Certain},
		{"0707\u00ad61\u20114285", "cpr", policy.Certain},
		{"070761\u00a0-\u00a04285", "cpr", policy.Certain},
		{"0\u200b70761-4285", "cpr", policy.Certain},
		{"070761-4285", "cpr", policy.Certain},
		{"cpr-nummer: 0 7 0 7 6 1 4 2 8 5", "cpr", policy.Certain},
		{"CPR\t070761\t4285", "cpr", policy.Certain},
		{"CPR-nummeret er 070761-\n4285", "cpr", policy.Certain},
		{"scan_CPR_070761-4285.pdf", "cpr", policy.Certain},
		{"nummeret 1507614287 står i brevet", "cpr", policy.Strong},
		{"personnummer0707614285", "cpr", policy.Certain},
		// Issued without a check digit, and mistyped beside a label.
		{"hun er 010165-1111", "cpr", policy.Strong},
		{"cpr 150512-4321", "cpr", policy.Strong},
		{"cpr for min søn er 150512-4321", "cpr", policy.Strong},
		{"Født 150512-4321", "cpr", policy.Strong},
		{"cpr 070761-4285 og 150512-4321", "cpr", policy.Certain},
		{"cpr 010165-A1B2", "interim-number", policy.Strong},
		{"cpr 670761-4281", "interim-number", policy.Strong},
		// Swedish.
		{"811228-9874", "personnummer", policy.Certain},
		{"19811228-9874", "personnummer", policy.Certain},
		{"personnummer 198112289874", "personnummer", policy.Certain},
		{"811228+9874", "personnummer", policy.Certain},
		{"samordningsnummer 701063-2391", "samordningsnummer", policy.Certain},
		{"pnr 640823-T234", "interim-number", policy.Strong},
		{"personnr: 811228 - 9875", "personnummer", policy.Strong},
		// Norwegian.
		{"fødselsnummer 150375 42187", "fodselsnummer", policy.Strong},
		{"150375 40150", "fodselsnummer", policy.Strong},
		{"fnr. 15037540150", "fodselsnummer", policy.Certain},
		{"d-nummer 550375 40063", "d-nummer", policy.Certain},
		{"h-nummer 15437540052", "h-nummer", policy.Certain},
		// Finnish.
		{"131052-308T", "hetu", policy.Certain},
		{"henkilötunnus 131052Y308T", "hetu", policy.Certain},
		// Full width and look-alikes.
		{"ＣＰＲ ０７０７６１－４２８５", "cpr", policy.Certain},

		// What is none.
		{text: "Ring på 70 10 20 30 eller 0707614285"},
		{text: "tlf. 0707614285"},
		{text: "Ring til mig på 0701011234"},
		{text: "mobil 0701 011 236"},
		{text: "faktura nr. 0707614285"},
		{text: "Sagsnr. 070761-4285"},
		{text: "sagsnummer: 150512-4321"},
		{text: "dnr 811228-9874"},
		{text: "OCR 8112289874"},
		{text: "bankgiro 811228-9874"},
		{text: "org.nr 556016-0680"},
		{text: "CVR 29189846, EAN 5798000123456"},
		{text: "IBAN DK50 0040 0440 1162 43"},
		{text: "https://example.com/a/0707614285/b"},
		{text: "Message-ID: <070761-4285@mail.example>"},
		{text: "2024-070761-4285-12"},
		{text: "070761-4286"},
		{text: "0707614286"},
		{text: "den 07.07.61 og 42 85"},
		{text: "Mødet er 07.07.2026 kl. 14.30-16.00"},
		{text: "56.1234, 9.123456"},
		{text: "123456789012345678901234567890"},
		{text: "Gnr 114 bnr 27 fnr 0 snr 3\nEiendoms-ID 3401-114/27/0/3"},
		{text: "fnr 0: 3401-114/27/0/3"},
		// A label's own number is not another's, but the label still stands near.
		{"cpr for barn nr. 2: 070761-4285", "cpr", policy.Certain},
	}
	for _, tt := range tests {
		found := nationalIDs(fold(tt.text), idFormats(cprUncheckedYears))
		var best match
		for _, m := range found {
			if m.confidence > best.confidence {
				best = m
			}
		}
		if best.kind != tt.kind && best.confidence >= policy.Strong || best.confidence != tt.confidence && (tt.confidence > 0 || best.confidence >= policy.Strong) {
			t.Errorf("%q: got %s (%v), want %s (%v)", tt.text, best.kind, best.confidence, tt.kind, tt.confidence)
		}
	}
}

// TestRandomNumbers holds the share of random ten-digit numbers that are taken for
// national ids, with the words around them that usually stand there, to the aim of
// 0.05 percent; and valid numbers in context must all be found.
func TestRandomNumbers(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	contexts := []string{
		"Ring til os på tlf. %s", "Faktura nr. %s forfalder fredag", "Sagsnr. %s", "Konto %s", "OCR-nummer %s", "dnr %s", "Tel %s", "bankgiro %s",
		"ordrenummer %s", "Journalnr.: %s", "ärendenummer %s", "mobil: %s", "fakturanummer %s", "ref. %s", "saksnummer %s", "KID %s", "varenr. %s", "medlemsnr. %s",
	}
	const n = 100_000
	hits := 0
	for i := range n {
		number := fmt.Sprintf("%010d", rnd.Int64N(1e10))
		if i%2 == 0 {
			number = number[:6] + "-" + number[6:]
		}
		for _, m := range nationalIDs(fold(fmt.Sprintf(contexts[i%len(contexts)], number)), idFormats(cprUncheckedYears)) {
			if m.confidence >= policy.Strong {
				hits++
				break
			}
		}
	}
	if share := float64(hits) / n; share >= 0.0005 {
		t.Errorf("%.3f %% of random numbers found, want under 0.05 %%", share*100)
	}
	frames := []string{
		"Min mors cpr-nummer er %s.", "CPR: %s", "Hun hedder Else, personnummer %s, og bor alene", "%s är mitt personnummer", "personnr %s", "Fødselsnummer: %s", "(cpr %s)", "cpr-nr %s",
	}
	missed := 0
	for i := range 20_000 {
		number := randomID(rnd)
		found := nationalIDs(fold(fmt.Sprintf(frames[i%len(frames)], number)), idFormats(cprUncheckedYears))
		if len(found) != 1 || found[0].confidence != policy.Certain {
			missed++
			if missed < 5 {
				t.Errorf("%q missed in %q: %v", number, frames[i%len(frames)], found)
			}
		}
	}
	if missed > 0 {
		t.Errorf("%d valid numbers missed", missed)
	}
}

// randomID makes a valid Danish or Swedish number in one of the usual spellings.
func randomID(rnd *rand.Rand) string {
	separator := []string{"-", "", " ", " - ", "–"}[rnd.IntN(5)]
	for {
		day := time.Date(1930+rnd.IntN(75), 1, 1+rnd.IntN(365), 0, 0, 0, 0, time.UTC)
		if rnd.IntN(2) == 0 {
			d := fmt.Sprintf("%s%04d", day.Format("020106"), rnd.IntN(10000))
			if cprUncheckedYears.cpr([]byte(d)) == checked {
				return d[:6] + separator + d[6:]
			}
			continue
		}
		d := fmt.Sprintf("%s%04d", day.Format("060102"), 10+rnd.IntN(9990))
		if personnummer([]byte(d)) == checked {
			return d[:6] + separator + d[6:]
		}
	}
}

// The time of a mail, as programs write it above what they forward, is no number of
// anybody's, whatever its digits.
func TestTimesOfDay(t *testing.T) {
	formats := idFormats(cprUncheckedYears)
	for second := 0; second < 24*60*60; second += 7 {
		at := time.Date(2026, 10, 8, 0, 0, second, 0, time.UTC)
		for _, layout := range []string{"Mon, 2 Jan 2006 15:04:05", "2006-01-02 15:04:05", "02-01-2006 15:04"} {
			for _, zone := range []string{"", " +0100", " +0200"} {
				text := "Dato: " + at.Format(layout) + zone + "\nFra: Birthe"
				for _, m := range nationalIDs(fold(text), formats) {
					t.Fatalf("%q: found %s, %v", text, m.kind, m.confidence)
				}
			}
		}
	}
}

func TestFold(t *testing.T) {
	tests := []struct{ in, want string }{
		{"Kræft", "kr\xe6ft"},
		{"Sjuksköterska", "sjuksk\xf8terska"},
		{"a\u030a o\u0308 e\u0301", "\xe5 \xf8 e"},
		{"sy\u00adge\u200bmeldt", "sygemeldt"},
		{"kr\u00e6ft h\u0430r", "kr\xe6ft har"}, // Cyrillic a between Latin letters
		{"１２３ ٤٥", "123 45"},
		{"3–4‑5", "3-4-5"},
		{"Crème brûlée", "creme brulee"},
	}
	for _, tt := range tests {
		f := fold(tt.in)
		if string(f.text) != tt.want {
			t.Errorf("fold(%q) = %q, want %q", tt.in, f.text, tt.want)
		}
		if len(f.at) != len(f.text)+1 || int(f.at[len(f.text)]) != len(tt.in) {
			t.Errorf("fold(%q): the way back is broken: %v", tt.in, f.at)
		}
	}
}

func FuzzNationalIDs(f *testing.F) {
	f.Add("cpr 070761-4285 og 811228-9874, 131052-308T")
	f.Add(strings.Repeat("0 1-", 50))
	f.Fuzz(func(t *testing.T, s string) {
		for _, m := range nationalIDs(fold(s), idFormats(cprUncheckedYears)) {
			if m.start < 0 || m.end <= m.start || m.end > len(fold(s).text) {
				t.Fatalf("match %v out of the text", m)
			}
		}
	})
}
