package record

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	fileMode = 0o600
	dayForm  = "2006-01-02"
	// filesPerRecord is how many files a full record has at least, so that one too
	// many costs a small part of it.
	filesPerRecord = 8
)

var errFull = errors.New("the record is as large as it may get")

// files is the files of a record. It is for one goroutine.
type files struct {
	Options
	current *os.File // nil while it is closed
	size    int64    // of the current file
	day     string   // of the lines in the current file
	torn    bool     // the current file may end within a line
	dirty   bool     // there is something to sync
}

func newFiles(o Options) *files { return &files{Options: o} }

// keyFile is where the key of the pseudonyms lies.
func (f *files) keyFile() string { return f.stem() + ".key" }

func (f *files) stem() string { return strings.TrimSuffix(f.File, filepath.Ext(f.File)) }

// A past file holds lines of one day that is over, or of one that had more lines than
// a file takes.
type past struct {
	path   string
	day    string
	number int
	size   int64
}

// past lists the files beside the current one, the oldest first.
func (f *files) past() ([]past, error) {
	entries, err := os.ReadDir(filepath.Dir(f.File))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	ext := filepath.Ext(f.File)
	named := regexp.MustCompile(`^` + regexp.QuoteMeta(filepath.Base(f.stem())) + `-(\d{4}-\d\d-\d\d)-(\d{3,9})` + regexp.QuoteMeta(ext) + `$`)
	var list []past
	for _, entry := range entries {
		m := named.FindStringSubmatch(entry.Name())
		if m == nil || !entry.Type().IsRegular() {
			continue
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		number, _ := strconv.Atoi(m[2])
		list = append(list, past{filepath.Join(filepath.Dir(f.File), entry.Name()), m[1], number, info.Size()})
	}
	slices.SortFunc(list, func(a, b past) int {
		return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.number, b.number))
	})
	return list, nil
}

// tidy puts the current file away if its day is over or it is full, and removes the
// files that are too old or too many.
func (f *files) tidy(now time.Time) error {
	if f.stale(now) {
		if err := f.putAway(now); err != nil {
			return err
		}
	}
	list, err := f.past()
	if err != nil {
		return err
	}
	total := f.size
	for _, p := range list {
		total += p.size
	}
	// A file's oldest line may be as old as its day.
	oldest := dayOf(now.UTC().AddDate(0, 0, -f.Days))
	for _, p := range list {
		if p.day > oldest && total <= f.MaxBytes {
			continue
		}
		if err := os.Remove(p.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		total -= p.size
	}
	return nil
}

// stale reports whether the current file is to be put away.
func (f *files) stale(now time.Time) bool {
	return f.current != nil && f.size > 0 && (f.day != dayOf(now) || f.size >= f.MaxBytes/filesPerRecord)
}

// open opens the current file, unless it is open and still has its name.
func (f *files) open(now time.Time) error {
	if f.current != nil {
		here, err := f.current.Stat()
		if err != nil {
			return err
		}
		there, err := os.Stat(f.File)
		if err == nil && os.SameFile(here, there) {
			return nil
		}
		f.close() // somebody took the file away
	}
	current, err := os.OpenFile(f.File, os.O_RDWR|os.O_CREATE|os.O_APPEND, fileMode)
	if err != nil {
		return err
	}
	info, err := current.Stat()
	if err != nil || !info.Mode().IsRegular() {
		current.Close()
		return cmp.Or(err, errors.New("there is something that is no file"))
	}
	f.current, f.size, f.day, f.torn = current, info.Size(), dayOf(now), false
	if f.size > 0 {
		last := make([]byte, 1)
		_, err := current.ReadAt(last, f.size-1)
		f.torn = err != nil || last[0] != '\n'
		f.day = firstDay(current, info.ModTime(), now)
	}
	return nil
}

func dayOf(t time.Time) string { return t.UTC().Format(dayForm) }

// firstDay gives the day of a file's first line, that of its last change if the line
// cannot be read, and never one that is yet to come.
func firstDay(r io.ReaderAt, changed, now time.Time) string {
	data, _ := bufio.NewReaderSize(io.NewSectionReader(r, 0, maxLine), maxLine).ReadBytes('\n')
	first := changed
	if e, err := parse(bytes.TrimSuffix(data, []byte("\n"))); err == nil {
		first = e.Hour
	}
	if first.After(now) {
		first = now
	}
	return dayOf(first)
}

// putAway renames the current file after its day, and begins another.
func (f *files) putAway(now time.Time) error {
	list, err := f.past()
	if err != nil {
		return err
	}
	number := 1
	for _, p := range list {
		if p.day == f.day {
			number = p.number + 1
		}
	}
	name := fmt.Sprintf("%s-%s-%03d%s", f.stem(), f.day, number, filepath.Ext(f.File))
	if err := f.sync(); err != nil {
		return err
	}
	f.close()
	if err := os.Rename(f.File, name); err != nil {
		return err
	}
	return f.open(now)
}

// append adds whole lines. When it fails, it tells how many were written all the same.
func (f *files) append(lines [][]byte, now time.Time) (written int, err error) {
	if f.current == nil {
		if err := f.open(now); err != nil {
			return 0, err
		}
	}
	if f.size >= f.MaxBytes { // it could not be put away
		return 0, errFull
	}
	var data []byte
	if f.torn {
		data = append(data, '\n')
	}
	begin := len(data)
	data = append(data, bytes.Join(lines, nil)...)
	n, err := f.current.Write(data)
	f.size += int64(n)
	f.dirty = f.dirty || n > 0
	for rest := n - begin; written < len(lines) && rest >= len(lines[written]); written++ {
		rest -= len(lines[written])
	}
	if n > 0 {
		f.torn = data[n-1] != '\n'
	}
	return written, err
}

// sync hands what was written to the disk.
func (f *files) sync() error {
	if f.current == nil || !f.dirty {
		return nil
	}
	f.dirty = false
	return f.current.Sync()
}

// close closes the current file, after sync.
func (f *files) close() {
	if f.current != nil {
		f.current.Close()
	}
	f.current, f.dirty = nil, false
}
