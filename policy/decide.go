package policy

import "slices"

// rule is one rule of the guidelines: a literal in a file of its own, listed
// below in the order in which the rules apply.
type rule struct {
	name Rule
	// claims reports whether a finding speaks for this rule; nil for a rule that
	// is not about findings.
	claims func(f Finding, m *matter) bool
	// applies reports whether the rule applies; nil for a rule that applies by
	// its findings.
	applies func(p *Policy, m *matter) bool
	// sure reports whether what applies is sure enough to refuse a mail; nil for a
	// rule that always is.
	sure func(p *Policy, m *matter) bool
	// excused reports whether what applies may pass if it is tagged; nil for a rule
	// that knows no excuse.
	excused func(m *matter) bool
	// header is the field that a tag adds; nil for a rule that cannot tag.
	header func(p *Policy, m *matter) Header
}

var rules = [...]rule{quotedSensitive, ownSensitive, privateForward, massMailing, solicitsSensitive}

// matter is what the rules look at.
type matter struct {
	Evidence
	recipients Recipients
	// leaves is set when a recipient is neither internal nor secure. Only then do
	// the words of a mail matter.
	leaves bool
	// reached is the number of people that the mailing has reached by now.
	reached int
}

// Decide says what follows from the evidence. It is pure: the same evidence
// always gives the same verdict, and the evidence stays as it is.
//
// Every rule that applies asks for its action, every gap for that of on_gap; the
// strongest action wins, and between equals the earlier rule, rules before gaps.
// A finding that an exception covers causes nothing.
// A rule that rests on possible findings alone is observed, no more.
//
// What is in shadow mode is decided like everything else, and told as what would
// have happened.
func (p *Policy) Decide(e Evidence) Verdict {
	m := &matter{Evidence: e, recipients: p.Recipients(e.Sender, e.Recipients)}
	m.leaves = !m.recipients.spared()
	m.reached = max(peopleCount(p.People(e.Recipients)), e.Mailing.Reached)

	v := Verdict{
		Findings:   slices.Clone(e.Findings),
		Gaps:       slices.Clone(e.Gaps),
		Recipients: m.recipients,
		Reached:    m.reached,
		Sender:     e.Sender,
		Forward:    p.forwardVerdict(m),
		Automatic:  e.Automatic,
		Override:   e.Override,
	}
	attribute(v.Findings, m)
	p.except(v.Findings, m)
	var done, would Outcome
	for _, r := range rules {
		action := min(p.actions[r.name], r.ceiling(p, m, v.Findings))
		if action == Accept {
			continue
		}
		hit := RuleHit{Rule: r.name, Action: action}
		switch {
		case p.Observes(r.name) && action > Observe:
			hit.Action, hit.Would = Observe, action
		case action == Reject && e.Override == OverrideAccepted && p.mayOverride(r.name, v.Findings):
			hit.Action = Observe
			v.Overridden = append(v.Overridden, r.name)
		}
		v.Hits = append(v.Hits, hit)
		if hit.Action >= Tag && r.header != nil {
			v.Headers = append(v.Headers, r.header(p, m))
			v.SubjectPrefix = p.config.Rules.MassMailing.SubjectPrefix // no other rule tags
		}
		done.raise(hit.Action, r.name)
		would.raise(max(hit.Action, hit.Would), r.name)
	}
	if m.leaves {
		for _, g := range e.Gaps {
			would.raise(p.OnGap(g.Kind), "")
			if !p.Observing() {
				done.raise(p.OnGap(g.Kind), "")
			}
		}
	}
	v.Action, v.Rule = done.Action, done.Rule
	if would.Action > done.Action {
		v.Would = would
	}
	v.Overridable = p.overridable(v)
	return v
}

// attribute gives each finding the first rule that claims it.
func attribute(findings []Finding, m *matter) {
	for i, f := range findings {
		for _, r := range rules {
			if r.claims != nil && r.claims(f, m) {
				findings[i].Rule = r.name
				break
			}
		}
	}
}

// ceiling is the strongest action that the evidence for a rule bears.
func (r rule) ceiling(p *Policy, m *matter, findings []Finding) Action {
	if r.applies != nil {
		switch {
		case !r.applies(p, m):
			return Accept
		case r.sure != nil && !r.sure(p, m):
			return Observe
		case r.excused != nil && r.excused(m):
			return Tag
		}
		return Reject
	}
	bears := Accept
	if !m.leaves {
		return bears
	}
	for _, f := range findings {
		if !f.speaksFor(r.name) {
			continue
		}
		if f.Confidence >= Strong {
			return Reject
		}
		bears = Observe
	}
	return bears
}
