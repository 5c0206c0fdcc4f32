package policy

import (
	"slices"
	"strings"
)

// mailbox gives the address of the mailbox that an address reaches, as far as its
// spelling tells: without what the provider ignores, and without a route through
// somebody else's server. Addresses that differ otherwise are different people.
func mailbox(a Address) Address {
	a = routed(a)
	if alias, ok := domainAliases[a.Domain]; ok {
		a.Domain = alias
	}
	// Fastmail: anything@user.fastmail.com is user@fastmail.com.
	for _, d := range []string{"fastmail.com", "fastmail.fm"} {
		if user, ok := strings.CutSuffix(a.Domain, "."+d); ok {
			a = Address{Local: user, Domain: d}
		}
	}
	a.Local = untagged(a.Local)
	if ignored, ok := ignoredInLocal[a.Domain]; ok {
		a.Local = strings.Map(func(r rune) rune {
			if strings.ContainsRune(ignored, r) {
				return -1
			}
			return r
		}, a.Local)
	}
	return a
}

// domainAliases maps domains to another at which the same mailboxes are found.
var domainAliases = map[string]string{
	"googlemail.com": "gmail.com",
	"mac.com":        "icloud.com",
	"me.com":         "icloud.com",
	"pm.me":          "proton.me",
	"protonmail.ch":  "proton.me",
	"protonmail.com": "proton.me",
}

// ignoredInLocal lists the characters that a provider ignores before the @.
// Gmail: https://support.google.com/mail/answer/7436150; Proton:
// https://proton.me/support/addresses-and-aliases.
var ignoredInLocal = map[string]string{
	"gmail.com": ".",
	"proton.me": ".-_",
}

// untagged cuts the tag off a local part: anne+council is anne's (RFC 5233). The
// sign is that of nearly all providers.
func untagged(local string) string {
	if i := strings.IndexByte(local, '+'); i > 0 {
		return local[:i]
	}
	return local
}

// routed undoes the routes that a local part may hold: user%gmail.com@relay,
// gmail.com!user@relay and "user@gmail.com"@relay are for user@gmail.com.
func routed(a Address) Address {
	const hops = 4
	for range hops {
		local := a.Local
		inner := ""
		if domain, rest, ok := strings.Cut(local, "!"); ok {
			inner = rest + "@" + domain
		} else if i := strings.LastIndexAny(local, "@%"); i > 0 {
			inner = local[:i] + "@" + local[i+1:]
		}
		next, err := ParseAddress(inner)
		if err != nil || !strings.Contains(next.Domain, ".") {
			return a
		}
		a = next
	}
	return a
}

// isPrivate reports whether an address reaches a mailbox that is registered as the
// councillor's own, in whatever spelling.
func (c Councillor) isPrivate(a Address) bool {
	if len(c.Private) == 0 {
		return false
	}
	a = mailbox(a)
	return slices.ContainsFunc(c.Private, func(private Address) bool { return mailbox(private) == a })
}

// Resides reports whether an address, as it stands in a mail, is the councillor's
// mailbox in the house.
func (c Councillor) Resides(text string) bool {
	a, err := ParseAddress(text)
	return err == nil && c.Owns(text) && !c.isPrivate(a)
}

// Internal reports whether an address, as it stands in a mail, lies in the house.
func (p *Policy) Internal(text string) bool {
	a, err := ParseAddress(text)
	return err == nil && p.isInternal(a)
}

// Owns reports whether an address, as it stands in a mail, is one of the
// councillor's: in the house, an alias, or private.
func (c Councillor) Owns(text string) bool {
	a, err := ParseAddress(text)
	if err != nil {
		return false
	}
	base := Address{Local: untagged(a.Local), Domain: a.Domain}
	return a == c.Address || base == c.Address || slices.Contains(c.Aliases, a) || slices.Contains(c.Aliases, base) || c.isPrivate(a)
}
