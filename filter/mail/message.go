// Package mail takes a message apart into texts: it walks the MIME tree, undoes
// transfer encodings and charsets, and says what it could not read. It does not
// judge, and never fails: whatever is broken becomes a gap.
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

// Text is one readable piece of a message, decoded to UTF-8.
type Text struct {
	Part     string // IMAP section number (RFC 3501, section 6.4.5)
	Type     Type
	Body     string
	Attached bool // inside an attached message, or itself an attachment
	Flowed   bool // format=flowed (RFC 3676)
	DelSp    bool // delsp=yes (RFC 3676)
}

// Limits bounds what Parse reads; beyond each lies a gap.
type Limits struct {
	Depth int // nesting of multiparts and attached messages
	Parts int // leaves of the MIME tree
	Text  int // decoded bytes of text, all parts together
}

// Message is a message taken apart.
type Message struct {
	Header Header
	Texts  []Text // in reading order, alternatives one after the other
	Gaps   []policy.Gap
}

// Header is what the filter wants of the top-level header fields, decoded.
type Header struct {
	Subject string
	From    []string // addr-specs, also of a broken field as far as they can be found
	Reply   bool     // In-Reply-To or References is there, or the Subject bears a reply prefix
	Forward bool     // the Subject bears a forward prefix, or Resent-* fields are there
	// AuthResults are the Authentication-Results fields, topmost first.
	AuthResults []string
}

// Parse takes a message apart.
func Parse(raw []byte, limits Limits) *Message { return &Message{} }
