package filter

import (
	"sync/atomic"

	"councilgate/filter/sensitive"
	"councilgate/policy"
)

// detectors gives each policy the detector with its words. It remembers the one
// used last: after a reload, messages that began with the policy before compile
// its few words once more.
type detectors struct {
	builtin *sensitive.Detector
	last    atomic.Pointer[fitted]
}

// A fitted detector belongs to a policy.
type fitted struct {
	policy   *policy.Policy
	detector *sensitive.Detector
}

// of gives the detector of a policy. A policy whose words were never checked may
// hold a wrong one: that is an error, and the detector the built-in one.
func (d *detectors) of(p *policy.Policy) (*sensitive.Detector, error) {
	if f := d.last.Load(); f != nil && f.policy == p {
		return f.detector, nil
	}
	detector, err := d.builtin.With(sensitive.Options{Words: p.Words(), CPRWithoutCheck: p.CPRWithoutCheck()})
	if err != nil {
		return d.builtin, err
	}
	d.last.Store(&fitted{policy: p, detector: detector})
	return detector, nil
}
