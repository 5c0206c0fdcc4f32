package mail

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"councilgate/policy"
)

// TestParse_broken reads every kind of broken mail that we know of. Each file is
// named by its fault and holds one sentence, which must come out right.
func TestParse_broken(t *testing.T) {
	const sentence = "Åse bærer 070761-4285 på sig."
	gaps := map[string][]policy.Gap{
		"depth-200": {{Kind: policy.Unreadable, Part: strings.Repeat("1.", 40) + "1", Reason: TooDeep}},
	}
	for name, raw := range readMails(t, "testdata/broken") {
		t.Run(name, func(t *testing.T) {
			m := Parse(raw, DefaultLimits())
			if !slices.ContainsFunc(m.Texts, func(text Text) bool { return strings.Contains(text.Body, sentence) }) {
				t.Errorf("the sentence is not among the texts %+v", m.Texts)
			}
			if !slices.Equal(m.Gaps, gaps[name]) {
				t.Errorf("gaps %v, want %v", m.Gaps, gaps[name])
			}
		})
	}
}

// readMails returns the mails of a directory by name.
func readMails(t testing.TB, dir string) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.eml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no mails in %s: %v", dir, err)
	}
	mails := map[string][]byte{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		mails[strings.TrimSuffix(filepath.Base(file), ".eml")] = raw
	}
	return mails
}
