package filter

import (
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
)

// faulty is a listener whose first Accepts fail as they do when the process has
// no file descriptors left.
type faulty struct {
	net.Listener
	failures atomic.Int32
}

func (f *faulty) Accept() (net.Conn, error) {
	if f.failures.Add(-1) >= 0 {
		return nil, &net.OpError{Op: "accept", Err: syscall.EMFILE}
	}
	return f.Listener.Accept()
}

// quiet is a log that nobody reads.
func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func listenLoopback(t *testing.T) net.Listener {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	return ln
}

func TestListenerRetries(t *testing.T) {
	f := &faulty{Listener: listenLoopback(t)}
	f.failures.Store(2)
	logs := &logBuffer{}
	l := newListener(f, DefaultLimits(), slog.New(slog.NewTextHandler(logs, nil)), func(int) {})
	peer, err := net.Dial("tcp", f.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	if n := strings.Count(logs.String(), "trying again"); n != 2 {
		t.Errorf("log %q", logs)
	}
}

func TestListenerClose(t *testing.T) {
	t.Run("while it waits for a connection", func(t *testing.T) {
		l := newListener(listenLoopback(t), DefaultLimits(), quiet(), func(int) {})
		go l.Close()
		if _, err := l.Accept(); err != net.ErrClosed {
			t.Errorf("error %v", err)
		}
	})
	t.Run("while it waits after a failure", func(t *testing.T) {
		f := &faulty{Listener: listenLoopback(t)}
		f.failures.Store(1 << 20)
		l := newListener(f, DefaultLimits(), quiet(), func(int) {})
		go l.Close()
		if _, err := l.Accept(); err != net.ErrClosed {
			t.Errorf("error %v", err)
		}
	})
	t.Run("while all connections are in use", func(t *testing.T) {
		l := newListener(listenLoopback(t), Limits{}, quiet(), func(int) {})
		go l.Close()
		if _, err := l.Accept(); err != net.ErrClosed {
			t.Errorf("error %v", err)
		}
	})
	t.Run("by somebody else", func(t *testing.T) {
		ln := listenLoopback(t)
		l := newListener(ln, DefaultLimits(), quiet(), func(int) {})
		ln.Close()
		if _, err := l.Accept(); err != net.ErrClosed {
			t.Errorf("error %v", err)
		}
	})
}

// late is a listener whose Accept returns a connection after Close, as one does that
// came a moment before.
type late struct {
	net.Listener
	closing chan struct{}
}

func (l *late) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	<-l.closing
	return c, err
}

func (l *late) Close() error {
	close(l.closing)
	return l.Listener.Close()
}

// TestListenerLateConnection: who came in before the door was shut is served.
func TestListenerLateConnection(t *testing.T) {
	l := newListener(&late{listenLoopback(t), make(chan struct{})}, DefaultLimits(), quiet(), func(int) {})
	peer, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	go l.Close()
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Accept(); err != net.ErrClosed {
		t.Errorf("error %v", err)
	}
	select {
	case <-l.empty:
		t.Error("empty with a connection open")
	default:
	}
	c.Close()
	<-l.empty
}

// TestConnectionCap: more peers than allowed are all served, never more of them
// at a time.
func TestConnectionCap(t *testing.T) {
	const limit = 2
	server := startServer(t, &seen{}, limits(func(l *Limits) { l.Connections = limit }))
	first := server.negotiated(t)
	second := server.negotiated(t)

	var peers sync.WaitGroup
	for range 5 {
		peers.Go(func() {
			p := server.negotiated(t)
			server.mu.Lock()
			l := server.listener
			server.mu.Unlock()
			l.mu.Lock()
			if n := len(l.conns); n > limit {
				t.Errorf("%d connections at a time", n)
			}
			l.mu.Unlock()
			p.send(messageFrames()...)
			if code, _ := p.receive(); code != 'c' {
				t.Errorf("answer %q", code)
			}
			p.Close()
		})
	}
	first.Close()
	second.Close()
	peers.Wait()
	if !strings.Contains(server.logs.String(), "all milter connections are in use") {
		t.Error("the full house is not in the log")
	}
}
