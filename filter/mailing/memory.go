package mailing

import (
	"container/list"
	"sync"
	"time"
)

// Limits bounds the state in memory. Beyond it the mailing that has been silent
// for longest is forgotten, as if its window had closed.
type Limits struct {
	Mailings int // tracked at a time
	Hashes   int // of people and keys, all mailings together
}

// DefaultLimits are far beyond what the councillors of one municipality send in an
// hour, and keep the state within some 100 MiB.
func DefaultLimits() Limits { return Limits{Mailings: 50_000, Hashes: 1_000_000} }

// memory is the state of one gateway.
type memory struct {
	mu     sync.Mutex
	limits Limits
	hashes int
	// open holds the mailings whose window is open, and the closed ones that were
	// not told yet; the one that has been silent for longest is the first.
	open  list.List
	byKey map[string]*list.Element
	byID  map[string]*list.Element
	past  []closing // mass mailings whose window has closed
}

// mailing is a mailing in memory.
type mailing struct {
	id        string
	keys      []string
	people    map[uint64]int
	own       int // people reached by this gateway
	all       int // and by all gateways, as far as this one ever knew
	there     int // people in the shared state when it last got there
	above     int // as in Message
	justified bool
	shared    string // its name in the shared state, "" if it never got there
	era       string // of the shared state when it got there
	missed    bool   // there are people of it that never got there
	closes    time.Time
}

// standing is how a mailing stands in memory.
type standing struct {
	id     string
	own    int
	all    int
	there  int
	era    string
	missed bool
}

// closing is a mass mailing whose window has closed.
type closing struct {
	people    int
	justified bool
	shared    string
}

func newMemory(limits Limits) *memory {
	return &memory{limits: limits, byKey: make(map[string]*list.Element), byID: make(map[string]*list.Element)}
}

// add notes a transaction, which has at least one key, and returns how
// its mailing stands.
func (m *memory) add(tx Transaction, above int) standing {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	m.expire(now)
	at := m.find(tx)
	one := at.Value.(*mailing)
	for _, key := range tx.Keys {
		if m.byKey[key] == nil {
			m.byKey[key] = at
			one.keys = append(one.keys, key)
			m.hashes++
		}
	}
	for _, p := range tx.People {
		if _, known := one.people[p.Hash]; !known {
			one.people[p.Hash] = p.Count
			one.own += p.Count
			m.hashes++
		}
	}
	one.all = max(one.all, one.own)
	one.above = above
	one.justified = one.justified || tx.Justified
	one.closes = now.Add(tx.Window)
	m.open.MoveToBack(at)
	stands := standing{one.id, one.own, one.all, one.there, one.era, one.missed}
	for m.hashes > m.limits.Hashes || m.open.Len() > m.limits.Mailings {
		m.forget(m.open.Front())
	}
	return stands
}

// find returns the mailing that bears one of the keys, or a new one.
func (m *memory) find(tx Transaction) *list.Element {
	for _, key := range tx.Keys {
		if at := m.byKey[key]; at != nil {
			return at
		}
	}
	at := m.open.PushBack(&mailing{id: tx.NewID, people: make(map[uint64]int, len(tx.People))})
	m.byID[tx.NewID] = at
	return at
}

// expire forgets the mailings whose window has closed.
func (m *memory) expire(now time.Time) {
	for at := m.open.Front(); at != nil && !at.Value.(*mailing).closes.After(now); at = m.open.Front() {
		m.forget(at)
	}
}

// forget takes a mailing out of memory, and notes it if it was a mass mailing.
func (m *memory) forget(at *list.Element) {
	one := m.open.Remove(at).(*mailing)
	delete(m.byID, one.id)
	for _, key := range one.keys {
		delete(m.byKey, key)
	}
	m.hashes -= len(one.keys) + len(one.people)
	if one.above > 0 && one.all > one.above {
		m.past = append(m.past, closing{people: one.all, justified: one.justified, shared: one.shared})
	}
}

// closed returns the mass mailings whose window has closed since the last call.
func (m *memory) closed() []closing {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.expire(time.Now())
	past := m.past
	m.past = nil
	return past
}

// shared notes that all of a mailing is in the shared state.
func (m *memory) shared(id string, shared Mailing) {
	m.update(id, func(one *mailing) {
		one.all = max(one.all, shared.People)
		one.there, one.shared, one.era, one.missed = shared.People, shared.ID, shared.Era, false
	})
}

// missed notes that a transaction did not get into the shared state.
func (m *memory) missed(id string) {
	m.update(id, func(one *mailing) { one.missed = true })
}

// update changes a mailing, unless it was forgotten meanwhile.
func (m *memory) update(id string, change func(*mailing)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if at := m.byID[id]; at != nil {
		change(at.Value.(*mailing))
	}
}

// people returns all whom a mailing has reached by this gateway.
func (m *memory) people(id string) []Person {
	m.mu.Lock()
	defer m.mu.Unlock()
	at := m.byID[id]
	if at == nil {
		return nil
	}
	one := at.Value.(*mailing)
	people := make([]Person, 0, len(one.people))
	for hash, count := range one.people {
		people = append(people, Person{Hash: hash, Count: count})
	}
	return people
}
