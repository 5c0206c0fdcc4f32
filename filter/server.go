package filter

import (
	"context"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"councilgate/filter/notice"
	"councilgate/policy"
	"councilgate/policy/explain"
)

// A Judge judges messages; *Inspector does. It must be safe for concurrent use.
type Judge interface {
	Judge(ctx context.Context, p *policy.Policy, env Envelope, raw []byte) Judgement
}

// Explain puts a verdict that stops a mail into words for its sender; explain.For
// does.
type Explain func(p *policy.Policy, v policy.Verdict, reference string, unicode bool) explain.Reply

// Notify takes a refusal that its sender is to be told of by mail, and returns at
// once; (*notice.Sender).Offer does.
type Notify func(notice.Refusal)

// Config is what a Server works with. All fields but Notify and Record must be set.
type Config struct {
	Judge   Judge
	Explain Explain
	Notify  Notify // nil to tell nobody
	Record  Record // nil to keep nothing
	Metrics *Metrics
	Log     *slog.Logger
	Limits  Limits
}

// A Server answers the mail server: it collects messages over the milter
// protocol, has them judged and brings the verdict back.
type Server struct {
	Config
	policy  atomic.Pointer[policy.Policy]
	signer  atomic.Pointer[Signer] // nil if nothing is signed
	told    toldToday              // automatic answers
	held    budget
	turns   chan struct{} // one for each inspection under way
	large   chan struct{} // and one for each of a large message
	serving atomic.Bool
	oldPeer sync.Once // a mail server that cannot do without answers is logged once

	mu       sync.Mutex
	listener *listener // nil before Serve
	stopped  bool
}

// NewServer returns a server that judges by p.
func NewServer(cfg Config, p *policy.Policy) *Server {
	s := &Server{
		Config: cfg,
		held:   budget{limit: cfg.Limits.Held},
		turns:  make(chan struct{}, cfg.Limits.Inspections),
		large:  make(chan struct{}, cfg.Limits.LargeInspections),
	}
	s.SetPolicy(p)
	return s
}

// SetPolicy makes p the policy of all messages that begin from now on.
func (s *Server) SetPolicy(p *policy.Policy) {
	s.policy.Store(p)
	s.Metrics.would.inForce(p)
}

// SetSigner makes s sign mails from now on, nil nobody.
func (s *Server) SetSigner(signer *Signer) { s.signer.Store(signer) }

// Ready reports whether the server takes connections.
func (s *Server) Ready() bool { return s.serving.Load() }

// Serve answers the mail server's connections to ln until Shutdown, and then
// returns nil. It closes ln, and must be called once.
func (s *Server) Serve(ln net.Listener) error {
	l := newListener(ln, s.Limits, s.Log, s.Metrics.connection)
	s.mu.Lock()
	s.listener = l
	stopped := s.stopped
	s.mu.Unlock()
	if stopped {
		return l.Close()
	}
	s.serving.Store(true)
	defer s.serving.Store(false)
	err := newMilterServer(s, l).Serve(l)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return nil
	}
	return err
}

// Shutdown takes no more connections, lets messages under way finish and gives
// idle connections their grace period. When ctx ends before all that is over, it
// closes what is left and returns ctx's error.
func (s *Server) Shutdown(ctx context.Context) error {
	s.serving.Store(false)
	s.mu.Lock()
	s.stopped = true
	l := s.listener
	s.mu.Unlock()
	if l == nil {
		return nil
	}
	l.Close()

	grace := time.NewTimer(s.Limits.Grace)
	defer grace.Stop()
	for {
		select {
		case <-l.empty:
			return nil
		case <-grace.C:
			l.each((*conn).retire)
		case <-ctx.Done():
			l.each((*conn).hangUp)
			return ctx.Err()
		}
	}
}
