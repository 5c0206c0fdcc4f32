package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
)

type exceptionConfig struct {
	Categories []string `yaml:"categories,omitempty"`
	Kinds      []string `yaml:"kinds,omitempty"`
	Senders    []string `yaml:"senders,omitempty"`
	Recipients []string `yaml:"recipients,omitempty"`
	Reason     string   `yaml:"reason"`
	Until      string   `yaml:"until"`
}

// Bounds of the exceptions of a rule.
const (
	maxExceptions = 100
	maxReason     = 200 // bytes
)

// exceptions checks the exceptions of a rule.
func (v *validator) exceptions(path string, list []exceptionConfig, c *config) {
	if len(list) > maxExceptions {
		v.add(path, "lists more than %d exceptions; join some, or set the action of the rule to observe", maxExceptions)
		return
	}
	councillors := make(map[Address]bool)
	for _, cc := range c.Councillors {
		if c.listedElsewhere() {
			break // who else is a councillor is not known here
		}
		for _, a := range addresses(append([]string{cc.Address}, cc.Aliases...)) {
			councillors[a] = true
		}
	}
	for i, x := range list {
		path := fmt.Sprintf("%s[%d]", path, i)
		if v.at[path] {
			continue
		}
		if len(x.Categories)+len(x.Kinds)+len(x.Senders)+len(x.Recipients) == 0 && !v.within[path] {
			v.add(path, "has no scope and would switch the rule off; name categories, kinds, senders or recipients, or set the action of the rule to observe")
		}
		v.categories(path+".categories", x.Categories)
		v.kinds(path+".kinds", x.Kinds, x.Categories)
		v.senders(path+".senders", x.Senders, councillors)
		for j, s := range x.Recipients {
			v.exceptedRecipient(fmt.Sprintf("%s.recipients[%d]", path, j), s)
		}
		v.reason(path+".reason", x.Reason)
		v.until(path+".until", x.Until)
	}
}

// noExceptions is for the rules that are not about findings.
func (v *validator) noExceptions(path string, list []exceptionConfig) {
	if len(list) > 0 {
		v.add(path, "has no place here: exceptions are for what was found in the text; remove the list")
	}
}

// kinds checks kinds of findings against those that the categories have, if the
// vocabulary tells them.
func (v *validator) kinds(path string, list, within []string) {
	if v.vocabulary.Kinds == nil || v.within[strings.TrimSuffix(path, ".kinds")+".categories"] {
		return
	}
	scope := categories(within)
	if len(within) == 0 {
		scope = Categories()
	}
	var known []string
	for _, c := range scope {
		for _, k := range v.vocabulary.Kinds(c) {
			if !slices.Contains(known, k) {
				known = append(known, k)
			}
		}
	}
	for i, k := range list {
		path := fmt.Sprintf("%s[%d]", path, i)
		switch {
		case !slices.Contains(known, k):
			v.add(path, "is no kind of finding here; must be one of %s", strings.Join(known, ", "))
		case len(within) == 0 && v.nationalIDOnly(k):
			v.add(path, "is a national identification number; to except those, name the category too: categories: [%s]", NationalID)
		}
	}
}

// nationalIDOnly reports that a kind belongs to national ids and nothing else.
func (v *validator) nationalIDOnly(kind string) bool {
	for _, c := range Categories() {
		if (c == NationalID) != slices.Contains(v.vocabulary.Kinds(c), kind) {
			return false
		}
	}
	return true
}

// senders checks that every sender is somebody whose mail is judged: one of the
// councillors, if there are any.
func (v *validator) senders(path string, list []string, councillors map[Address]bool) {
	for i, s := range list {
		path := fmt.Sprintf("%s[%d]", path, i)
		a, ok := v.address(path, s)
		switch {
		case !ok:
		case len(councillors) > 0:
			if !v.within["councillors"] && !councillors[a] {
				v.add(path, "is no councillor's address; write one that stands under councillors")
			}
		case !v.within["internal"] && !v.internal.contain(a.Domain):
			v.add(path, "lies in no internal domain, so its mail is not judged; write a sender of the house")
		}
	}
}

// exceptedRecipient checks an address or domain that mail leaves the house for.
func (v *validator) exceptedRecipient(path, s string) {
	var inside bool
	if strings.Contains(s, "@") && !strings.HasPrefix(s, "@") {
		a, ok := v.address(path, s)
		inside = ok && (v.internal.contain(a.Domain) || v.secure.contain(a))
	} else {
		d, ok := v.domain(path, s)
		inside = ok && (v.internal.contain(d) || v.secure.domains.contain(d))
	}
	if inside {
		v.add(path, "lies inside the house or behind a secure route, where mail needs no exception; remove it")
	}
}

func (v *validator) reason(path, s string) {
	switch {
	case strings.TrimSpace(s) == "":
		v.add(path, "is missing; write why the exception is needed, for whoever reads the policy after you")
	case len(s) > maxReason:
		v.add(path, "is longer than %d bytes; shorten it", maxReason)
	case strings.ContainsFunc(s, unicode.IsControl):
		v.add(path, "holds a line break or control character; write it in one line")
	}
}

func (v *validator) until(path, s string) {
	if s == "" {
		v.add(path, "is missing; write the last day on which the exception applies, like 2026-12-31")
		return
	}
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		v.add(path, "is no date; write the last day on which the exception applies, like 2026-12-31")
	}
}

// buildExceptions reads the valid exceptions of a rule. The councillors must be
// known already: a sender is one of them by whichever address.
func (p *Policy) buildExceptions(r Rule, list []exceptionConfig) {
	for i, c := range list {
		x := exception{
			Exception:  Exception{Rule: r, Number: i + 1, Reason: c.Reason, Until: c.Until},
			categories: categories(c.Categories),
			kinds:      c.Kinds,
			senders:    make(map[Address]bool),
		}
		for _, a := range addresses(c.Senders) {
			if n, ok := p.byAddress[a]; ok {
				a = p.councillors[n].Address
			}
			x.senders[a] = true
		}
		if len(c.Recipients) > 0 {
			to := newRoutes(c.Recipients)
			x.recipients = &to
		}
		p.exceptions[r] = append(p.exceptions[r], x)
	}
}
