package policy

// Address is a mail address in the form in which mail systems compare it: local
// part without quotes and folded to lower case, domain in lower-case ASCII
// (IDNA). Two spellings of one mailbox are equal Addresses.
type Address struct {
	Local  string
	Domain string
}
