package record

import (
	"cmp"
	"errors"
	"io/fs"
	"time"
)

// A writer takes the lines of a Recorder to disk, in a goroutine of its own.
type writer struct {
	recorder *Recorder
	files    *files
	unready  error // why nothing can be written, nil if it can
	writing  trouble
	removing trouble
}

func newWriter(r *Recorder) *writer {
	return &writer{
		recorder: r,
		files:    newFiles(r.options),
		writing:  trouble{begins: "verdicts are not recorded, mail is still judged", ends: "verdicts are recorded again"},
		removing: trouble{begins: "old verdicts are not removed from disk", ends: "old verdicts are removed from disk again"},
	}
}

// run writes until the queue is closed.
func (w *writer) run() {
	r := w.recorder
	defer close(r.done)
	w.readBack()
	tidy := time.NewTicker(tidyEvery)
	defer tidy.Stop()
	var sync <-chan time.Time // nil while there is nothing to sync
	for {
		select {
		case l, open := <-r.queue:
			if !open {
				w.sync()
				w.files.close()
				return
			}
			w.write(l)
			if w.files.dirty && sync == nil {
				sync = time.After(syncAfter)
			}
		case <-sync:
			w.sync()
			sync = nil
		case <-tidy.C:
			w.tidy()
		}
	}
}

// sync hands to the disk what was written. Success says nothing that writing did not.
func (w *writer) sync() {
	if err := w.files.sync(); err != nil {
		w.report(&w.writing, err)
	}
}

// tidy gets key and files ready for what comes, and removes what is too old.
func (w *writer) tidy() {
	r := w.recorder
	w.unready = cmp.Or(w.renewKey(), w.files.open(r.now()))
	w.report(&w.writing, w.unready)
	w.report(&w.removing, w.files.tidy(r.now()))
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forget()
	if r.dropped > 0 && !w.writing.failing {
		r.options.Log.Warn("verdicts came faster than the disk takes them, and were not recorded", "dropped", r.dropped)
		r.dropped = 0
	}
}

// readBack counts what was recorded before.
func (w *writer) readBack() {
	r := w.recorder
	oldest, latest := r.now().AddDate(0, 0, -r.memoryDays()), r.now()
	lines, broken, err := w.files.readAll(func(e Entry) {
		if e.Hour.Before(oldest) || e.Hour.After(latest) {
			return
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.hours.add(e)
		if e.Hour.Before(r.since) {
			r.since = e.Hour
		}
	})
	if broken > 0 {
		r.options.Events.Broken(broken)
	}
	if err != nil {
		r.options.Log.Error("the record is read in part", "verdicts", lines, "broken", broken, "error", err)
		return
	}
	r.options.Log.Info("record read", "file", r.options.File, "verdicts", lines, "broken", broken)
}

// write writes a line, and with it those that wait behind it.
func (w *writer) write(first line) {
	r := w.recorder
	lines := [][]byte{first.encode()}
	size := len(lines[0])
	for waiting := len(r.queue); waiting > 0 && size < maxBatch; waiting-- {
		lines = append(lines, (<-r.queue).encode())
		size += len(lines[len(lines)-1])
	}
	if w.files.stale(r.now()) {
		w.tidy()
	}
	written, err := 0, w.unready
	if err == nil {
		written, err = w.files.append(lines, r.now())
	}
	r.options.Events.Written(written)
	if lost := len(lines) - written; lost > 0 {
		r.mu.Lock()
		r.drop(lost)
		r.mu.Unlock()
	}
	w.report(&w.writing, err)
}

// renewKey reads the key, and replaces one that is too old or was taken away.
func (w *writer) renewKey() error {
	r := w.recorder
	key, err := readKey(w.files.keyFile())
	if errors.Is(err, fs.ErrNotExist) || err == nil && key.expired(r.now(), r.options.Days) {
		key = newKey(r.now())
		err = key.write(w.files.keyFile())
	}
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.key = key
	return nil
}

// trouble is something that may fail for a while. It is logged when it begins and when
// it is over.
type trouble struct {
	begins, ends string
	failing      bool
}

// report notes how something went. An error names a file of the record and what the
// system says, no more.
func (w *writer) report(t *trouble, err error) {
	r := w.recorder
	began, ended := err != nil && !t.failing, err == nil && t.failing
	t.failing = err != nil
	up := !w.writing.failing && !w.removing.failing
	r.mu.Lock()
	r.up = up
	dropped := r.dropped
	if ended && t == &w.writing {
		r.dropped = 0
	}
	r.mu.Unlock()
	r.options.Events.Up(up)
	switch {
	case began:
		r.options.Log.Error(t.begins, "error", err)
	case ended && t == &w.writing:
		r.options.Log.Info(t.ends, "dropped", dropped)
	case ended:
		r.options.Log.Info(t.ends)
	}
}
