package policy

// privateForward: what others wrote to the councillor is not sent on to the
// councillor's own mailbox outside the house, whatever it says.
var privateForward = rule{
	name: PrivateForward,
	applies: func(_ *Policy, m *matter) bool {
		return m.carriesOthers() && m.recipients.Private > 0
	},
}
