package quote

import (
	"strings"

	"councilgate/policy"
)

// Origin is the head of a mail that is quoted or forwarded, as far as the text
// tells it.
type Origin struct {
	Part    string   // IMAP section number of the part that carries it
	From    []string // addresses of its author; none where the head gives a name alone
	To      []string // addresses of those who got it
	Subject string   // "" where the head gives none
	Text    string   // the lines of the head
}

const (
	maxOriginLines = 20_000 // of all segments; then an empty Origin stands for the rest
	maxOrigins     = 20     // of one mail: who wrote what lies deeper is of no consequence
	maxOriginText  = 2000
)

// Origins reads the heads of the mails that the quoted and forwarded segments hold,
// topmost first.
func Origins(segments []Segment) []Origin {
	var r originReader
	lines := 0
	for _, s := range segments {
		if s.Place != policy.Quoted && s.Place != policy.Forwarded {
			continue
		}
		r.begin(s.Part)
		for line := range strings.Lines(s.Text) {
			if lines++; lines > maxOriginLines {
				return append(r.origins, Origin{Part: s.Part})
			}
			if r.line(strings.TrimSpace(line)); len(r.origins) == maxOrigins {
				return r.origins
			}
		}
	}
	return r.origins
}

// originReader reads a segment line by line.
type originReader struct {
	origins []Origin
	part    string
	above   []string // the lines since the last blank one, three at most
	block   bool     // the line before belongs to a header block
	last    role     // whose value the next line of the block may go on with
}

func (r *originReader) begin(part string) { r.part, r.above, r.block = part, nil, false }

func (r *originReader) line(text string) {
	if text == "" {
		r.above = nil
		return
	}
	switch what, value := label(fold(text)); {
	case what == from && value != "":
		r.origins = append(r.origins, Origin{Part: r.part, From: addressesIn(text), Text: text})
		r.block, r.last = true, from
	case r.block && what != 0:
		r.field(what, text)
	case r.block && len(r.above) > 0 && strings.Contains(text, "@"):
		r.field(r.last, text)
	default:
		r.block = false
		r.attribution(text)
	}
	if r.above = append(r.above, text); len(r.above) > 2 {
		r.above = r.above[1:]
	}
}

// field adds a line of a header block to the origin that the block gives.
func (r *originReader) field(what role, text string) {
	o := &r.origins[len(r.origins)-1]
	if len(o.Text) > maxOriginText {
		return
	}
	o.Text += "\n" + text
	switch r.last = what; what {
	case from:
		o.From = append(o.From, addressesIn(text)...)
	case to, other: // other: Cc, among them
		o.To = append(o.To, addressesIn(text)...)
	case subject:
		if _, value, ok := strings.Cut(text, ":"); ok {
			o.Subject = strings.TrimSpace(value)
		}
	}
}

// attribution adds an origin if the line ends an attribution, whose beginning may
// stand in the lines above.
func (r *originReader) attribution(text string) {
	if !strings.HasSuffix(strings.TrimRight(text, "*_\" "), ":") {
		return
	}
	lines := append(r.above[:len(r.above):len(r.above)], text)
	for i := len(lines) - 1; i >= 0; i-- {
		head := strings.Join(lines[i:], " ")
		if len(head) < maxOriginText && readSigns(fold(head)).attributes(true, true) {
			r.origins = append(r.origins, Origin{Part: r.part, From: addressesIn(head), Text: head})
			return
		}
	}
}

// addressesIn lists the words of a line that have the form of an address.
func addressesIn(line string) []string {
	var list []string
	for _, word := range strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" \t\u00a0,;<>()[]\"'|*", r) }) {
		word = strings.TrimRight(strings.TrimPrefix(word, "mailto:"), ".:")
		if _, err := policy.ParseAddress(word); err == nil {
			list = append(list, word)
		}
	}
	return list
}
