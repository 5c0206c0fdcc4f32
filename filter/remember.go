package filter

import (
	"slices"
	"time"

	"councilgate/filter/record"
	"councilgate/policy"
)

// Record takes what is kept of a verdict, with the councillor for a pseudonym, and
// returns at once; (*record.Recorder).Add does.
type Record func(record.Entry, policy.Address)

// remember has a verdict counted and recorded.
func (s *session) remember(v policy.Verdict, took time.Duration) {
	if s.server.Record != nil {
		s.server.Record(newEntry(v, took), v.Sender.Councillor.Address)
	}
}

// rememberFailure does so for a message that the server itself could not bring to a
// verdict. Whose it is may not be known.
func (s *session) rememberFailure(observing bool) {
	e := record.Entry{Action: policy.TempFail, Gaps: []policy.GapKind{policy.InternalError}}
	if observing {
		e.Action, e.Would.Action = policy.Accept, policy.TempFail
	}
	if s.server.Record != nil {
		s.server.Record(e, policy.Address{})
	}
}

// newEntry gives what is kept of a verdict.
func newEntry(v policy.Verdict, took time.Duration) record.Entry {
	e := record.Entry{
		Action:     v.Action,
		Rule:       v.Rule,
		Would:      v.Would,
		Recipients: v.Recipients,
		Took:       took,
		Override:   v.Override,
	}
	for _, c := range policy.Categories() {
		if slices.ContainsFunc(v.Findings, func(f policy.Finding) bool {
			return f.Category == c && f.Rule != "" && f.Exception == 0 && f.Confidence >= policy.Strong
		}) {
			e.Categories = append(e.Categories, c)
		}
	}
	for _, k := range policy.GapKinds() {
		if slices.ContainsFunc(v.Gaps, func(g policy.Gap) bool { return g.Kind == k }) {
			e.Gaps = append(e.Gaps, k)
		}
	}
	if slices.ContainsFunc(v.Hits, func(h policy.RuleHit) bool { return h.Rule == policy.MassMailing }) {
		e.Mailing = v.Reached
	}
	return e
}
