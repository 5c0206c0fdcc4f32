package sensitive

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"

	"councilgate/policy"
)

var validate = flag.Bool("crossvalidate", false, "learn from part of testdata/letters/seen and judge the rest, part by part")

// A scorer gives a letter's highest score in each category.
type scorer func(*letter) [numCategories]float64

// by judges letters by a model as the detector does.
func by(l *lexicon, m *model) scorer {
	d := &Detector{lexicon: l, model: m}
	return func(letter *letter) (highest [numCategories]float64) {
		r := l.read(letter.text)
		for _, chances := range d.chances(&r, letter.place) {
			for c, chance := range chances {
				highest[c] = max(highest[c], chance)
			}
		}
		return highest
	}
}

// TestCrossValidate judges every writer's letters by weights and a forest learned from
// the others', so that thresholds can be chosen by it.
func TestCrossValidate(t *testing.T) {
	if !*validate {
		t.Skip("run with -crossvalidate")
	}
	l, err := loadLexicon(lexiconFiles)
	if err != nil {
		t.Fatal(err)
	}
	list := judgments(l, readLetters(t, "seen"))
	letters := make([]letter, len(list))
	scores := make([][numCategories]float64, len(list))
	for fold := range folds {
		var others []sample
		for _, j := range list {
			if j.fold != fold {
				others = append(others, j.samples...)
			}
		}
		f := grow(others)
		for i, j := range list {
			if j.fold != fold {
				continue
			}
			letters[i] = j.letter
			for _, s := range j.samples {
				scores[i][s.topic] = max(scores[i][s.topic], probability(f.score(&s.circumstances)))
			}
		}
	}
	for _, place := range []policy.Place{policy.Quoted, policy.Own} {
		in, with := part(letters, scores, func(l *letter) bool { return l.place == place })
		for _, pass := range []float64{0.95, 0.97, 0.98, 0.99} {
			threshold := passing(in, with, pass)
			report(t, fmt.Sprintf("%s, threshold %.2f", place, threshold), in, with, threshold)
		}
	}
}

// TestLetters judges the letters by the built-in weights, and prints recall and
// precision by category for both parts, by language at the confidence that refuses a
// mail, and for all languages at each confidence. Of the seen part the weights were
// learned: only the unseen part says how good they are. The floors lie a little below
// what was reached.
func TestLetters(t *testing.T) {
	d := New()
	score := by(d.lexicon, d.model)
	for _, tt := range []struct {
		dir            string
		passed, caught float64 // floors, percent
	}{{"seen", 99, 95}, {"unseen", 97, 90}} {
		letters := readLetters(t, tt.dir)
		scores := make([][numCategories]float64, len(letters))
		for i := range letters {
			scores[i] = score(&letters[i])
		}
		passed, caught := report(t, tt.dir, letters, scores, strong)
		if passed < tt.passed || caught < tt.caught {
			t.Errorf("%s: %.1f %% of the innocent passed, %.1f %% of the others were found; want %.0f and %.0f at least",
				tt.dir, passed, caught, tt.passed, tt.caught)
		}
		report(t, tt.dir+", possible or more", letters, scores, possible)
		report(t, tt.dir+", certain", letters, scores, certain)
		for _, lang := range []string{"da", "sv", "nb", "en"} {
			if in, with := part(letters, scores, func(l *letter) bool { return l.lang == lang }); len(in) > 0 {
				report(t, tt.dir+" "+lang, in, with, strong)
			}
		}
	}
}

// part gives some of the letters, with their scores.
func part(letters []letter, scores [][numCategories]float64, is func(*letter) bool) (in []letter, with [][numCategories]float64) {
	for i := range letters {
		if is(&letters[i]) {
			in, with = append(in, letters[i]), append(with, scores[i])
		}
	}
	return in, with
}

// passing finds the threshold at which a share of the innocent letters pass.
func passing(letters []letter, scores [][numCategories]float64, share float64) float64 {
	var tops []float64
	for i := range letters {
		if letters[i].tells() == [numCategories]bool{} {
			tops = append(tops, slices.Max(scores[i][:]))
		}
	}
	slices.Sort(tops)
	return tops[min(len(tops)-1, int(share*float64(len(tops))))] + 1e-9
}

// report prints recall and precision by category, and the share of innocent
// letters that pass.
func report(t *testing.T, title string, letters []letter, scores [][numCategories]float64, threshold float64) (passedShare, caughtShare float64) {
	t.Helper()
	var found, told, right [numCategories]int
	innocent, passed, guilty, caught := 0, 0, 0, 0
	for i := range letters {
		tells := letters[i].tells()
		any, hit := false, false
		for c := range tells {
			f := scores[i][c] >= threshold
			any = any || tells[c]
			hit = hit || f
			switch {
			case f && tells[c]:
				right[c]++
				fallthrough
			case f:
				found[c]++
			}
			if tells[c] {
				told[c]++
			}
		}
		if any {
			guilty++
			if hit {
				caught++
			}
		} else {
			innocent++
			if !hit {
				passed++
			}
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d letters; innocent passed %.1f %% of %d; telling caught %.1f %% of %d\n", title, len(letters), percent(passed, innocent), innocent, percent(caught, guilty), guilty)
	for c, category := range topicCategories {
		fmt.Fprintf(&b, "  %-18s recall %5.1f %% (%d)  precision %5.1f %%\n", category, percent(right[c], told[c]), told[c], percent(right[c], found[c]))
	}
	t.Log(b.String())
	return percent(passed, innocent), percent(caught, guilty)
}

func percent(part, whole int) float64 {
	if whole == 0 {
		return 100
	}
	return 100 * float64(part) / float64(whole)
}
