package policy

import (
	"slices"
	"strings"
)

// domains is a set of domains, each with its subdomains.
type domains map[string]bool

// newDomains makes the set of a list that has been validated.
func newDomains(list []string) domains {
	set := make(domains, len(list))
	for _, s := range list {
		if d, err := parseDomain(s); err == nil {
			set[d] = true
		}
	}
	return set
}

// contain reports whether the domain or one above it is in the set.
func (set domains) contain(domain string) bool {
	for domain != "" {
		if set[domain] {
			return true
		}
		_, domain, _ = strings.Cut(domain, ".")
	}
	return false
}

// routes is a set of domains, with their subdomains, and of single addresses.
type routes struct {
	domains   domains
	addresses map[Address]bool
}

// newRoutes makes the set of a list that has been validated.
func newRoutes(list []string) routes {
	r := routes{domains: make(domains), addresses: make(map[Address]bool)}
	for _, s := range list {
		if a, err := ParseAddress(s); err == nil {
			r.addresses[a] = true
		} else if d, err := parseDomain(s); err == nil {
			r.domains[d] = true
		}
	}
	return r
}

func (r routes) contain(a Address) bool {
	return r.addresses[a] || r.domains.contain(a.Domain)
}

// Recipients counts the recipients of a mail by what they are to its sender.
func (p *Policy) Recipients(s Sender, rcpts []Address) Recipients {
	count := Recipients{Total: len(rcpts)}
	for _, a := range rcpts {
		switch {
		case p.staysInside(a):
			count.Internal++
		case p.secure.contain(a):
			count.Secure++
		case slices.ContainsFunc(p.destinations([]Address{a}, false), s.Councillor.isPrivate):
			count.Private++
		default:
			count.Outside++
		}
	}
	return count
}

// Spares reports whether a mail goes to internal and secure recipients alone, so
// that its text need not be read.
func (p *Policy) Spares(s Sender, rcpts []Address) bool {
	return p.Recipients(s, rcpts).spared()
}

// spared is false for a mail without recipients: nothing vouches for it.
func (r Recipients) spared() bool { return r.Total > 0 && r.Internal+r.Secure == r.Total }

// staysInside reports whether an address is internal and no list with members
// outside. What a command or a file on the mail server does with a mail, of which
// aliases(5) tells, is not known; it stays inside, too.
func (p *Policy) staysInside(a Address) bool {
	return p.isInternal(a) && !slices.ContainsFunc(p.destinations([]Address{a}, false), func(end Address) bool {
		return end.Domain != "" && !p.isInternal(end) && !p.secure.contain(end)
	})
}

// isInternal reports whether an address is one of the house. A local
// part that itself is an address (user%other.example@, "user@other.example"@,
// other.example!user@) may be sent on by the mail server, so it counts as outside.
func (p *Policy) isInternal(a Address) bool {
	return p.internal.contain(a.Domain) && !strings.ContainsAny(a.Local, "@%!")
}
