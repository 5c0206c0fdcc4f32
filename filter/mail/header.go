package mail

import (
	"net/mail"
	"strings"
)

// newHeader takes from the top-level fields what the filter wants.
func newHeader(fs fields) Header {
	h := Header{fields: fs}
	var subjects []string
	for _, value := range fs.all("Subject") {
		subjects = append(subjects, strings.TrimSpace(decodeField(value)))
	}
	h.Subject = strings.Join(subjects, "\n") // which of several is shown, each program decides for itself
	for _, value := range fs.all("From") {
		h.From = append(h.From, addresses(value)...)
	}
	h.Reply, h.Forward = prefixes(h.Subject)
	for _, f := range fs {
		switch name := strings.ToLower(string(f.name)); {
		case name == "in-reply-to", name == "references":
			h.Reply = true
		case strings.HasPrefix(name, "resent-"), name == "x-forwarded-message-id": // the latter is Thunderbird's
			h.Forward = true
		}
	}
	h.AuthResults = fs.all("Authentication-Results")
	h.MessageID = fs.get("Message-ID")
	h.MassMailingReason = decodeField(fs.get("X-Mass-Mailing-Reason"))
	return h
}

// addresses lists the addr-specs of an address field. From a broken one it takes
// everything that has the shape of an address.
func addresses(value string) []string {
	var specs []string
	value = toUTF8([]byte(value), "")
	if list, err := mail.ParseAddressList(value); err == nil {
		for _, address := range list {
			specs = append(specs, address.Address)
		}
		return specs
	}
	for _, word := range strings.FieldsFunc(decodeField(value), isAddressSeparator) {
		if local, domain, ok := strings.Cut(word, "@"); ok && local != "" && domain != "" {
			specs = append(specs, word)
		}
	}
	return specs
}

func isAddressSeparator(r rune) bool { return strings.ContainsRune(" \t,;:<>()[]\"\\", r) }

// The subject prefixes of the mail programs in our users' languages and their
// neighbours'. VS is in both lists: it is "videresendt" in Danish and Norwegian,
// "vastaus" (reply) in Finnish.
var (
	replyPrefixes   = set("re", "sv", "svar", "vs", "aw", "antw", "antwort", "vedr", "ang", "ref")
	forwardPrefixes = set("fw", "fwd", "forward", "vs", "vb", "vl", "wg", "tr", "videresendt", "vidarebefordrat", "vidarebefordran", "weitergeleitet")
)

// prefixes tells which prefixes stand before a subject. Between them may be
// counts, "Re[2]:" or "Re^2:", and tags in brackets that gateways add, "[EXT]".
func prefixes(subject string) (reply, forward bool) {
	for _, line := range strings.Split(strings.ToLower(subject), "\n") {
		for {
			line = strings.TrimLeft(line, " \t")
			if strings.HasPrefix(line, "[") {
				if _, rest, ok := strings.Cut(line, "]"); ok {
					line = rest
					continue
				}
			}
			prefix, rest, ok := strings.Cut(line, ":")
			if !ok {
				break
			}
			if i := strings.IndexAny(prefix, "[(^. \t"); i >= 0 {
				prefix = prefix[:i]
			}
			if !replyPrefixes[prefix] && !forwardPrefixes[prefix] {
				break
			}
			reply = reply || replyPrefixes[prefix]
			forward = forward || forwardPrefixes[prefix]
			line = rest
		}
	}
	return reply, forward
}
