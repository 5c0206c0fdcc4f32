package sensitive

import (
	"bytes"
	"encoding/binary"
	"flag"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
)

var train = flag.Bool("train", false, "learn the weights anew from testdata/letters/seen and write model.bin")

// An example is a sentence of a letter and what it tells.
type example struct {
	features []feature
	spoken   [numCategories]bool // a term of the category stands in it
	tells    [numCategories]bool
}

// examples cuts a letter into sentences, each with what the marks say of it.
func examples(l *lexicon, letter *letter) []example {
	r := l.read(letter.text)
	collector := r.collector(r.letterhead(letter.place))
	list := make([]example, len(r.sentences))
	for i, s := range r.sentences {
		collector.lexiconFeatures(i)
		collector.textFeatures()
		e := example{features: slices.Clone(collector.list), spoken: s.spoken()}
		start, _ := r.source(int(r.tokens[s.first].start), int(r.tokens[s.first].end))
		_, end := r.source(int(r.tokens[s.end-1].start), int(r.tokens[s.end-1].end))
		for _, m := range letter.marks {
			shared := min(end, m.end) - max(start, m.start)
			// A mark tells of the sentence that holds a good part of it, or that it
			// covers for the most part.
			if shared*3 < m.end-m.start && shared*2 < end-start {
				continue
			}
			for j, category := range topicCategories {
				for _, told := range m.categories {
					e.tells[j] = e.tells[j] || told == category
				}
			}
		}
		list[i] = e
	}
	return list
}

// unfamiliar gives the examples as they would look if the terms in them had never
// been seen: without what speaks of the very words. It teaches the model to judge by
// the class of a term and the company it keeps, as it must with an operator's words.
func unfamiliar(l *lexicon, letter *letter) []example {
	r := l.read(letter.text)
	list := examples(l, letter)
	for i, s := range r.sentences {
		inside := map[int32]bool{}
		for _, h := range s.hits {
			if h.topic < numCategories {
				for t := h.first; t < h.end; t++ {
					inside[int32(t)] = true
				}
			}
		}
		kept := list[i].features[:0]
		for _, f := range list[i].features {
			if !f.lexical || !inside[f.token] {
				kept = append(kept, f)
			}
		}
		list[i].features = kept
	}
	return list
}

// A learner finds weights by stochastic gradient descent on the logistic loss,
// with a step for each weight (Duchi and others, "Adaptive Subgradient Methods",
// 2011) and a pull towards zero.
type learner struct {
	weights, squares [][columns]float32
}

const (
	passes = 14
	rate   = 0.06
	decay  = 1e-3
)

func learn(examples []example) *learner {
	l := &learner{
		weights: make([][columns]float32, rows),
		squares: make([][columns]float32, rows),
	}
	rnd := rand.New(rand.NewPCG(7, 11))
	order := rnd.Perm(len(examples))
	for range passes {
		rnd.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, i := range order {
			l.step(&examples[i])
		}
	}
	return l
}

func (l *learner) step(e *example) {
	var odds, slope [numCategories]float32
	for _, f := range e.features {
		w := &l.weights[f.row]
		if f.topic != every {
			odds[f.topic] += f.value * w[shared]
			continue
		}
		for c := range odds {
			odds[c] += f.value * w[c]
		}
	}
	for c := range slope {
		if !e.spoken[c] {
			continue
		}
		slope[c] = float32(probability(odds[c]))
		if e.tells[c] {
			slope[c]--
		}
	}
	for _, f := range e.features {
		if f.topic != every {
			l.move(f.row, shared, slope[f.topic]*f.value)
			continue
		}
		for c := range slope {
			l.move(f.row, c, slope[c]*f.value)
		}
	}
}

func (l *learner) move(row uint32, column int, gradient float32) {
	w, q := &l.weights[row][column], &l.squares[row][column]
	gradient += decay * *w
	if *q += gradient * gradient; *q > 0 {
		*w -= rate * gradient / (float32(math.Sqrt(float64(*q))) + 1e-6)
	}
}

// bytes stores the weights of a column as bytes of a step.
func (l *learner) bytes(column int) (weights []byte, step float32) {
	for _, w := range l.weights {
		step = max(step, w[column]/127, -w[column]/127)
	}
	weights = make([]byte, len(l.weights))
	for row, w := range l.weights {
		weights[row] = byte(int8(math.Round(float64(w[column] / max(step, 1e-9)))))
	}
	return weights, step
}

// bytes gives the file that loadModel reads.
func (m *model) bytes() []byte {
	var out bytes.Buffer
	for _, part := range []any{m.step, m.weights, m.gistStep, m.gists} {
		binary.Write(&out, binary.LittleEndian, part)
	}
	out.Write(m.forest.bytes())
	return out.Bytes()
}

// folds is how many times the letters are parted into those that teach and those that
// are judged.
const folds = 5

// lessons gives the examples of the letters, twice each: as they are, and unfamiliar.
func lessons(l *lexicon, letters []letter) []example {
	var list []example
	for i := range letters {
		list = append(append(list, examples(l, &letters[i])...), unfamiliar(l, &letters[i])...)
	}
	return list
}

// gists gives the letters as examples of what all of their words tell: anything, or
// nothing, which is learned in the first column.
func gists(l *lexicon, letters []letter) []example {
	list := make([]example, len(letters))
	for i := range letters {
		r := l.read(letters[i].text)
		var e example
		r.gistRow(func(row uint32) { e.features = append(e.features, feature{row: row, topic: every}) })
		for j := range e.features {
			e.features[j].value = gistValue / float32(math.Sqrt(float64(len(e.features))))
		}
		e.spoken[0], e.tells[0] = true, letters[i].tells() != [numCategories]bool{}
		list[i] = e
	}
	return list
}

// linear learns a model without its forest.
func linear(l *lexicon, letters []letter) *model {
	m := &model{weights: make([]byte, rows*columns)}
	sentences := learn(lessons(l, letters))
	for c := range columns {
		weights, step := sentences.bytes(c)
		m.step[c] = step
		for row := range weights {
			m.weights[row*columns+c] = weights[row]
		}
	}
	m.gists, m.gistStep = learn(gists(l, letters)).bytes(0)
	return m
}

// A judgment is a letter as the forest learns from it: what weights make of it that were
// learned from the letters of others.
type judgment struct {
	letter  letter
	fold    int
	samples []sample
}

// judgments parts the letters into folds by writer and judges each fold by weights that
// the others taught. Single sentences only teach.
func judgments(l *lexicon, letters []letter) []judgment {
	var writers []string
	for i := range letters {
		if f := letters[i].file; !slices.Contains(writers, f) && !letters[i].single() {
			writers = append(writers, f)
		}
	}
	rnd := rand.New(rand.NewPCG(3, 5))
	rnd.Shuffle(len(writers), func(i, j int) { writers[i], writers[j] = writers[j], writers[i] })
	var list []judgment
	for fold := range folds {
		var teaching, judged []letter
		for _, letter := range letters {
			if !letter.single() && slices.Index(writers, letter.file)%folds == fold {
				judged = append(judged, letter)
			} else {
				teaching = append(teaching, letter)
			}
		}
		d := &Detector{lexicon: l, model: linear(l, teaching)}
		for i := range judged {
			list = append(list, judgment{judged[i], fold, d.samples(&judged[i])})
		}
	}
	return list
}

// samples gives the claims of a letter with their circumstances.
func (d *Detector) samples(letter *letter) []sample {
	r := d.lexicon.read(letter.text)
	truth := examples(d.lexicon, letter)
	claims, v := d.survey(&r, letter.place)
	var all []sample
	for i := range claims {
		if c := &claims[i]; !c.hopeless() {
			all = append(all, sample{*v.circumstances(c), c.topic, truth[c.sentence].tells[c.topic]})
		}
	}
	return all
}

// TestTrain learns the model anew when asked to.
func TestTrain(t *testing.T) {
	if !*train {
		t.Skip("run with -train to learn the model anew")
	}
	l, err := loadLexicon(lexiconFiles)
	if err != nil {
		t.Fatal(err)
	}
	letters := readLetters(t, "seen")
	var all []sample
	for _, j := range judgments(l, letters) {
		all = append(all, j.samples...)
	}
	m := linear(l, letters)
	m.forest = grow(all)
	if err := os.WriteFile("model.bin", m.bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d trees of %d nodes", len(m.forest.roots), len(m.forest.nodes))
}
