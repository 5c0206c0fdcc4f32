package filter

import (
	"context"
	"errors"
	"net"
	"runtime"
	"testing"
	"time"

	"councilgate/policy"
)

// begun sends a message up to its end and waits until the server has seen it
// begin.
func (s *testServer) begun(t *testing.T) peer {
	t.Helper()
	p := s.negotiated(t)
	frames := messageFrames()
	p.send(frames[:len(frames)-1]...)
	for !s.anyBusy() {
		runtime.Gosched()
	}
	return p
}

func (s *testServer) anyBusy() (busy bool) {
	s.listener.each(func(c *conn) { busy = busy || c.busy.Load() })
	return busy
}

// shutdown starts to stop the server and returns where the outcome will come.
func (s *testServer) shutdown(ctx context.Context) <-chan error {
	done := make(chan error, 1)
	go func() { done <- s.Shutdown(ctx) }()
	return done
}

func TestShutdown(t *testing.T) {
	server := startServer(t, &seen{})
	idle := server.negotiated(t)
	if !server.Ready() {
		t.Error("not ready")
	}
	busy := server.begun(t)

	done := server.shutdown(context.Background())
	idle.closed()
	server.listener.each(func(c *conn) {
		if !c.retired.Load() {
			t.Error("a connection does not know of the end of the grace period")
		}
	})
	if server.Ready() {
		t.Error("still ready")
	}
	if _, err := net.Dial("unix", server.addr); err == nil {
		t.Error("still takes connections")
	}
	select {
	case err := <-done:
		t.Fatalf("Shutdown returned %v with a message under way", err)
	default:
	}

	busy.send(frame('E', ""))
	if code, _ := busy.receive(); code != 'c' {
		t.Errorf("answer %q", code)
	}
	busy.closed()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := <-server.served; err != nil {
		t.Errorf("Serve returned %v", err)
	}
}

// TestShutdownGrace: within the grace period, connections end when the mail
// server ends them, and take messages until then.
func TestShutdownGrace(t *testing.T) {
	server := startServer(t, &seen{}, limits(func(l *Limits) { l.Grace = time.Hour }))
	p := server.negotiated(t)
	done := server.shutdown(context.Background())
	<-server.listener.closing
	for range 2 {
		p.send(messageFrames()...)
		if code, _ := p.receive(); code != 'c' {
			t.Errorf("answer %q", code)
		}
	}
	p.send(frame('Q', ""))
	p.closed()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// TestShutdownAborted: an aborted message keeps nobody waiting.
func TestShutdownAborted(t *testing.T) {
	server := startServer(t, &seen{})
	p := server.begun(t)
	p.send(frame('A', ""))
	for server.anyBusy() {
		runtime.Gosched()
	}
	done := server.shutdown(context.Background())
	p.closed()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestShutdownDeadline(t *testing.T) {
	stuck := make(chan struct{})
	defer close(stuck)
	server := startServer(t, judgeFunc(func(context.Context, *policy.Policy, Envelope, []byte) Judgement {
		<-stuck
		return Judgement{}
	}), limits(func(l *Limits) { l.Inspection = 10 * time.Millisecond; l.Overrun = time.Second }))
	silent := server.begun(t)
	judged := server.begun(t)
	judged.send(frame('E', ""))

	ctx, cancel := context.WithCancel(context.Background())
	done := server.shutdown(ctx)
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	silent.closed()
	judged.closed()
}

func TestShutdownBeforeServe(t *testing.T) {
	s := NewServer(Config{Metrics: NewMetrics(), Log: quiet(), Limits: DefaultLimits()}, policy.Default())
	if err := s.Shutdown(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := s.Serve(listenLoopback(t)); err != nil {
		t.Errorf("Serve returned %v", err)
	}
}

// TestDefaultLimits holds what the defaults owe to Postfix's: the answer comes
// long before milter_content_timeout, 300 s, so that none has to be announced by
// SMFIR_PROGRESS; and no connection is closed while a slow client uploads.
func TestDefaultLimits(t *testing.T) {
	l := DefaultLimits()
	if answer := l.Inspection + l.Overrun; answer > time.Minute {
		t.Errorf("an answer may take %v", answer)
	}
	if l.Idle < time.Hour {
		t.Errorf("connections are closed after %v of silence", l.Idle)
	}
	if l.Message < 10_240_000 || l.Held < int64(l.Message) || l.Header > l.Message {
		t.Errorf("messages of %d bytes, %d bytes held, headers of %d bytes", l.Message, l.Held, l.Header)
	}
	if l.Recipients < 1000 || l.Connections < 100 {
		t.Errorf("%d recipients, %d connections", l.Recipients, l.Connections)
	}
}

// TestServeFails: a listener that is closed by somebody else is an error.
func TestServeFails(t *testing.T) {
	s := NewServer(Config{Metrics: NewMetrics(), Log: quiet(), Limits: DefaultLimits()}, policy.Default())
	ln := listenLoopback(t)
	ln.Close()
	if err := s.Serve(ln); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Serve returned %v", err)
	}
	if s.Ready() {
		t.Error("ready")
	}
}
