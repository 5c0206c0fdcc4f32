package filter

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"councilgate/filter/mail"
	"councilgate/filter/notice"
	"councilgate/policy"
	"councilgate/policy/explain"
)

func TestAutomatic(t *testing.T) {
	tests := []struct {
		fields         string
		program, reply bool // any mail of a program; an answer with the null sender
	}{
		{"Subject: Hej\r\n", false, false},
		{"Auto-Submitted: no\r\n", false, false},
		{"AUTO-SUBMITTED : Auto-Replied\r\n", true, true},
		{"Auto-Submitted: auto-generated; owner-email=\"x\"\r\n", true, true},
		{"Auto-Submitted: auto-forwarded\r\n", false, false},
		{"Auto-Submitted:\r\n auto-replied\r\n", true, true},
		{"X-Autoreply: yes\r\n", true, true},
		{"Precedence: auto_reply\r\n", true, true},
		{"Precedence: bulk\r\n", false, false},
		{"Auto-Submitted: auto-replied\r\nContent-Type: multipart/report;\r\n report-type=delivery-status\r\n", true, false},
		{"Subject: x\r\n\r\nAuto-Submitted: auto-replied\r\n", false, false}, // in the body
	}
	for _, tt := range tests {
		header := mail.ParseHeader([]byte(tt.fields+"\r\n"), mail.DefaultLimits())
		if got := automatic(header); got != tt.program {
			t.Errorf("%q: program %v", tt.fields, got)
		}
		if got := automaticAnswer(header); got != tt.reply {
			t.Errorf("%q: answer %v", tt.fields, got)
		}
	}
}

// An out-of-office answer bears the null sender, and is judged all the same; a
// bounce is not.
func TestAutomaticAnswersAreJudged(t *testing.T) {
	p := policy.Default()
	env := Envelope{Recipients: []string{"bente@post.example"}}
	header := "From: anne.holm@norreaa.example\r\nSubject: Autosvar\r\nContent-Type: text/plain; charset=utf-8\r\n"
	j := NewInspector().Judge(context.Background(), p, env, []byte(header+"Auto-Submitted: auto-replied\r\n\r\n"+illness))
	if !j.Judged || j.Verdict.Action != policy.Reject || !j.Verdict.Automatic {
		t.Errorf("an automatic answer: judged %v, %v", j.Judged, j.Verdict.Action)
	}
	if j := NewInspector().Judge(context.Background(), p, env, []byte(header+"\r\n"+illness)); j.Judged {
		t.Error("a bounce is judged")
	}
}

func TestOneExplanationADay(t *testing.T) {
	server := startServer(t, always(policy.Verdict{Action: policy.Reject, Rule: policy.QuotedSensitive, Automatic: true,
		Sender: policy.Sender{Councillor: policy.Councillor{Address: policy.Address{Local: "anne", Domain: "norreaa.example"}, Language: "en"}}}),
		func(c *Config) { c.Explain = explain.For })
	answer := func() string {
		m := councillorMail()
		m.from, m.login = "", ""
		m.fields = append(m.fields, [2]string{"Auto-Submitted", "auto-replied"})
		_, action := m.send(t, server.client(t))
		return action.SMTPText
	}
	if first := answer(); strings.Contains(first, "this time either") {
		t.Errorf("first: %s", first)
	}
	for range 2 {
		if next := answer(); !strings.Contains(next, "this time either") {
			t.Errorf("next: %s", next)
		}
	}
}

func TestToldToday(t *testing.T) {
	var d toldToday
	a, b := policy.Address{Local: "a"}, policy.Address{Local: "b"}
	now := time.Now()
	if !d.first(a, now) || d.first(a, now.Add(day-1)) || !d.first(b, now) {
		t.Error("within a day")
	}
	if !d.first(a, now.Add(day)) || len(d.when) != 1 {
		t.Errorf("after a day; %d known", len(d.when))
	}
}

// Whoever is to tell the councillor hears of a refusal after the mail server did,
// once, and of nothing else.
func TestNotifyAfterTheAnswer(t *testing.T) {
	var mu sync.Mutex
	var told []string
	verdict := policy.Verdict{Action: policy.Reject, Rule: policy.PrivateForward}
	server := startServer(t, judgeFunc(func(context.Context, *policy.Policy, Envelope, []byte) Judgement {
		return Judgement{Judged: true, Verdict: verdict}
	}), func(c *Config) {
		c.Notify = func(r notice.Refusal) {
			mu.Lock()
			defer mu.Unlock()
			told = append(told, r.Reference)
		}
	})
	count := func() int { mu.Lock(); defer mu.Unlock(); return len(told) }

	// The peer does not take the answer: nobody is told.
	slow := server.negotiated(t)
	m := councillorMail()
	slow.send(frame('M', "<"+m.from+">\x00"), frame('R', "<"+m.to[0]+">\x00"), frame('N', ""))
	if count() != 0 {
		t.Error("told before the answer")
	}
	for range 2 {
		client := server.client(t)
		m.send(t, client)
		m.send(t, client) // the first is known by now
	}
	for range 1000 {
		if count() == 4 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	verdict.Action = policy.Accept
	m.send(t, server.client(t))
	if n := count(); n != 4 || told[0] != "4XyZ12" {
		t.Errorf("told %d times", n)
	}
}
