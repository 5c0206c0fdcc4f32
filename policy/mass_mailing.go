package policy

import "fmt"

// MassMailingHeader names the field that tags a mass mailing. Nobody but us may
// set it: the filter removes it from the mail of councillors.
const MassMailingHeader = "X-Mass-Mailing"

// massMailing: a mail to very many takes the working time of them all, inside
// the house as well as outside, so every recipient counts.
var massMailing = rule{
	name: MassMailing,
	applies: func(p *Policy, m *matter) bool {
		return m.recipients.Total > p.MassMailingAbove()
	},
	header: func(p *Policy, m *matter) Header {
		return Header{
			Name:  MassMailingHeader,
			Value: fmt.Sprintf("recipients=%d; limit=%d", m.recipients.Total, p.MassMailingAbove()),
		}
	},
}
