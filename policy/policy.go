package policy

import (
	_ "embed"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync"
)

// Policy is a valid policy, ready to judge with. It never changes, so it is safe
// for concurrent use; a reload makes a new one.
type Policy struct {
	config *config // as read, for YAML
	dir    string  // of the policy file

	internal    domains
	secure      routes
	lists       lists
	authserv    map[string]bool // lower case
	providers   domains         // of private mailboxes, beside the built-in list
	councillors []Councillor
	likenesses  []func() likeness
	byAddress   map[Address]int // index into councillors and likenesses
	byLogin     map[string]int  // local part in an internal domain -> index
	contact     Address
	areas       []Area
	actions     map[Rule]Action
	onGap       map[GapKind]Action
	exceptions  map[Rule][]exception
}

// Area is an office of the administration to which a councillor may forward.
type Area struct {
	Name    string
	Address Address
	For     []Category // what it is the first to turn to for; none: anything
}

// Parse reads a policy file. The error lists all that is wrong, as Faults that
// name file.
func Parse(file string, data []byte) (*Policy, error) { return ParseWith(Vocabulary{}, file, data) }

// ParseWith reads a policy file as Parse does, and looks at what it says of
// findings, too.
func ParseWith(vocabulary Vocabulary, file string, data []byte) (*Policy, error) {
	faults := newFaultList(file)
	if len(data) > MaxFile {
		faults.addLine(1, "", "is larger than %d MiB; is it a policy file?", MaxFile>>20)
		return nil, faults.err()
	}
	c := defaultConfig()
	if decodeYAML(data, c, faults) {
		validate(c, vocabulary, faults)
	}
	if err := faults.err(); err != nil {
		return nil, err
	}
	p := build(c)
	p.dir = filepath.Dir(file)
	return p, nil
}

//go:embed default.yaml
var defaultYAML []byte

// Default gives the policy of the demonstration municipality Nørreå.
func Default() *Policy {
	p, err := Parse("default.yaml", defaultYAML)
	if err != nil {
		panic(err) // the file is part of the program
	}
	return p
}

// build makes the lookups of a valid config.
func build(c *config) *Policy {
	p := &Policy{
		config:    c,
		internal:  newDomains(c.Internal),
		secure:    newRoutes(c.Secure),
		providers: newDomains(c.PrivateProviders),
		authserv:  make(map[string]bool),
		byAddress: make(map[Address]int),
		byLogin:   make(map[string]int),
		contact:   address(c.Contact),
		actions: map[Rule]Action{
			QuotedSensitive:   action(c.Rules.QuotedSensitive.Action),
			OwnSensitive:      action(c.Rules.OwnSensitive.Action),
			PrivateForward:    action(c.Rules.PrivateForward.Action),
			MassMailing:       action(c.Rules.MassMailing.Action),
			SolicitsSensitive: action(c.Rules.SolicitsSensitive.Action),
		},
		onGap: map[GapKind]Action{
			Unreadable:    action(c.OnGap.Unreadable),
			Encrypted:     action(c.OnGap.Encrypted),
			Unsupported:   action(c.OnGap.Unsupported),
			InternalError: action(c.OnGap.InternalError),
		},
		exceptions: make(map[Rule][]exception),
	}
	p.lists.sizes = make(map[Address]int)
	for _, l := range c.Lists {
		p.lists.sizes[address(l.Address)] = l.Size
	}
	for _, id := range c.TrustedAuthserv {
		p.authserv[strings.ToLower(id)] = true
	}
	for _, cc := range c.Councillors {
		p.councillors = append(p.councillors, Councillor{
			Address:  address(cc.Address),
			Name:     cc.Name,
			Aliases:  addresses(cc.Aliases),
			Private:  addresses(cc.Private),
			Language: cc.Language,
		})
	}
	p.indexCouncillors()
	for _, c := range p.councillors {
		p.likenesses = append(p.likenesses, sync.OnceValue(func() likeness { return newLikeness(c) }))
	}
	p.buildExceptions(QuotedSensitive, c.Rules.QuotedSensitive.Except)
	p.buildExceptions(OwnSensitive, c.Rules.OwnSensitive.Except)
	p.buildExceptions(SolicitsSensitive, c.Rules.SolicitsSensitive.Except)
	for _, e := range c.Administration {
		p.areas = append(p.areas, Area{Name: e.Area, Address: address(e.Address), For: categories(e.For)})
	}
	return p
}

// address reads an address that has been validated.
func address(s string) Address {
	a, _ := ParseAddress(s)
	return a
}

func addresses(list []string) []Address {
	var as []Address
	for _, s := range list {
		as = append(as, address(s))
	}
	return as
}

// action reads an action that has been validated.
func action(s string) Action {
	for a, name := range actionNames {
		if name == s {
			return Action(a)
		}
	}
	return TempFail
}

// Only gives the policy with one rule of its rules, and with no action on gaps.
func (p *Policy) Only(r Rule) *Policy {
	only := *p
	only.actions = map[Rule]Action{r: p.actions[r]}
	only.onGap = make(map[GapKind]Action)
	for _, kind := range GapKinds() {
		only.onGap[kind] = Accept
	}
	return &only
}

// String gives a mask, so that no address gets into a log by accident.
func (p *Policy) String() string { return "(policy)" }

// Format implements fmt.Formatter: every verb gives the mask.
func (p *Policy) Format(f fmt.State, _ rune) { io.WriteString(f, p.String()) }

// YAML gives the policy in force as a policy file, defaults filled in.
func (p *Policy) YAML() []byte { return encodeYAML(p.config) }

// Municipality is the name of the municipality, "" if the policy gives none.
func (p *Policy) Municipality() string { return p.config.Municipality }

// Languages lists the languages of explanations by their ISO 639-1 codes.
func Languages() []string { return []string{"da", "sv", "nb", "en"} }

// Language is the one in which a councillor is spoken to.
func (p *Policy) Language(c Councillor) string {
	if c.Language != "" {
		return c.Language
	}
	return p.config.Language
}

// Contact is whom an explanation names for questions; false if nobody.
func (p *Policy) Contact() (Address, bool) { return p.contact, p.contact != Address{} }

// Administration lists the offices to which a councillor may forward a mail. The
// caller must not change the list.
func (p *Policy) Administration() []Area { return p.areas }

// Councillors lists whose mail is judged, in the order of the policy; none if it is
// that of everybody in the internal domains. The caller must not change the list.
func (p *Policy) Councillors() []Councillor { return p.councillors }

// InternalDomains lists the municipality's own domains. The caller must not change
// the list.
func (p *Policy) InternalDomains() []string { return p.config.Internal }

// Action is what a rule asks for when it applies, whatever its mode.
func (p *Policy) Action(r Rule) Action { return p.actions[r] }

// HasSecureRoute reports whether there is a secure way to send sensitive data out.
func (p *Policy) HasSecureRoute() bool {
	return len(p.config.Secure) > 0 || p.config.SecureMail.Name != ""
}

// SecureMail is what the secure way is called in the house, "" if the policy does
// not name it, and whether it is missing on phones.
func (p *Policy) SecureMail() (name string, notOnPhones bool) {
	return p.config.SecureMail.Name, p.config.SecureMail.NotOnPhones
}

// MassMailingAbove is the largest number of recipients that is no mass mailing.
func (p *Policy) MassMailingAbove() int { return p.config.Rules.MassMailing.Above }

// TrustsAuthserv reports whether Authentication-Results fields of this
// authserv-id are believed (RFC 8601, section 5).
func (p *Policy) TrustsAuthserv(id string) bool { return p.authserv[strings.ToLower(id)] }

// TrustedIdentity names the header field in which a mail server upstream, and nobody
// else, writes whose mail it is; "" if there is none.
func (p *Policy) TrustedIdentity() string { return p.config.TrustedIdentity }

// OnGap says what follows from a gap. A kind that the policy does not know
// makes the mail wait.
func (p *Policy) OnGap(kind GapKind) Action {
	if a, ok := p.onGap[kind]; ok {
		return a
	}
	return TempFail
}
