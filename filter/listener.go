package filter

import (
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"
)

// Back-off after a failed Accept, and how often a full house is logged.
const (
	acceptDelayMin = 5 * time.Millisecond
	acceptDelayMax = time.Second
	fullLogEvery   = time.Minute
)

// A listener hands connections to the library, which would stop at the first
// error of Accept, take any number of connections and forget them all. Accept
// fails only once the listener is closed.
type listener struct {
	net.Listener
	limits  Limits
	log     *slog.Logger
	changed func(delta int) // told of each connection that comes and goes

	slots   chan struct{} // one for each open connection
	closing chan struct{}
	once    sync.Once

	// accepted is the connection that Accept returned last. The library makes the
	// session for it next, in the same goroutine and nowhere else, and has no
	// other way to tell the session which connection it belongs to.
	accepted *conn
	fullLog  time.Time // when a full house was last logged

	mu    sync.Mutex
	conns map[*conn]struct{}
	empty chan struct{} // closed when the last connection has gone after Close
}

func newListener(ln net.Listener, limits Limits, log *slog.Logger, changed func(int)) *listener {
	return &listener{
		Listener: ln,
		limits:   limits,
		log:      log,
		changed:  changed,
		slots:    make(chan struct{}, limits.Connections),
		closing:  make(chan struct{}),
		conns:    make(map[*conn]struct{}),
		empty:    make(chan struct{}),
	}
}

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	if err := l.acquire(); err != nil {
		return nil, err
	}
	for delay := acceptDelayMin; ; delay = min(2*delay, acceptDelayMax) {
		c, err := l.Listener.Accept()
		if err == nil {
			return l.add(c)
		}
		if l.closed() || errors.Is(err, net.ErrClosed) {
			return nil, net.ErrClosed
		}
		l.log.Warn("cannot accept milter connections, trying again", "error", err, "after", delay)
		select {
		case <-time.After(delay):
		case <-l.closing:
			return nil, net.ErrClosed
		}
	}
}

// acquire waits for a free slot.
func (l *listener) acquire() error {
	select {
	case l.slots <- struct{}{}:
		return nil
	default:
	}
	if now := time.Now(); now.Sub(l.fullLog) >= fullLogEvery {
		l.fullLog = now
		l.log.Warn("all milter connections are in use, more have to wait", "limit", l.limits.Connections)
	}
	select {
	case l.slots <- struct{}{}:
		return nil
	case <-l.closing:
		return net.ErrClosed
	}
}

func (l *listener) add(c net.Conn) (net.Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed() {
		c.Close()
		return nil, net.ErrClosed
	}
	l.accepted = newConn(c, l.limits, l.remove)
	l.conns[l.accepted] = struct{}{}
	l.changed(+1)
	return l.accepted, nil
}

func (l *listener) remove(c *conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.conns, c)
	l.changed(-1)
	<-l.slots
	if l.closed() && len(l.conns) == 0 {
		close(l.empty)
	}
}

func (l *listener) closed() bool {
	select {
	case <-l.closing:
		return true
	default:
		return false
	}
}

// Close implements net.Listener. Connections stay open.
func (l *listener) Close() error {
	var err error
	l.once.Do(func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		close(l.closing)
		if len(l.conns) == 0 {
			close(l.empty)
		}
		err = l.Listener.Close()
	})
	return err
}

// each calls f for every open connection.
func (l *listener) each(f func(*conn)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.conns {
		f(c)
	}
}
