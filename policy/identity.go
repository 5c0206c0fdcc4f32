package policy

// Identity is what a message says of its sender, by weight of proof. Addresses
// are as they came; Policy.Sender compares them folded.
type Identity struct {
	Login         string   // SASL login ({auth_authen}), "" if not authenticated
	Authenticated string   // smtp.auth of a trusted Authentication-Results field (RFC 8601), "" if none
	Envelope      string   // MAIL FROM, "" for the null sender
	From          []string // addresses of the From field
}

// Sender is the councillor whose mail is judged.
type Sender struct {
	Councillor Councillor
	// Proof tells how the councillor was recognised: "login",
	// "authentication-results", "envelope" or "from".
	Proof string
	// OtherFrom is set when the From field names another councillor than the one
	// who was recognised.
	OtherFrom bool
}
