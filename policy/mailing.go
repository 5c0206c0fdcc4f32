package policy

import "time"

// Mailing is what is known of the mailing that a message belongs to beyond the
// message itself.
type Mailing struct {
	// Reached is how many distinct people the mailing has reached by now, those of
	// this message included; 0 if nobody counted beyond this message.
	Reached int
	// Justified is set when the councillor gave a reason for a mass mailing.
	Justified bool
}

// State says where several gateways share what they know of mailings.
type State struct {
	URL      string // redis:// or rediss://; "" for each gateway's own memory
	Password string // file that holds the password, "" for none
	Key      string // file that holds the key of the hashes
	CA       string // file of certificates that vouch for the server, "" for the system's
}

// State is where the policy wants mailings counted.
func (p *Policy) State() State {
	f := p.config.StateFiles
	return State{URL: p.config.State, Password: f.Password, Key: f.Key, CA: f.CA}
}

// DKIM says how a mail whose signature we broke is signed anew.
type DKIM struct {
	Domain   string // "" for not at all
	Selector string
	KeyFile  string
}

// DKIM is how the policy wants mails signed.
func (p *Policy) DKIM() DKIM { return DKIM(p.config.DKIM) }

// MassMailingWindow is how long after its latest transaction a mailing stays open
// for more.
func (p *Policy) MassMailingWindow() time.Duration {
	window, _ := time.ParseDuration(p.config.Rules.MassMailing.Window) // validated
	return window
}

// CountsMassMailings reports whether the rule on mass mailings is on.
func (p *Policy) CountsMassMailings() bool { return p.actions[MassMailing] != Accept }
