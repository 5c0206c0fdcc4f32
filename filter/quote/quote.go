// Package quote tells whose words a text is: it cuts the texts of a mail into
// segments that the councillor wrote, that a reply quotes, that a forward
// carries, or that came attached. No character is dropped. Where the border
// between own and quoted text is unclear, the text counts as quoted.
//
// A text goes through two steps. First it becomes lines as a reader sees them
// (readPlain, readHTML), each with its quote depth and with what the markup says
// of it. Then one cutter, the same for both, places the lines: structure first,
// then the heads that mail programs write (attribution, header block,
// separator), which are told by their grammar rather than by known lines, and
// last the letters that were pasted in.
package quote

import (
	"strings"

	"councilgate/filter/mail"
	"councilgate/policy"
)

// Segment is a run of text with one place, as a reader would see it.
type Segment struct {
	Place     policy.Place
	Part      string // IMAP section number
	Text      string // UTF-8, lines ended by \n; quote marks removed
	Signature bool   // a signature or disclaimer
	// Sure is false where the cut rests on the text alone, without any mark of a
	// mail program (a letter pasted into the mail).
	Sure bool
}

// Split cuts the texts of one message, in reading order. names are those of the
// councillor, by which a closing is known as the councillor's own. The Subject
// comes first, as a segment of its own.
func Split(m *mail.Message, names []string) []Segment {
	var segments []Segment
	if m.Header.Subject != "" {
		segments = append(segments, Segment{Place: policy.Subject, Text: m.Header.Subject, Sure: true})
	}
	own := newNames(names)
	for _, t := range m.Texts {
		segments = append(segments, split(t, m.Header, own)...)
	}
	return segments
}

func split(t mail.Text, h mail.Header, names *nameSet) []Segment {
	var p *page
	switch t.Type {
	case mail.HTML:
		p = readHTML(t.Body)
	case mail.Field:
		p = &page{lines: []line{{text: t.Body}}}
	default:
		p = readPlain(t)
	}
	if len(p.lines) == 0 {
		return nil
	}
	if t.Attached || t.Type == mail.Field {
		places := make([]placed, len(p.lines))
		for i := range places {
			places[i].place = policy.Attached
		}
		return segmentsOf(t.Part, p, places)
	}
	c := cutter{page: p, names: names, standing: policy.Quoted, wrapped: t.Type != mail.HTML, related: h.Reply || h.Forward}
	if forwards(h) {
		c.standing = policy.Forwarded
	}
	places := c.run()
	return segmentsOf(t.Part, p, places)
}

// forwards tells whether the mail as a whole is a forward. The first prefix of
// the Subject decides: "SV: VS: vejen" answers a forward.
func forwards(h mail.Header) bool {
	if !h.Forward {
		return false
	}
	prefix, _, ok := strings.Cut(fold(h.Subject), ":")
	if !ok {
		return true
	}
	switch string(lower(nil, strings.TrimSpace(prefix))) {
	case "re", "sv", "svar", "aw", "antw", "vast":
		return false
	}
	return true
}

// segmentsOf joins neighbouring lines of one place.
func segmentsOf(part string, p *page, places []placed) []Segment {
	var segments []Segment
	var b strings.Builder
	for i := 0; i < len(places); {
		at, end, size := places[i], i, 0
		for ; end < len(places) && places[end] == at; end++ {
			size += len(p.lines[end].text) + 1
		}
		b.Grow(size)
		for ; i < end; i++ {
			b.WriteString(p.lines[i].text)
			b.WriteByte('\n')
		}
		text := b.String()
		b.Reset()
		if strings.TrimSpace(text) == "" {
			if n := len(segments); n > 0 {
				segments[n-1].Text += text
			}
			continue
		}
		segments = append(segments, Segment{Place: at.place, Part: part, Text: text, Signature: at.signature, Sure: !at.unsure})
	}
	return segments
}
