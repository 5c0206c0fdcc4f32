package record

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"councilgate/policy"
)

// bench is a Recorder with a clock that the test sets.
type bench struct {
	*Recorder
	t    *testing.T
	dir  string
	logs *safeBuffer

	mu                       sync.Mutex
	clock                    time.Time
	written, dropped, broken int
	up                       bool
}

type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

var noon = time.Date(2026, 11, 21, 12, 34, 56, 789, time.UTC)

// open starts a Recorder on the files in dir.
func open(t *testing.T, dir string, at time.Time, change ...func(*Options)) *bench {
	t.Helper()
	b := &bench{t: t, dir: dir, clock: at, logs: &safeBuffer{}}
	o := Options{
		File: filepath.Join(dir, "record.jsonl"), Days: 30, MaxBytes: 1 << 20,
		Log: slog.New(slog.NewTextHandler(b.logs, nil)),
		Events: Events{
			Written: func(n int) { b.count(&b.written, n) },
			Dropped: func(n int) { b.count(&b.dropped, n) },
			Broken:  func(n int) { b.count(&b.broken, n) },
			Up:      func(up bool) { b.mu.Lock(); b.up = up; b.mu.Unlock() },
		},
	}
	for _, c := range change {
		c(&o)
	}
	b.Recorder = newRecorder(o, b.now)
	t.Cleanup(b.close)
	return b
}

func (b *bench) count(to *int, n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	*to += n
}

func (b *bench) now() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.clock
}

func (b *bench) set(at time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.clock = at
}

// close ends the Recorder; all that was added is on disk then.
func (b *bench) close() {
	b.t.Helper()
	if err := b.Close(context.Background()); err != nil {
		b.t.Error(err)
	}
}

// files gives the names of all files, and text that of all lines.
func (b *bench) files() (names []string) {
	b.t.Helper()
	entries, err := os.ReadDir(b.dir)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func (b *bench) text(name string) string {
	b.t.Helper()
	data, err := os.ReadFile(filepath.Join(b.dir, name))
	if err != nil {
		b.t.Fatal(err)
	}
	return string(data)
}

var (
	anne = policy.Address{Local: "anne.holm", Domain: "norreaa.example"}
	bo   = policy.Address{Local: "bo", Domain: "norreaa.example"}

	refused = Entry{
		Action: policy.Reject, Rule: policy.QuotedSensitive,
		Categories: []policy.Category{policy.NationalID, policy.Health},
		Recipients: policy.Recipients{Total: 2, Outside: 2}, Took: 12345678 * time.Nanosecond,
	}
	shadowed = Entry{
		Action: policy.Accept, Would: policy.Outcome{Action: policy.Reject, Rule: policy.OwnSensitive},
		Categories: []policy.Category{policy.Crime}, Gaps: []policy.GapKind{policy.Encrypted},
		Recipients: policy.Recipients{Total: 134, Internal: 100, Outside: 34}, Took: 3 * time.Millisecond,
		Mailing: 134, Override: policy.OverrideExpired,
	}
)

func TestLine(t *testing.T) {
	b := open(t, t.TempDir(), noon)
	b.Add(refused, anne)
	b.Add(shadowed, policy.Address{})
	b.close()
	pseudonym := b.key.pseudonym(anne)
	want := `{"time":"2026-11-21T12:00:00Z","action":"reject","rule":"quoted-sensitive","categories":["national-id","health"],` +
		`"recipients":{"total":2,"internal":0,"secure":0,"private":0,"outside":2},"ms":12,"councillor":"` + pseudonym + `"}
{"time":"2026-11-21T12:00:00Z","action":"accept","would":{"action":"reject","rule":"own-sensitive"},"categories":["crime"],"gaps":["encrypted"],` +
		`"recipients":{"total":134,"internal":100,"secure":0,"private":0,"outside":34},"ms":3,"mass_mailing":134,"override":"expired"}
`
	if got := b.text("record.jsonl"); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if b.written != 2 || b.dropped != 0 || !b.up {
		t.Errorf("%d written, %d dropped, up %v", b.written, b.dropped, b.up)
	}
	for name, want := range map[string]os.FileMode{"record.jsonl": 0o600, "record.key": 0o600} {
		if info, err := os.Stat(filepath.Join(b.dir, name)); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v %v", name, info.Mode(), err)
		}
	}
}

// TestReadBack: what a Recorder counts is what another reads from its files.
func TestReadBack(t *testing.T) {
	dir := t.TempDir()
	b := open(t, dir, noon)
	for range 3 {
		b.Add(refused, anne)
	}
	b.set(noon.Add(26 * time.Hour))
	b.Add(shadowed, bo)
	b.close()
	first := b.Counts(noon.AddDate(0, 0, -2), noon.AddDate(0, 0, 2))

	again := open(t, dir, noon.Add(27*time.Hour))
	again.close() // it has read everything then
	second := again.Counts(noon.AddDate(0, 0, -2), noon.AddDate(0, 0, 2))
	if fmt.Sprint(first) != fmt.Sprint(second) || second.Messages != 4 || second.Refused.Total() != 3 || second.WouldBe.Rules[policy.OwnSensitive] != 1 {
		t.Errorf("counted %+v, read %+v", first, second)
	}
	if got := again.Status().Since; !got.Equal(noon.Truncate(time.Hour)) {
		t.Errorf("counts begin at %v", got)
	}
	if n := again.Counts(noon.Add(time.Hour), noon.AddDate(0, 0, 2)).Messages; n != 1 {
		t.Errorf("%d messages after the first hour, want 1", n)
	}
}

// TestTorn: a line that was cut short, as by a power cut, costs itself alone.
func TestTorn(t *testing.T) {
	dir := t.TempDir()
	b := open(t, dir, noon)
	b.Add(refused, anne)
	b.Add(refused, anne)
	b.close()
	whole := b.text("record.jsonl")
	if err := os.WriteFile(filepath.Join(dir, "record.jsonl"), []byte(whole[:len(whole)-20]), 0o640); err != nil {
		t.Fatal(err)
	}
	b = open(t, dir, noon)
	b.Add(refused, anne)
	b.close()
	if n := b.Counts(noon.AddDate(0, 0, -1), noon.AddDate(0, 0, 1)).Messages; n != 2 || b.broken != 1 {
		t.Errorf("%d messages and %d broken lines, want 2 and 1", n, b.broken)
	}
	if lines := strings.Split(b.text("record.jsonl"), "\n"); len(lines) != 4 || lines[0] != lines[2] {
		t.Errorf("lines %q", lines)
	}
}

// TestAge: no line gets older than the days of the policy, also if no mail comes.
func TestAge(t *testing.T) {
	dir := t.TempDir()
	b := open(t, dir, noon, func(o *Options) { o.Days = 3 })
	for range 6 {
		b.Add(refused, anne)
		b.close()
		b = open(t, dir, b.clock.AddDate(0, 0, 1), func(o *Options) { o.Days = 3 })
	}
	b.close()
	want := "record-2026-11-25-001.jsonl record-2026-11-26-001.jsonl record.jsonl record.key"
	if got := strings.Join(b.files(), " "); got != want {
		t.Errorf("files %s, want %s", got, want)
	}
	if n := b.Counts(noon.AddDate(0, 0, -9), noon.AddDate(0, 0, 9)).Messages; n != 2 {
		t.Errorf("%d messages counted, want 2", n)
	}
	b = open(t, dir, noon.AddDate(0, 0, 60), func(o *Options) { o.Days = 3 })
	b.close()
	if got := strings.Join(b.files(), " "); got != "record.jsonl record.key" || b.text("record.jsonl") != "" {
		t.Errorf("files %s", got)
	}
}

// TestAgeWhileRunning: what is done at midnight.
func TestAgeWhileRunning(t *testing.T) {
	b := open(t, t.TempDir(), noon)
	w := newWriter(b.Recorder)
	w.files.append([][]byte{newLine(entryAt(noon), "").encode()}, noon)
	first := w.recorder.key
	b.set(noon.Add(12 * time.Hour))
	w.tidy()
	if got := strings.Join(b.files(), " "); got != "record-2026-11-21-001.jsonl record.jsonl record.key" {
		t.Errorf("files %s", got)
	}
	b.set(time.Date(2026, 12, 20, 23, 59, 0, 0, time.UTC))
	w.tidy()
	if got := strings.Join(b.files(), " "); got != "record-2026-11-21-001.jsonl record.jsonl record.key" || w.recorder.key != first {
		t.Errorf("files %s; key replaced %v", got, w.recorder.key != first)
	}
	b.set(noon.AddDate(0, 0, 30))
	w.tidy()
	if got := strings.Join(b.files(), " "); got != "record.jsonl record.key" || w.recorder.key == first {
		t.Errorf("files %s; key replaced %v", got, w.recorder.key != first)
	}
	w.files.close()
}

func entryAt(at time.Time) Entry {
	e := refused
	e.Hour = at.Truncate(time.Hour)
	return e
}

// TestSize: the oldest lines go when the record is too large.
func TestSize(t *testing.T) {
	const most = 64 << 10
	b := open(t, t.TempDir(), noon, func(o *Options) { o.MaxBytes = most })
	for range 5 {
		for range 500 {
			b.Add(refused, anne)
		}
		b.close()
		b = open(t, b.dir, b.clock.Add(time.Hour), func(o *Options) { o.MaxBytes = most })
	}
	b.close()
	total, latest := 0, 0
	for _, name := range b.files() {
		if strings.HasSuffix(name, ".jsonl") {
			total += len(b.text(name))
			latest += strings.Count(b.text(name), "T16:00")
		}
	}
	if total > most || total < most/2 || latest == 0 {
		t.Errorf("%d bytes on disk, want up to %d; %d lines of the last hour", total, most, latest)
	}
}

func TestPseudonym(t *testing.T) {
	dir := t.TempDir()
	b := open(t, dir, noon)
	first := b.key
	again := first.pseudonym(anne)
	if again != first.pseudonym(anne) || again == first.pseudonym(bo) || len(first.pseudonym(anne)) != 16 {
		t.Errorf("pseudonyms %q %q", first.pseudonym(anne), first.pseudonym(bo))
	}
	b.close()
	b = open(t, dir, noon.AddDate(0, 0, 29))
	if b.key != first {
		t.Error("the key does not outlive a restart")
	}
	b.close()
	b = open(t, dir, noon.AddDate(0, 0, 30))
	if b.key == first || strings.Contains(b.text("record.key"), strings.Fields(first.encode())[1]) {
		t.Error("the key is older than a line may get")
	}
	b.close()
	second := b.key
	if err := os.Remove(filepath.Join(dir, "record.key")); err != nil {
		t.Fatal(err)
	}
	b = open(t, dir, noon.AddDate(0, 0, 31))
	if b.key == second {
		t.Error("a key that was taken away comes back")
	}
}

// TestForeignKey: a file of somebody else's with the key's name is left alone, and
// nothing is written without a key.
func TestForeignKey(t *testing.T) {
	dir := t.TempDir()
	const foreign = "-----BEGIN PRIVATE KEY-----\n"
	if err := os.WriteFile(filepath.Join(dir, "record.key"), []byte(foreign), 0o600); err != nil {
		t.Fatal(err)
	}
	b := open(t, dir, noon)
	b.Add(refused, anne)
	b.close()
	if b.text("record.key") != foreign || b.text("record.jsonl") != "" || b.dropped != 1 || b.up {
		t.Errorf("key %q, record %q, %d dropped, up %v", b.text("record.key"), b.text("record.jsonl"), b.dropped, b.up)
	}
}

// TestNoDisk: a folder that is not there is logged once; mails are counted all the
// same, and recorded once it is.
func TestNoDisk(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "later")
	b := open(t, dir, noon)
	for range 3 {
		b.Add(refused, anne)
		b.await(func() bool { return len(b.queue) == 0 })
	}
	b.await(func() bool { return b.dropped == 3 })
	if n := strings.Count(b.logs.String(), "verdicts are not recorded"); n != 1 || b.up || b.Counts(noon.Add(-time.Hour), noon.Add(time.Hour)).Messages != 3 {
		t.Errorf("%d lines in the log, up %v: %s", n, b.up, b.logs)
	}
	b.close()

	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	w := newWriter(b.Recorder)
	w.writing.failing = true
	w.tidy()
	w.write(newLine(refused, ""))
	w.files.close()
	if !b.up || b.written != 1 || !strings.Contains(b.logs.String(), "verdicts are recorded again\" dropped=3") {
		t.Errorf("up %v, %d written: %s", b.up, b.written, b.logs)
	}
}

// await waits until something is so, which other goroutines bring about.
func (b *bench) await(so func() bool) {
	b.t.Helper()
	for range 1000 {
		b.mu.Lock()
		ok := so()
		b.mu.Unlock()
		if ok {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	b.t.Fatal("it never comes about")
}

// TestFullDisk: /dev/full takes nothing and says that there is no space.
func TestFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("no /dev/full")
	}
	b := open(t, t.TempDir(), noon)
	b.close()
	w := newWriter(b.Recorder)
	w.files.current = full
	for range 3 {
		w.write(newLine(refused, ""))
	}
	if n := strings.Count(b.logs.String(), "no space left"); n != 1 || b.dropped != 3 || b.up {
		t.Errorf("%d lines in the log, %d dropped, up %v: %s", n, b.dropped, b.up, b.logs)
	}
	full.Close()
}

// TestHalfWritten: what a full disk took of a line is closed before the next.
func TestHalfWritten(t *testing.T) {
	b := open(t, t.TempDir(), noon)
	b.close()
	f := newFiles(b.options)
	if err := f.open(noon); err != nil {
		t.Fatal(err)
	}
	f.current.WriteString(`{"time":"2026-`)
	f.torn = true
	if n, err := f.append([][]byte{newLine(refused, "").encode()}, noon); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	f.close()
	lines, broken, err := read(strings.NewReader(b.text("record.jsonl")), func(Entry) {})
	if lines != 1 || broken != 1 || err != nil {
		t.Errorf("%d lines, %d broken, %v", lines, broken, err)
	}
}

// TestFileTakenAway: whoever moves the file away gets no more lines in it.
func TestFileTakenAway(t *testing.T) {
	b := open(t, t.TempDir(), noon)
	b.close()
	w := newWriter(b.Recorder)
	w.tidy()
	if err := os.Rename(b.options.File, b.options.File+".mine"); err != nil {
		t.Fatal(err)
	}
	w.tidy()
	w.write(newLine(refused, ""))
	w.files.close()
	if b.text("record.jsonl") == "" || b.text("record.jsonl.mine") != "" {
		t.Error("lines go to the file that was taken away")
	}
}

// TestQueueFull: a disk that hangs holds nobody up.
func TestQueueFull(t *testing.T) {
	b := open(t, t.TempDir(), noon)
	b.close()
	r := newRecorder(Options{Log: b.options.Log, Events: b.options.Events}, b.now)
	r.options.File = "hangs" // and has no writer
	for range queueLength + 7 {
		r.Add(refused, anne)
	}
	if b.dropped != 7 || r.Counts(noon.Add(-time.Hour), noon.Add(time.Hour)).Messages != queueLength+7 {
		t.Errorf("%d dropped, want 7", b.dropped)
	}
}

// TestMemoryAlone: without a file, counts are kept all the same.
func TestMemoryAlone(t *testing.T) {
	b := open(t, t.TempDir(), noon, func(o *Options) { o.File = "" })
	b.Add(refused, anne)
	if s := b.Status(); s.Kept || s.Up || s.Days != 30 || !s.Since.Equal(noon) {
		t.Errorf("status %+v", s)
	}
	if n := b.Counts(noon.Add(-time.Hour), noon.Add(time.Hour)).Messages; n != 1 || len(b.files()) != 0 {
		t.Errorf("%d messages, files %v", n, b.files())
	}
	b.set(noon.AddDate(0, 0, 31))
	if b.Counts(noon.Add(-time.Hour), noon.Add(time.Hour)).Messages != 0 {
		t.Error("counts older than 30 days are kept")
	}
}

// TestClosed: a mail that is judged after the end is counted, and loses its line.
func TestClosed(t *testing.T) {
	b := open(t, t.TempDir(), noon)
	b.close()
	b.close()
	b.Add(refused, anne)
	if b.text("record.jsonl") != "" {
		t.Error("written after the end")
	}
}

// TestConcurrent is for the race detector.
func TestConcurrent(t *testing.T) {
	b := open(t, t.TempDir(), noon, func(o *Options) { o.MaxBytes = 100 << 20 })
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 100 {
				b.Add(refused, anne)
				b.Counts(noon.Add(-time.Hour), noon.Add(time.Hour))
				b.Status()
			}
		})
	}
	group.Wait()
	b.close()
	if n := strings.Count(b.text("record.jsonl"), "\n"); n != 800 {
		t.Errorf("%d lines, want 800", n)
	}
}
