package filter

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-milter"

	"councilgate/filter/record"
	"councilgate/policy"
	"councilgate/policy/explain"
)

// TestMain fails the run when a test leaves a goroutine of ours behind.
func TestMain(m *testing.M) {
	log.SetFlags(0) // the library's log, as serve sets it
	log.SetOutput(io.Discard)
	code := m.Run()
	if left := leftGoroutines(); left != "" {
		fmt.Fprintf(os.Stderr, "goroutines left behind:\n%s", left)
		code = 1
	}
	os.Exit(code)
}

// leftGoroutines returns the stacks of the goroutines of this package and the
// milter library that do not end by themselves, "" if all do.
func leftGoroutines() string {
	var left strings.Builder
	for range 100 {
		var b bytes.Buffer
		pprof.Lookup("goroutine").WriteTo(&b, 2)
		left.Reset()
		for _, stack := range strings.Split(b.String(), "\n\n") {
			ours := strings.Contains(stack, "councilgate/filter.") || strings.Contains(stack, "go-milter.")
			if ours && !strings.Contains(stack, "TestMain") {
				left.WriteString(stack + "\n\n")
			}
		}
		if left.Len() == 0 {
			return ""
		}
		time.Sleep(50 * time.Millisecond)
	}
	return left.String()
}

// judgeFunc is a function as a Judge.
type judgeFunc func(ctx context.Context, p *policy.Policy, env Envelope, raw []byte) Judgement

func (f judgeFunc) Judge(ctx context.Context, p *policy.Policy, env Envelope, raw []byte) Judgement {
	return f(ctx, p, env, raw)
}

// always judges every mail by the same verdict.
func always(v policy.Verdict) Judge {
	return judgeFunc(func(context.Context, *policy.Policy, Envelope, []byte) Judgement {
		return Judgement{Judged: true, Verdict: v}
	})
}

// explainByAction is an Explain with a text for each action.
func explainByAction(_ *policy.Policy, v policy.Verdict, reference string, _ bool) explain.Reply {
	if v.Action == policy.TempFail {
		return explain.Reply{Code: 451, Enhanced: "4.7.1", Lines: []string{"Come again later.", "Reference " + reference}}
	}
	return explain.Reply{Code: 550, Enhanced: "5.7.1", Lines: []string{"Refused.", "Reference " + reference}}
}

// logBuffer is a log that tests read while servers write.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// testServer is a Server on a unix socket.
type testServer struct {
	*Server
	addr   string
	logs   *logBuffer
	record *record.Recorder
	served chan error // what Serve returned
}

// startServer runs a server with the given judge until the test ends. The options
// change its configuration.
func startServer(t testing.TB, judge Judge, options ...func(*Config)) *testServer {
	t.Helper()
	logs := &logBuffer{}
	cfg := Config{
		Judge:   judge,
		Explain: explainByAction,
		Metrics: NewMetrics(),
		Log:     slog.New(slog.NewTextHandler(logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Limits:  DefaultLimits(),
	}
	cfg.Limits.Grace = 0
	dir, err := os.MkdirTemp("", "milter") // t.TempDir gives paths too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	kept := record.New(record.Options{
		File: filepath.Join(dir, "record.jsonl"), Days: 30, MaxBytes: 1 << 20, Events: cfg.Metrics.RecordEvents(), Log: quiet(),
	})
	t.Cleanup(func() { kept.Close(context.Background()) })
	cfg.Record = kept.Add
	for _, option := range options {
		option(&cfg)
	}
	addr := filepath.Join(dir, "sock")
	ln, err := net.Listen("unix", addr)
	if err != nil {
		t.Fatal(err)
	}
	s := &testServer{NewServer(cfg, policy.Default()), addr, logs, kept, make(chan error, 1)}
	go func() { s.served <- s.Serve(ln) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		s.Shutdown(ctx)
	})
	return s
}

// limits is an option that changes the limits.
func limits(change func(*Limits)) func(*Config) {
	return func(c *Config) { change(&c.Limits) }
}

// client opens a session with the library's client. The masks are those that it
// can negotiate with the library's server.
func (s *testServer) client(t testing.TB) *milter.ClientSession {
	t.Helper()
	c, err := milter.NewClientWithOptions("unix", s.addr, milter.ClientOptions{
		ActionMask:   milter.OptAddHeader | milter.OptChangeHeader,
		ReadTimeout:  10 * time.Second,
		WriteTimeout: 10 * time.Second,
	}).Session()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// testMail is a message as a mail server passes it on.
type testMail struct {
	login   string
	from    string
	to      []string
	args    []string    // of MAIL
	fields  [][2]string // name and value, folded by LF as Postfix does
	body    string
	queueID string
}

// councillorMail is a small mail.
func councillorMail() testMail {
	return testMail{
		login:   "anne",
		from:    "anne.holm@norreaa.example",
		to:      []string{"borger@post.example"},
		fields:  [][2]string{{"From", "anne.holm@norreaa.example"}, {"Subject", "Hej"}},
		body:    "Hej\r\n",
		queueID: "4XyZ12",
	}
}

// begin sends a mail up to its end.
func (m testMail) begin(t testing.TB, c *milter.ClientSession) {
	t.Helper()
	must := func(_ *milter.Action, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	macros := []string{"{daemon_name}", "mx.example"}
	if m.login != "" {
		macros = append(macros, "{auth_authen}", m.login)
	}
	c.Macros(milter.CodeMail, macros...)
	must(c.Mail(m.from, m.args))
	for _, to := range m.to {
		must(c.Rcpt(to, nil))
	}
	for _, f := range m.fields {
		must(c.HeaderField(f[0], f[1]))
	}
	must(c.HeaderEnd())
	for body := []byte(m.body); len(body) > 0; {
		n := min(len(body), milter.MaxBodyChunk)
		must(c.BodyChunk(body[:n]))
		body = body[n:]
	}
}

// send sends a mail and returns the answer, as Postfix does with an abort behind.
func (m testMail) send(t testing.TB, c *milter.ClientSession) ([]milter.ModifyAction, *milter.Action) {
	t.Helper()
	m.begin(t, c)
	c.Macros(milter.CodeEOB, "i", m.queueID)
	edits, action, err := c.End()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Abort(); err != nil {
		t.Fatal(err)
	}
	return edits, action
}

// peer speaks the milter protocol frame by frame, for what the library's client
// cannot say.
type peer struct {
	t testing.TB
	net.Conn
}

// dial opens a connection that ends with the test.
func (s *testServer) dial(t testing.TB) peer {
	t.Helper()
	c, err := net.Dial("unix", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	c.SetDeadline(time.Now().Add(20 * time.Second))
	t.Cleanup(func() { c.Close() })
	return peer{t, c}
}

// negotiated opens a connection as Postfix does.
func (s *testServer) negotiated(t testing.TB) peer {
	t.Helper()
	p := s.dial(t)
	offer := binary.BigEndian.AppendUint32(nil, 6)
	offer = binary.BigEndian.AppendUint32(offer, 0x1ff)
	offer = binary.BigEndian.AppendUint32(offer, 0x1fffff)
	p.send(frame('O', string(offer)))
	if code, _ := p.receive(); code != 'O' {
		t.Fatalf("negotiation answered by %q", code)
	}
	return p
}

// frame builds a frame.
func frame(code byte, data string) []byte {
	f := binary.BigEndian.AppendUint32(nil, uint32(1+len(data)))
	return append(append(f, code), data...)
}

func (p peer) send(frames ...[]byte) {
	p.t.Helper()
	if _, err := p.Write(bytes.Join(frames, nil)); err != nil {
		p.t.Fatal(err)
	}
}

func (p peer) receive() (code byte, data string) {
	p.t.Helper()
	head := make([]byte, 5)
	if _, err := io.ReadFull(p, head); err != nil {
		p.t.Fatalf("no answer: %v", err)
	}
	rest := make([]byte, binary.BigEndian.Uint32(head)-1)
	if _, err := io.ReadFull(p, rest); err != nil {
		p.t.Fatal(err)
	}
	return head[4], string(rest)
}

// closed fails the test unless the server closes the connection without another
// word.
func (p peer) closed() {
	p.t.Helper()
	rest, err := io.ReadAll(p)
	if len(rest) > 0 {
		p.t.Errorf("the server wrote %q", rest)
	}
	if ne, ok := err.(net.Error); ok && ne.Timeout() {
		p.t.Error("the connection stays open")
	}
}
