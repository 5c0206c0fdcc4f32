package sensitive

import (
	"strings"
	"testing"

	"councilgate/policy"
)

// A number is found wherever in a long text it stands, at the edge of a sheet too,
// and its range leads back to it.
func TestSheets(t *testing.T) {
	const number = "070761-4285"
	d := New()
	for _, filler := range []string{"Vejen er lukket hele ugen.\n", "ord ", "æøå "} {
		for at := sheet - 2*overlap; at < sheet+overlap; at += 151 {
			before := strings.Repeat(filler, at/len(filler))
			text := before + "\ncpr " + number + "\n" + strings.Repeat(filler, sheet/len(filler))
			found := d.Find([]Passage{{Place: policy.Quoted, Text: text}})
			if len(found) == 0 {
				t.Fatalf("%q: the number at %d is not found", filler, at)
			}
			for _, f := range found {
				if f.Category == policy.NationalID && text[f.Start:f.End] != number {
					t.Errorf("%q: the finding at %d leads to %d characters elsewhere", filler, at, f.End-f.Start)
				}
			}
		}
	}
}

// The pieces of a text leave nothing out, and no character is cut.
func TestSheetsCover(t *testing.T) {
	for _, text := range []string{"", "kort", strings.Repeat("ø", 3*sheet), strings.Repeat("linje\n", sheet), strings.Repeat("\x80", 2*sheet)} {
		covered := 0
		for offset, piece := range sheets(text) {
			if offset > covered || len(piece) > sheet {
				t.Fatalf("a piece of %d bytes at %d, %d covered", len(piece), offset, covered)
			}
			if text[offset:offset+len(piece)] != piece {
				t.Fatal("a piece is not where it says")
			}
			covered = offset + len(piece)
		}
		if covered != len(text) {
			t.Errorf("%d of %d bytes covered", covered, len(text))
		}
	}
}
