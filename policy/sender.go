package policy

import "strings"

// Sender finds the councillor whose mail this is: by login, else by trusted
// Authentication-Results, else by envelope sender, else by From, whichever first
// names a councillor. It reports false when none does, and for the null sender:
// bounces are never judged.
func (p *Policy) Sender(id Identity) (Sender, bool) {
	if id.Envelope == "" {
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
	if c, ok := p.byLoginName(id.Login); ok {
		return Sender{Councillor: c, Proof: "login"}, true
	}
	if c, ok := p.byLoginName(id.Authenticated); ok {
		return Sender{Councillor: c, Proof: "authentication-results"}, true
	}
	if c, ok := p.byText(id.Envelope); ok {
		return Sender{Councillor: c, Proof: "envelope"}, true
	}
	for _, from := range id.From {
		if c, ok := p.byText(from); ok {
			return Sender{Councillor: c, Proof: "from"}, true
		}
	}
	return Sender{}, false
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

// byText finds a councillor by one of the councillor's addresses.
func (p *Policy) byText(s string) (Councillor, bool) {
	a, err := ParseAddress(s)
	if err != nil {
		return Councillor{}, false
	}
	if len(p.councillors) == 0 {
		return Councillor{Address: a}, p.internal.contain(a.Domain)
	}
	i, ok := p.byAddress[a]
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
