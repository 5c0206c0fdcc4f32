// Package filter goes from bytes to evidence and holds the conversation with the
// mail server. All parsing of untrusted input happens here and below; what
// follows from it is decided in package policy.
package filter

import (
	"context"
	"slices"
	"strings"
	"time"

	"councilgate/filter/mail"
	"councilgate/filter/mailing"
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
	// Probe is set when councilgate doctor asks: nothing is to be remembered.
	Probe bool
}

// Judgement is the outcome of one message.
type Judgement struct {
	Judged   bool // false: not a councillor's mail, or a bounce; it passed unread
	Verdict  policy.Verdict
	Segments []quote.Segment // for check -segments alone; never leaves the process otherwise
	Patterns int             // rules found with this message that send on all mail of the councillor
	trace    *trace          // for the log at debug level
}

// Inspector judges messages. It is safe for concurrent use.
type Inspector struct {
	Mailings *mailing.Tracker // nil to count each message alone; set before the first message
	// Signatures verifies the signatures of mails that were sent on as they stand; nil
	// to count their presence alone. Set before the first message.
	Signatures *Signatures
	// Overrides makes and checks override codes; nil for none. Set before the first
	// message.
	Overrides *Overrides
	detectors detectors
	forwards  *forwardLog
	limits    mail.Limits
}

// NewInspector returns an inspector with the built-in lexicons.
func NewInspector() *Inspector {
	return &Inspector{detectors: detectors{builtin: sensitive.New()}, forwards: newForwardLog(), limits: mail.DefaultLimits()}
}

// Judge inspects and decides one message. It always answers: a panic while
// inspecting, or a deadline that passes, is a gap. A panic while deciding is the
// caller's to recover.
func (i *Inspector) Judge(ctx context.Context, p *policy.Policy, env Envelope, raw []byte) Judgement {
	if env.Probe {
		i = i.forgetful()
	}
	t := newTrace()
	evidence := policy.Evidence{At: time.Now(), Recipients: recipients(env.Recipients), Gaps: slices.Clone(env.Gaps)}
	header := mail.ParseHeader(raw, i.limits)
	code := ""
	if i.Overrides != nil && p.TakesOverrides() && overrideMark.MatchString(header.Subject) {
		raw, code = takeOverride(raw)
		header = mail.ParseHeader(raw, i.limits)
	}
	id := identity(p, env, header)
	id.Answer = env.From == "" && automaticAnswer(header)
	sender, judged := p.Sender(id)
	if !judged {
		return Judgement{Verdict: policy.Verdict{Recipients: p.Recipients(sender, evidence.Recipients)}}
	}
	evidence.Sender = sender
	evidence.Reply = header.Reply || header.Forward
	evidence.Automatic = automatic(header)
	t.lap("header")
	var segments []quote.Segment
	patterns := 0
	if !p.Spares(sender, evidence.Recipients) { // what stays in the house is not read
		segments, patterns = i.read(ctx, p, env, raw, &evidence, t)
	}
	evidence.Mailing.Justified = justified(header)
	verdict := p.Decide(evidence)
	if i.Overrides != nil && verdict.Overridable {
		verdict = i.override(ctx, p, &evidence, verdict, code, segments)
	}
	t.lap("decide")
	if i.Mailings != nil && p.CountsMassMailings() && verdict.Action <= policy.Tag {
		i.countMailing(ctx, p, header, raw, &evidence)
		verdict = p.Decide(evidence)
		t.lap("mailing")
	}
	return Judgement{Judged: true, Verdict: verdict, Segments: segments, Patterns: patterns, trace: t}
}

// Gaps of our own making.
var (
	panicGap   = policy.Gap{Kind: policy.InternalError, Reason: "panic"}
	timeoutGap = policy.Gap{Kind: policy.InternalError, Reason: "timeout"}
	wordsGap   = policy.Gap{Kind: policy.InternalError, Reason: "words"}
)

// read takes a message apart, finds whose words its texts are and what they tell,
// and adds it to the evidence.
func (i *Inspector) read(ctx context.Context, p *policy.Policy, env Envelope, raw []byte, e *policy.Evidence, t *trace) (segments []quote.Segment, patterns int) {
	defer func() {
		if recover() != nil {
			e.Gaps = append(e.Gaps, panicGap)
		}
	}()
	m := mail.Parse(raw, i.limits)
	t.lap("parse")
	t.texts(m)
	e.Gaps = append(e.Gaps, m.Gaps...)
	segments = quote.Split(m, []string{e.Sender.Councillor.Name})
	t.lap("split")
	e.Forward.Redirect = i.redirect(ctx, p, e.Sender, env, m.Header, raw)
	if e.Forward.Redirect >= policy.Strong {
		segments = asForwarded(segments)
		e.Reply = true
	}
	t.cut(segments)
	passages := make([]sensitive.Passage, len(segments))
	for n, s := range segments {
		passages[n] = sensitive.Passage{Place: s.Place, Part: s.Part, Text: s.Text, Signature: s.Signature}
		if carries(s, m) && !slices.Contains(e.Carried, s.Place) {
			e.Carried = append(e.Carried, s.Place)
		}
	}
	patterns = i.lookForward(p, m, segments, e)
	t.lap("forward")
	defer t.lap("detect")
	detector, err := i.detectors.of(p)
	if err != nil {
		e.Gaps = append(e.Gaps, wordsGap)
	}
	for n := range passages {
		if ctx.Err() != nil {
			e.Gaps = append(e.Gaps, timeoutGap)
			return segments, patterns
		}
		if passages[n].Place == policy.Subject {
			passages[n].Text = mail.Topic(passages[n].Text)
			passages[n].OwnSubject = !e.SubjectOfOthers()
		}
		found := detector.Find(passages[n : n+1])
		for f := range found {
			found[f].Segment = n
		}
		e.Findings = append(e.Findings, found...)
	}
	return segments, patterns
}

// carries reports that a segment holds other people's text. An attached document
// may be the councillor's own; an attached message is not.
func carries(s quote.Segment, m *mail.Message) bool {
	switch s.Place {
	case policy.Attached:
		return m.Encloses
	case policy.Quoted, policy.Forwarded:
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
