package mailing

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"councilgate/policy"
)

var anne = policy.Address{Local: "anne.holm", Domain: "norreaa.example"}

// people makes up n people, from the first on.
func people(first, n int) []policy.Person {
	list := make([]policy.Person, n)
	for i := range list {
		list[i] = policy.Person{Address: policy.Address{Local: fmt.Sprint("borger-", first+i), Domain: "post.example"}, Count: 1}
	}
	return list
}

// message is a transaction of Anne's.
func message(id, body string, to []policy.Person) Message {
	return Message{Sender: anne, MessageID: id, Subject: "Sommerfest", Body: body, People: to, Above: 100, Window: time.Hour}
}

// told gathers what a tracker tells.
type told struct {
	mu     sync.Mutex
	closed []string
	up     []bool
	log    strings.Builder
}

func (o *told) events() Events {
	return Events{
		Closed: func(people int, justified bool) {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.closed = append(o.closed, fmt.Sprintf("%d %v", people, justified))
		},
		StateUp: func(up bool) {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.up = append(o.up, up)
		},
	}
}

// mailings returns the mailings told of, "PEOPLE JUSTIFIED" each, in order of size.
func (o *told) mailings() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Sorted(slices.Values(o.closed))
}

// state returns what was told of the shared state, and the log.
func (o *told) state() ([]bool, string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.up), o.log.String()
}

func (o *told) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.log.Write(p)
}

// newTracker returns a tracker, alone without a store, that ends with the test.
func newTracker(t testing.TB, store Store) (*Tracker, *told) {
	o := &told{}
	tracker := New(Config{Key: []byte("a key of the tests"), Store: store, Events: o.events(), Log: slog.New(slog.NewTextHandler(o, nil)), Limits: DefaultLimits()})
	t.Cleanup(tracker.Close)
	return tracker, o
}

// What belongs to one mailing and what does not.
func TestCount(t *testing.T) {
	const body = "Hermed inviteres du til sommerfest i parken."
	goran := policy.Address{Local: "goran", Domain: "norreaa.example"}
	tests := []struct {
		name     string
		messages []Message
		want     []int // after each
	}{
		{"split by a mail system", []Message{
			message("<1@x>", body, people(0, 60)), message("<1@x>", body, people(60, 40)), message("<1@x>", body, people(100, 1))}, []int{60, 100, 101}},
		{"split, with a footer added on the way", []Message{
			message("<1@x>", body, people(0, 60)), message("<1@x>", body+" Footer", people(60, 41))}, []int{60, 101}},
		{"merged", []Message{
			message("<1@x>", "Hej Anna,\n\n"+body, people(0, 1)), message("<2@x>", "Hej Bo,\n\n"+body, people(1, 1)), message("<3@x>", "Hej Carl!\n"+body, people(2, 1))}, []int{1, 2, 3}},
		{"merged and split", []Message{
			message("<1@x>", body, people(0, 50)), message("<2@x>", body, people(50, 50)), message("<2@x>", body+" Footer", people(100, 1))}, []int{50, 100, 101}},
		{"people twice", []Message{
			message("<1@x>", body, people(0, 60)), message("<1@x>", body, people(30, 60)), message("<2@x>", body, people(0, 90))}, []int{60, 90, 90}},
		{"other text", []Message{message("<1@x>", body, people(0, 60)), message("<2@x>", "Noget andet.", people(60, 60))}, []int{60, 60}},
		{"other councillor", []Message{message("<1@x>", body, people(0, 60)), func() Message {
			m := message("<1@x>", body, people(60, 60))
			m.Sender = goran
			return m
		}()}, []int{60, 60}},
		{"no Message-ID", []Message{message("", body, people(0, 60)), message("", body, people(60, 60))}, []int{60, 120}},
		{"a list and its size", []Message{
			message("<1@x>", body, []policy.Person{{Address: anne, Count: 100}}), message("<1@x>", body, []policy.Person{{Address: anne, Count: 100}}), message("<1@x>", body, people(0, 1))}, []int{100, 100, 101}},
		{"nothing to tell it by", []Message{
			{Sender: anne, People: people(0, 60), Window: time.Hour}, {Sender: anne, People: people(60, 60), Window: time.Hour}}, []int{60, 60}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tracker, _ := newTracker(t, nil)
			for i, m := range tt.messages {
				if got := tracker.Count(t.Context(), m); got != tt.want[i] {
					t.Errorf("message %d: %d people, want %d", i+1, got, tt.want[i])
				}
			}
		})
	}
}

// A mailing stays open for its window after each transaction, and is told of once,
// when that is over, if it was a mass mailing.
func TestWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tracker, o := newTracker(t, nil)
		count := func(m Message, want int) {
			t.Helper()
			if got := tracker.Count(t.Context(), m); got != want {
				t.Errorf("%d people, want %d", got, want)
			}
		}
		reason := message("<2@x>", "Med begrundelse.", people(0, 200))
		reason.Justified = true
		count(message("<1@x>", "", people(0, 60)), 60)
		time.Sleep(50 * time.Minute)
		count(message("<1@x>", "", people(60, 90)), 150)
		count(reason, 200)
		count(message("<3@x>", "Lille.", people(0, 100)), 100)
		time.Sleep(59 * time.Minute)
		if got := o.mailings(); len(got) != 0 {
			t.Errorf("closed too early: %v", got)
		}
		time.Sleep(time.Minute + sweepEvery)
		if got := o.mailings(); !slices.Equal(got, []string{"150 false", "200 true"}) {
			t.Errorf("closed: %v", got)
		}
		count(message("<1@x>", "", people(150, 10)), 10)
		tracker.Close()
	})
}

// Beyond its bounds memory forgets the mailing that has been silent for longest, and
// tells of it as if its window had closed.
func TestLimits(t *testing.T) {
	for name, limits := range map[string]Limits{
		"mailings": {Mailings: 2, Hashes: 10_000},
		"hashes":   {Mailings: 10, Hashes: 310}, // 150 people and two keys each
	} {
		t.Run(name, func(t *testing.T) {
			m := newMemory(limits)
			h := newHasher(nil)
			for _, id := range []string{"<1@x>", "<2@x>", "<1@x>", "<3@x>"} {
				m.add(h.transaction(message(id, "Tekst nr. "+id[1:2], people(0, 150))), 100)
			}
			if got := m.closed(); len(got) != 1 || got[0].people != 150 {
				t.Errorf("told of %v, want one mailing", got)
			}
			if m.open.Len() != 2 || len(m.byID) != 2 || len(m.byKey) != 4 || m.hashes != 304 {
				t.Errorf("%d mailings, %d keys, %d hashes left", m.open.Len(), len(m.byKey), m.hashes)
			}
			for _, id := range []string{"<1@x>", "<3@x>"} {
				if got := m.add(h.transaction(message(id, "Tekst nr. "+id[1:2], people(150, 1))), 100); got.own != 151 {
					t.Errorf("%s: %d people, want 151", id, got.own)
				}
			}
		})
	}
}

// A single mailing beyond the bounds neither stops nor stays.
func TestMailingBeyondLimits(t *testing.T) {
	m := newMemory(Limits{Mailings: 10, Hashes: 50})
	tx := newHasher(nil).transaction(message("<1@x>", "", people(0, 150)))
	if got := m.add(tx, 100); got.own != 150 {
		t.Errorf("%d people, want 150", got.own)
	}
	if m.open.Len() != 0 || m.hashes != 0 {
		t.Errorf("%d mailings with %d hashes left", m.open.Len(), m.hashes)
	}
}

// Nothing that leaves a tracker can be read, and what two councillors send, or two
// keys make, cannot be told to be the same.
func TestHashes(t *testing.T) {
	m := message("<hemmelig@x>", "Hemmelig tekst", people(0, 1))
	tx := newHasher([]byte("one key")).transaction(m)
	same := newHasher([]byte("one key")).transaction(m)
	if !slices.Equal(tx.Keys, same.Keys) || !slices.Equal(tx.People, same.People) {
		t.Error("two gateways with one key do not understand each other")
	}
	other := m
	other.Sender.Local = "goran"
	for name, tx2 := range map[string]Transaction{
		"another key":        newHasher([]byte("two key")).transaction(m),
		"another councillor": newHasher([]byte("one key")).transaction(other),
	} {
		if tx2.Keys[0] == tx.Keys[0] || tx2.Keys[1] == tx.Keys[1] || tx2.People[0] == tx.People[0] {
			t.Errorf("%s: the same hashes", name)
		}
	}
	shown := fmt.Sprintf("%+v", tx)
	for _, secret := range []string{"emmelig", "borger", "post.example", "Sommerfest", "ommerfest", "anne"} {
		if strings.Contains(shown, secret) {
			t.Errorf("%q is to be read in %s", secret, shown)
		}
	}
}

// fakeStore is a store in memory that can be broken.
type fakeStore struct {
	memory *memory
	broken atomic.Bool
	hangs  atomic.Bool // it does not even say that it is broken
	calls  atomic.Int32
	claims sync.Map
}

func newFakeStore() *fakeStore { return &fakeStore{memory: newMemory(DefaultLimits())} }

func (s *fakeStore) answer(ctx context.Context) error {
	s.calls.Add(1)
	if s.hangs.Load() {
		<-ctx.Done()
		return ctx.Err()
	}
	if s.broken.Load() {
		return errors.New("broken")
	}
	return nil
}

func (s *fakeStore) Add(ctx context.Context, tx Transaction) (Mailing, error) {
	if err := s.answer(ctx); err != nil {
		return Mailing{}, err
	}
	m := s.memory.add(tx, 0)
	return Mailing{ID: m.id, People: m.own, Era: fmt.Sprintf("%p", s.memory)}, nil
}

func (s *fakeStore) Claim(ctx context.Context, id string) (int, bool, error) {
	if err := s.answer(ctx); err != nil {
		return 0, false, err
	}
	_, taken := s.claims.LoadOrStore(id, true)
	return 0, !taken, nil
}

func (s *fakeStore) Ping(ctx context.Context) error { return s.answer(ctx) }

// While the shared state is down each gateway counts alone, without a mail waiting
// for it more than once, and says so once. When it is back, even with an empty
// memory, what a gateway has seen is known to all again.
func TestSharedStateDown(t *testing.T) {
	for _, tt := range []struct {
		name  string
		crash func(*fakeStore, bool)
	}{
		{"says so", func(s *fakeStore, down bool) { s.broken.Store(down) }},
		{"hangs", func(s *fakeStore, down bool) { s.hangs.Store(down) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := newFakeStore()
				a, heardA := newTracker(t, store)
				b, _ := newTracker(t, store)
				count := func(tracker *Tracker, first, n, want int) {
					t.Helper()
					if got := tracker.Count(t.Context(), message("<1@x>", "", people(first, n))); got != want {
						t.Errorf("%d people, want %d", got, want)
					}
				}
				count(a, 0, 30, 30)
				count(b, 30, 30, 60)
				synctest.Wait()

				tt.crash(store, true)
				began := time.Now()
				count(a, 60, 10, 40)
				calls := store.calls.Load()
				for range 100 {
					count(a, 60, 10, 40)
				}
				if store.calls.Load() != calls {
					t.Error("a state that is down is asked for every mail")
				}
				if waited := time.Since(began); waited > storeTimeout {
					t.Errorf("mails waited for %v", waited)
				}
				if up, log := heardA.state(); !slices.Equal(up, []bool{true, false}) || strings.Count(log, "\n") != 1 {
					t.Errorf("up %v, log %s", up, log)
				}

				tt.crash(store, false)
				store.memory = newMemory(DefaultLimits())
				time.Sleep(2 * probeEvery)
				synctest.Wait()
				if !slices.Equal(heardA.up, []bool{true, false, true}) {
					t.Errorf("up %v", heardA.up)
				}
				count(a, 70, 1, 41)   // its own 30, 10 and this one, all told to the state again
				count(b, 71, 30, 101) // 41, and its own 60
				a.Close()
				b.Close()
			})
		})
	}
}

// A mass mailing stays one when the state goes down or forgets, and a state that
// forgot what only the others knew is told once, not with every mail.
func TestReachedStaysReached(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newFakeStore()
		a, _ := newTracker(t, store)
		b, _ := newTracker(t, store)
		synctest.Wait()
		count := func(tracker *Tracker, first, n, want int) {
			t.Helper()
			if got := tracker.Count(t.Context(), message("<1@x>", "", people(first, n))); got != want {
				t.Errorf("%d people, want %d", got, want)
			}
		}
		count(b, 0, 100, 100)
		count(a, 100, 20, 120)
		store.memory = newMemory(DefaultLimits())
		count(a, 100, 20, 120)
		calls := store.calls.Load()
		count(a, 100, 20, 120)
		if n := store.calls.Load() - calls; n != 1 {
			t.Errorf("the state is asked %d times for one mail", n)
		}
		store.broken.Store(true)
		count(a, 100, 20, 120)
		a.Close()
		b.Close()
	})
}

// A state that is down from the start is known to be so before the first mail.
func TestSharedStateNeverUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newFakeStore()
		store.hangs.Store(true)
		tracker, heard := newTracker(t, store)
		time.Sleep(storeTimeout)
		synctest.Wait()
		if up, _ := heard.state(); !slices.Equal(up, []bool{true, false}) {
			t.Errorf("up %v", up)
		}
		began := time.Now()
		if got := tracker.Count(t.Context(), message("<1@x>", "", people(0, 101))); got != 101 {
			t.Errorf("%d people, want 101", got)
		}
		if waited := time.Since(began); waited != 0 {
			t.Errorf("a mail waited for %v", waited)
		}
		tracker.Close()
	})
}

// Of gateways that share a state, one counts a mass mailing; one that was alone
// counts its own.
func TestClosedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newFakeStore()
		a, heardA := newTracker(t, store)
		b, heardB := newTracker(t, store)
		for _, tracker := range []*Tracker{a, b} {
			tracker.Count(t.Context(), message("<1@x>", "", people(0, 150)))
		}
		time.Sleep(2 * time.Hour)
		if all := slices.Concat(heardA.mailings(), heardB.mailings()); len(all) != 1 || all[0] != "150 false" {
			t.Errorf("closed: %v", all)
		}
		store.broken.Store(true)
		a.Count(t.Context(), message("<2@x>", "", people(0, 130)))
		time.Sleep(2 * time.Hour)
		if got := heardA.mailings(); !slices.Contains(got, "130 false") {
			t.Errorf("closed: %v", got)
		}
		a.Close()
		b.Close()
	})
}

// Many mails at once, for the race detector.
func TestCountAtOnce(t *testing.T) {
	tracker, _ := newTracker(t, newFakeStore())
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			for j := range 20 {
				tracker.Count(t.Context(), message(fmt.Sprintf("<%d@x>", j), "", people(i*10, 10)))
			}
		})
	}
	group.Wait()
	if got := tracker.Count(t.Context(), message("<7@x>", "", nil)); got != 200 {
		t.Errorf("%d people, want 200", got)
	}
}

// BenchmarkCount notes a mail to a single person while 10,000 mailings of 20 people
// each are tracked, and tells what those take.
func BenchmarkCount(b *testing.B) {
	const mailings, each = 10_000, 20
	tracker, _ := newTracker(b, nil)
	body := strings.Repeat("Hermed inviteres du til sommerfest i parken. ", 50)
	before := heap()
	for i := range mailings {
		tracker.Count(b.Context(), message(fmt.Sprintf("<%d@x>", i), fmt.Sprint(i, body), people(i, each)))
	}
	size := heap() - before
	one := people(0, 1)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		tracker.Count(b.Context(), message(fmt.Sprintf("<%d@x>", i%mailings), body, one))
	}
	b.ReportMetric(float64(size)/mailings, "B/mailing")
}
