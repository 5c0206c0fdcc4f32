package sensitive

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// The weights were learned from the letters under testdata/letters, by
//
//	go test ./filter/sensitive -run TestTrain -train
//
// and are the same for the same letters and lexicons. The model is linear: the
// score of a sentence in a category is the sum of the weights of its features, so
// that which words counted can always be told.
//
//go:embed model.gz
var modelFile []byte

// A model gives each feature a weight in each category, and one for all of them.
// Weights are stored as bytes, of a step of their column's own.
type model struct {
	weights [][columns]int8 // by row
	step    [columns]float32
}

// score gives a sentence's log odds in the categories that are spoken of.
func (m *model) score(features []feature, spoken [numCategories]bool) (odds [numCategories]float32) {
	var some [numCategories]int
	topics := some[:0]
	for t, yes := range spoken {
		if yes {
			topics = append(topics, t)
		}
	}
	for i := range features {
		f := &features[i]
		w := &m.weights[f.row]
		if f.topic != every {
			odds[f.topic] += f.value * float32(w[shared]) * m.step[shared]
			continue
		}
		for _, t := range topics {
			odds[t] += f.value * float32(w[t]) * m.step[t]
		}
	}
	return odds
}

// probability turns log odds into a probability.
func probability(odds float32) float64 { return 1 / (1 + math.Exp(-float64(odds))) }

// loadModel reads what write wrote.
func loadModel(file []byte) (*model, error) {
	z, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	m := &model{weights: make([][columns]int8, rows)}
	if err := binary.Read(z, binary.LittleEndian, &m.step); err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	raw := make([]byte, rows*columns)
	if _, err := io.ReadFull(z, raw); err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	for row := range m.weights {
		for c := range m.weights[row] {
			m.weights[row][c] = int8(raw[row*columns+c])
		}
	}
	if _, err := z.Read(raw[:1]); !errors.Is(err, io.EOF) {
		return nil, errors.New("model: longer than it should be")
	}
	return m, nil
}
