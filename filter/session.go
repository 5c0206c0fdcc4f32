package filter

import (
	"bytes"
	"slices"
	"strings"
	"time"

	"councilgate/filter/mail"
	"councilgate/filter/notice"
	"councilgate/policy"
	"councilgate/policy/explain"
)

// Reasons of the gaps that a session finds.
const (
	reasonTooLarge = "too-large"
	reasonTooMany  = "too-many-recipients"
)

// A session collects the messages of one milter connection and has each judged
// at its end. Its methods are called in turn, never at the same time.
type session struct {
	server *Server
	conn   *conn
	message
}

// message is what a session knows of the message at hand. Its zero value is the
// state between messages.
type message struct {
	policy *policy.Policy // the policy it began with
	env    Envelope
	raw    []byte    // header and body, with CRLF, as far as they are kept
	header int       // length of the header in raw with its blank line, 0 until it is complete
	size   int       // bytes of header and body, kept or not
	kept   int       // bytes reserved of the server's budget
	unread bool      // passes unread: no need to keep it
	gap    string    // why it was not kept, a Gap's reason, "" if it was
	ended  time.Time // when all of it was there, the zero time before
	failed error     // why it cannot be judged, nil if it can
}

// An answer is what the mail server is told at the end of a message.
type answer struct {
	edits []edit
	reply string // framed; "" lets the mail pass
	given func() // called once the answer is out, nil for nothing
}

func newSession(s *Server, c *conn) *session { return &session{server: s, conn: c} }

// reset forgets the message at hand.
func (s *session) reset() {
	s.release()
	s.message = message{}
}

// release gives back what the message holds of the budget.
func (s *session) release() {
	s.server.held.give(s.kept)
	s.kept = 0
}

// mail begins a message. The macros are those of the MAIL stage.
func (s *session) mail(from string, macros map[string]string) {
	s.reset()
	s.policy = s.server.policy.Load()
	s.env.Login = strings.Clone(macros[macroLogin])
	s.env.From = from
	s.env.Probe = macros[MacroProbe] != ""
	s.reserve(len(from) + len(s.env.Login))
	if !s.conn.noReply {
		s.server.oldPeer.Do(func() {
			s.server.Log.Warn("the mail server did not offer milter protocol version 6 with optional replies and may wait for answers that never come")
		})
	}
}

// recipient adds an envelope recipient. Whether the mail server is going to
// deliver to it is not known yet: Postfix gives {rcpt_mailer}=error for addresses
// it rejects and for valid aliases alike, hence nothing of the sort is read.
func (s *session) recipient(to string) {
	if s.unread || !s.reserve(len(to)) {
		return
	}
	switch n := len(s.env.Recipients); {
	case n < s.server.Limits.Recipients:
		s.env.Recipients = append(s.env.Recipients, to)
	case n == s.server.Limits.Recipients:
		// Those left out may be anywhere: what is no address counts as outside, so
		// that the mail is not taken for one that stays in the house.
		s.env.Recipients = append(s.env.Recipients, "")
		s.tooMuch(reasonTooMany)
	}
}

// field adds a header field. All fields that the connection lets through are
// kept, since they may be needed to tell whose mail it is.
func (s *session) field(name, value string) {
	name = strings.TrimRight(name, " \t")
	n := len(name) + len(": ") + len(value) + strings.Count(value, "\n") + len("\r\n")
	s.size += n
	if s.unread || !s.reserve(n) {
		return
	}
	// Postfix takes the space after the colon away and ends the lines of a folded
	// value by a bare LF.
	s.raw = append(s.raw, name...)
	s.raw = append(s.raw, ": "...)
	for i, line := range strings.Split(value, "\n") {
		if i > 0 {
			if strings.TrimSpace(line) == "" {
				continue // a blank line ends the header for filter/mail, though not for Postfix
			}
			s.raw = append(s.raw, "\r\n"...)
			if line[0] != ' ' && line[0] != '\t' {
				s.raw = append(s.raw, '\t') // so that no value can end its field
			}
		}
		s.raw = append(s.raw, strings.TrimSuffix(line, "\r")...)
	}
	s.raw = append(s.raw, "\r\n"...)
}

// endOfHeader adds the blank line between header and body.
func (s *session) endOfHeader() {
	if s.unread || !s.reserve(len("\r\n")) {
		return
	}
	s.raw = append(s.raw, "\r\n"...)
	s.header = len(s.raw)
	// A bounce is never judged. Its From field does not matter, so that only a
	// login could make it a councillor's. The answers that mailboxes give by
	// themselves have the null sender as well.
	if s.env.From == "" && s.env.Login == "" && !automaticAnswer(mail.ParseHeader(s.raw, mail.DefaultLimits())) {
		s.unread, s.raw, s.header, s.env.Recipients = true, nil, 0, nil
		s.release()
		return
	}
	if s.conn.overflow {
		s.tooMuch(reasonTooLarge)
	}
}

// body adds a piece of the body.
func (s *session) body(chunk []byte) {
	s.size += len(chunk)
	if s.size > s.server.Limits.Message {
		s.tooMuch(reasonTooLarge)
	}
	if s.unread || s.gap != "" || !s.reserve(len(chunk)) {
		return
	}
	if len(chunk) > cap(s.raw)-len(s.raw) {
		// append alone would grow by a quarter and copy a large mail many times.
		s.raw = slices.Grow(s.raw, max(len(chunk), len(s.raw)))
	}
	s.raw = append(s.raw, chunk...)
}

// tooMuch notes that the message goes beyond the limits, and drops its body.
func (s *session) tooMuch(reason string) {
	if s.gap != "" {
		return
	}
	s.gap = reason
	body := len(s.raw) - s.header
	s.raw = bytes.Clone(s.raw[:s.header])
	s.server.held.give(body)
	s.kept -= body
}

// reserve takes n bytes of the budget. When there is no room, the message is
// dropped and has to come again later.
func (s *session) reserve(n int) bool {
	if s.failed != nil {
		return false
	}
	if !s.server.held.take(n) {
		s.fail(errMemory)
		return false
	}
	s.kept += n
	return true
}

// fail drops a message that cannot be judged.
func (s *session) fail(err error) {
	if s.failed == nil {
		s.failed = err
	}
	s.raw, s.header = nil, 0
	s.env.Recipients = nil
	s.release()
}

// end judges the message and forgets it. The macros are those of the end of the
// message.
func (s *session) end(macros map[string]string) answer {
	began := time.Now()
	s.ended = began
	s.env.QueueID = queueID(macros[macroQueueID])
	if s.failed != nil {
		return s.giveUp(s.failed)
	}
	if s.unread {
		return s.pass(unreadBounce)
	}
	if s.gap != "" {
		s.env.Gaps = []policy.Gap{{Kind: policy.Unreadable, Reason: s.gap}}
	}

	// The inspection takes over the budget with the bytes: it may outlive the
	// message.
	kept := s.kept
	s.kept = 0
	j, err := s.server.inspect(s.policy, s.env, s.raw, func() { s.server.held.give(kept) })
	if err != nil {
		return s.giveUp(err)
	}
	if s.env.Probe {
		return s.answerProbe(j, time.Since(began))
	}
	if !j.Judged {
		return s.pass(unreadSender)
	}

	a := s.answer(j.Verdict)
	a.given = s.notify(j.Verdict)
	took := time.Since(began)
	s.server.Metrics.judged(j.Verdict, s.size, took)
	s.server.Metrics.forwardRulesFound(j.Patterns)
	logTrace(s.server.Log, s.env.QueueID, j.trace, j.Verdict.Gaps)
	logJudged(s.server.Log, s.env.QueueID, j.Verdict, s.size, took)
	s.remember(j.Verdict, took)
	s.reset()
	return a
}

// answer is what the mail server is told of a verdict.
func (s *session) answer(v policy.Verdict) answer {
	switch v.Action {
	case policy.Accept, policy.Observe, policy.Tag:
		return answer{edits: s.edits(v)}
	default:
		return answer{reply: frameReply(s.explain(v), s.conn.smtputf8)}
	}
}

// explain puts a verdict that stops the message into words. A program that is
// refused again and again makes for one explanation a day.
func (s *session) explain(v policy.Verdict) explain.Reply {
	if v.Automatic && v.Action == policy.Reject && !s.server.told.first(v.Sender.Councillor.Address, time.Now()) {
		return explain.Again(s.policy, v, s.env.QueueID, s.conn.smtputf8)
	}
	return s.server.Explain(s.policy, v, s.env.QueueID, s.conn.smtputf8)
}

// notify returns what tells the councillor of a refusal by mail, for the time after
// the mail server was answered.
func (s *session) notify(v policy.Verdict) func() {
	if s.server.Notify == nil || v.Action != policy.Reject {
		return nil
	}
	r := notice.Refusal{Policy: s.policy, Verdict: v, Reference: s.env.QueueID, At: time.Now()}
	return func() { s.server.Notify(r) }
}

// pass lets the message through unread.
func (s *session) pass(reason string) answer {
	s.server.Metrics.unread()
	logUnread(s.server.Log, s.env.QueueID, reason, s.size, time.Since(s.ended))
	s.reset()
	return answer{}
}

// giveUp asks for the message to come again later. In shadow mode it lets it pass.
func (s *session) giveUp(err error) answer {
	p := s.policy
	if p == nil { // it failed before it began
		p = s.server.policy.Load()
	}
	s.server.Metrics.failed(p.Observing())
	logFailed(s.server.Log, s.env.QueueID, err, s.size, s.sinceEnd(), p.Observing())
	s.rememberFailure(p.Observing())
	s.reset()
	if p.Observing() {
		return answer{}
	}
	return answer{reply: frameReply(tryLater, false)}
}

// sinceEnd is how long ago the message was there, 0 if it never was.
func (s *session) sinceEnd() time.Duration {
	if s.ended.IsZero() {
		return 0
	}
	return time.Since(s.ended)
}

// queueID returns the mail server's name of a message if it looks like one, which
// is letters and digits with Postfix and Sendmail, or "".
func queueID(s string) string {
	if len(s) > 40 {
		return ""
	}
	for _, c := range []byte(s) {
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return ""
		}
	}
	return s
}
