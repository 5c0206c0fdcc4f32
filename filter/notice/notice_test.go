package notice

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-message/mail"
	"github.com/emersion/go-smtp"

	"councilgate/policy"
)

// counts is what became of the notices of a test.
type counts struct {
	mu sync.Mutex
	n  map[Result]int
}

func (c *counts) add(r Result) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n == nil {
		c.n = make(map[Result]int)
	}
	c.n[r]++
}

// server is a mail server for notices.
type server struct {
	mu     sync.Mutex
	mails  []received
	reject error         // the answer to RCPT
	gate   chan struct{} // if not nil, each mail is announced and waits
}

type received struct {
	from string
	to   []string
	raw  string
}

type session struct {
	*server
	mail received
}

func (s *server) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{server: s}, nil }

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.mail = received{from: from}
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.mail.to = append(s.mail.to, to)
	return s.reject
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if s.gate != nil {
		s.gate <- struct{}{}
		<-s.gate
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mail.raw = string(raw)
	s.mails = append(s.mails, s.mail)
	return err
}

func (s *session) Reset() {}

func (s *session) Logout() error { return nil }

func (s *server) got() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mails
}

// start runs the server and returns its address.
func (s *server) start(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := smtp.NewServer(s)
	srv.EnableSMTPUTF8 = true
	srv.ErrorLog = quietLog{}
	go srv.Serve(ln)
	t.Cleanup(func() { srv.Close(); ln.Close() }) // it may not serve yet
	return ln.Addr().String()
}

type quietLog struct{}

func (quietLog) Printf(string, ...any) {}
func (quietLog) Println(...any)        {}

func refusal(t *testing.T, via string) Refusal {
	t.Helper()
	p, err := policy.Parse("test.yaml", []byte(`
municipality: Nørreå Kommune
contact: post@norreaa.example
internal: [norreaa.example]
notice: {via: "smtp://`+via+`", from: post@norreaa.example, per_hour: 3}
councillors:
  - {address: anne.holm@norreaa.example, name: Anne Sørensen}
`))
	if err != nil {
		t.Fatal(err)
	}
	sender, ok := p.Sender(policy.Identity{Envelope: "anne.holm@norreaa.example"})
	if !ok {
		t.Fatal("no sender")
	}
	return Refusal{
		Policy:    p,
		Verdict:   policy.Verdict{Action: policy.Reject, Rule: policy.PrivateForward, Recipients: policy.Recipients{Total: 2}, Sender: sender},
		Reference: "4XWkz",
		At:        time.Now(),
	}
}

// run offers refusals and waits until all is done.
func run(t *testing.T, sign Sign, log *slog.Logger, rs ...Refusal) *counts {
	t.Helper()
	c := &counts{}
	s := NewSender(log, c.add, sign)
	for _, r := range rs {
		s.Offer(r)
	}
	s.Close(context.Background())
	return c
}

var quiet = slog.New(slog.DiscardHandler)

func TestNotice(t *testing.T) {
	srv := &server{}
	r := refusal(t, srv.start(t))
	if c := run(t, nil, quiet, r); c.n[Sent] != 1 || len(c.n) != 1 {
		t.Fatalf("%v", c.n)
	}
	got := srv.got()
	if len(got) != 1 || got[0].from != "" || len(got[0].to) != 1 || got[0].to[0] != "anne.holm@norreaa.example" {
		t.Fatalf("envelope: %d mails", len(got))
	}
	m, err := mail.CreateReader(strings.NewReader(got[0].raw))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"Auto-Submitted": "auto-replied", "Content-Language": "da", "X-Auto-Response-Suppress": "All"} {
		if got := m.Header.Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	if subject, err := m.Header.Subject(); err != nil || subject != "Din mail blev ikke sendt" {
		t.Errorf("subject %q", subject)
	}
	if to, err := m.Header.AddressList("To"); err != nil || len(to) != 1 || to[0].Name != "Anne Sørensen" {
		t.Errorf("to %v", err)
	}
	if id, err := m.Header.MessageID(); err != nil || !strings.HasSuffix(id, "@norreaa.example") {
		t.Errorf("message id %q", id)
	}
	if strings.ContainsFunc(got[0].raw, func(r rune) bool { return r > '~' }) {
		t.Error("not in ASCII")
	}
	var types []string
	for {
		p, err := m.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		kind, _, _ := p.Header.(*mail.InlineHeader).ContentType()
		types = append(types, kind)
		body, err := io.ReadAll(p.Body)
		if err != nil || !strings.Contains(string(body), "Kære Anne Sørensen") || !strings.Contains(string(body), "4XWkz") || !strings.Contains(string(body), "2 modtagere") {
			t.Errorf("%s: %s", kind, body)
		}
	}
	if strings.Join(types, " ") != "text/plain text/html" {
		t.Errorf("parts %v", types)
	}
}

// Who gets no notice at all.
func TestNoNotice(t *testing.T) {
	srv := &server{}
	via := srv.start(t)
	for name, change := range map[string]func(*Refusal){
		"not asked for":           func(r *Refusal) { r.Policy = policy.Default() },
		"a mail that passes":      func(r *Refusal) { r.Verdict.Action = policy.Tag },
		"a mail that has to wait": func(r *Refusal) { r.Verdict.Action = policy.TempFail },
		"an automatic answer":     func(r *Refusal) { r.Verdict.Automatic = true },
		"a sender by From alone":  func(r *Refusal) { r.Verdict.Sender.Proof = "from" },
	} {
		r := refusal(t, via)
		change(&r)
		if c := run(t, nil, quiet, r); len(c.n) != 0 || len(srv.got()) != 0 {
			t.Errorf("%s: %v", name, c.n)
		}
	}
}

func TestNoticesAnHour(t *testing.T) {
	srv := &server{}
	r := refusal(t, srv.start(t))
	other, later := r, r
	other.Verdict.Sender.Councillor.Address.Local = "goran"
	later.At = r.At.Add(time.Hour)
	if c := run(t, nil, quiet, r, r, r, r, other, r, later); c.n[Sent] != 5 || c.n[Limited] != 2 {
		t.Errorf("%v", c.n)
	}
}

func TestLimiterForgets(t *testing.T) {
	l, now := newLimiter(), time.Now()
	for i := range 50 {
		l.allow(policy.Address{Local: strings.Repeat("a", i+1)}, 1, now)
	}
	if l.allow(policy.Address{Local: "b"}, 1, now.Add(2*time.Hour)); len(l.sent) != 1 {
		t.Errorf("%d addresses known", len(l.sent))
	}
}

// A server that hangs fills the queue, and what is beyond it is dropped at once.
func TestNoticeQueueIsBounded(t *testing.T) {
	srv := &server{gate: make(chan struct{})}
	r := refusal(t, srv.start(t))
	c := &counts{}
	s := NewSender(quiet, c.add, nil)
	const offered = queueLength + 50
	for i := range offered {
		if i == 1 {
			<-srv.gate // the first is with the server, which hangs
		}
		r.Verdict.Sender.Councillor.Address.Local = strings.Repeat("a", i+1)
		s.Offer(r)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	s.Close(ctx)
	srv.gate <- struct{}{}
	<-s.done
	s.Close(context.Background()) // a second time does no harm
	s.Offer(r)
	sum := 0
	for _, n := range c.n {
		sum += n
	}
	if sum != offered+1 || c.n[Sent] != 1 || c.n[Dropped] != offered {
		t.Errorf("%v", c.n)
	}
}

func TestNoticeFailures(t *testing.T) {
	var log strings.Builder
	logger := slog.New(slog.NewTextHandler(&log, nil))
	refusing := &server{reject: &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "anne.holm is unknown"}}
	if c := run(t, nil, logger, refusal(t, refusing.start(t))); c.n[Failed] != 1 {
		t.Errorf("refused: %v", c.n)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { // hangs up on everybody
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			conn.Close()
		}
	}()
	r := refusal(t, ln.Addr().String())
	if c := run(t, nil, logger, r); c.n[Failed] != 1 {
		t.Errorf("hung up: %v", c.n)
	}
	ln.Close()
	if c := run(t, nil, logger, r); c.n[Failed] != 1 {
		t.Errorf("nobody there: %v", c.n)
	}
	if text := log.String(); strings.Contains(text, "anne") || strings.Count(text, "queue_id=4XWkz") != 3 || !strings.Contains(text, "answered 550 5.1.1") {
		t.Errorf("log: %s", text)
	}
}

func TestNoticeIsSigned(t *testing.T) {
	srv := &server{}
	r := refusal(t, srv.start(t))
	var signed string
	run(t, func(message []byte) ([]byte, error) {
		signed = string(message)
		return []byte("DKIM-Signature: v=1\r\n"), nil
	}, quiet, r)
	if got := srv.got(); len(got) != 1 || got[0].raw != "DKIM-Signature: v=1\r\n"+signed {
		t.Error("what was sent is not what was signed")
	}
	if c := run(t, func([]byte) ([]byte, error) { panic("a fault") }, quiet, r, r); c.n[Failed] != 2 {
		t.Errorf("a panic: %v", c.n)
	}
	r.At = r.At.Add(time.Hour)
	c := run(t, func([]byte) ([]byte, error) { return nil, errors.New("no key") }, quiet, r)
	if c.n[Failed] != 1 || len(srv.got()) != 1 {
		t.Errorf("sent without the signature: %v", c.n)
	}
}
