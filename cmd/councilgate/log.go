package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"sync"
)

// newLog returns the log of serve in a format, text or json. Where w leads to the
// journal, each line begins with its priority in the manner of sd-daemon(3), and time
// and level, which the journal keeps beside the line, are left out of it.
func newLog(w io.Writer, format string, level slog.Level) *slog.Logger {
	options := &slog.HandlerOptions{Level: level}
	journal := toJournal(w)
	if journal {
		options.ReplaceAttr = withoutTimeAndLevel
	}
	lines := &journalLines{w: w}
	if journal {
		w = lines
	}
	var handler slog.Handler = slog.NewTextHandler(w, options)
	if format == "json" {
		handler = slog.NewJSONHandler(w, options)
	}
	if journal {
		handler = journalHandler{handler, lines}
	}
	return slog.New(handler)
}

func withoutTimeAndLevel(groups []string, a slog.Attr) slog.Attr {
	_, level := a.Value.Any().(slog.Level)
	if len(groups) == 0 && (a.Key == slog.TimeKey && a.Value.Kind() == slog.KindTime || a.Key == slog.LevelKey && level) {
		return slog.Attr{}
	}
	return a
}

// journalHandler tells the lines of what priority the next one is.
type journalHandler struct {
	slog.Handler
	lines *journalLines
}

// Handle implements slog.Handler.
func (h journalHandler) Handle(ctx context.Context, r slog.Record) error {
	h.lines.mu.Lock()
	defer h.lines.mu.Unlock()
	h.lines.level = r.Level
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h journalHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return journalHandler{h.Handler.WithAttrs(attrs), h.lines}
}

// WithGroup implements slog.Handler.
func (h journalHandler) WithGroup(name string) slog.Handler {
	return journalHandler{h.Handler.WithGroup(name), h.lines}
}

// journalLines puts the priority before each line.
type journalLines struct {
	w     io.Writer
	mu    sync.Mutex // held while a record is written
	level slog.Level
}

// Write gets a whole line from the handler inside.
func (l *journalLines) Write(line []byte) (int, error) {
	var b bytes.Buffer
	b.WriteString(priority(l.level))
	b.Write(line)
	if _, err := l.w.Write(b.Bytes()); err != nil {
		return 0, err
	}
	return len(line), nil
}

// priority gives a level as syslog(3) numbers it.
func priority(level slog.Level) string {
	switch {
	case level >= slog.LevelError:
		return "<3>"
	case level >= slog.LevelWarn:
		return "<4>"
	case level >= slog.LevelInfo:
		return "<6>"
	}
	return "<7>"
}
