package record

import (
	"math"
	"time"

	"councilgate/policy"
)

// MaxDays is how far back counts go at most, in days.
const MaxDays = 30

// Counts is what the mails of some time have come to: numbers, and nothing of a
// councillor.
type Counts struct {
	Messages   int
	Actions    map[policy.Action]int
	Refused    Reasons                      // mails refused
	WouldBe    Reasons                      // mails that would have been refused were it not for shadow mode
	Gaps       map[policy.GapKind]int       // mails with a gap of that kind
	Mailing    int                          // mails of mass mailings
	Overrides  map[policy.OverrideState]int // mails with a code
	Inspection Times
}

// Reasons says why mails were refused.
type Reasons struct {
	Rules      map[policy.Rule]int     // each mail once; "" for what could not be read
	Categories map[policy.Category]int // a mail once for each that was found in it
}

// Total is the number of mails.
func (r Reasons) Total() int {
	n := 0
	for _, count := range r.Rules {
		n += count
	}
	return n
}

func newCounts() *Counts {
	reasons := func() Reasons {
		return Reasons{make(map[policy.Rule]int), make(map[policy.Category]int)}
	}
	return &Counts{
		Actions:   make(map[policy.Action]int),
		Refused:   reasons(),
		WouldBe:   reasons(),
		Gaps:      make(map[policy.GapKind]int),
		Overrides: make(map[policy.OverrideState]int),
	}
}

func (r Reasons) note(rule policy.Rule, categories []policy.Category) {
	r.Rules[rule]++
	for _, c := range categories {
		r.Categories[c]++
	}
}

// note counts one verdict.
func (c *Counts) note(e Entry) {
	c.Messages++
	c.Actions[e.Action]++
	switch {
	case e.Action == policy.Reject:
		c.Refused.note(e.Rule, e.Categories)
	case e.Would.Action == policy.Reject:
		c.WouldBe.note(e.Would.Rule, e.Categories)
	}
	for _, kind := range e.Gaps {
		c.Gaps[kind]++
	}
	if e.Mailing > 0 {
		c.Mailing++
	}
	if e.Override != "" {
		c.Overrides[e.Override]++
	}
	if e.Took > 0 { // else it was not inspected to the end
		c.Inspection.note(e.Took)
	}
}

// plus adds other counts to these.
func (c *Counts) plus(other *Counts) {
	c.Messages += other.Messages
	addAll(c.Actions, other.Actions)
	addAll(c.Refused.Rules, other.Refused.Rules)
	addAll(c.Refused.Categories, other.Refused.Categories)
	addAll(c.WouldBe.Rules, other.WouldBe.Rules)
	addAll(c.WouldBe.Categories, other.WouldBe.Categories)
	addAll(c.Gaps, other.Gaps)
	c.Mailing += other.Mailing
	addAll(c.Overrides, other.Overrides)
	for i, n := range other.Inspection.buckets {
		c.Inspection.buckets[i] += n
	}
}

func addAll[K comparable](to, from map[K]int) {
	for k, n := range from {
		to[k] += n
	}
}

// Times is how long inspections took. It keeps how many took up to each of a row of
// bounds, each a fifth longer than the one before.
type Times struct{ buckets [timeBuckets]uint32 }

const (
	timeBuckets   = 80
	shortestTime  = 100 * time.Microsecond // what the first bucket holds
	bucketsPerTwo = 4                      // buckets until the bound has doubled
)

func (t *Times) note(took time.Duration) {
	bucket := 0
	if took > shortestTime {
		bucket = int(math.Ceil(bucketsPerTwo * math.Log2(float64(took)/float64(shortestTime))))
	}
	t.buckets[min(bucket, timeBuckets-1)]++
}

// Quantile gives the time within which a part of all inspections was done, such as
// 0.95; false if there was none. It may be a fifth too long, never too short.
func (t Times) Quantile(part float64) (time.Duration, bool) {
	total := 0
	for _, n := range t.buckets {
		total += int(n)
	}
	rank := max(int(math.Ceil(part*float64(total))), 1)
	for i, n := range t.buckets {
		if rank -= int(n); rank <= 0 {
			return time.Duration(float64(shortestTime) * math.Exp2(float64(i)/bucketsPerTwo)), true
		}
	}
	return 0, false
}

// hours holds the counts of each hour, by its number since 1970.
type hours map[int64]*Counts

func hourOf(t time.Time) int64 { return t.Unix() / 3600 }

func (h hours) add(e Entry) {
	c := h[hourOf(e.Hour)]
	if c == nil {
		c = newCounts()
		h[hourOf(e.Hour)] = c
	}
	c.note(e)
}

// forget drops the hours that began before a time.
func (h hours) forget(before time.Time) {
	for hour := range h {
		if hour < hourOf(before) {
			delete(h, hour)
		}
	}
}

// between adds up the hours that begin from a time on and before another.
func (h hours) between(from, to time.Time) Counts {
	sum := newCounts()
	for hour := hourOf(from); hour < hourOf(to); hour++ {
		if c := h[hour]; c != nil {
			sum.plus(c)
		}
	}
	return *sum
}
