package policy

import "fmt"

// MassMailingHeader names the field that tags a mass mailing. Nobody but us may
// set it: the filter removes it from the mail of councillors.
const MassMailingHeader = "X-Mass-Mailing"

// massMailing: a mail to very many takes the working time of them all, inside
// the house as well as outside, so every recipient counts. The guideline allows one
// by way of exception and for a particular reason: a mailing that gives one is
// tagged, not refused.
var massMailing = rule{
	name:    MassMailing,
	applies: func(p *Policy, m *matter) bool { return m.reached > p.MassMailingAbove() },
	excused: func(m *matter) bool { return m.Mailing.Justified },
	header: func(p *Policy, m *matter) Header {
		value := fmt.Sprintf("recipients=%d; limit=%d", m.reached, p.MassMailingAbove())
		if m.Mailing.Justified {
			value += "; justified=yes"
		}
		return Header{Name: MassMailingHeader, Value: value}
	},
}
