package sensitive

import (
	"bytes"
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
//go:embed model.bin
var modelFile []byte

// A model gives each feature of a sentence a weight in each category, and one for all of
// them, and each word of a letter a weight. Weights are bytes, of a step of their column's
// own.
type model struct {
	step     [columns]float32
	weights  []byte // int8, columns of them a row
	gistStep float32
	gists    []byte // int8, one a row
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
		w := m.weights[f.row*columns:][:columns]
		if f.topic != every {
			if c := by[f.topic]; c != nil {
				c.parts[f.aspect][1] += f.value * float32(int8(w[shared])) * step[shared]
			}
			continue
		}
		for i := range sentence {
			c := &sentence[i]
			c.parts[f.aspect][0] += f.value * float32(int8(w[c.topic])) * step[c.topic]
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

// loadModel reads the file that TestTrain writes. The weights stay where they are in the file.
func loadModel(file []byte) (*model, error) {
	m := new(model)
	r := bytes.NewBuffer(file)
	var err error
	steps := func(into any) { err = errors.Join(err, binary.Read(r, binary.LittleEndian, into)) }
	weights := func(n int) []byte {
		list := r.Next(n)
		if len(list) < n {
			err = errors.Join(err, io.ErrUnexpectedEOF)
		}
		return list
	}
	steps(&m.step)
	m.weights = weights(rows * columns)
	steps(&m.gistStep)
	m.gists = weights(rows)
	if err := errors.Join(err, m.forest.read(r)); err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	if r.Len() > 0 {
		return nil, errors.New("model: longer than it should be")
	}
	return m, nil
}
