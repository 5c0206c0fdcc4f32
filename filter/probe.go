package filter

import (
	"context"
	"log/slog"
	"time"
)

// MacroProbe marks a message as a probe, at the MAIL stage: councilgate doctor sends
// one for each rule to see whether it is answered as the policy promises. Postfix
// sends the macros that it is asked for, of which this is none, so that nobody who
// merely sends mail can mark one. Who can reach the socket can claim any login, too.
//
// A probe is judged and answered like any other message, and leaves no trace: it is
// counted apart, tells no councillor, and is remembered neither as part of a mailing
// nor as one that a rule of the mailbox sent on.
const MacroProbe = "{councilgate_probe}"

// forgetful gives an inspector that judges alike and remembers nothing.
func (i *Inspector) forgetful() *Inspector {
	return &Inspector{
		Signatures: i.Signatures,
		Overrides:  i.Overrides,
		detectors:  detectors{builtin: i.detectors.builtin},
		forwards:   newForwardLog(),
		limits:     i.limits,
	}
}

// answerProbe answers a probe and forgets it.
func (s *session) answerProbe(j Judgement, took time.Duration) answer {
	var a answer
	if j.Judged {
		a = s.answer(j.Verdict)
	}
	s.server.Metrics.probed(j.Verdict.Action)
	s.server.Log.LogAttrs(context.Background(), slog.LevelInfo, "probe judged",
		slog.String("queue_id", s.env.QueueID),
		slog.String("action", j.Verdict.Action.String()),
		slog.String("rule", string(j.Verdict.Rule)),
		slog.Float64("ms", milliseconds(took)))
	s.reset()
	return a
}
