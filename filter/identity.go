package filter

import (
	"slices"
	"strings"

	"councilgate/filter/mail"
	"councilgate/policy"
)

// identity gathers what a message says of its sender.
func identity(p *policy.Policy, env Envelope, h mail.Header) policy.Identity {
	id := policy.Identity{
		Login:         env.Login,
		Trusted:       trustedIdentity(h, p.TrustedIdentity()),
		Authenticated: h.Authenticated(p.TrustsAuthserv),
		Envelope:      env.From,
		Sender:        specs(h.Mailboxes("Sender")),
		From:          h.From,
		Forwarders:    forwarders(h, slices.Concat(resentFields, ruleFields, deliveredFields)...),
	}
	// Only there do they tell anything, and there may be thousands.
	if a, err := policy.ParseAddress(env.From); err == nil && policy.IsSRS(a) {
		id.To = specs(h.Mailboxes("To", "Cc"))
	}
	return id
}

// trustedIdentity gives what the field of a name says. Of several that differ one at
// least is forged, so that none is believed.
func trustedIdentity(h mail.Header, name string) string {
	if name == "" {
		return ""
	}
	values := h.All(name)
	for i, value := range values {
		if _, address, ok := strings.Cut(value, "<"); ok {
			value, _, _ = strings.Cut(address, ">")
		}
		values[i] = strings.ToLower(strings.TrimSpace(value))
	}
	if values = slices.Compact(values); len(values) != 1 {
		return ""
	}
	return values[0]
}

func specs(list []mail.Mailbox) []string {
	specs := make([]string, len(list))
	for i, m := range list {
		specs[i] = m.Address
	}
	return specs
}
