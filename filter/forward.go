package filter

import (
	"context"
	"slices"
	"strings"

	"councilgate/filter/mail"
	"councilgate/filter/quote"
	"councilgate/policy"
)

// A redirect is a mail that somebody else wrote and that is sent on as it stands, by
// hand or by a rule of the mailbox. Its text has no quote marks; only the header
// tells.

// The fields in which programs name the mailbox that passes a mail on.
var (
	// Written by a person's mail program: "redirect" or "bounce" (RFC 5322, section
	// 3.6.6).
	resentFields = []string{"Resent-From", "Resent-Sender"}
	// Written by rules.
	ruleFields = []string{
		"X-Sieve-Redirected-From",        // Pigeonhole
		"X-MS-Exchange-Inbox-Rules-Loop", // Exchange
		"X-Forwarded-For",                // Gmail: "forwarder target"
		"X-Loop",                         // procmail recipes
	}
	// Written at delivery: the mail lay in that mailbox already.
	deliveredFields = []string{"Delivered-To", "X-Original-To"}
)

const maxForwarders = 50 // loops are cut after fewer hops

// forwarders lists the mailboxes that passed a mail on, as the fields of the given
// names tell.
func forwarders(h mail.Header, names ...string) []string {
	var list []string
	for _, name := range names {
		for _, value := range h.All(name) {
			specs := strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(" \t,;<>()\"", r) })
			specs = slices.DeleteFunc(specs, func(s string) bool { return !strings.Contains(s, "@") })
			if name == "X-Forwarded-For" {
				specs = specs[:min(len(specs), 1)]
			}
			if list = append(list, specs...); len(list) > maxForwarders {
				return list[:maxForwarders]
			}
		}
	}
	return list
}

// ruled reports whether a rule of the councillor's mailbox sent a mail on, rather
// than a person.
func ruled(h mail.Header, c policy.Councillor) bool {
	owned := func(names []string) bool { return slices.ContainsFunc(forwarders(h, names...), c.Owns) }
	begins := func(field, value string) bool {
		return slices.ContainsFunc(h.All(field), func(s string) bool { return strings.HasPrefix(strings.ToLower(s), value) })
	}
	return owned(ruleFields) || owned(deliveredFields) && !owned(resentFields) ||
		len(h.All("X-Forwarded-To")) > 0 || // Gmail
		begins("Auto-Submitted", "auto-forwarded") ||
		begins("X-MS-Exchange-Generated-Message-Source", "mailbox rules agent")
}

// redirect says how sure it is that a mail is a redirect; 0 if nothing says so.
func (i *Inspector) redirect(ctx context.Context, p *policy.Policy, s policy.Sender, env Envelope, h mail.Header, raw []byte) policy.Confidence {
	c := s.Councillor
	if len(h.From) == 0 || slices.ContainsFunc(h.From, c.Owns) {
		return 0 // the councillor's own words
	}
	if domain := domainOf(h.From[0]); signedBy(h, domain) && i.Signatures.Prove(ctx, raw, domain) {
		return policy.Certain
	}
	envelope, err := policy.ParseAddress(env.From)
	switch {
	case s.Proof == "redirect", ruled(h, c), slices.ContainsFunc(forwarders(h, resentFields...), c.Owns),
		err == nil && policy.IsSRS(envelope):
		return policy.Strong
	case writtenTo(c, h, env) && !p.Internal(h.From[0]):
		return policy.Strong
	}
	// Somebody else's From, with or without a signature that nobody verified, is weak
	// evidence: a shared mailbox has one, and an address of the councillor's that
	// nobody listed.
	return policy.Possible
}

// writtenTo reports whether a mail is addressed to the councillor in the house but
// now goes to others alone.
func writtenTo(c policy.Councillor, h mail.Header, env Envelope) bool {
	return !slices.ContainsFunc(env.Recipients, c.Resides) &&
		slices.ContainsFunc(h.Mailboxes("To", "Cc"), func(m mail.Mailbox) bool { return c.Resides(m.Address) })
}

// signedBy reports whether there is a DKIM signature of a domain or one above or
// below it (RFC 6376, section 3.5, tag d). It proves nothing until it is verified.
func signedBy(h mail.Header, domain string) bool {
	return slices.ContainsFunc(h.All("DKIM-Signature"), func(value string) bool {
		return related(signingDomain(value), domain)
	})
}

// signingDomain gives the tag d of a DKIM-Signature field.
func signingDomain(value string) string {
	for tag := range strings.SplitSeq(value, ";") {
		if name, domain, ok := strings.Cut(tag, "="); ok && strings.TrimSpace(name) == "d" {
			return strings.ToLower(strings.Join(strings.Fields(domain), ""))
		}
	}
	return ""
}

// related reports whether two domains are the same or one lies within the other.
func related(a, b string) bool {
	return strings.Contains(a, ".") && strings.Contains(b, ".") &&
		(a == b || strings.HasSuffix(a, "."+b) || strings.HasSuffix(b, "."+a))
}

// domainOf gives the domain of an address, "" if it is none.
func domainOf(address string) string {
	a, err := policy.ParseAddress(address)
	if err != nil {
		return ""
	}
	return a.Domain
}

// asForwarded gives the segments of a redirect: what would be the councillor's own
// text is others'.
func asForwarded(segments []quote.Segment) []quote.Segment {
	for n, s := range segments {
		if s.Place == policy.Own {
			segments[n].Place = policy.Forwarded
		}
	}
	return segments
}

// lookForward gathers what else a mail is as a forward, after its segments have their
// places. It returns how many rules that send on all mail were found by this one.
func (i *Inspector) lookForward(p *policy.Policy, m *mail.Message, segments []quote.Segment, e *policy.Evidence) (patterns int) {
	h := m.Header
	origins := quote.Origins(segments)
	f := &e.Forward
	f.Circular = circular(p, m, e, origins)
	f.Lookalikes = p.Lookalikes(e.Sender, correspondents(h, e.Recipients))
	if len(f.Lookalikes) > 0 {
		f.Answered = answered(h, origins)
	}
	others := (e.CarriesOthers() || f.Redirect >= policy.Strong) && !f.Circular
	if others && ruled(h, e.Sender.Councillor) {
		f.Collectors, patterns = i.forwards.note(e.Sender.Councillor, e.Recipients, author(h, f.Redirect, origins), h.MessageID)
	}
	return patterns
}

// correspondents gives the recipients the names that the header shows for them.
func correspondents(h mail.Header, rcpts []policy.Address) []policy.Correspondent {
	names := make(map[policy.Address]string)
	for _, m := range h.Mailboxes("To", "Cc", "Bcc", "Resent-To", "Resent-Cc") {
		if a, err := policy.ParseAddress(m.Address); err == nil && m.Name != "" {
			names[a] = m.Name
		}
	}
	list := make([]policy.Correspondent, len(rcpts))
	for n, a := range rcpts {
		list[n] = policy.Correspondent{Address: a, Name: names[a]}
	}
	return list
}

// answered lists those who wrote or got the mail that is quoted first, in any of the
// alternatives of the text.
func answered(h mail.Header, origins []quote.Origin) []policy.Address {
	var list []policy.Address
	parts := make(map[string]bool)
	for _, o := range origins {
		if parts[o.Part] {
			continue
		}
		parts[o.Part] = true
		for _, text := range slices.Concat(o.From, o.To) {
			if a, err := policy.ParseAddress(text); err == nil {
				list = append(list, a)
			}
		}
		if len(o.From) == 0 {
			list = append(list, namedIn(o.Text, h)...)
		}
	}
	return list
}

// namedIn lists the recipients whose name a head gives without an address, if the
// mail that is answered came from their provider, as its Message-ID tells. A
// councillor who quotes a mail of her own answers one of the house.
func namedIn(head string, h mail.Header) []policy.Address {
	const shortest = 5 // "Li" is part of many words
	var list []policy.Address
	for _, m := range h.Mailboxes("To", "Cc") {
		if len(m.Name) < shortest || !strings.Contains(strings.ToLower(head), strings.ToLower(m.Name)) {
			continue
		}
		a, err := policy.ParseAddress(m.Address)
		if err == nil && slices.ContainsFunc(h.All("In-Reply-To"), func(id string) bool {
			_, domain, _ := strings.Cut(strings.Trim(strings.ToLower(id), "<> "), "@")
			return related(domain, a.Domain)
		}) {
			list = append(list, a)
		}
	}
	return list
}

// author gives who wrote what a mail passes on, "" if nothing tells.
func author(h mail.Header, redirect policy.Confidence, origins []quote.Origin) string {
	switch {
	case redirect > 0:
		return strings.ToLower(h.From[0])
	case len(origins) > 0 && len(origins[0].From) > 0:
		return strings.ToLower(origins[0].From[0])
	case len(origins) > 0:
		line, _, _ := strings.Cut(origins[0].Text, "\n") // "Fra: Ole Krogh"; the date stands below
		return line
	}
	return ""
}
