package policy

import (
	"slices"
	"strings"
	"time"
)

// An exception takes findings out of a rule until a day, within a scope. What it
// covers stays in the verdict, marked with the exception's number, and causes
// nothing.
//
// Between the parts of a scope stands "and", within a part "or". A part that is
// left out does not matter.
type exception struct {
	Exception
	categories []Category
	kinds      []string
	senders    map[Address]bool // first addresses of councillors
	recipients *routes          // all that the mail leaves the house for; nil for anybody
}

// Exception is what may be told of an exception: no address.
type Exception struct {
	Rule   Rule
	Number int    // its place in the list of the rule, from 1
	Reason string // why the operator made it
	Until  string // the last day on which it applies, as in 2026-12-31
}

// Expired reports whether the exception no longer applies at a time. The day
// ends where the time's location says.
func (x Exception) Expired(at time.Time) bool { return at.Format(time.DateOnly) > x.Until }

// Exceptions lists the exceptions of all rules, in the order of the rules.
func (p *Policy) Exceptions() []Exception {
	var list []Exception
	for _, r := range Rules() {
		for _, x := range p.exceptions[r] {
			list = append(list, x.Exception)
		}
	}
	return list
}

// except marks the findings that an exception covers. Evidence without a time
// has none: nobody can say what has expired.
func (p *Policy) except(findings []Finding, m *matter) {
	if m.At.IsZero() || len(findings) == 0 {
		return
	}
	for _, r := range rules {
		for _, x := range p.exceptions[r.name] {
			if x.Expired(m.At) || !x.concerns(p, m) {
				continue
			}
			for i, f := range findings {
				if f.Rule == r.name && f.Exception == 0 && x.covers(f) {
					findings[i].Exception = x.Number
				}
			}
		}
	}
}

// concerns reports whether sender and recipients of a mail lie in the scope. One
// recipient who does not is enough that the mail is judged as any other.
func (x *exception) concerns(p *Policy, m *matter) bool {
	if len(x.senders) > 0 && !x.senders[m.Sender.Councillor.Address] {
		return false
	}
	if x.recipients == nil {
		return true
	}
	leaving := 0
	for _, a := range m.Recipients {
		if p.staysInside(a) || p.secure.contain(a) {
			continue
		}
		// A local part that is itself an address may be sent on.
		if !x.recipients.contain(a) || strings.ContainsAny(a.Local, "@%!") {
			return false
		}
		leaving++
	}
	return leaving > 0
}

// covers reports whether a finding lies in the scope. A national id that is
// certain has to be asked for by category.
func (x *exception) covers(f Finding) bool {
	if len(x.categories) == 0 && f.Category == NationalID && f.Confidence == Certain {
		return false
	}
	return (len(x.categories) == 0 || slices.Contains(x.categories, f.Category)) &&
		(len(x.kinds) == 0 || slices.Contains(x.kinds, f.Kind))
}
