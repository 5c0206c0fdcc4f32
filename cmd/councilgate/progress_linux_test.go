package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

// openTerminal opens a pseudo terminal (pty(7)).
func openTerminal(t *testing.T) (master, slave *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no pseudo terminals here: ", err)
	}
	t.Cleanup(func() { master.Close() })
	number, unlock := uint32(0), int32(0)
	ioctl := func(request uintptr, arg unsafe.Pointer) {
		if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, master.Fd(), request, uintptr(arg)); errno != 0 {
			t.Fatal(errno)
		}
	}
	ioctl(syscall.TIOCSPTLCK, unsafe.Pointer(&unlock))
	ioctl(syscall.TIOCGPTN, unsafe.Pointer(&number))
	slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { slave.Close() })
	return master, slave
}

// A terminal sees a progress bar, a pipe does not.
func TestProgress(t *testing.T) {
	maildir := writeMaildir(t, sentMails()[:5])
	args := []string{"check", "-summary", "-maildir", maildir}

	master, terminal := openTerminal(t)
	var stdout bytes.Buffer
	if status := run(args, strings.NewReader(""), &stdout, terminal); status != statusRefused {
		t.Errorf("status %d", status)
	}
	master.SetReadDeadline(time.Now().Add(10 * time.Second))
	shown := make([]byte, 64<<10)
	n, err := master.Read(shown)
	if err != nil || !bytes.Contains(shown[:n], []byte("judging")) {
		t.Errorf("the terminal shows %q, %v", shown[:n], err)
	}
	if !strings.Contains(stdout.String(), "would be refused") || strings.Contains(stdout.String(), "judging") {
		t.Errorf("standard output: %s", &stdout)
	}

	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	run(args, strings.NewReader(""), &stdout, w)
	w.Close()
	if n, _ := r.Read(shown); n > 0 {
		t.Errorf("a pipe gets %q", shown[:n])
	}
}
