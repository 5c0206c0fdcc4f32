package filter

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"time"

	"councilgate/filter/mail"
	"councilgate/filter/quote"
	"councilgate/policy"
)

// A trace tells how a message was inspected, and nothing of what it says: how many
// texts of which form and charset, where they stood, and how long each stage took. It
// is for the log at debug level.
type trace struct {
	plain, html, fields, attached int            // texts by form; those attached are of any form
	textBytes                     int            // decoded
	charsets                      map[string]int // texts by what they say their charset is
	segments                      map[policy.Place]int
	stages                        []stage
	began                         time.Time // of the stage under way
}

// A stage is a step of the inspection.
type stage struct {
	name string
	took time.Duration
}

func newTrace() *trace {
	return &trace{charsets: make(map[string]int), segments: make(map[policy.Place]int), began: time.Now()}
}

// lap ends the stage under way, and the next begins.
func (t *trace) lap(name string) {
	now := time.Now()
	t.stages = append(t.stages, stage{name, now.Sub(t.began)})
	t.began = now
}

// texts counts what a message was taken apart into.
func (t *trace) texts(m *mail.Message) {
	for _, text := range m.Texts {
		t.textBytes += len(text.Body)
		if text.Charset != "" {
			t.charsets[text.Charset]++
		}
		switch {
		case text.Attached:
			t.attached++
		case text.Type == mail.HTML:
			t.html++
		case text.Type == mail.Field:
			t.fields++
		default:
			t.plain++
		}
	}
}

// cut counts where the texts stood.
func (t *trace) cut(segments []quote.Segment) {
	for _, s := range segments {
		t.segments[s.Place]++
	}
}

// logTrace logs how a message was inspected. Parts are named by their IMAP section
// number; reasons and charsets come from closed lists.
func logTrace(log *slog.Logger, queueID string, t *trace, gaps []policy.Gap) {
	if t == nil || !log.Enabled(context.Background(), slog.LevelDebug) {
		return
	}
	var charsets, places, stages []any
	for _, name := range slices.Sorted(maps.Keys(t.charsets)) {
		charsets = append(charsets, slog.Int(name, t.charsets[name]))
	}
	for _, place := range policy.Places() {
		if n := t.segments[place]; n > 0 {
			places = append(places, slog.Int(string(place), n))
		}
	}
	for _, s := range t.stages {
		stages = append(stages, slog.Float64(s.name, milliseconds(s.took)))
	}
	unread := make([]string, len(gaps))
	for i, g := range gaps {
		unread[i] = string(g.Kind) + ":" + g.Reason
		if g.Part != "" {
			unread[i] += "@" + g.Part
		}
	}
	log.LogAttrs(context.Background(), slog.LevelDebug, "message inspected",
		slog.String("queue_id", queueID),
		slog.Group("texts", slog.Int("plain", t.plain), slog.Int("html", t.html), slog.Int("fields", t.fields), slog.Int("attached", t.attached)),
		slog.Int("text_bytes", t.textBytes),
		slog.Group("charsets", charsets...),
		slog.Group("segments", places...),
		slog.Any("unread", unread),
		slog.Group("stage_ms", stages...))
}
