// Package filter goes from bytes to evidence and holds the conversation with the
// mail server. All parsing of untrusted input happens here and below; what
// follows from it is decided in package policy.
package filter

import (
	"context"
	"slices"
	"strings"

	"councilgate/filter/mail"
	"councilgate/filter/quote"
	"councilgate/filter/sensitive"
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
type Inspector struct {
	detector *sensitive.Detector
	limits   mail.Limits
}

// NewInspector returns an inspector with the built-in lexicons.
func NewInspector() *Inspector {
	return &Inspector{detector: sensitive.New(), limits: mail.DefaultLimits()}
}

// Judge inspects and decides one message. It always answers: a panic while
// inspecting, or a deadline that passes, is a gap. A panic while deciding is the
// caller's to recover.
func (i *Inspector) Judge(ctx context.Context, p *policy.Policy, env Envelope, raw []byte) Judgement {
	evidence := policy.Evidence{Recipients: recipients(env.Recipients), Gaps: slices.Clone(env.Gaps)}
	message, gap := i.parse(raw)
	evidence.Gaps = append(evidence.Gaps, gap...)
	sender, judged := p.Sender(policy.Identity{
		Login:         env.Login,
		Authenticated: message.Header.Authenticated(p.TrustsAuthserv),
		Envelope:      env.From,
		From:          message.Header.From,
	})
	if !judged {
		return Judgement{Verdict: policy.Verdict{Recipients: p.Recipients(sender, evidence.Recipients)}}
	}
	evidence.Sender = sender
	if p.Spares(sender, evidence.Recipients) {
		// What stays in the house is not searched: the mail was taken apart only to
		// learn who sends it.
		return Judgement{Judged: true, Verdict: p.Decide(evidence)}
	}
	evidence.Gaps = append(evidence.Gaps, message.Gaps...)
	segments := i.read(ctx, message, sender, &evidence)
	return Judgement{Judged: true, Verdict: p.Decide(evidence), Segments: segments}
}

// parse takes a message apart. What makes it panic is a gap.
func (i *Inspector) parse(raw []byte) (m *mail.Message, gaps []policy.Gap) {
	defer func() {
		if recover() != nil {
			m, gaps = &mail.Message{}, []policy.Gap{panicGap}
		}
	}()
	return mail.Parse(raw, i.limits), nil
}

// Gaps of our own making.
var (
	panicGap   = policy.Gap{Kind: policy.InternalError, Reason: "panic"}
	timeoutGap = policy.Gap{Kind: policy.InternalError, Reason: "timeout"}
)

// read finds whose words the texts of a message are and what they tell, and adds
// it to the evidence.
func (i *Inspector) read(ctx context.Context, m *mail.Message, sender policy.Sender, e *policy.Evidence) (segments []quote.Segment) {
	defer func() {
		if recover() != nil {
			e.Gaps = append(e.Gaps, panicGap)
		}
	}()
	segments = quote.Split(m, []string{sender.Councillor.Name})
	passages := make([]sensitive.Passage, len(segments))
	for n, s := range segments {
		passages[n] = sensitive.Passage{Place: s.Place, Part: s.Part, Text: s.Text, Signature: s.Signature}
		if carries(s) && !slices.Contains(e.Carried, s.Place) {
			e.Carried = append(e.Carried, s.Place)
		}
	}
	for n := range passages {
		if ctx.Err() != nil {
			e.Gaps = append(e.Gaps, timeoutGap)
			return segments
		}
		found := i.detector.Find(passages[n : n+1])
		for f := range found {
			found[f].Segment = n
		}
		e.Findings = append(e.Findings, found...)
	}
	return segments
}

// carries reports that a segment holds other people's text.
func carries(s quote.Segment) bool {
	switch s.Place {
	case policy.Quoted, policy.Forwarded, policy.Attached:
		return strings.TrimSpace(s.Text) != ""
	}
	return false
}

// recipients reads the envelope's recipients and counts each mailbox once. What is
// no address is still somebody outside.
func recipients(list []string) []policy.Address {
	seen := make(map[policy.Address]bool, len(list))
	distinct := make([]policy.Address, 0, len(list))
	for _, s := range list {
		a, err := policy.ParseAddress(s)
		if err != nil {
			a = policy.Address{Local: strings.ToLower(s)}
		}
		if !seen[a] {
			seen[a] = true
			distinct = append(distinct, a)
		}
	}
	return distinct
}
