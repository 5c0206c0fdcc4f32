package filter

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"time"

	"councilgate/policy"
)

// The mail log has one line for each message. What may stand in it is counts,
// words from the closed lists of package policy and the mail server's name of the
// message; never an address, a subject, or anything else of a mail.

// logJudged logs a message with a verdict. In shadow mode, the line tells what would
// have happened, and the rule is the one that would have caused it.
func logJudged(log *slog.Logger, queueID string, v policy.Verdict, bytes int, took time.Duration) {
	var categories []policy.Category
	for _, c := range policy.Categories() {
		if slices.ContainsFunc(v.Findings, func(f policy.Finding) bool { return f.Category == c }) {
			categories = append(categories, c)
		}
	}
	var gaps []policy.GapKind
	for _, k := range policy.GapKinds() {
		if slices.ContainsFunc(v.Gaps, func(g policy.Gap) bool { return g.Kind == k }) {
			gaps = append(gaps, k)
		}
	}
	excepted := 0
	for _, f := range v.Findings {
		if f.Exception > 0 {
			excepted++
		}
	}
	attrs := []slog.Attr{
		slog.String("queue_id", queueID),
		slog.String("action", v.Action.String()),
	}
	rule := v.Rule
	if v.Would != (policy.Outcome{}) {
		attrs = append(attrs, slog.String("would", v.Would.Action.String()))
		rule = v.Would.Rule
	}
	log.LogAttrs(context.Background(), slog.LevelInfo, "message judged", append(attrs,
		slog.String("rule", string(rule)),
		slog.Any("categories", categories),
		slog.Int("findings", len(v.Findings)),
		slog.Int("excepted", excepted),
		slog.String("override", string(v.Override)),
		slog.Any("gaps", gaps),
		slog.Int("gap_parts", len(v.Gaps)),
		slog.Group("recipients",
			slog.Int("total", v.Recipients.Total),
			slog.Int("internal", v.Recipients.Internal),
			slog.Int("secure", v.Recipients.Secure),
			slog.Int("private", v.Recipients.Private),
			slog.Int("outside", v.Recipients.Outside)),
		slog.String("forward", v.Forward.Kind()),
		slog.Int("reached", v.Reached),
		slog.Int("bytes", bytes),
		slog.Float64("ms", milliseconds(took)),
		slog.String("proof", v.Sender.Proof),
		slog.Bool("other_from", v.Sender.OtherFrom))...)
}

// Why a message passed unread.
const (
	unreadSender = "no-councillor" // of somebody whose mail is not judged
	unreadBounce = "null-sender"
)

// logUnread logs a message that passed unread.
func logUnread(log *slog.Logger, queueID, reason string, bytes int, took time.Duration) {
	log.LogAttrs(context.Background(), slog.LevelInfo, "message passed unread",
		slog.String("queue_id", queueID),
		slog.String("action", policy.Accept.String()),
		slog.String("reason", reason),
		slog.Int("bytes", bytes),
		slog.Float64("ms", milliseconds(took)))
}

// logFailed logs a message that the server itself could not bring to a verdict.
func logFailed(log *slog.Logger, queueID string, err error, bytes int, took time.Duration, observing bool) {
	attrs := []slog.Attr{
		slog.String("queue_id", queueID),
	}
	if observing {
		attrs = append(attrs, slog.String("action", policy.Accept.String()), slog.String("would", policy.TempFail.String()))
	} else {
		attrs = append(attrs, slog.String("action", policy.TempFail.String()))
	}
	attrs = append(attrs, slog.String("cause", err.Error()), slog.Int("bytes", bytes), slog.Float64("ms", milliseconds(took)))
	if p, ok := errors.AsType[*panicError](err); ok {
		attrs = append(attrs, slog.String("panic", p.kind), slog.String("at", p.at))
	}
	log.LogAttrs(context.Background(), slog.LevelError, "message could not be judged", attrs...)
}

// logUnsigned logs a message whose signature we broke and could not renew.
func logUnsigned(log *slog.Logger, queueID string) {
	log.LogAttrs(context.Background(), slog.LevelError, "message passed without a new DKIM signature",
		slog.String("queue_id", queueID))
}

func milliseconds(d time.Duration) float64 {
	return float64(d.Round(time.Microsecond)) / float64(time.Millisecond)
}

// LibraryLog returns a writer for the log package of the standard library, which
// go-milter writes to. Its lines go to log at debug level, and without what a
// panic says of itself, since that may be text of a mail.
func LibraryLog(log *slog.Logger) io.Writer { return libraryLog{log} }

type libraryLog struct{ log *slog.Logger }

// safeLibraryLines begin the lines whose rest tells of the connection alone.
var safeLibraryLines = [][]byte{
	[]byte("Error reading milter command: "),
	[]byte("Error writing packet: "),
}

func (l libraryLog) Write(p []byte) (int, error) {
	line, _, _ := bytes.Cut(p, []byte("\n"))
	safe := slices.ContainsFunc(safeLibraryLines, func(begin []byte) bool { return bytes.HasPrefix(line, begin) })
	if !safe {
		line, _, _ = bytes.Cut(line, []byte(":"))
	}
	l.log.Debug("milter library", "line", string(line))
	return len(p), nil
}
