package filter

import (
	"bytes"
	"context"
	"strings"

	"councilgate/filter/mail"
	"councilgate/filter/mailing"
	"councilgate/policy"
)

// countMailing adds to the evidence how many people the mailing has reached that a
// message belongs to. It is for a message that is going to be sent: what is refused
// reaches nobody.
func (i *Inspector) countMailing(ctx context.Context, p *policy.Policy, header mail.Header, raw []byte, e *policy.Evidence) {
	subject, body := "", ""
	if !e.Automatic { // out-of-office answers all say the same, but each to one who wrote
		subject, body = header.Subject, mailingText(raw)
	}
	e.Mailing.Reached = i.Mailings.Count(ctx, mailing.Message{
		Sender:    e.Sender.Councillor.Address,
		MessageID: header.MessageID,
		Subject:   subject,
		Body:      body,
		People:    p.People(e.Recipients),
		Justified: e.Mailing.Justified,
		Above:     p.MassMailingAbove(),
		Window:    p.MassMailingWindow(),
	})
}

// justified reports whether the header gives a reason for a mass mailing.
func justified(header mail.Header) bool {
	_, marked := mailing.Justification(header.Subject)
	return marked || mailing.IsReason(header.MassMailingReason)
}

// maxMailingText is how much of a mail's body is looked at for the text that tells
// its mailing, in bytes.
const maxMailingText = 256 << 10

// mailingText returns the text that tells a mail's mailing. It also reads mail that
// stays in the house: not for what it says, but whether it says the same. Hence it
// reads every mail for itself, whether the mail was judged before or not: of one
// mailing some mails may stay in the house. Of what the text was, only a keyed hash
// remains.
func mailingText(raw []byte) (text string) {
	// A mail without text is told by its subject.
	defer func() { _ = recover() }()
	if blank := bytes.Index(raw, []byte("\r\n\r\n")); blank >= 0 {
		raw = raw[:min(len(raw), blank+maxMailingText)]
	} else {
		raw = raw[:min(len(raw), maxMailingText)]
	}
	limits := mail.DefaultLimits()
	limits.Archives, limits.Unpacked = 0, 0 // documents do not matter
	var plain, html []string
	for _, t := range mail.Parse(raw, limits).Texts {
		switch {
		case t.Attached:
		case t.Type == mail.Plain:
			plain = append(plain, t.Body)
		case t.Type == mail.HTML:
			html = append(html, t.Body)
		}
	}
	return mailing.BodyText(plain, html)
}

// edits returns the changes that a mail takes along which passes: its tag, and its
// subject without the marker of a reason, with the prefix that the policy wants. In
// shadow mode the subject stays as it is.
func (s *session) edits(v policy.Verdict) []edit {
	header, body := s.raw[:s.header], s.raw[s.header:]
	edits := headerEdits(header, v.Headers)
	edits = append(edits, subjectEdits(header, func(subject string) string {
		if s.policy.TakesOverrides() {
			subject, _ = cutOverride(subject)
		}
		if !s.policy.Observes(policy.MassMailing) {
			subject, _ = mailing.Justification(subject)
		}
		if v.SubjectPrefix != "" && !strings.HasPrefix(subject, v.SubjectPrefix) {
			subject = v.SubjectPrefix + " " + subject
		}
		return subject
	})...)
	signer := s.server.signer.Load()
	if signer == nil || s.gap != "" { // of a mail with a gap the body was not kept
		return edits
	}
	signed, err := signer.resign(header, body, edits)
	if err != nil {
		logUnsigned(s.server.Log, s.env.QueueID)
		return edits
	}
	return signed
}
