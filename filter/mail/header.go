package mail

import (
	"iter"
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

// prefixes tells which prefixes stand before a subject.
func prefixes(subject string) (reply, forward bool) {
	for _, prefix := range eachPrefix(subject) {
		reply = reply || replyPrefixes[prefix]
		forward = forward || forwardPrefixes[prefix]
	}
	return reply, forward
}

// Topic returns a decoded subject with blanks for the words of its prefixes, which
// are nobody's: "SV" is a party as well.
func Topic(subject string) string {
	topic := []byte(subject)
	for at, prefix := range eachPrefix(subject) {
		for i := range len(prefix) {
			topic[at+i] = ' '
		}
	}
	return string(topic)
}

// eachPrefix yields the prefixes before a subject, in lower case, each with where it
// stands. Between them may be counts, "Re[2]:" or "Re^2:", and tags in brackets that
// gateways add, "[EXT]".
func eachPrefix(subject string) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		end := 0 // of the line
		for line := range strings.SplitAfterSeq(subject, "\n") {
			end += len(line)
			for {
				start, prefix, rest, ok := cutPrefix(line)
				if !ok {
					break
				}
				if !yield(end-len(line)+start, prefix) {
					return
				}
				line = rest
			}
		}
	}
}

// cutPrefix cuts a line behind its first prefix, which begins at line[start:] and is
// returned in lower case.
func cutPrefix(line string) (start int, prefix, rest string, ok bool) {
	left := strings.TrimLeft(line, " \t")
	for strings.HasPrefix(left, "[") {
		_, behind, closed := strings.Cut(left, "]")
		if !closed {
			break
		}
		left = strings.TrimLeft(behind, " \t")
	}
	prefix, rest, ok = strings.Cut(left, ":")
	if i := strings.IndexAny(prefix, "[(^. \t"); i >= 0 {
		prefix = prefix[:i]
	}
	start = len(line) - len(left)
	lower := strings.ToLower(prefix)
	ok = ok && len(lower) == len(prefix) && (replyPrefixes[lower] || forwardPrefixes[lower])
	return start, lower, rest, ok
}
