package filter

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"councilgate/policy"
)

// At debug level a message leaves a second line, which tells how it was inspected.
func TestLogTrace(t *testing.T) {
	env, raw := overrideMail("anne.holm@norreaa.example", "SV: Brev", illness)
	j := NewInspector().Judge(context.Background(), policy.Default(), env, raw)
	var b strings.Builder
	logTrace(slog.New(slog.NewJSONHandler(&b, &slog.HandlerOptions{Level: slog.LevelDebug})), "4XyZ12", j.trace,
		[]policy.Gap{{Kind: policy.Unreadable, Part: "1.2", Reason: "broken"}, {Kind: policy.InternalError, Reason: "timeout"}})
	var got struct {
		QueueID  string `json:"queue_id"`
		Texts    map[string]int
		Bytes    int `json:"text_bytes"`
		Charsets map[string]int
		Segments map[string]int
		Unread   []string
		Stages   map[string]float64 `json:"stage_ms"`
	}
	if err := json.Unmarshal([]byte(b.String()), &got); err != nil {
		t.Fatal(err)
	}
	if got.QueueID != "4XyZ12" || got.Texts["plain"] != 1 || got.Bytes == 0 || got.Segments["subject"] != 1 || got.Segments["own"] == 0 {
		t.Errorf("%+v", got)
	}
	if len(got.Charsets) != 1 || got.Charsets["utf-8"] != 1 {
		t.Errorf("charsets %v", got.Charsets)
	}
	if len(got.Unread) != 2 || got.Unread[0] != "unreadable:broken@1.2" || got.Unread[1] != "internal_error:timeout" {
		t.Errorf("unread %q", got.Unread)
	}
	for _, name := range []string{"header", "parse", "split", "forward", "detect", "decide"} {
		if _, ok := got.Stages[name]; !ok {
			t.Errorf("no time of %s: %v", name, got.Stages)
		}
	}

	b.Reset()
	logTrace(slog.New(slog.NewJSONHandler(&b, nil)), "4XyZ12", j.trace, nil)
	if b.Len() > 0 {
		t.Errorf("told without being asked: %s", b.String())
	}
}

// Every message leaves a line at the usual level, whoever sent it.
func TestOneLineEach(t *testing.T) {
	var logs logBuffer
	server := startServer(t, NewInspector(), func(c *Config) { c.Log = slog.New(slog.NewTextHandler(&logs, nil)) })
	c := server.client(t)
	m := councillorMail()
	m.send(t, c)
	m.login, m.from, m.fields = "", "citizen@post.example", [][2]string{{"From", "citizen@post.example"}}
	m.send(t, c)
	m.from = ""
	m.send(t, c)
	for _, want := range []string{"msg=\"message judged\" queue_id=4XyZ12 action=accept", "msg=\"message passed unread\" queue_id=4XyZ12 action=accept reason=no-councillor", "reason=null-sender"} {
		if !strings.Contains(logs.String(), want) {
			t.Errorf("no %q in %s", want, logs.String())
		}
	}
	if n := strings.Count(logs.String(), "queue_id="); n != 3 {
		t.Errorf("%d lines: %s", n, logs.String())
	}
}
