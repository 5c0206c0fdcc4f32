package sensitive

import (
	"testing"
	"unicode/utf8"

	"councilgate/policy"
)

// FuzzFind: whatever the text, findings lead to a part of it that begins and ends
// at characters, and come in the same number each time.
func FuzzFind(f *testing.F) {
	d := New()
	f.Add("Min kone går til dialyse tre gange om ugen. cpr 070761-4285", true)
	f.Add("Kan du maile mig din journal?\n\n\n§85 * - , . ", false)
	f.Fuzz(func(t *testing.T, text string, own bool) {
		p := Passage{Place: policy.Quoted, Text: text}
		if own {
			p.Place = policy.Own
		}
		found := d.Find([]Passage{p})
		for _, m := range found {
			if m.Start < 0 || m.End < m.Start || m.End > len(text) {
				t.Fatalf("finding [%d,%d) of %d bytes", m.Start, m.End, len(text))
			}
			if utf8.ValidString(text) && !utf8.ValidString(text[m.Start:m.End]) {
				t.Fatalf("finding [%d,%d) cuts a character", m.Start, m.End)
			}
		}
		if again := d.Find([]Passage{p}); len(again) != len(found) {
			t.Fatalf("%d findings, then %d", len(found), len(again))
		}
	})
}
