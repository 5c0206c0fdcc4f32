package sensitive

import (
	"os"
	"testing"
)

func TestCoverageTmp(t *testing.T) {
	if os.Getenv("COV") == "" {
		t.Skip()
	}
	l, _ := loadLexicon(lexiconFiles)
	var have, all, inn, innhit [numCategories]int
	for _, letter := range readLetters(t, "seen") {
		r := l.read(letter.text)
		ss := r.sentences()
		ex := examples(l, &letter)
		for i, e := range ex {
			for c := range e.tells {
				if e.tells[c] {
					all[c]++
					if ss[i].strength[c] >= 0 {
						have[c]++
					} else if os.Getenv("COV") == string(topicCategories[c]) {
						a, b := r.source(int(r.tokens[ss[i].first].start), int(r.tokens[ss[i].end-1].end))
						t.Logf("%s %s: %s", letter.id, topicCategories[c], letter.text[a:b])
					}
				} else {
					inn[c]++
					if ss[i].strength[c] >= 0 {
						innhit[c]++
					}
				}
			}
		}
	}
	for c := range all {
		t.Logf("%s coverage %.1f%% of %d; innocent hit %.1f%%", topicCategories[c], percent(have[c], all[c]), all[c], percent(innhit[c], inn[c]))
	}
}
