package main

import (
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// newProgress returns what shows how far work has come that takes as many steps as
// total gives, and what ends the show. It shows nothing unless w is a terminal, and
// does not ask for the total then.
func newProgress(w io.Writer, total func() int64) (step func(int64), end func()) {
	file, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return func(int64) {}, func() {}
	}
	bar := progressbar.NewOptions64(max(total(), 1),
		progressbar.OptionSetWriter(file),
		progressbar.OptionSetDescription("judging"),
		progressbar.OptionShowBytes(true),
		progressbar.OptionShowTotalBytes(true),
		progressbar.OptionUseIECUnits(true),
		progressbar.OptionSetWidth(30),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionSetRenderBlankState(true),
		progressbar.OptionClearOnFinish(),
	)
	// A bar that cannot be drawn is no reason to stop, and a mailbox that grows
	// meanwhile is none to complain.
	return func(n int64) { _ = bar.Add64(n) }, func() { _ = bar.Exit(); _ = bar.Clear() }
}
