package sensitive

import (
	"testing"

	"councilgate/policy"
)

// BenchmarkFind measures the whole detector, all lexicons and weights, over the
// letters, half of them innocent, in passages of the length of a mail and of one
// language each.
func BenchmarkFind(b *testing.B) {
	const mail = 4000 // bytes
	d := New()
	var passages []Passage
	texts := map[string]string{}
	size := 0
	for _, l := range readLetters(b, "seen") {
		size += len(l.text)
		if texts[l.lang] += l.text + "\n\n"; len(texts[l.lang]) >= mail {
			passages = append(passages, Passage{Place: policy.Quoted, Text: texts[l.lang]})
			texts[l.lang] = ""
		}
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		for i := range passages {
			d.Find(passages[i : i+1])
		}
	}
}

func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		New()
	}
}
