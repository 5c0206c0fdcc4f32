package main

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// In the journal a line has a priority and no time; elsewhere it is as slog writes it.
func TestLogToJournal(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "journal"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	stat := info.Sys().(*syscall.Stat_t)
	written := func(format string) string {
		t.Helper()
		if err := file.Truncate(0); err != nil {
			t.Fatal(err)
		}
		if _, err := file.Seek(0, 0); err != nil {
			t.Fatal(err)
		}
		log := newLog(file, format, slog.LevelDebug)
		log.Debug("d")
		log.With("a", 1).Info("i", "time", "10:12") // of the record's own
		log.WithGroup("g").Warn("w", "b", 2)
		log.Error("e")
		text, err := os.ReadFile(file.Name())
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}

	t.Setenv("JOURNAL_STREAM", fmt.Sprintf("%d:%d", stat.Dev, stat.Ino))
	if got, want := written("text"), "<7>msg=d\n<6>msg=i a=1 time=10:12\n<4>msg=w g.b=2\n<3>msg=e\n"; got != want {
		t.Errorf("text:\n%swant\n%s", got, want)
	}
	if got := written("json"); !strings.HasPrefix(got, `<7>{"msg":"d"}`+"\n<6>{") {
		t.Errorf("json:\n%s", got)
	}

	t.Setenv("JOURNAL_STREAM", fmt.Sprintf("%d:%d", stat.Dev, stat.Ino+1))
	if got := written("text"); !strings.HasPrefix(got, "time=") || strings.Contains(got, "<") {
		t.Errorf("sent elsewhere:\n%s", got)
	}
}
