// Package mail takes a message apart into texts: it walks the MIME tree, undoes
// transfer encodings and charsets, opens documents and archives, and says what
// it could not read. It does not judge, and never fails: whatever is broken
// becomes a gap.
//
// There is one pass, and it is tolerant: mail that a strict parser refuses is
// still shown to its reader by some mail program. Where two readings are
// possible both are given: a text that is read twice does no harm, a text that
// is not read does.
package mail

import "councilgate/policy"

// Type is the form of a Text.
type Type string

// The types.
const (
	Plain Type = "plain" // text/plain and every other text that is not HTML
	HTML  Type = "html"  // text/html, as source
	Field Type = "field" // a header field of an attached message, a file name
)

// Text is one readable piece of a message, decoded to UTF-8, lines ended by \n.
type Text struct {
	Part     string // IMAP section number (RFC 3501, section 6.4.5)
	Type     Type
	Body     string
	Attached bool // inside an attached message, or itself an attachment
	Flowed   bool // format=flowed (RFC 3676)
	DelSp    bool // delsp=yes (RFC 3676)
	// Charset names the one that the part says it has: a known name in small letters,
	// "unknown" or "none". It is "" where a text is not written in one of its own: a
	// header field, a document.
	Charset string
}

// Limits bounds what Parse reads; beyond each lies a gap.
type Limits struct {
	Depth    int // nesting of multiparts, attached messages and encodings
	Parts    int // nodes of the MIME tree, entries of archives included
	Text     int // decoded bytes of text, all parts together
	Fields   int // fields of one header
	Header   int // bytes of one header
	Archives int // archives inside archives
	Unpacked int // bytes that archives and documents may unfold to, all together
}

// DefaultLimits are generous to mail that people write, and keep the work for
// any other within about a second.
func DefaultLimits() Limits {
	return Limits{
		Depth:    40,       // an attached message costs two levels, so a chain of twenty forwards
		Parts:    1000,     // a digest or an archive of hundreds is still mail
		Text:     16 << 20, // a novel has 1 MiB; mail servers stop messages at 10 to 50 MiB
		Fields:   2000,     // trace fields of a long way number a hundred
		Header:   1 << 20,  // a To field with 10,000 recipients has half of it
		Archives: 3,        // a document in an archive in an archive
		Unpacked: 32 << 20, // a spreadsheet of half a million cells; its XML alone takes a second
	}
}

// Message is a message taken apart.
type Message struct {
	Header Header
	Texts  []Text // in reading order, alternatives one after the other
	Gaps   []policy.Gap
	// Encloses is set when another message is attached: somebody's mail, where a
	// document may be the sender's own.
	Encloses bool
	Enclosed []Header // of the messages attached, the innermost first
}

// Header is what the filter wants of the top-level header fields, decoded.
type Header struct {
	Subject string
	From    []string // addr-specs, also of a broken field as far as they can be found
	Reply   bool     // In-Reply-To or References is there, or the Subject bears a reply prefix
	Forward bool     // the Subject bears a forward prefix, or Resent-* fields are there
	// AuthResults are the Authentication-Results fields, topmost first.
	AuthResults []string
	// MessageID is as it stands in the mail, "" if there is none; MassMailingReason
	// is the X-Mass-Mailing-Reason field.
	MessageID         string
	MassMailingReason string

	fields fields // for All and Mailboxes
}

// ParseHeader reads the header of a message alone.
func ParseHeader(raw []byte, limits Limits) Header {
	return newHeader(readHead(topLevel(raw), false, limits).fields)
}

// Parse takes a message apart.
func Parse(raw []byte, limits Limits) *Message {
	w := &walker{limits: limits, message: &Message{}}
	fields := w.readMessage(topLevel(raw), node{})
	w.message.Header = newHeader(fields)
	return w.message
}
