package sensitive

import (
	"encoding/binary"
	"errors"
	"io"
)

// A forest is a sum of small decision trees (Friedman, "Greedy Function
// Approximation: A Gradient Boosting Machine", 2001). The linear model adds up what
// speaks for a sentence and what against it, each by itself; the forest judges what
// that sum is worth amid the rest: in a short mail or a long one, alone in it or one
// of several, by one strong word or by many weak ones.
type forest struct {
	nodes []node
	roots []uint16 // the first node of each tree
}

// A node asks whether one circumstance is at most its limit. The answer leads to the
// next node, or, in a leaf, there is nothing left to ask and its limit is what the tree
// adds to the log odds.
type node struct {
	Limit   float32
	Yes, No uint16 // nodes; 0 in a leaf
	Asks    uint8  // the circumstance
}

// score gives the log odds of a claim.
func (f *forest) score(c *circumstances) float32 {
	var odds float32
	for _, root := range f.roots {
		n := &f.nodes[root]
		for n.Yes != 0 {
			if c[n.Asks] <= n.Limit {
				n = &f.nodes[n.Yes]
			} else {
				n = &f.nodes[n.No]
			}
		}
		odds += n.Limit
	}
	return odds
}

// read reads a forest: how many trees and nodes there are, the roots, the nodes.
func (f *forest) read(r io.Reader) error {
	var trees, nodes uint16
	for _, n := range []*uint16{&trees, &nodes} {
		if err := binary.Read(r, binary.LittleEndian, n); err != nil {
			return err
		}
	}
	f.roots, f.nodes = make([]uint16, trees), make([]node, nodes)
	if err := binary.Read(r, binary.LittleEndian, f.roots); err != nil {
		return err
	}
	if err := binary.Read(r, binary.LittleEndian, f.nodes); err != nil {
		return err
	}
	for _, root := range f.roots {
		if root >= nodes {
			return errors.New("a tree without a root")
		}
	}
	for i, n := range f.nodes {
		// Both ways lead onwards, so that every question comes to an end.
		if leaf := n.Yes == 0; !leaf && (int(min(n.Yes, n.No)) <= i || max(n.Yes, n.No) >= nodes) || n.Asks >= numCircumstances {
			return errors.New("a tree with a crooked branch")
		}
	}
	return nil
}
