// Package record keeps what a data protection officer can sign of what was judged:
// counts by the hour in memory for the overview page, and, where the policy asks for
// it, one line of JSON a verdict on disk.
//
// A line holds words from the closed lists of package policy, numbers, and a
// pseudonym of the councillor. It never holds an address, a subject, or anything else
// of a mail, and neither the mail server's name of the message nor the minute: with
// them, whoever also has the mail server's log could look up to whom the mail of a
// line was written. Time is cut down to the hour, and how long it took to two digits,
// lest a line be told by them. What an operator wants to know of a single mail is in
// the log.
//
// The pseudonym tells one councillor refused ten times from ten councillors refused
// once, and no more. It is an HMAC-SHA-256, cut to 64 bits, under a key that lies
// beside the record and that only councilgate may read. Lines with it are still
// personal data (GDPR, article 4(5)): whoever has the key can try the councillors one
// by one. Hence the key is replaced when it is as old as a line may get. Nobody, not
// we either, can tell then whose the lines were that were written under it; who wants
// that sooner removes the key file and restarts councilgate.
//
// # Files
//
// Nobody but the user that councilgate runs as may read them.
//
// The lines of today (UTC) are in the file that the policy names, those of a day
// before in one named by it, record-2026-11-21-001.jsonl. A file is removed from disk
// when its oldest line reaches the age that the policy gives, so no line gets older,
// and the oldest files go as well while all of them together are larger than the
// policy allows. That is done at start, at midnight, and when a file is full; while
// councilgate does not run, nothing is removed.
//
// # Failures
//
// No mail waits for the disk: lines go through a queue of fixed length to a single
// writer, and what finds no room there, or cannot be written, is dropped and counted.
// A disk that is full is logged once, when that begins, and once when it is over.
// What was written is handed to the disk (fsync) within a second, and when a file is
// closed. A killed process therefore loses what was in the queue, a power cut a second
// more. A line that was cut short is skipped and counted when it is read; the next
// one begins in a line of its own.
package record

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"councilgate/policy"
)

const (
	queueLength = 4096            // lines, half a MiB
	maxBatch    = 64 << 10        // bytes that one write takes, more or less
	syncAfter   = time.Second     // what was written gets to the disk
	tidyEvery   = 5 * time.Minute // files are looked after
)

// Options says where a Recorder writes, and how much.
type Options struct {
	File     string // "" to keep counts in memory alone
	Days     int    // after which a line is gone; 1 or more
	MaxBytes int64  // of all files together
	Events   Events
	Log      *slog.Logger
}

// Events is told what the metrics show. Its functions must be safe for concurrent
// use; one that is nil is not called.
type Events struct {
	Written func(lines int)
	Dropped func(lines int)
	Broken  func(lines int) // found in the files when they were read
	Up      func(up bool)   // whether what comes is being written
}

// Status is how a Recorder is doing.
type Status struct {
	Kept  bool      // there is a file to write to
	Up    bool      // and what comes is being written
	Since time.Time // when the counts begin
	Days  int       // after which a line is gone
}

// A Recorder counts verdicts and records them. It is safe for concurrent use.
type Recorder struct {
	options Options
	now     func() time.Time
	queue   chan line
	done    chan struct{} // closed when the writer has ended

	mu      sync.Mutex
	closed  bool
	hours   hours
	since   time.Time
	up      bool
	key     pseudonymKey
	dropped int // since it was last logged
}

// New returns a Recorder, which reads what was recorded before in the background.
// Close ends it.
func New(o Options) *Recorder { return newRecorder(o, time.Now) }

func newRecorder(o Options, now func() time.Time) *Recorder {
	o.Events = o.Events.complete()
	r := &Recorder{
		options: o,
		now:     now,
		queue:   make(chan line, queueLength),
		done:    make(chan struct{}),
		hours:   make(hours),
		since:   now(),
		key:     newKey(now()),
	}
	if o.File == "" {
		close(r.done)
		return r
	}
	w := newWriter(r)
	w.tidy()
	go w.run()
	return r
}

func (e Events) complete() Events {
	if e.Written == nil {
		e.Written = func(int) {}
	}
	if e.Dropped == nil {
		e.Dropped = func(int) {}
	}
	if e.Broken == nil {
		e.Broken = func(int) {}
	}
	if e.Up == nil {
		e.Up = func(bool) {}
	}
	return e
}

// Add counts a verdict, and has it recorded with a pseudonym of the councillor. It
// returns at once.
func (r *Recorder) Add(e Entry, councillor policy.Address) {
	now := r.now()
	e.Hour = now.UTC().Truncate(time.Hour)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hours.add(e)
	if r.options.File == "" || r.closed {
		return
	}
	select {
	case r.queue <- newLine(e, r.key.pseudonym(councillor)):
	default:
		r.drop(1)
	}
}

// drop notes lines that are not going to be recorded. The caller holds the lock.
func (r *Recorder) drop(lines int) {
	r.dropped += lines
	r.options.Events.Dropped(lines)
}

// forget drops the counts that are too old. The caller holds the lock.
func (r *Recorder) forget() { r.hours.forget(r.now().AddDate(0, 0, -r.memoryDays())) }

// memoryDays is how far back counts go: as far as the overview page, and no further
// than the record.
func (r *Recorder) memoryDays() int {
	if r.options.File == "" {
		return MaxDays
	}
	return min(r.options.Days, MaxDays)
}

// Status tells how the Recorder is doing.
func (r *Recorder) Status() Status {
	r.mu.Lock()
	defer r.mu.Unlock()
	return Status{Kept: r.options.File != "", Up: r.up, Since: r.since, Days: r.memoryDays()}
}

// Counts adds up the hours that begin from a time on and before another.
func (r *Recorder) Counts(from, to time.Time) Counts {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forget()
	return r.hours.between(from, to)
}

// Close writes what is in the queue and ends the Recorder. It returns ctx's error
// when that takes too long.
func (r *Recorder) Close(ctx context.Context) error {
	r.mu.Lock()
	if !r.closed {
		r.closed = true
		close(r.queue)
	}
	r.mu.Unlock()
	select {
	case <-r.done:
		return nil
	case <-ctx.Done():
		return errors.Join(errors.New("the record is not written to its end"), ctx.Err())
	}
}
