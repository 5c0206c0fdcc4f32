package doctor

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"councilgate/policy"
)

// soon is how long before an exception ends it is told.
const soon = 14 * 24 * time.Hour

// demonstration is the domain of the municipality that the built-in policy is about.
const demonstration = "norreaa.example"

// examinePolicy looks at what the policy says, and what it leaves out.
func examinePolicy(r *report, in Installation) {
	if errors.Is(in.PolicyErr, fs.ErrNotExist) || errors.Is(in.PolicyErr, fs.ErrPermission) {
		r.fail(checkPolicy, "name the file that councilgate serve was given: councilgate doctor -policy FILE, as a user who may read it", "The policy cannot be read: %v.", plain(in.PolicyErr))
		return
	}
	if in.PolicyErr != nil {
		r.fail(checkPolicy, "councilgate policy -policy "+in.PolicyFile, "The policy is wrong: %v", in.PolicyErr)
		return
	}
	p := in.Policy
	before := len(r.results)
	switch {
	case in.PolicyFile == "":
		r.warn(checkPolicy, "councilgate doctor -policy /etc/councilgate/policy.yaml", "No policy file is given: the built-in policy of a demonstration municipality is looked at.")
	case slices.Contains(p.InternalDomains(), demonstration):
		r.warn(checkPolicy, "edit "+in.PolicyFile+": municipality, internal, councillors and administration",
			"The policy is still that of the demonstration municipality: nobody's mail is judged.")
	case slices.ContainsFunc(p.InternalDomains(), func(d string) bool { return strings.HasSuffix(d, ".example") || strings.HasSuffix(d, ".invalid") }):
		r.warn(checkPolicy, "internal: [YOUR-DOMAIN]", "An internal domain is one that exists in examples only.")
	}
	if _, elsewhere := p.Directory(); len(p.Councillors()) == 0 && !elsewhere {
		r.warn(checkPolicy, "councillors: [{address: NAME@YOUR-DOMAIN, name: NAME}]",
			"No councillors are listed: the mail of everybody in the internal domains is judged, and nobody's private mailbox is known.")
	}
	if len(p.Administration()) == 0 {
		r.warn(checkPolicy, "administration: [{area: OFFICE, address: NAME@YOUR-DOMAIN}]",
			"No offices are listed: explanations cannot say where in the house to send a citizen's letter.")
	}
	if !p.HasSecureRoute() {
		r.warn(checkPolicy, "secure: [DOMAIN-OF-THE-GATEWAY]",
			"No secure route is named: explanations cannot say how to send sensitive text safely.")
	}
	if _, ok := p.Contact(); !ok {
		r.warn(checkPolicy, "contact: NAME@YOUR-DOMAIN", "No contact is named: explanations cannot say whom to ask.")
	}
	if p.Observing() {
		r.warn(checkPolicy, "mode: enforce", "Shadow mode is on: every mail is judged, and none is refused or tagged.")
	} else {
		examineRules(r, p)
	}
	for _, x := range p.Exceptions() {
		switch {
		case x.Expired(in.Now):
			r.warn(checkPolicy, "remove the exception, or give it another until", "Exception %d of %s ended on %s and no longer applies.", x.Number, x.Rule, x.Until)
		case x.Expired(in.Now.Add(soon)):
			r.warn(checkPolicy, "agree on another until before that day", "Exception %d of %s ends on %s.", x.Number, x.Rule, x.Until)
		}
	}
	if p.AllowsOverride() && p.OverrideKeyFile() == "" {
		r.warn(checkPolicy, "override_key_file: /etc/councilgate/override.key", "Overrides are allowed without an override_key_file: codes end when councilgate is restarted.")
	}
	if info, err := os.Stat(in.PolicyFile); err == nil && info.ModTime().After(in.Now.Add(time.Minute)) {
		r.warn(checkPolicy, "touch "+in.PolicyFile, "The policy file was changed in the future: it, or the clock, is wrong.")
	}
	if len(r.results) == before {
		r.ok(checkPolicy, "The policy is right.")
	}
}

// examineRules tells of rules that do not do what they usually do.
func examineRules(r *report, p *policy.Policy) {
	for _, rule := range policy.Rules() {
		if p.Observes(rule) {
			r.warn(checkPolicy, "remove mode: observe from the rule", "The rule %s is in shadow mode: its mail is judged, and passes.", rule)
		}
	}
}
