package notice

import (
	"sync"
	"time"

	"councilgate/policy"
)

// limiter bounds what one councillor gets within an hour. The addresses that it
// knows are in memory alone, for an hour.
type limiter struct {
	mu    sync.Mutex
	sent  map[policy.Address][]time.Time // ascending
	swept time.Time
}

func newLimiter() *limiter { return &limiter{sent: make(map[policy.Address][]time.Time)} }

// allow reports whether one more may go to a councillor now, and counts it.
func (l *limiter) allow(to policy.Address, perHour int, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Sub(l.swept) >= time.Hour { // forget whoever had none for an hour
		for a, times := range l.sent {
			if now.Sub(times[len(times)-1]) >= time.Hour {
				delete(l.sent, a)
			}
		}
		l.swept = now
	}
	times := l.sent[to]
	for len(times) > 0 && now.Sub(times[0]) >= time.Hour {
		times = times[1:]
	}
	ok := len(times) < perHour
	if ok {
		times = append(times, now)
	}
	if len(times) > 0 {
		l.sent[to] = times
	}
	return ok
}
