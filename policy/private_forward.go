package policy

import "slices"

// privateForward: what others wrote to the councillor is not sent on to the
// councillor's own mailbox outside the house, whatever it says.
var privateForward = rule{
	name:    PrivateForward,
	applies: func(p *Policy, m *matter) bool { return p.homeward(m) > 0 },
	sure:    func(p *Policy, m *matter) bool { return p.homeward(m) >= Strong },
}

// Forward is what a mail was found to be as a forward: facts, whoever gets it.
type Forward struct {
	// Redirect says how sure it is that somebody else wrote the whole mail and that
	// it was sent on as it stands, by hand or by a rule; 0 if nothing says so.
	Redirect Confidence
	// Circular is set when others' text in the mail is an agenda or a newsletter,
	// which may go home.
	Circular bool
	// Lookalikes are the recipients who look like the councillor.
	Lookalikes []Lookalike
	// Answered are those who wrote or got the mail that is quoted first: they have
	// that text, so that a namesake among them is no mailbox of the councillor's.
	Answered []Address
	// Collectors are the recipients to whom a rule sends all mail of the councillor.
	Collectors []Address
}

// ForwardVerdict tells more of a private-forward, for its explanation.
type ForwardVerdict struct {
	Private    Confidence // that others' text goes to a private mailbox, 0 if it does not
	Redirected bool       // the mail was sent on as it stands
	Everything bool       // by a rule that sends on all mail
}

// Kind tells in a word, for the log and for the choice of the explanation, why a mail
// is a private-forward: "registered", "look-alike", "redirect" or "everything"; ""
// for one that is none.
func (f ForwardVerdict) Kind() string {
	switch {
	case f.Private == 0:
		return ""
	case f.Everything:
		return "everything"
	case f.Redirected:
		return "redirect"
	case f.Private == Certain:
		return "registered"
	}
	return "look-alike"
}

// forwardVerdict sums the evidence on forwards up.
func (p *Policy) forwardVerdict(m *matter) ForwardVerdict {
	return ForwardVerdict{
		Private:    p.homeward(m),
		Redirected: m.Forward.Redirect >= Strong,
		Everything: len(m.Forward.Collectors) > 0,
	}
}

// homeward says how sure it is that a mail carries others' text to a private
// mailbox: Certain for one that is registered, Strong for a look-alike or for a
// private mailbox to which all mail goes, Possible where one half of that is
// missing.
func (p *Policy) homeward(m *matter) Confidence {
	others := m.Forward.Redirect
	if m.CarriesOthers() {
		others = Certain
	}
	if m.Forward.Circular {
		others = 0
	}
	var sure Confidence
	if m.recipients.Private > 0 && others > 0 {
		sure = max(sure, others)
	}
	for _, l := range m.Forward.Lookalikes {
		switch {
		case m.Forward.answers(l.Address):
		case others >= Strong:
			sure = max(sure, min(l.Confidence, Strong))
		default:
			sure = max(sure, Possible)
		}
	}
	for _, a := range m.Forward.Collectors {
		switch {
		case p.isInternal(a) || p.secure.contain(a) || others < Strong:
		case p.atPrivateProvider(mailbox(a)):
			sure = max(sure, Strong)
		default:
			sure = max(sure, Possible)
		}
	}
	return sure
}

func (f *Forward) answers(a Address) bool {
	a = mailbox(a)
	return slices.ContainsFunc(f.Answered, func(b Address) bool { return mailbox(b) == a })
}
