package policy

// solicitsSensitive: a councillor asks nobody outside to send sensitive data by
// mail.
var solicitsSensitive = rule{
	name:   SolicitsSensitive,
	claims: func(f Finding, _ *matter) bool { return f.Solicits },
}
