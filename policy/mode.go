package policy

// Mode says whether what follows from a mail is done, or only told.
//
// Shadow mode shows what the policy would do before it does it. There are two.
//
// mode: observe at the top leaves all mail as it is. Everything is judged, and
// nothing follows: no refusal, no tag, no prefix or other change of a subject, no
// notice to a councillor, no tempfail, neither for a gap nor for a failure of
// councilgate's own. Override codes are neither given nor taken, and stay in the
// subject, as the reason of a mass mailing does. Only fields of our own names that
// the sender wrote are removed, as always, so that nobody reads a forged tag as ours.
// What happens to mail while councilgate does not answer at all is not its to say: that
// is the mail server's milter_default_action.
//
// mode: observe at a rule leaves out what that rule alone would do: its refusal or
// its tag. All other rules are enforced, and so is on_gap, since a gap belongs to no
// rule.
//
// Observe as an action is another thing: a rule with it asks for no more than to be
// counted. A rule in shadow mode keeps the action that it is going to have.
type Mode string

// The modes.
const (
	ModeEnforce Mode = "enforce"
	ModeObserve Mode = "observe" // shadow mode
)

// An Outcome is what becomes of a mail, and the rule that causes it, "" if none does.
type Outcome struct {
	Action Action `json:"action"`
	Rule   Rule   `json:"rule"`
}

// raise makes an action the outcome if it is stronger than what there is. Observing
// changes nothing.
func (o *Outcome) raise(action Action, r Rule) {
	if action != Observe && action > o.Action {
		o.Action, o.Rule = action, r
	}
}

// modes checks the modes of a policy. A mode that is left out is the one above it.
func (v *validator) modes(c *config) {
	v.action("mode", c.Mode, []string{string(ModeEnforce), string(ModeObserve)})
	for _, r := range Rules() {
		path := "rules." + string(r) + ".mode"
		mode := c.Rules.mode(r)
		if mode == "" {
			continue
		}
		v.action(path, mode, []string{string(ModeEnforce), string(ModeObserve)})
		if mode == string(ModeEnforce) && c.Mode == string(ModeObserve) {
			v.add(path, "contradicts mode: observe at the top, under which nothing is enforced; to switch rules on one by one, write mode: enforce at the top and mode: observe at the rules that are to wait")
		}
	}
}

// mode gives what a policy file says of a rule's mode, "" if nothing.
func (r rulesConfig) mode(rule Rule) string {
	switch rule {
	case QuotedSensitive:
		return r.QuotedSensitive.Mode
	case OwnSensitive:
		return r.OwnSensitive.Mode
	case PrivateForward:
		return r.PrivateForward.Mode
	case MassMailing:
		return r.MassMailing.Mode
	case SolicitsSensitive:
		return r.SolicitsSensitive.Mode
	}
	return ""
}

// Observing reports whether the whole policy is in shadow mode.
func (p *Policy) Observing() bool { return p.config.Mode == string(ModeObserve) }

// Observes reports whether a rule is in shadow mode, by itself or with all others.
func (p *Policy) Observes(r Rule) bool {
	return p.Observing() || p.config.Rules.mode(r) == string(ModeObserve)
}

// TakesOverrides reports whether a code can lift anything: a rule that allows it must
// be enforced.
func (p *Policy) TakesOverrides() bool {
	for _, r := range Rules() {
		if p.overrideOf(r).Allow && !p.Observes(r) {
			return true
		}
	}
	return false
}
