// Package quote tells whose words a text is: it cuts the texts of a mail into
// segments that the councillor wrote, that a reply quotes, that a forward
// carries, or that came attached. No character is dropped. Where the border
// between own and quoted text is unclear, the text counts as quoted.
package quote

import (
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
// councillor, by which a closing is known as the councillor's own.
func Split(m *mail.Message, names []string) []Segment { return nil }
