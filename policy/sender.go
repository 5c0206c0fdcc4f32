package policy

import (
	"slices"
	"strings"
)

// Sender finds the councillor whose mail this is: by login, else by the trusted
// identity, else by trusted Authentication-Results, else by envelope sender, else
// by Sender, else by From, else by the marks of a redirect, whichever first names
// a councillor. It reports false when none does, and for the null sender of a
// bounce, which is never judged.
func (p *Policy) Sender(id Identity) (Sender, bool) {
	if id.Envelope == "" && !id.Answer {
		return Sender{}, false
	}
	s, ok := p.recognise(id)
	if !ok {
		return Sender{}, false
	}
	for _, from := range id.From {
		if c, ok := p.byText(from); ok && c.Address != s.Councillor.Address {
			s.OtherFrom = true
		}
	}
	return s, true
}

func (p *Policy) recognise(id Identity) (Sender, bool) {
	for _, proof := range []struct {
		name  string
		find  func(string) (Councillor, bool)
		texts []string
	}{
		{"login", p.byLoginName, []string{id.Login}},
		{"trusted-identity", p.byLoginName, []string{id.Trusted}},
		{"authentication-results", p.byLoginName, []string{id.Authenticated}},
		{"envelope", p.byText, []string{id.Envelope}},
		{"sender", p.byText, id.Sender},
		{"from", p.byText, id.From},
		{"redirect", p.byText, p.forwarders(id)},
	} {
		for _, text := range proof.texts {
			if c, ok := proof.find(text); ok {
				return Sender{Councillor: c, Proof: proof.name}, true
			}
		}
	}
	return Sender{}, false
}

// forwarders lists the mailboxes that may have passed a mail on. Where our own
// server rewrote the envelope sender to do so, it was a mailbox of those to whom the
// mail was written.
func (p *Policy) forwarders(id Identity) []string {
	a, err := ParseAddress(id.Envelope)
	if err != nil || !IsSRS(a) || !p.internal.contain(a.Domain) {
		return id.Forwarders
	}
	return slices.Concat(id.Forwarders, id.To)
}

// IsSRS reports whether an envelope sender was rewritten by a server that passes
// somebody else's mail on: SRS0=hash=stamp=domain=local@forwarder (libsrs2,
// postsrsd), or user+SRS=hash=stamp=domain=local@forwarder (Exchange Online).
func IsSRS(a Address) bool { return isSRSAlone(a) || strings.Contains(a.Local, "+srs=") }

// isSRSAlone reports whether an address is SRS0 or SRS1, which name no mailbox of the
// forwarder's.
func isSRSAlone(a Address) bool {
	for _, prefix := range []string{"srs0", "srs1"} {
		if rest, ok := strings.CutPrefix(a.Local, prefix); ok && rest != "" && strings.ContainsRune("=+-", rune(rest[0])) && strings.Contains(rest[1:], "=") {
			return true
		}
	}
	return false
}

// byLoginName finds a councillor by login. One without a domain is a local part
// in an internal domain.
func (p *Policy) byLoginName(login string) (Councillor, bool) {
	if login == "" || strings.Contains(login, "@") {
		return p.byText(login)
	}
	if len(p.councillors) == 0 {
		return p.byText(login + "@" + p.config.Internal[0])
	}
	i, ok := p.byLogin[strings.ToLower(login)]
	if !ok {
		return Councillor{}, false
	}
	return p.councillors[i], true
}

// byText finds a councillor by one of the councillor's addresses, which may bear a
// tag: anne+council@ is anne's (RFC 5233).
func (p *Policy) byText(s string) (Councillor, bool) {
	a, err := ParseAddress(s)
	if err != nil {
		return Councillor{}, false
	}
	if len(p.councillors) == 0 {
		a.Local = untagged(a.Local)
		return Councillor{Address: a}, p.internal.contain(a.Domain) && !isSRSAlone(a)
	}
	i, ok := p.byAddress[a]
	if !ok {
		i, ok = p.byAddress[Address{Local: untagged(a.Local), Domain: a.Domain}]
	}
	if !ok {
		return Councillor{}, false
	}
	return p.councillors[i], true
}

// indexCouncillors makes the lookups by address and login. Where two councillors
// share a local part in different internal domains, the login is the first's;
// an address comes before an alias.
func (p *Policy) indexCouncillors() {
	index := func(a Address, i int) {
		p.byAddress[a] = i
		if _, taken := p.byLogin[a.Local]; !taken && p.internal.contain(a.Domain) {
			p.byLogin[a.Local] = i
		}
	}
	for i, c := range p.councillors {
		index(c.Address, i)
	}
	for i, c := range p.councillors {
		for _, alias := range c.Aliases {
			index(alias, i)
		}
	}
}
