package filter

import (
	"hash/maphash"
	"slices"
	"sync"
	"time"

	"councilgate/policy"
)

// What makes a rule that sends on all mail of a councillor, rather than that of one
// sender: so many messages by so many authors within the time.
const (
	patternMessages = 5
	patternAuthors  = 3
	patternWindow   = 24 * time.Hour
)

// Bounds of what is remembered.
const (
	maxForwardPairs = 4096 // councillors with recipients
	maxForwardTo    = 10   // recipients of one message; a rule has one
)

// forwardLog remembers which recipients the rules of a councillor's mailbox sent
// mail on to. It holds keyed hashes alone, in memory, and is empty after a restart.
type forwardLog struct {
	seed maphash.Seed
	now  func() time.Time

	mu    sync.Mutex
	pairs map[uint64][]forwarded // by councillor and recipient, oldest first
	found map[uint64]time.Time   // pairs of a pattern, and when it was last seen
}

// forwarded is one message that a rule sent on.
type forwarded struct {
	message, author uint64
	at              time.Time
}

func newForwardLog() *forwardLog {
	return &forwardLog{
		seed:  maphash.MakeSeed(),
		now:   time.Now,
		pairs: make(map[uint64][]forwarded),
		found: make(map[uint64]time.Time),
	}
}

func (l *forwardLog) hash(parts ...string) uint64 {
	var h maphash.Hash
	h.SetSeed(l.seed)
	for _, part := range parts {
		h.WriteString(part)
		h.WriteByte(0)
	}
	return h.Sum64()
}

// note remembers a message that a rule sent on. It returns the recipients to whom
// rules send all mail of the councillor, and for how many of them this was not known.
func (l *forwardLog) note(c policy.Councillor, to []policy.Address, author, messageID string) (collectors []policy.Address, fresh int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	f := forwarded{l.hash(messageID), l.hash(author), now}
	for _, a := range to[:min(len(to), maxForwardTo)] {
		pair := l.hash(c.Address.Text(), a.Text())
		last, known := l.found[pair]
		known = known && !last.Before(now.Add(-patternWindow))
		if l.add(pair, f) {
			collectors = append(collectors, a)
			if !known {
				fresh++
			}
		}
	}
	return collectors, fresh
}

// add notes a message for a pair and reports whether it belongs to a pattern. A
// pattern that was not seen for the time of the window is forgotten.
func (l *forwardLog) add(pair uint64, f forwarded) bool {
	begin := f.at.Add(-patternWindow)
	list := slices.DeleteFunc(l.pairs[pair], func(old forwarded) bool { return old.at.Before(begin) })
	if !slices.ContainsFunc(list, func(old forwarded) bool { return old.message == f.message }) {
		list = append(list, f)
	}
	authors := make(map[uint64]bool)
	for _, m := range list {
		authors[m.author] = true
	}
	if last, known := l.found[pair]; known && last.Before(begin) {
		delete(l.found, pair)
	}
	_, known := l.found[pair]
	complete := len(list) >= patternMessages && len(authors) >= patternAuthors
	if complete { // more would tell nothing new
		list = slices.Clone(list[len(list)-patternMessages:])
	}
	if _, there := l.pairs[pair]; !there && len(l.pairs) >= maxForwardPairs {
		l.forget(begin)
	}
	l.pairs[pair] = list
	if complete || known {
		l.found[pair] = f.at
	}
	return complete || known
}

// forget drops the pairs whose messages are older than begin, or all of them if
// there are none: counting anew is better than growing.
func (l *forwardLog) forget(begin time.Time) {
	for pair, list := range l.pairs {
		if len(list) == 0 || list[len(list)-1].at.Before(begin) {
			delete(l.pairs, pair)
			delete(l.found, pair)
		}
	}
	if len(l.pairs) >= maxForwardPairs {
		clear(l.pairs)
		clear(l.found)
	}
}
