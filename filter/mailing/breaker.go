package mailing

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"
)

const (
	// storeTimeout is what a mail waits for the shared state, at most and, since
	// the first failure breaks the circuit, once in an outage.
	storeTimeout = time.Second
	// probeEvery is how often a state that failed is asked whether it is back.
	probeEvery = 2 * time.Second
)

// A breaker keeps mails from waiting for a shared state that does not answer: after
// a failure nobody asks it any more until a probe in the background found it well.
type breaker struct {
	store   Store
	tracker *Tracker
	log     *slog.Logger
	up      atomic.Bool
}

// add is Store.Add; it reports false if the state is down.
func (b *breaker) add(ctx context.Context, tx Transaction) (Mailing, bool) {
	var m Mailing
	ok := b.call(ctx, func(ctx context.Context) (err error) {
		m, err = b.store.Add(ctx, tx)
		return err
	})
	return m, ok
}

// claim is Store.Claim; it reports false for ok if the state is down.
func (b *breaker) claim(ctx context.Context, id string) (people int, claimed, ok bool) {
	ok = b.call(ctx, func(ctx context.Context) (err error) {
		people, claimed, err = b.store.Claim(ctx, id)
		return err
	})
	return people, claimed, ok
}

func (b *breaker) call(ctx context.Context, f func(context.Context) error) bool {
	if !b.up.Load() || ctx.Err() != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	if err := f(ctx); err != nil {
		b.open(err)
		return false
	}
	return true
}

// open leaves the state alone from now on.
func (b *breaker) open(err error) {
	if b.tracker.ctx.Err() != nil || !b.up.CompareAndSwap(true, false) {
		return
	}
	b.tracker.events.StateUp(false)
	b.log.Warn("the shared state of mailings does not answer: counting alone until it is back", "error", errorText(err))
	b.tracker.group.Go(b.probe)
}

// check asks the state once.
func (b *breaker) check() { b.call(b.tracker.ctx, b.store.Ping) }

// probe asks the state until it answers.
func (b *breaker) probe() {
	ticker := time.NewTicker(probeEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-b.tracker.ctx.Done():
			return
		}
		ctx, cancel := context.WithTimeout(b.tracker.ctx, storeTimeout)
		err := b.store.Ping(ctx)
		cancel()
		if err == nil {
			b.tracker.events.StateUp(true)
			b.up.Store(true)
			b.log.Info("the shared state of mailings is back")
			return
		}
	}
}
