package sensitive

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// The weights were learned from the letters under testdata/letters, by
//
//	go test ./filter/sensitive -run TestTrain -train
//
// and are the same for the same letters and lexicons. Its greater part is linear: the
// odds of a sentence in a category are the sum of the weights of its features, so that
// which words counted can always be told. What that sum is worth, the forest says.
//
//go:embed model.gz
var modelFile []byte

// A model gives each feature of a sentence a weight in each category, and one for all of
// them, and each word of a letter a weight. They are stored as bytes, of a step of their
// column's own.
type model struct {
	weights  [][columns]int8 // by row
	step     [columns]float32
	gists    []int8 // by row
	gistStep float32
	forest   forest
}

// score adds the weights of a sentence's features to the odds of its claims, and returns
// the highest of these.
func (m *model) score(sentence []claim, features []feature) (highest float32) {
	var by [numCategories]*claim
	for i := range sentence {
		by[sentence[i].topic] = &sentence[i]
	}
	step := &m.step
	for i := range features {
		f := &features[i]
		w := &m.weights[f.row]
		if f.topic != every {
			if c := by[f.topic]; c != nil {
				c.parts[f.aspect][1] += f.value * float32(w[shared]) * step[shared]
			}
			continue
		}
		for i := range sentence {
			c := &sentence[i]
			c.parts[f.aspect][0] += f.value * float32(w[c.topic]) * step[c.topic]
		}
	}
	highest = silent
	for i := range sentence {
		c := &sentence[i]
		c.odds = c.parts.sum()
		highest = max(highest, c.odds)
	}
	return highest
}

// loadModel reads what write wrote.
func loadModel(file []byte) (*model, error) {
	z, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	m := &model{weights: make([][columns]int8, rows), gists: make([]int8, rows)}
	raw := make([]byte, rows*columns)
	read := func(into any) { err = errors.Join(err, binary.Read(z, binary.LittleEndian, into)) }
	read(&m.step)
	read(raw)
	for row := range m.weights {
		for c := range m.weights[row] {
			m.weights[row][c] = int8(raw[row*columns+c])
		}
	}
	read(&m.gistStep)
	read(m.gists)
	if err := errors.Join(err, m.forest.read(z)); err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	if _, err := z.Read(raw[:1]); !errors.Is(err, io.EOF) {
		return nil, errors.New("model: longer than it should be")
	}
	return m, nil
}
