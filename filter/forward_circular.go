package filter

import (
	"slices"
	"strings"
	"unicode"

	"councilgate/filter/mail"
	"councilgate/filter/quote"
	"councilgate/policy"
)

// circular reports whether all that others wrote in a mail is an agenda or a
// newsletter: sent to many, about nobody in particular, and free to go home. Two of
// them in one text are none, since the second may stand for anything.
func circular(p *policy.Policy, m *mail.Message, e *policy.Evidence, origins []quote.Origin) bool {
	for _, h := range m.Enclosed {
		if !circularHeader(p, h) {
			return false
		}
	}
	if e.Forward.Redirect > 0 {
		return len(origins) == 0 && circularHeader(p, m.Header)
	}
	if slices.Equal(e.Carried, []policy.Place{policy.Attached}) {
		return true
	}
	origins = alternatives(origins)
	if len(origins) != 1 || len(origins[0].From) != 1 {
		return false
	}
	from, subject := origins[0].From[0], origins[0].Subject
	if subject == "" {
		subject = m.Header.Subject
	}
	return circularSubject(subject) && (p.Internal(from) || circularSender(from))
}

// circularHeader reports whether a header is that of a circular.
func circularHeader(p *policy.Policy, h mail.Header) bool {
	return bulk(h) || len(h.From) == 1 && circularSubject(h.Subject) && (p.Internal(h.From[0]) || circularSender(h.From[0]))
}

// alternatives drops what the second alternative of a text repeats of the first.
func alternatives(origins []quote.Origin) []quote.Origin {
	var distinct []quote.Origin
	for _, o := range origins {
		if len(distinct) > 0 && o.Part != distinct[0].Part && slices.ContainsFunc(distinct, func(d quote.Origin) bool { return slices.Equal(d.From, o.From) }) {
			continue
		}
		distinct = append(distinct, o)
	}
	return distinct
}

// bulk reports whether a mail went to a list (RFC 2369, RFC 2919; Precedence is
// older than both). An address of the house on a list of its own makes no citizen's
// letter a newsletter: such lists have no unsubscribe address.
func bulk(h mail.Header) bool { return len(h.All("List-Unsubscribe")) > 0 }

// circularWords begin the words that a subject of an agenda or newsletter holds.
var circularWords = []string{
	"dagsorden", "mødeindkald", "mødemateriale", "nyhedsbrev", // Danish
	"dagordning", "föredragningslist", "kallelse", "nyhetsbrev", // Swedish, Norwegian
	"innkalling", "møteinnkalling", "saksliste", "sakliste", "sakspapir", // Norwegian
	"agenda", "newsletter",
}

func circularSubject(subject string) bool {
	words := strings.FieldsFunc(strings.ToLower(subject), func(r rune) bool { return !unicode.IsLetter(r) })
	return slices.ContainsFunc(words, func(w string) bool {
		return slices.ContainsFunc(circularWords, func(begin string) bool { return strings.HasPrefix(w, begin) })
	})
}

// circularSender reports whether nobody reads the mailbox that a mail came from.
func circularSender(address string) bool {
	local, _, _ := strings.Cut(strings.ToLower(address), "@")
	switch strings.NewReplacer("-", "", "_", "", ".", "").Replace(local) {
	case "noreply", "donotreply", "nyhedsbrev", "nyhetsbrev", "newsletter":
		return true
	}
	return false
}
