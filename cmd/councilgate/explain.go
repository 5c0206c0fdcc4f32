package main

import (
	"councilgate/filter"
	"councilgate/policy"
	"councilgate/policy/explain"
)

// explainVerdict is the reply of serve to a mail that is stopped.
func explainVerdict(p *policy.Policy, v policy.Verdict, reference string, utf8 bool) filter.Reply {
	return filter.Reply(explain.For(p, v, reference, utf8))
}
