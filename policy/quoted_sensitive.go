package policy

// quotedSensitive: sensitive data in text that others wrote must not be carried
// along by a reply, a forward or an attachment. The Subject of such a mail is
// taken for the others' as well.
var quotedSensitive = rule{
	name: QuotedSensitive,
	claims: func(f Finding, m *matter) bool {
		switch {
		case f.Solicits || f.Place == Own:
			return false
		case f.Place == Subject:
			return m.SubjectOfOthers()
		default:
			return true
		}
	},
}
