package main

import (
	"fmt"
	"io"
	"os"
	"syscall"
)

// toJournal reports whether w leads to the journal: systemd names the device and the
// inode of what it connected (systemd.exec(5), JOURNAL_STREAM), and standard error may
// have been sent elsewhere since.
func toJournal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	if err != nil {
		return false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && os.Getenv("JOURNAL_STREAM") == fmt.Sprintf("%d:%d", stat.Dev, stat.Ino)
}
