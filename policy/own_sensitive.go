package policy

// ownSensitive: a councillor writes no sensitive data about a person into a mail
// that leaves the house.
var ownSensitive = rule{
	name: OwnSensitive,
	claims: func(f Finding, m *matter) bool {
		return !f.Solicits && (f.Place == Own || f.Place == Subject && !m.SubjectOfOthers())
	},
}
