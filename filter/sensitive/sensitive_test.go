package sensitive

import (
	"runtime"
	"strings"
	"testing"

	"councilgate/policy"
)

// Much of one kind does not hide a little of another.
func TestMuchOfTheSame(t *testing.T) {
	text := strings.Repeat("Hendes cpr-nummer er 070761-4285.\n\n", 1000) + "Mit samordningsnummer er 701063-2391."
	count := make(map[string]int)
	for _, f := range builtin().Find([]Passage{{Place: policy.Quoted, Text: text}, {Place: policy.Attached, Text: text}}) {
		count[string(f.Place)+" "+f.Kind]++
	}
	for kind, want := range map[string]int{"quoted cpr": maxSame, "quoted samordningsnummer": 1, "attached cpr": maxSame, "attached samordningsnummer": 1} {
		if count[kind] != want {
			t.Errorf("%d findings of %s, want %d", count[kind], kind, want)
		}
	}
	if len(count) != 4 {
		t.Errorf("found %v", count)
	}
}

// The compiled tables take less than 20 MB of memory.
func TestTableSize(t *testing.T) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	d := New()
	runtime.GC()
	runtime.ReadMemStats(&after)
	if size := int64(after.HeapAlloc) - int64(before.HeapAlloc); size > 20_000_000 {
		t.Errorf("the tables take %.1f MB", float64(size)/1e6)
	}
	runtime.KeepAlive(d)
}
