package filter

import (
	"encoding/json"
	"fmt"
	"log"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"councilgate/policy"
)

func TestLogJudged(t *testing.T) {
	var b strings.Builder
	logJudged(slog.New(slog.NewJSONHandler(&b, nil)), "4XyZ12", policy.Verdict{
		Action: policy.Reject,
		Rule:   policy.QuotedSensitive,
		Findings: []policy.Finding{
			{Category: policy.Health, Mask: "health words (2)"},
			{Category: policy.NationalID, Exception: 2},
			{Category: policy.Health},
		},
		Gaps:       []policy.Gap{{Kind: policy.Encrypted, Part: "2"}, {Kind: policy.Encrypted, Part: "3"}},
		Recipients: policy.Recipients{Total: 4, Internal: 1, Secure: 1, Private: 1, Outside: 1},
		Forward:    policy.ForwardVerdict{Private: policy.Strong},
		Reached:    130,
		Override:   policy.OverrideUsed,
		Sender:     policy.Sender{Proof: "login", OtherFrom: true},
	}, 1234, 1500*time.Microsecond)
	var got map[string]any
	if err := json.Unmarshal([]byte(b.String()), &got); err != nil {
		t.Fatalf("%v in %q", err, b.String())
	}
	delete(got, "time")
	want := map[string]any{
		"level": "INFO", "msg": "message judged",
		"queue_id": "4XyZ12", "action": "reject", "rule": "quoted-sensitive",
		"categories": []any{"national-id", "health"}, "findings": 3., "excepted": 1., "override": "used", "gaps": []any{"encrypted"}, "gap_parts": 2.,
		"recipients": map[string]any{"total": 4., "internal": 1., "secure": 1., "private": 1., "outside": 1.},
		"forward":    "look-alike",
		"reached":    130.,
		"bytes":      1234., "ms": 1.5, "proof": "login", "other_from": true,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// TestLogLines: one line a message, whatever becomes of it.
func TestLogLines(t *testing.T) {
	server := startServer(t, &seen{})
	c := server.client(t)
	for range 3 {
		councillorMail().send(t, c)
	}
	if n := strings.Count(server.logs.String(), "\n"); n != 3+1 { // and one on the old peer that the client is
		t.Errorf("log %q", server.logs)
	}
}

func TestLibraryLog(t *testing.T) {
	tests := []struct{ line, want string }{
		{"Error reading milter command: unexpected EOF", "Error reading milter command: unexpected EOF"},
		{"panic handling command: the secret\ngoroutine 1 [running]", "panic handling command"},
		{"Error performing milter command: the secret", "Error performing milter command"},
		{"something new", "something new"},
	}
	for _, tt := range tests {
		var b strings.Builder
		handler := slog.NewTextHandler(&b, &slog.HandlerOptions{Level: slog.LevelDebug})
		log.New(LibraryLog(slog.New(handler)), "", 0).Print(tt.line)
		if want := fmt.Sprintf("level=DEBUG msg=\"milter library\" line=%q\n", tt.want); !strings.HasSuffix(b.String(), want) {
			t.Errorf("got %q, want %q", b.String(), want)
		}
		if strings.Contains(b.String(), "secret") {
			t.Errorf("log %q", b.String())
		}
	}
}
