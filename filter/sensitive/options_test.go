package sensitive

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"councilgate/policy"
)

// builtin is compiled once for the tests that only add to it.
var builtin = sync.OnceValue(New)

func with(t testing.TB, o Options) *Detector {
	t.Helper()
	d, err := builtin().With(o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// found tells the kinds of what is found in a quoted text at confidence Strong.
func found(d *Detector, text string) (kinds []string) {
	for _, f := range d.Find([]Passage{{Place: policy.Quoted, Text: text}}) {
		if f.Confidence >= policy.Strong {
			kinds = append(kinds, string(f.Category)+" "+f.Kind)
		}
	}
	return kinds
}

func TestOperatorsWords(t *testing.T) {
	words := []policy.Word{
		{Category: policy.Health, Language: "da", Entry: "telling: huset Solsikken"},
		{Category: policy.Health, Language: "da", Entry: "telling: *trappeklub*"},
		{Category: policy.Religion, Language: "sv", Entry: "telling: ljusets vänner"},
		{Category: policy.Crime, Language: "da", Entry: "telling: projekt nystart ; near dom, straf"},
	}
	d := with(t, Options{Words: words})
	tests := []struct {
		text string
		want string // "" for nothing
	}{
		{"Min søn bor i huset Solsikken, og han er ked af det.", "health local"},
		{"Min søn bor i HUSET  SOLSIKKEN, og han er ked af det.", "health local"},
		{"Min kone går i aftentrappeklubben to gange om ugen, fordi hun har brug for det.", "health local"},
		{"Kommunen sparer 2 mio. kr. på Huset Solsikken i budgettet for 2027.", ""},
		{"Min man är med i Ljusets vänner och han trivs där.", "religion local"},
		{"Min mand er med i ljusets vänner, og han er der hver dag.", ""}, // not Danish
		{"Kommunen åbner et nyt hus på torsdag, og alle er velkomne.", ""},
	}
	for _, tt := range tests {
		if got := found(builtin(), tt.text); len(got) > 0 {
			t.Errorf("%q: found %q without the words", tt.text, got)
		}
		got := found(d, tt.text)
		if tt.want == "" && len(got) > 0 || tt.want != "" && !slices.Contains(got, tt.want) {
			t.Errorf("%q: found %q, want %q", tt.text, got, tt.want)
		}
	}
}

// Words of the operator's leave what the built-in lexicons find as it is, and the
// detector that they were added to as well.
func TestWordsAddOnly(t *testing.T) {
	d := with(t, Options{Words: []policy.Word{{Category: policy.Health, Language: "da", Entry: "telling: qqqq"}}})
	for _, l := range readLetters(t, "seen")[:100] {
		p := []Passage{{Place: policy.Quoted, Text: l.text}}
		if got, want := d.Find(p), builtin().Find(p); !slices.Equal(got, want) {
			t.Errorf("%s: found %+v, want %+v", l.id, got, want)
		}
	}
	if d.lexicon.base != builtin().lexicon || d.model != builtin().model {
		t.Error("the built-in tables are not shared")
	}
	if len(d.lexicon.terms) != 1 {
		t.Errorf("%d terms compiled", len(d.lexicon.terms))
	}
}

func TestCPRWithoutCheckOption(t *testing.T) {
	const of1963, of1965 = "hun er 010163-1111", "hun er 010165-1111" // both fail modulus 11
	d := with(t, Options{CPRWithoutCheck: []int{1963}})
	if got := found(d, of1963); !slices.Equal(got, []string{"national-id cpr"}) {
		t.Errorf("1963: %q", got)
	}
	if got := found(d, of1965); len(got) > 0 {
		t.Errorf("1965: %q", got)
	}
	if got := found(builtin(), of1965); !slices.Equal(got, []string{"national-id cpr"}) {
		t.Errorf("built-in, 1965: %q", got)
	}
	if years := CPRWithoutCheck(); !slices.IsSorted(years) || !slices.Contains(years, 1965) || slices.Contains(years, 1963) {
		t.Errorf("built-in list %v", years)
	}
}

func TestCheckEntry(t *testing.T) {
	right := []string{"solsikken", "telling: bostedet solsikken", "weak: *huset* ; near min, mit ; not dukke*", "§ 5", "DV", "hf-kurset", "kræft*"}
	for _, entry := range right {
		if err := CheckEntry(entry); err != nil {
			t.Errorf("%q: %v", entry, err)
		}
	}
	wrong := []struct{ entry, want string }{
		{"strong: hemmelig", "no strength"},
		{"telling:hemmelig", "a space after it"},
		{"telling: hemmelig: navn", "behind weak or telling alone"},
		{"hemmelig ; beside navn", "no condition"},
		{"hemmelig ; near", "a word is missing"},
		{"hemmelig ;", "no condition"},
		{"telling: ", "a colon stands"},
		{"telling:  ; near hemmelig", "a word is missing"},
		{"***", "not within"},
		{"!!", "a word is missing"},
		{"hem*lig", "not within"},
		{"[hemmelig]", "no section"},
		{"hemmelig # navn", "no comment"},
		{"x", "too short"},
		{"*en*", "too short"},
		{"i en*", "too short"},
	}
	for _, tt := range wrong {
		err := CheckEntry(tt.entry)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: error %v, want %q", tt.entry, err, tt.want)
		}
		if err != nil && strings.Contains(err.Error(), "hem") {
			t.Errorf("%q: the error shows it: %v", tt.entry, err)
		}
		word := policy.Word{Category: policy.Health, Language: "da", Entry: tt.entry}
		if _, err := builtin().With(Options{Words: []policy.Word{word}}); err == nil {
			t.Errorf("%q: taken", tt.entry)
		}
	}
	for _, word := range []policy.Word{{Category: policy.NationalID, Language: "da", Entry: "ordet"}, {Category: policy.Health, Language: "no", Entry: "ordet"}} {
		if _, err := builtin().With(Options{Words: []policy.Word{word}}); err == nil {
			t.Errorf("%+v: taken", word)
		}
	}
}

func FuzzCheckEntry(f *testing.F) {
	f.Add("telling: *bostedet* Solsikken ; near min, mit ; not dukke*")
	f.Add("weak: § 85\u00ad ﬁ")
	f.Fuzz(func(t *testing.T, entry string) {
		if len(entry) > 200 {
			return
		}
		word := policy.Word{Category: policy.Health, Language: "da", Entry: entry}
		d, err := builtin().With(Options{Words: []policy.Word{word}})
		if (err == nil) != (CheckEntry(entry) == nil) {
			t.Fatalf("CheckEntry and With disagree: %v", err)
		}
		if err == nil {
			d.Find([]Passage{{Place: policy.Own, Text: entry + " " + entry}})
		}
	})
}

// Every kind that can be found is in the closed list, and every kind in the list
// can be found.
func TestKinds(t *testing.T) {
	terms := make(map[policy.Category][]string)
	for _, term := range builtin().lexicon.terms {
		if term.topic < numCategories {
			c := topicCategories[term.topic]
			terms[c] = append(terms[c], term.kind)
		}
	}
	terms[policy.Sexuality] = append(terms[policy.Sexuality], coupleKind)
	for _, c := range topicCategories {
		want := append(terms[c], localKind, requestKind)
		slices.Sort(want)
		if got := Kinds(c); !slices.Equal(got, slices.Compact(want)) {
			t.Errorf("%s: kinds %q, want %q", c, got, slices.Compact(want))
		}
	}
	want := []string{"cpr", "d-nummer", "fodselsnummer", "h-nummer", "hetu", "interim-number", "personnummer", "request", "samordningsnummer"}
	if got := Kinds(policy.NationalID); !slices.Equal(got, want) {
		t.Errorf("national-id: kinds %q", got)
	}
	texts := []string{"cpr 070761-4285, personnummer 811228-9874 och 701063-2391, 131052-308T, cpr 010165-A1B2", "Send mig dit cpr-nummer og din journal på mail."}
	for _, l := range readLetters(t, "seen") {
		texts = append(texts, l.text)
	}
	for _, text := range texts {
		for _, f := range builtin().Find([]Passage{{Place: policy.Own, Text: text}}) {
			if !slices.Contains(Kinds(f.Category), f.Kind) {
				t.Errorf("%s has a kind %q that is not listed", f.Category, f.Kind)
			}
		}
	}
}

// BenchmarkWith measures what a reload compiles, at the bounds of the policy.
func BenchmarkWith(b *testing.B) {
	words := make([]policy.Word, 500)
	for i := range words {
		words[i] = policy.Word{Category: policy.Health, Language: "da", Entry: "*bostedet" + strings.Repeat("abcdefghij"[i%10:i%10+1], i%40) + "* solsikken"}
	}
	b.ReportAllocs()
	for b.Loop() {
		with(b, Options{Words: words})
	}
}
