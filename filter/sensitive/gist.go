package sensitive

import "math"

// gistValue is how much all words of a letter count together.
const gistValue = 10

// gistRow calls visit with the row of each word, pair of words and beginning of a word.
func (r *reading) gistRow(visit func(row uint32)) {
	before := uint64(0)
	for i := range r.tokens {
		w := hashedWordOf(r.word(i))
		visit(hash(letterWord, w.whole, 0, 0))
		visit(hash(letterPair, before, w.whole, 0))
		if w.root != 0 {
			visit(hash(letterStem, w.root, 0, 0))
		}
		before = w.whole
	}
}

// gist gives the log odds that a letter tells anything of anybody, by all of its words,
// wherever they stand: one of hospitals, budgets and the council, or one of a mother,
// Tuesdays and the doctor. By itself it finds nothing; it tells the forest in what kind of
// letter a sentence stands.
func (m *model) gist(r *reading) float32 {
	sum, count := 0, 0
	r.gistRow(func(row uint32) {
		sum += int(int8(m.gists[row]))
		count++
	})
	return m.gistStep * float32(sum) * gistValue / float32(math.Sqrt(float64(max(count, 1))))
}
