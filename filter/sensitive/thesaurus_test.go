package sensitive

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// TestThesaurus holds the meanings of the four languages together.
func TestThesaurus(t *testing.T) {
	l := builtin().lexicon
	for _, tt := range []struct{ a, b string }{
		{"Hun bor hos sin søster og har fået det godt.", "Hon bor hos sin syster och har fått det bra."},
		{"Min kone skrev til dig i går.", "My wife wrote to you yesterday."},
		{"Jeg skriver til deg om naboen min.", "Jeg skriver til dig om min nabo."},
	} {
		a, b := l.read(tt.a), l.read(tt.b)
		common := 0
		for i := range a.tokens {
			s := a.sense(a.word(i))
			if s == (sense{}) {
				t.Errorf("%q: nothing is known of %q", tt.a, a.word(i))
			}
			for j := range b.tokens {
				if s == b.sense(b.word(j)) {
					common++
					break
				}
			}
		}
		if half := len(a.tokens) / 2; common <= half {
			t.Errorf("%q and %q have the meanings of %d words in common, want more than %d", tt.a, tt.b, common, half)
		}
	}
}

func TestUnknownForms(t *testing.T) {
	th, err := parseThesaurus("x", "[house]\nshed: skur\n\n[say]\nring: ring ringe\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		word       string
		root, last bool
	}{
		{"ringede", true, false},
		{"ringeklokker", false, false},
		{"affaldsskur", false, true},
		{"sur", false, false},
	} {
		if _, ok := th.root([]byte(tt.word)); ok != tt.root {
			t.Errorf("root of %q: %v, want %v", tt.word, ok, tt.root)
		}
		if _, ok := th.last([]byte(tt.word)); ok != tt.last {
			t.Errorf("last part of %q: %v, want %v", tt.word, ok, tt.last)
		}
	}
}

func TestBrokenThesaurus(t *testing.T) {
	for data, want := range map[string]string{
		"child: barn\n":                   "f:1: write",
		"# c\n[kin]\nbarn\n":              "f:3: write",
		"[kin]\nchild: barn\nkid: Barn\n": "f:3: \"Barn\" stands here twice",
	} {
		if _, err := parseThesaurus("f", data); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want one with %q", data, err, want)
		}
	}
}

// TestClasses wants the same classes in every file: one that is misspelt would be one
// of its own.
func TestClasses(t *testing.T) {
	var first []string
	for _, folder := range languageFolders {
		data, err := os.ReadFile("thesaurus/" + folder + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		var classes []string
		for _, line := range strings.Split(string(data), "\n") {
			if strings.HasPrefix(line, "[") {
				classes = append(classes, line)
			}
		}
		if first == nil {
			first = classes
		}
		if !slices.Equal(classes, first) {
			t.Errorf("%s: classes %v, want %v", folder, classes, first)
		}
	}
}
