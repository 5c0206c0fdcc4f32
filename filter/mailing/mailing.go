// Package mailing counts the people that one mailing reaches, although mail
// systems split it into many transactions, mail merge makes a mail of its own
// for each recipient, and several gateways see a part each.
//
// Nothing is kept of a mail but keyed hashes: no address, no subject and no text
// can be got back from what is in memory or in a shared state, and without the
// key none can be looked for. Counting never delays or refuses a mail: a shared
// state that fails is left alone, and the gateway counts what it sees itself.
package mailing

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"councilgate/policy"
)

// Message is what the tracker wants of one transaction.
type Message struct {
	Sender    policy.Address  // the councillor
	MessageID string          // as in the header, "" if there is none
	Subject   string          // decoded
	Body      string          // the text of the mail, "" if it has none
	People    []policy.Person // whom the transaction reaches, each once
	Justified bool            // the councillor gave a reason
	// Above is the largest number of people that is no mass mailing, 0 if nobody
	// wants to know of mass mailings.
	Above int
	// Window is how long after its latest transaction a mailing stays open.
	Window time.Duration
}

// Events is told what the metrics show. Its functions must be safe for concurrent
// use; one that is nil is not called.
type Events struct {
	// Closed is called when the window of a mass mailing closes, by one gateway of
	// those that share a state.
	Closed func(people int, justified bool)
	// StateUp is called when the shared state comes and goes.
	StateUp func(up bool)
}

// A Store is a state that several gateways share. Its methods answer within the
// deadline of their context; an error means that the gateway counts alone.
type Store interface {
	// Add adds people to the mailing that bears one of the keys, and returns the
	// mailing and the people it has reached by then.
	Add(ctx context.Context, tx Transaction) (Mailing, error)
	// Claim asks for the right to count a mailing whose window has closed here. It
	// returns the people that the mailing has reached, and false if another gateway
	// has counted it or is going to.
	Claim(ctx context.Context, id string) (people int, claimed bool, err error)
	// Ping reports whether the store answers.
	Ping(ctx context.Context) error
}

// Mailing is a mailing as a store knows it.
type Mailing struct {
	ID     string
	People int
	// Era changes when the store has lost its memory.
	Era string
}

// A Tracker counts mailings. It is safe for concurrent use.
type Tracker struct {
	hash   hasher
	memory *memory
	shared *breaker // nil if this gateway is alone
	events Events
	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	group  sync.WaitGroup
}

// Config is what a Tracker works with.
type Config struct {
	// Key makes the hashes; gateways that share a state share it. A random one is
	// made if it is empty.
	Key    []byte
	Store  Store // nil if this gateway is alone
	Events Events
	Log    *slog.Logger
	Limits Limits
}

// New returns a tracker. Close ends it.
func New(c Config) *Tracker {
	t := &Tracker{hash: newHasher(c.Key), memory: newMemory(c.Limits), events: c.Events}
	if t.events.Closed == nil {
		t.events.Closed = func(int, bool) {}
	}
	if t.events.StateUp == nil {
		t.events.StateUp = func(bool) {}
	}
	t.ctx, t.cancel = context.WithCancel(context.Background())
	if c.Store != nil {
		t.shared = &breaker{store: c.Store, tracker: t, log: c.Log}
		t.shared.up.Store(true)
		t.events.StateUp(true)
		t.group.Go(t.shared.check) // before the first mail, so that it need not wait
	}
	t.group.Go(t.sweep)
	return t
}

// Close ends the tracker's work, after the last Count. Mailings whose window is open
// are forgotten.
func (t *Tracker) Close() {
	t.cancel()
	t.group.Wait()
}

// Count notes a transaction and returns the distinct people that its mailing has
// reached by now, those of this transaction included.
func (t *Tracker) Count(ctx context.Context, m Message) int {
	tx := t.hash.transaction(m)
	if len(tx.Keys) == 0 {
		return tx.count()
	}
	local := t.memory.add(tx, m.Above)
	if t.shared == nil {
		return local.all
	}
	// What had been reached before an outage stays reached.
	return max(local.all, t.share(ctx, tx, local))
}

// share adds a transaction to the shared state and returns the people that the
// mailing has reached by all gateways, 0 if there is no answer.
//
// A state that was down has missed transactions, and one that was restarted may have
// forgotten all: it is told everything that this gateway knows of the mailing.
func (t *Tracker) share(ctx context.Context, tx Transaction, local standing) int {
	if local.missed {
		tx.People = t.memory.people(local.id)
	}
	shared, ok := t.shared.add(ctx, tx)
	forgot := shared.People < local.there || local.era != "" && local.era != shared.Era
	if ok && forgot {
		tx.People = t.memory.people(local.id)
		shared, ok = t.shared.add(ctx, tx)
	}
	if !ok {
		t.memory.missed(local.id)
		return 0
	}
	t.memory.shared(local.id, shared)
	return shared.People
}

// sweepEvery is how often closed windows are looked for.
const sweepEvery = 5 * time.Second

// sweep tells of mass mailings whose window has closed, until the tracker is
// closed.
func (t *Tracker) sweep() {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			for _, c := range t.memory.closed() {
				t.close(c)
			}
		case <-t.ctx.Done():
			return
		}
	}
}

// close counts a mass mailing, unless another gateway does.
func (t *Tracker) close(c closing) {
	people := c.people
	if t.shared != nil && c.shared != "" {
		all, claimed, ok := t.shared.claim(t.ctx, c.shared)
		if ok && !claimed {
			return
		}
		people = max(people, all)
	}
	t.events.Closed(people, c.justified)
}
