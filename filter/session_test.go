package filter

import (
	"context"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-milter"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"councilgate/policy"
	"councilgate/policy/explain"
)

// seen is a Judge that keeps what it is asked.
type seen struct {
	mu       sync.Mutex
	policies []*policy.Policy
	envs     []Envelope
	raws     []string
}

func (s *seen) Judge(_ context.Context, p *policy.Policy, env Envelope, raw []byte) Judgement {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.policies = append(s.policies, p)
	s.envs = append(s.envs, env)
	s.raws = append(s.raws, string(raw))
	return Judgement{Judged: true}
}

func TestSessionPassesTheWholeMessage(t *testing.T) {
	judge := &seen{}
	c := startServer(t, judge).client(t)
	m := councillorMail()
	m.to = []string{"a@post.example", "b@post.example", "a@post.example"}
	m.fields = [][2]string{
		{"Subject", "en\n to"},
		{"X-Empty", ""},
		{"X-Forged", "a\nSubject: b"},
		{"X-Spaced ", "c\n\td"},
		{"X-Blank", "e\n \n\n\tf\n "},
		{"X-Raw", "\xe6"},
	}
	m.body = "Hej\r\n\r\n" + strings.Repeat("0123456789\r\n", 20_000)
	if _, action := m.send(t, c); action.Code != milter.ActContinue {
		t.Fatalf("answer %q", action.Code)
	}
	wantRaw := "Subject: en\r\n to\r\nX-Empty: \r\nX-Forged: a\r\n\tSubject: b\r\nX-Spaced: c\r\n\td\r\nX-Blank: e\r\n\tf\r\nX-Raw: \xe6\r\n\r\n" + m.body
	if judge.raws[0] != wantRaw {
		t.Errorf("raw message %.200q...\nwant %.200q...", judge.raws[0], wantRaw)
	}
	wantEnv := Envelope{Login: "anne", From: m.from, Recipients: m.to, QueueID: "4XyZ12"}
	if !reflect.DeepEqual(judge.envs[0], wantEnv) {
		t.Errorf("envelope %+v\nwant %+v", judge.envs[0], wantEnv)
	}
}

func TestSessionKeepsMessagesApart(t *testing.T) {
	judge := &seen{}
	server := startServer(t, judge)
	c := server.client(t)

	first := councillorMail()
	first.send(t, c)

	aborted := councillorMail()
	aborted.fields = append(aborted.fields, [2]string{"X-Aborted", "1"})
	aborted.begin(t, c)
	for range 2 { // RSET and the end of the SMTP session come as two aborts
		if err := c.Abort(); err != nil {
			t.Fatal(err)
		}
	}

	second := testMail{from: "bo@norreaa.example", to: []string{"x@post.example"}, body: "2", queueID: "not a queue id"}
	second.send(t, c)

	// Without an abort in between.
	third := councillorMail()
	third.begin(t, c)
	fourth := testMail{from: "eva@norreaa.example", to: []string{"y@post.example"}, body: "4"}
	fourth.send(t, c)

	wantEnvs := []Envelope{
		{Login: "anne", From: first.from, Recipients: first.to, QueueID: first.queueID},
		{From: second.from, Recipients: second.to},
		{From: fourth.from, Recipients: fourth.to},
	}
	if !reflect.DeepEqual(judge.envs, wantEnvs) {
		t.Errorf("envelopes %+v\nwant %+v", judge.envs, wantEnvs)
	}
	if judge.raws[1] != "\r\n2" || judge.raws[2] != "\r\n4" {
		t.Errorf("raw messages %q", judge.raws[1:])
	}
	if used := server.held.used.Load(); used != 0 {
		t.Errorf("%d bytes still reserved", used)
	}
}

func TestSessionAnswers(t *testing.T) {
	tests := []struct {
		name       string
		judgement  Judgement
		fields     [][2]string
		wantCode   milter.ActionCode
		wantText   string
		wantEdits  []milter.ModifyAction
		wantMetric policy.Action
	}{
		{
			name:      "accept",
			judgement: Judgement{Judged: true},
			wantCode:  milter.ActContinue,
		},
		{
			name:      "accept takes forged tags away",
			judgement: Judgement{Judged: true},
			fields:    [][2]string{{"X-Mass-Mailing", "1"}, {"Subject", "a"}, {"x-mass-mailing", "2\n X-Mass-Mailing: 3"}},
			wantCode:  milter.ActContinue,
			wantEdits: []milter.ModifyAction{
				{Code: milter.ActChangeHeader, HeaderIndex: 2, HeaderName: "X-Mass-Mailing"},
				{Code: milter.ActChangeHeader, HeaderIndex: 1, HeaderName: "X-Mass-Mailing"},
			},
		},
		{
			name: "tag",
			judgement: Judgement{Judged: true, Verdict: policy.Verdict{
				Action: policy.Tag, Rule: policy.MassMailing,
				Headers: []policy.Header{{Name: "X-Mass-Mailing", Value: "recipients=134; limit=100"}},
			}},
			fields:   [][2]string{{"X-Mass-Mailing", "none"}},
			wantCode: milter.ActContinue,
			wantEdits: []milter.ModifyAction{
				{Code: milter.ActChangeHeader, HeaderIndex: 1, HeaderName: "X-Mass-Mailing"},
				{Code: milter.ActAddHeader, HeaderName: "X-Mass-Mailing", HeaderValue: "recipients=134; limit=100"},
			},
			wantMetric: policy.Tag,
		},
		{
			name:       "reject",
			judgement:  Judgement{Judged: true, Verdict: policy.Verdict{Action: policy.Reject}},
			fields:     [][2]string{{"X-Mass-Mailing", "none"}},
			wantCode:   milter.ActReplyCode,
			wantText:   "550-5.7.1 Refused.\r\n550 5.7.1 Reference 4XyZ12",
			wantMetric: policy.Reject,
		},
		{
			name:       "tempfail",
			judgement:  Judgement{Judged: true, Verdict: policy.Verdict{Action: policy.TempFail}},
			wantCode:   milter.ActReplyCode,
			wantText:   "451-4.7.1 Come again later.\r\n451 4.7.1 Reference 4XyZ12",
			wantMetric: policy.TempFail,
		},
		{
			name:      "somebody else's mail is left alone",
			judgement: Judgement{},
			fields:    [][2]string{{"X-Mass-Mailing", "none"}},
			wantCode:  milter.ActContinue,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := startServer(t, judgeFunc(func(context.Context, *policy.Policy, Envelope, []byte) Judgement {
				return tt.judgement
			}))
			c := server.client(t)
			m := councillorMail()
			m.fields = append(m.fields, tt.fields...)
			for range 2 { // the library must keep the session after every answer
				edits, action := m.send(t, c)
				if action.Code != tt.wantCode {
					t.Errorf("answer %q, want %q", action.Code, tt.wantCode)
				}
				if tt.wantText != "" {
					// The client takes the code and the separator off the first line.
					if want := tt.wantText[4:]; action.SMTPText != want || strconv.Itoa(action.SMTPCode) != tt.wantText[:3] {
						t.Errorf("reply %d %q, want %q", action.SMTPCode, action.SMTPText, tt.wantText)
					}
				}
				if !reflect.DeepEqual(edits, tt.wantEdits) {
					t.Errorf("edits %+v\nwant %+v", edits, tt.wantEdits)
				}
			}
			if n := testutil.ToFloat64(server.Metrics.messages.WithLabelValues(tt.wantMetric.String())); n != 2 {
				t.Errorf("councilgate_messages_total{action=%q} is %v, want 2", tt.wantMetric, n)
			}
		})
	}
}

func TestSessionBounces(t *testing.T) {
	judge := &seen{}
	server := startServer(t, judge)
	c := server.client(t)

	bounce := councillorMail()
	bounce.from, bounce.login = "", ""
	if _, action := bounce.send(t, c); action.Code != milter.ActContinue {
		t.Errorf("bounce answered by %q", action.Code)
	}
	if len(judge.raws) != 0 {
		t.Error("a bounce was read")
	}
	if log := server.logs.String(); !strings.Contains(log, "message passed unread") {
		t.Errorf("log %q", log)
	}

	// A login can make a mail without envelope sender a councillor's.
	receipt := councillorMail()
	receipt.from = ""
	receipt.send(t, c)
	if len(judge.raws) != 1 {
		t.Error("a mail without envelope sender but with a login was not read")
	}
}

// TestSessionRejectedRecipient: Postfix may say the same of an address that it is
// going to reject and of a valid alias.
func TestSessionRejectedRecipient(t *testing.T) {
	judge := &seen{}
	c := startServer(t, judge).client(t)
	m := testMail{from: "anne.holm@norreaa.example"}
	m.begin(t, c)
	c.Abort()
	c.Mail(m.from, nil)
	c.Macros(milter.CodeRcpt, "{rcpt_mailer}", "error", "{rcpt_host}", "5.1.1", "{rcpt_addr}", "User unknown in virtual alias table")
	c.Rcpt("team@norreaa.example", nil)
	c.HeaderEnd()
	if _, _, err := c.End(); err != nil {
		t.Fatal(err)
	}
	if got := judge.envs[0].Recipients; !reflect.DeepEqual(got, []string{"team@norreaa.example"}) {
		t.Errorf("recipients %q", got)
	}
}

func TestSessionWithoutMacros(t *testing.T) {
	judge := &seen{}
	c := startServer(t, judge).client(t)
	c.Mail("anne.holm@norreaa.example", nil)
	c.HeaderEnd()
	if _, _, err := c.End(); err != nil {
		t.Fatal(err)
	}
	if env := judge.envs[0]; env.Login != "" || env.QueueID != "" {
		t.Errorf("envelope %+v", env)
	}
}

func TestSessionLimits(t *testing.T) {
	const secret = "the body that must not be kept"
	tests := []struct {
		name       string
		limits     func(*Limits)
		change     func(*testMail)
		wantReason string
		wantRaw    string
	}{
		{
			name:       "message",
			limits:     func(l *Limits) { l.Message = 1000 },
			change:     func(m *testMail) { m.body = strings.Repeat("x", 200_000) },
			wantReason: "too-large",
			wantRaw:    "From: anne.holm@norreaa.example\r\nSubject: Hej\r\n\r\n",
		},
		{
			name:       "message of one piece",
			limits:     func(l *Limits) { l.Message = 60 },
			change:     func(m *testMail) { m.body = secret },
			wantReason: "too-large",
			wantRaw:    "From: anne.holm@norreaa.example\r\nSubject: Hej\r\n\r\n",
		},
		{
			name:   "recipients",
			limits: func(l *Limits) { l.Recipients = 2 },
			change: func(m *testMail) {
				m.to = []string{"a@x.example", "b@x.example", "c@x.example", "d@x.example"}
				m.body = secret
			},
			wantReason: "too-many-recipients",
			wantRaw:    "From: anne.holm@norreaa.example\r\nSubject: Hej\r\n\r\n",
		},
		{
			name:       "number of fields",
			limits:     func(l *Limits) { l.HeaderFields = 1 },
			change:     func(m *testMail) { m.body = secret },
			wantReason: "too-large",
			wantRaw:    "From: anne.holm@norreaa.example\r\n\r\n",
		},
		{
			name:       "bytes of fields",
			limits:     func(l *Limits) { l.Header = 100 },
			change:     func(m *testMail) { m.fields[1][1] = strings.Repeat("x", 100); m.body = secret },
			wantReason: "too-large",
			wantRaw:    "From: anne.holm@norreaa.example\r\n\r\n",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			judge := &seen{}
			server := startServer(t, judge, limits(tt.limits))
			c := server.client(t)
			m := councillorMail()
			tt.change(&m)
			m.send(t, c)
			want := []policy.Gap{{Kind: policy.Unreadable, Reason: tt.wantReason}}
			if got := judge.envs[0].Gaps; !reflect.DeepEqual(got, want) {
				t.Errorf("gaps %+v, want %+v", got, want)
			}
			if judge.raws[0] != tt.wantRaw {
				t.Errorf("kept %q, want %q", judge.raws[0], tt.wantRaw)
			}
			if tt.wantReason == "too-many-recipients" {
				if got, want := judge.envs[0].Recipients, []string{"a@x.example", "b@x.example", ""}; !reflect.DeepEqual(got, want) {
					t.Errorf("recipients %q, want %q", got, want)
				}
			}

			councillorMailWithin := testMail{from: "a@b.example", to: []string{"c@d.example"}, body: "x"}
			councillorMailWithin.send(t, c)
			if gaps := judge.envs[1].Gaps; gaps != nil {
				t.Errorf("the next message has gaps %+v", gaps)
			}
			if used := server.held.used.Load(); used != 0 {
				t.Errorf("%d bytes still reserved", used)
			}
		})
	}
}

// wantTryLater sends a mail that the server cannot judge.
func wantTryLater(t *testing.T, server *testServer, c *milter.ClientSession, m testMail, cause string) {
	t.Helper()
	metric := server.Metrics.gaps.WithLabelValues(string(policy.InternalError))
	before := testutil.ToFloat64(metric)
	_, action := m.send(t, c)
	if action.Code != milter.ActReplyCode || action.SMTPCode != 451 || !strings.HasPrefix(action.SMTPText, "4.7.1 ") {
		t.Errorf("answer %+v, want 451 4.7.1", action)
	}
	if log := server.logs.String(); !strings.Contains(log, "cause="+cause) {
		t.Errorf("no cause %q in log %q", cause, log)
	}
	if after := testutil.ToFloat64(metric); after != before+1 {
		t.Errorf("gaps went from %v to %v", before, after)
	}
}

func TestSessionOutOfMemory(t *testing.T) {
	judge := &seen{}
	server := startServer(t, judge, limits(func(l *Limits) { l.Held = 1000 }))
	c := server.client(t)
	for _, change := range []func(*testMail){
		func(m *testMail) { m.body = strings.Repeat("x", 1000) },
		func(m *testMail) { m.fields[1][1] = strings.Repeat("x", 1000) },
		func(m *testMail) { m.to = []string{strings.Repeat("x", 1000), "y"} },
		func(m *testMail) { m.login = strings.Repeat("x", 1000) },
	} {
		m := councillorMail()
		change(&m)
		wantTryLater(t, server, c, m, "memory")
		if used := server.held.used.Load(); used != 0 {
			t.Fatalf("%d bytes still reserved", used)
		}
	}
	councillorMail().send(t, c)
	if len(judge.raws) != 1 {
		t.Errorf("%d messages judged, want the last alone", len(judge.raws))
	}
}

func TestSessionPanics(t *testing.T) {
	inJudge := judgeFunc(func(context.Context, *policy.Policy, Envelope, []byte) Judgement { panic("secret") })
	rejected := always(policy.Verdict{Action: policy.Reject})
	tests := []struct {
		name    string
		judge   Judge
		explain Explain
		at      string
	}{
		{"judge", inJudge, explainByAction, "filter/session_test.go"},
		{"explain", rejected, func(*policy.Policy, policy.Verdict, string, bool) explain.Reply { panic("secret") }, "filter/session_test.go"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := startServer(t, tt.judge, func(c *Config) { c.Explain = tt.explain })
			c := server.client(t)
			for range 2 {
				wantTryLater(t, server, c, councillorMail(), "panic")
			}
			log := server.logs.String()
			if strings.Contains(log, "secret") || !strings.Contains(log, "panic=string") || !strings.Contains(log, tt.at) {
				t.Errorf("log %q", log)
			}
			if n := testutil.ToFloat64(server.Metrics.messages.WithLabelValues("tempfail")); n != 2 {
				t.Errorf("councilgate_messages_total{action=tempfail} is %v, want 2", n)
			}
		})
	}
}

// TestCallbackPanics: nobody waits for an answer before the end of the message,
// which is when a failure before it is told.
func TestCallbackPanics(t *testing.T) {
	server := startServer(t, &seen{}, limits(func(l *Limits) { l.Message = 0 }))
	tests := []struct {
		stage  string
		spoil  func(*session)
		repair func(*session)
	}{
		{"mail", func(s *session) { s.conn = nil }, func(s *session) { s.conn = &conn{} }},
		{"headers", func(s *session) { s.conn = nil }, func(s *session) { s.conn = &conn{} }},
		{"body", func(s *session) { s.header = -1 }, func(*session) {}},
		{"end", func(s *session) { s.header = -1 }, func(*session) {}},
	}
	for _, tt := range tests {
		t.Run(tt.stage, func(t *testing.T) {
			s := newSession(server.Server, &conn{})
			cb := callbacks{s}
			m := &milter.Modifier{}
			stages := []struct {
				name string
				call func() (milter.Response, error)
			}{
				{"mail", func() (milter.Response, error) { return cb.MailFrom("a@b.example", m) }},
				{"rcpt", func() (milter.Response, error) { return cb.RcptTo("c@d.example", m) }},
				{"header", func() (milter.Response, error) { return cb.Header("Subject", "x", m) }},
				{"headers", func() (milter.Response, error) { return cb.Headers(nil, m) }},
				{"body", func() (milter.Response, error) { return cb.BodyChunk([]byte("x"), m) }},
			}
			for _, stage := range stages {
				if stage.name == tt.stage {
					tt.spoil(s)
				}
				resp, err := stage.call()
				if stage.name == tt.stage {
					tt.repair(s)
					if s.failed == nil {
						t.Errorf("%s did not fail: the test proves nothing", stage.name)
					}
				}
				if resp != nil || err != nil {
					t.Errorf("%s answered %v, %v", stage.name, resp, err)
				}
			}
			if tt.stage == "end" {
				tt.spoil(s)
			}
			resp, err := cb.Body(m)
			if err != nil || !strings.HasPrefix(string(resp.Response().Data), "451 4.7.1 ") {
				t.Errorf("end answered %q, %v", resp.Response().Data, err)
			}
			if !resp.Continue() {
				t.Error("the library would throw the session away")
			}
		})
	}
}

func TestSessionTimeout(t *testing.T) {
	stuck := make(chan struct{})
	defer close(stuck)
	server := startServer(t, judgeFunc(func(ctx context.Context, _ *policy.Policy, _ Envelope, raw []byte) Judgement {
		<-stuck
		return Judgement{}
	}), limits(func(l *Limits) {
		l.Inspection, l.Overrun, l.Inspections = 10*time.Millisecond, 10*time.Millisecond, 2
	}))
	c := server.client(t)
	wantTryLater(t, server, c, councillorMail(), "timeout")
	if server.held.used.Load() == 0 {
		t.Error("the bytes of a stuck inspection are not reserved any more")
	}
	wantTryLater(t, server, c, councillorMail(), "timeout")
	// Both turns are taken by inspections that do not come back.
	wantTryLater(t, server, c, councillorMail(), "busy")
}

// TestSessionLarge: large messages that wait for their turn keep no other waiting.
func TestSessionLarge(t *testing.T) {
	stuck, entered := make(chan struct{}), make(chan struct{})
	server := startServer(t, judgeFunc(func(_ context.Context, _ *policy.Policy, _ Envelope, raw []byte) Judgement {
		if len(raw) > 1000 {
			entered <- struct{}{}
			<-stuck
		}
		return Judgement{Judged: true}
	}), limits(func(l *Limits) { l.Large, l.LargeInspections, l.Inspections = 1000, 1, 2 }))
	large := councillorMail()
	large.body = strings.Repeat("x", 2000)
	var answers sync.WaitGroup
	for range 3 {
		c := server.client(t)
		answers.Go(func() {
			if _, action := large.send(t, c); action.Code != milter.ActContinue {
				t.Errorf("answer %+v", action)
			}
		})
	}
	<-entered
	councillorMail().send(t, server.client(t))
	if n := len(server.turns); n != 1 {
		t.Errorf("%d inspections of large messages at a time, want 1", n)
	}
	close(stuck)
	<-entered
	<-entered
	answers.Wait()
	if used := server.held.used.Load(); used != 0 || len(server.turns)+len(server.large) != 0 {
		t.Errorf("%d bytes, %d turns and %d large turns still taken", used, len(server.turns), len(server.large))
	}
}

// TestSessionDeadline: the inspector gets to answer by itself before the server
// does in its place.
func TestSessionDeadline(t *testing.T) {
	server := startServer(t, judgeFunc(func(ctx context.Context, _ *policy.Policy, _ Envelope, _ []byte) Judgement {
		<-ctx.Done()
		return Judgement{Judged: true, Verdict: policy.Verdict{Action: policy.Reject}}
	}), limits(func(l *Limits) { l.Inspection = time.Millisecond }))
	if _, action := councillorMail().send(t, server.client(t)); action.SMTPCode != 550 {
		t.Errorf("answer %+v", action)
	}
}

func TestSessionKeepsItsPolicy(t *testing.T) {
	judge := &seen{}
	server := startServer(t, judge)
	before, after := server.policy.Load(), policy.Default()
	if before == after {
		t.Fatal("the two policies cannot be told apart")
	}
	s := newSession(server.Server, &conn{})
	s.mail("anne.holm@norreaa.example", nil)
	server.SetPolicy(after)
	s.end(nil)
	s.mail("anne.holm@norreaa.example", nil)
	s.end(nil)
	if judge.policies[0] != before || judge.policies[1] != after {
		t.Error("a message was not judged by the policy it began with")
	}
}

func TestSessionUTF8(t *testing.T) {
	server := startServer(t, always(policy.Verdict{Action: policy.Reject}), func(c *Config) {
		c.Explain = func(_ *policy.Policy, _ policy.Verdict, _ string, utf8 bool) explain.Reply {
			return explain.Reply{Code: 550, Enhanced: "5.7.1", Lines: []string{"Afvist på " + strconv.FormatBool(utf8)}}
		}
	})
	c := server.client(t)
	m := councillorMail()
	m.args = []string{"BODY=8BITMIME", "SMTPUTF8"}
	if _, action := m.send(t, c); action.SMTPText != "5.7.1 Afvist på true" {
		t.Errorf("with SMTPUTF8: %q", action.SMTPText)
	}
	m.args = []string{"SIZE=100"}
	if _, action := m.send(t, c); action.SMTPText != "5.7.1 Afvist p? false" {
		t.Errorf("without SMTPUTF8: %q", action.SMTPText)
	}
}
