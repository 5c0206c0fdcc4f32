package policy

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// maxName bounds the texts that an explanation may name, in bytes, so that its
// lines fit into an SMTP reply.
const maxName = 80

// validate notes what is wrong in a config. It changes nothing.
func validate(c *config, vocabulary Vocabulary, faults *faultList) {
	v := validator{faultList: faults, vocabulary: vocabulary, internal: domains{}, secure: newRoutes(nil)}
	v.modes(c)
	v.text("municipality", c.Municipality)
	v.language("language", c.Language)
	if c.Contact != "" {
		v.contact("contact", c.Contact)
	}
	v.internalDomains(c.Internal)
	v.secureRoutes(c.Secure)
	v.text("secure_mail.name", c.SecureMail.Name)
	v.trustedAuthserv(c.TrustedAuthserv)
	v.trustedIdentity(c.TrustedIdentity)
	v.privateProviders(c.PrivateProviders)
	v.councillors(c.Councillors)
	v.text("councillors_file", c.CouncillorsFile)
	v.ldap(c.CouncillorsLDAP)
	v.administration(c.Administration)
	v.rules(c)
	v.words(c.Words)
	v.cprYears(c.CPRWithoutCheck)
	v.mailings(c)
	v.onGap(c.OnGap)
	v.helpURL(c.HelpURL)
	v.notice(c.Notice)
	v.overrideKeyFile(c)
	v.record(c)
}

type validator struct {
	*faultList
	vocabulary Vocabulary
	internal   domains
	secure     routes
}

func (v *validator) text(path, s string) {
	if len(s) > maxName {
		v.add(path, "is longer than %d bytes; shorten it", maxName)
	}
	if strings.ContainsFunc(s, unicode.IsControl) {
		v.add(path, "holds a line break or control character; write it in one line")
	}
}

func (v *validator) language(path, s string) {
	if !slices.Contains(Languages(), s) {
		v.add(path, "must be one of %s", strings.Join(Languages(), ", "))
	}
}

// address notes a fault and reports false unless s is a mail address.
func (v *validator) address(path, s string) (Address, bool) {
	a, err := ParseAddress(s)
	switch {
	case s == "":
		v.missing(path, "write a mail address")
	case err != nil:
		v.add(path, "is no mail address; write it like anne.holm@norreaa.example, without < >")
	}
	return a, err == nil
}

// contact checks an address that explanations name. They are written in ASCII.
func (v *validator) contact(path, s string) (Address, bool) {
	a, ok := v.address(path, s)
	if ok && strings.ContainsFunc(a.Local, func(r rune) bool { return r > unicode.MaxASCII }) {
		v.add(path, "has a letter before the @ that an SMTP reply cannot show; name an address of plain letters a-z")
	}
	if ok && len(a.Text()) > maxName {
		v.add(path, "is longer than %d bytes; name a shorter address", maxName)
	}
	return a, ok
}

func (v *validator) domain(path, s string) (string, bool) {
	d, err := parseDomain(s)
	switch {
	case strings.HasPrefix(s, "*") || strings.HasPrefix(s, ".") || strings.HasPrefix(s, "@"):
		v.add(path, "write the domain alone, like norreaa.example; its subdomains are included")
	case strings.Contains(s, "@"):
		v.add(path, "must be a domain; write it without name and @, like norreaa.example")
	case err != nil || strings.HasPrefix(d, "["):
		v.add(path, "is no domain; write it like norreaa.example")
	case !strings.Contains(d, "."):
		v.add(path, "covers a whole top-level domain; write the municipality's own, like norreaa.example")
	default:
		return d, true
	}
	return "", false
}

func (v *validator) internalDomains(list []string) {
	if len(list) == 0 {
		v.missing("internal", "list the municipality's own domains, like [norreaa.example]")
	}
	for i, s := range list {
		path := fmt.Sprintf("internal[%d]", i)
		d, ok := v.domain(path, s)
		if ok && v.internal[d] {
			v.add(path, "is listed twice; remove one")
		}
		if ok {
			v.internal[d] = true
		}
	}
}

func (v *validator) secureRoutes(list []string) {
	for i, s := range list {
		path := fmt.Sprintf("secure[%d]", i)
		if strings.Contains(s, "@") && !strings.HasPrefix(s, "@") {
			if a, ok := v.address(path, s); ok {
				v.secure.addresses[a] = true
			}
			continue
		}
		if d, ok := v.domain(path, s); ok {
			v.secure.domains[d] = true
		}
	}
}

func (v *validator) trustedAuthserv(list []string) {
	for i, s := range list {
		if s == "" || len(s) > 255 || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || r == ';' }) {
			v.add(fmt.Sprintf("trusted_authserv[%d]", i), "is no authserv-id; write the host name with which your server begins its Authentication-Results fields, like mx.norreaa.example")
		}
	}
}

// publicFields are those that every sender writes.
var publicFields = []string{"from", "sender", "reply-to", "to", "cc", "bcc", "return-path", "resent-from", "resent-sender", "subject", "message-id", "authentication-results"}

func (v *validator) trustedIdentity(s string) {
	isName := func(r rune) bool { return r > ' ' && r <= '~' && r != ':' }
	switch {
	case s == "":
	case len(s) > 100 || strings.ContainsFunc(s, func(r rune) bool { return !isName(r) }):
		v.add("trusted_identity", "is no name of a header field; write it without colon, like X-House-Sender")
	case slices.Contains(publicFields, strings.ToLower(s)):
		v.add("trusted_identity", "is a field that any sender can write; name one that your mail server sets and removes from all other mail, like X-House-Sender")
	}
}

func (v *validator) privateProviders(list []string) {
	for i, s := range list {
		path := fmt.Sprintf("private_providers[%d]", i)
		if d, ok := v.domain(path, s); ok && v.internal.contain(d) {
			v.add(path, "lies inside an internal domain; list the domains of mail providers outside the house")
		}
	}
}

func (v *validator) councillors(list []councillorConfig) {
	holder := make(map[Address]string) // the path at which an address of a councillor stands
	claim := func(path, s string) {
		a, ok := v.address(path, s)
		if !ok {
			return
		}
		if first, taken := holder[a]; taken {
			v.add(path, "is already %s (line %d); an address belongs to one councillor and stands once", first, v.lines[first])
			return
		}
		holder[a] = path
	}
	for i, c := range list {
		path := fmt.Sprintf("councillors[%d]", i)
		claim(path+".address", c.Address)
		for j, s := range c.Aliases {
			claim(fmt.Sprintf("%s.aliases[%d]", path, j), s)
		}
		v.text(path+".name", c.Name)
		if c.Language != "" {
			v.language(path+".language", c.Language)
		}
	}
	for i, c := range list {
		for j, s := range c.Private {
			v.private(fmt.Sprintf("councillors[%d].private[%d]", i, j), s, holder)
		}
	}
}

// private checks that nothing else makes a private address a permitted one.
func (v *validator) private(path, s string, councillors map[Address]string) {
	a, ok := v.address(path, s)
	if !ok {
		return
	}
	first, councillor := councillors[a]
	switch {
	case v.internal.contain(a.Domain):
		v.add(path, "lies inside an internal domain, where mail may go; list mailboxes outside the house only, or take the domain from internal")
	case v.secure.contain(a):
		v.add(path, "is also a secure route, where mail may go; take it from secure or from here")
	case councillor:
		v.add(path, "is also %s (line %d); remove one of them", first, v.lines[first])
	}
}

func (v *validator) administration(list []areaConfig) {
	routesKnown := !v.within["internal"] && !v.within["secure"]
	for i, e := range list {
		path := fmt.Sprintf("administration[%d]", i)
		if e.Area == "" {
			v.missing(path+".area", "write what the office is for, like Børn og skole")
		}
		v.text(path+".area", e.Area)
		v.categories(path+".for", e.For)
		a, ok := v.contact(path+".address", e.Address)
		if ok && routesKnown && !v.internal.contain(a.Domain) && !v.secure.contain(a) {
			v.add(path+".address", "lies outside, so a mail forwarded to it would be refused; name an address in an internal domain, or list it under secure")
		}
	}
}

func (v *validator) rules(c *config) {
	r := c.Rules
	sensitive := []string{"accept", "observe", "reject"}
	v.action("rules.quoted-sensitive.action", r.QuotedSensitive.Action, sensitive)
	v.action("rules.own-sensitive.action", r.OwnSensitive.Action, sensitive)
	v.action("rules.private-forward.action", r.PrivateForward.Action, sensitive)
	v.action("rules.mass-mailing.action", r.MassMailing.Action, []string{"accept", "observe", "tag", "reject"})
	if r.MassMailing.Above < 1 || r.MassMailing.Above > 1_000_000 {
		v.add("rules.mass-mailing.above", "must be the largest number of recipients that is no mass mailing, from 1 to 1000000")
	}
	v.action("rules.solicits-sensitive.action", r.SolicitsSensitive.Action, sensitive)
	v.exceptions("rules.quoted-sensitive.except", r.QuotedSensitive.Except, c)
	v.exceptions("rules.own-sensitive.except", r.OwnSensitive.Except, c)
	v.noExceptions("rules.private-forward.except", r.PrivateForward.Except)
	v.exceptions("rules.solicits-sensitive.except", r.SolicitsSensitive.Except, c)
	v.override("rules.quoted-sensitive.override", r.QuotedSensitive.Override)
	v.override("rules.own-sensitive.override", r.OwnSensitive.Override)
	v.noOverride("rules.private-forward.override", r.PrivateForward.Override)
	v.override("rules.solicits-sensitive.override", r.SolicitsSensitive.Override)
}

func (v *validator) onGap(g onGapConfig) {
	allowed := []string{"accept", "observe", "reject", "tempfail"}
	v.action("on_gap.unreadable", g.Unreadable, allowed)
	v.action("on_gap.encrypted", g.Encrypted, allowed)
	v.action("on_gap.unsupported", g.Unsupported, allowed)
	v.action("on_gap.internal_error", g.InternalError, allowed)
}

// action checks an action word. A tag on a sensitive rule is not allowed: it
// would tell every recipient outside that the mail holds such data.
func (v *validator) action(path, s string, allowed []string) {
	if !slices.Contains(allowed, s) {
		v.add(path, "must be one of %s", strings.Join(allowed, ", "))
	}
}
