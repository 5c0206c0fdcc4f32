package sensitive

import (
	"testing"

	"councilgate/policy"
)

// BenchmarkFind measures the whole detector, all lexicons and weights, over the
// letters one after another: text of four languages, half of it innocent.
func BenchmarkFind(b *testing.B) {
	d := New()
	var passages []Passage
	size := 0
	for _, l := range readLetters(b, "seen") {
		text := l.text
		passages = append(passages, Passage{Place: policy.Quoted, Text: text})
		size += len(text)
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
