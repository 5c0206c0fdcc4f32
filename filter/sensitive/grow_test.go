package sensitive

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"testing"
)

// A sample is a claim that the forest learns from.
type sample struct {
	circumstances
	topic topic
	tells bool
}

// How a forest is grown: each tree learns what those before it left, a little at a
// time.
const (
	trees      = 150
	leaves     = 12  // of a tree
	fewest     = 200 // samples in a leaf
	growth     = 0.1 // the part of its proposal that a tree may add
	ridge      = 3   // the pull of a leaf towards zero
	thresholds = 63  // that are tried of a circumstance
)

// grow learns a forest by gradient boosting, with the logistic loss and Newton's steps.
func grow(samples []sample) forest {
	g := &grower{samples: samples, odds: make([]float64, len(samples)), slope: make([]float64, len(samples)), curve: make([]float64, len(samples))}
	g.cut()
	for range trees {
		for i := range samples {
			p := probability(float32(g.odds[i]))
			g.slope[i], g.curve[i] = p, p*(1-p)
			if samples[i].tells {
				g.slope[i]--
			}
		}
		g.tree()
	}
	return g.forest
}

// bytes gives what read reads.
func (f *forest) bytes() []byte {
	var out bytes.Buffer
	for _, part := range []any{uint16(len(f.roots)), uint16(len(f.nodes)), f.roots, f.nodes} {
		binary.Write(&out, binary.LittleEndian, part)
	}
	return out.Bytes()
}

type grower struct {
	forest
	samples      []sample
	odds         []float64 // so far
	slope, curve []float64 // of the loss
	limits       [numCircumstances][]float32
	bins         [][numCircumstances]uint8 // the limits that a sample is above of
}

// cut chooses the limits between the values of each circumstance.
func (g *grower) cut() {
	g.bins = make([][numCircumstances]uint8, len(g.samples))
	for c := range numCircumstances {
		values := make([]float32, len(g.samples))
		for i := range g.samples {
			values[i] = g.samples[i].circumstances[c]
		}
		slices.Sort(values)
		last := values[len(values)-1]
		for i := range thresholds {
			if v := values[(i+1)*len(values)/(thresholds+1)]; v < last {
				g.limits[c] = append(g.limits[c], v)
			}
		}
		g.limits[c] = slices.Compact(g.limits[c])
		for i := range g.samples {
			// The first limit that it is not above.
			n, _ := slices.BinarySearch(g.limits[c], g.samples[i].circumstances[c])
			g.bins[i][c] = uint8(n)
		}
	}
}

// A sum is of the slopes and curves of samples.
type sum struct {
	slope, curve float64
	count        int
}

// worth is by how much a leaf of such samples lessens the loss.
func (s sum) worth() float64 { return s.slope * s.slope / (s.curve + ridge) }

// A leaf is the samples that came there, and the best way to part them.
type leaf struct {
	node    int
	members []int
	all     sum // of the members
	gain    float64
	asks    int
	limit   int
}

// tree grows a tree, always where it helps most.
func (g *grower) tree() {
	everyone := make([]int, len(g.samples))
	for i := range everyone {
		everyone[i] = i
	}
	g.roots = append(g.roots, uint16(len(g.nodes)))
	open := []leaf{g.leaf(everyone)}
	for len(open) < leaves {
		best := 0
		for i := range open {
			if open[i].gain > open[best].gain {
				best = i
			}
		}
		l := open[best]
		if l.gain <= 0 {
			break
		}
		var yes, no []int
		for _, i := range l.members {
			if int(g.bins[i][l.asks]) <= l.limit {
				yes = append(yes, i)
			} else {
				no = append(no, i)
			}
		}
		below, above := g.leaf(yes), g.leaf(no)
		g.nodes[l.node] = node{Limit: g.limits[l.asks][l.limit], Yes: uint16(below.node), No: uint16(above.node), Asks: uint8(l.asks)}
		open[best] = below
		open = append(open, above)
	}
	for _, l := range open {
		adds := -growth * l.all.slope / (l.all.curve + ridge)
		g.nodes[l.node].Limit = float32(adds)
		for _, i := range l.members {
			g.odds[i] += adds
		}
	}
}

// leaf makes a leaf of samples and finds how they would best be parted.
func (g *grower) leaf(members []int) leaf {
	l := leaf{node: len(g.nodes), members: members}
	g.nodes = append(g.nodes, node{})
	var bins [numCircumstances][thresholds + 1]sum
	all := &l.all
	for _, i := range members {
		slope, curve := g.slope[i], g.curve[i]
		all.slope, all.curve, all.count = all.slope+slope, all.curve+curve, all.count+1
		for c, bin := range g.bins[i] {
			s := &bins[c][bin]
			s.slope, s.curve, s.count = s.slope+slope, s.curve+curve, s.count+1
		}
	}
	for c := range bins {
		var below sum
		for limit := range g.limits[c] {
			s := bins[c][limit]
			below.slope, below.curve, below.count = below.slope+s.slope, below.curve+s.curve, below.count+s.count
			if below.count < fewest || all.count-below.count < fewest {
				continue
			}
			above := sum{slope: all.slope - below.slope, curve: all.curve - below.curve}
			if gain := below.worth() + above.worth() - all.worth(); gain > l.gain {
				l.gain, l.asks, l.limit = gain, c, limit
			}
		}
	}
	return l
}

// TestGrow learns what no sum of its parts can tell: that exactly one of two is so.
func TestGrow(t *testing.T) {
	var samples []sample
	for i := range 10 * fewest {
		a, b := i&1, i>>1&1
		s := sample{tells: a != b}
		s.circumstances[0], s.circumstances[1], s.circumstances[2] = float32(a), float32(b), float32(i%7)
		samples = append(samples, s)
	}
	// The first question gains nothing by itself, so one of the four is rarer.
	samples = samples[1:]
	f := grow(samples)
	for i, s := range samples[:4] {
		p := probability(f.score(&s.circumstances))
		if (p > 0.5) != s.tells || math.Abs(p-0.5) < 0.3 {
			t.Errorf("sample %d: %.2f, tells is %v", i, p, s.tells)
		}
	}
}

// TestForestRead refuses a forest in which a question could lead nowhere, or round in a
// circle.
func TestForestRead(t *testing.T) {
	leaf := node{Limit: 1}
	for _, test := range []struct {
		name   string
		forest forest
		good   bool
	}{
		{"a tree", forest{roots: []uint16{0}, nodes: []node{{Yes: 1, No: 2}, leaf, leaf}}, true},
		{"no tree", forest{}, true},
		{"a root too far", forest{roots: []uint16{1}, nodes: []node{leaf}}, false},
		{"a branch too far", forest{roots: []uint16{0}, nodes: []node{{Yes: 1, No: 3}, leaf, leaf}}, false},
		{"a circle", forest{roots: []uint16{0}, nodes: []node{{Yes: 1, No: 2}, {Yes: 1, No: 2}, leaf}}, false},
		{"only one answer", forest{roots: []uint16{0}, nodes: []node{{Yes: 1}, leaf}}, false},
		{"an unknown circumstance", forest{roots: []uint16{0}, nodes: []node{{Yes: 1, No: 2, Asks: numCircumstances}, leaf, leaf}}, false},
	} {
		var f forest
		if err := f.read(bytes.NewReader(test.forest.bytes())); (err == nil) != test.good {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	whole := forest{roots: []uint16{0}, nodes: []node{leaf}}
	file := whole.bytes()
	for n := range file {
		var f forest
		if f.read(bytes.NewReader(file[:n])) == nil {
			t.Errorf("%d of %d bytes were enough", n, len(file))
		}
	}
}
