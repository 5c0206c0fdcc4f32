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
	ended bool          // Accept has failed, and no more connections come
	empty chan struct{} // closed when it has, and the last connection has gone
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

// Accept implements net.Listener. A connection that comes while the listener is
// being closed is served as any other: the mail server waits at its other end.
func (l *listener) Accept() (net.Conn, error) {
	c, err := l.accept()
	if err != nil {
		l.end()
		return nil, err
	}
	return l.add(c), nil
}

// accept waits for a free slot and a connection to fill it.
func (l *listener) accept() (net.Conn, error) {
	if err := l.acquire(); err != nil {
		return nil, err
	}
	for delay := acceptDelayMin; ; delay = min(2*delay, acceptDelayMax) {
		c, err := l.Listener.Accept()
		if err == nil {
			return c, nil
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

// end notes that Accept has failed, as it does for ever after.
func (l *listener) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.ended {
		l.ended = true
		if len(l.conns) == 0 {
			close(l.empty)
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

func (l *listener) add(c net.Conn) *conn {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.accepted = newConn(c, l.limits, l.remove)
	l.conns[l.accepted] = struct{}{}
	l.changed(+1)
	return l.accepted
}

func (l *listener) remove(c *conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.conns, c)
	l.changed(-1)
	<-l.slots
	if l.ended && len(l.conns) == 0 {
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
		close(l.closing)
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
