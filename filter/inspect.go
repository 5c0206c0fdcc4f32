// Package filter goes from bytes to evidence and holds the conversation with the
// mail server. All parsing of untrusted input happens here and below; what
// follows from it is decided in package policy.
package filter

import (
	"context"

	"councilgate/filter/quote"
	"councilgate/policy"
)

// Envelope is what SMTP said of a message.
type Envelope struct {
	Login      string   // SASL login, "" if not authenticated
	From       string   // MAIL FROM without angle brackets, "" for the null sender
	Recipients []string // RCPT TO without angle brackets, in the order given
	QueueID    string   // the mail server's name of the message, for the log
	// Gaps says what the session could not keep of the message ("too-large",
	// "too-many-recipients"); raw then holds the header at most. Judge takes them
	// into the evidence.
	Gaps []policy.Gap
}

// Judgement is the outcome of one message.
type Judgement struct {
	Judged   bool // false: not a councillor's mail, or a bounce; it passed unread
	Verdict  policy.Verdict
	Segments []quote.Segment // for check -segments alone; never leaves the process otherwise
}

// Inspector judges messages. It is safe for concurrent use.
type Inspector struct{}

// NewInspector returns an inspector.
func NewInspector() *Inspector { return &Inspector{} }

// Judge inspects and decides one message. It always answers: a failure of its
// own is a gap or a tempfail, never an error or a panic.
func (i *Inspector) Judge(ctx context.Context, p *policy.Policy, env Envelope, raw []byte) Judgement {
	return Judgement{}
}
