// Package notice tells councillors by mail that a mail of theirs was refused. It
// knows the verdict, never the mail. Nothing waits for it: what the mail server
// for notices does not take is counted and forgotten.
package notice

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"councilgate/policy"
)

// Refusal is what a notice is about.
type Refusal struct {
	Policy    *policy.Policy
	Verdict   policy.Verdict
	Reference string
	At        time.Time
}

// Result is what became of a notice, from a closed list for the metrics.
type Result string

// The results.
const (
	Sent    Result = "sent"
	Failed  Result = "failed"  // the mail server did not take it
	Limited Result = "limited" // the councillor has had enough of them within the hour
	Dropped Result = "dropped" // the queue was full, or the process ended
)

// Results lists every result in a fixed order.
func Results() []Result { return []Result{Sent, Failed, Limited, Dropped} }

// queueLength bounds the notices that wait. More than that means a broken mail
// server, and then the newest are as late as the oldest.
const queueLength = 100

// Sign signs a mail and returns the fields to put on top of it; nil leaves it
// unsigned.
type Sign func(message []byte) (fields []byte, err error)

// Sender sends notices, one at a time, in the background.
type Sender struct {
	log   *slog.Logger
	count func(Result)
	sign  Sign

	queue chan Refusal
	limit *limiter
	done  chan struct{}

	mu     sync.Mutex
	closed bool
}

// NewSender starts a sender. count is told of every result, and sign signs what is
// sent; either may be called from any goroutine.
func NewSender(log *slog.Logger, count func(Result), sign Sign) *Sender {
	s := &Sender{
		log:   log,
		count: count,
		sign:  sign,
		queue: make(chan Refusal, queueLength),
		limit: newLimiter(),
		done:  make(chan struct{}),
	}
	go s.work()
	return s
}

// proofs are those that vouch for whose mail it was. A From field, or the marks of a
// redirect, may name somebody who knows nothing of it.
var proofs = []string{"login", "trusted-identity", "authentication-results", "envelope"}

// Offer takes a refusal to tell the councillor of, if the policy wants that, and
// returns at once.
//
// It keeps the manners of RFC 3834: nothing that a program sent is answered; the
// notice goes to the sender's own mailbox, and only where the envelope or more
// vouches for whose mail it was; and no more of them than the policy allows.
func (s *Sender) Offer(r Refusal) {
	settings, ok := r.Policy.Notice()
	if !ok || r.Verdict.Action != policy.Reject || r.Verdict.Automatic || !slices.Contains(proofs, r.Verdict.Sender.Proof) {
		return
	}
	if !s.limit.allow(r.Verdict.Sender.Councillor.Address, settings.PerHour, r.At) {
		s.count(Limited)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		s.count(Dropped)
		return
	}
	select {
	case s.queue <- r:
	default:
		s.count(Dropped)
	}
}

func (s *Sender) work() {
	defer close(s.done)
	for r := range s.queue {
		if err := s.send(r); err != nil {
			s.count(Failed)
			s.log.Warn("a notice could not be sent", "queue_id", r.Reference, "cause", err.Error())
			continue
		}
		s.count(Sent)
	}
}

// Close takes no more notices, and returns when those in the queue are sent or ctx
// ends. What is left then is dropped.
func (s *Sender) Close(ctx context.Context) {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.queue)
	}
	s.mu.Unlock()
	select {
	case <-s.done:
	case <-ctx.Done():
		for range s.queue {
			s.count(Dropped)
		}
	}
}
