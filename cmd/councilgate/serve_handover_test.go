package main

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// nextFile is the file that the service hands over next.
func (m serviceManager) nextFile(t *testing.T) *os.File {
	t.Helper()
	m.conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	text, rights := make([]byte, 1<<10), make([]byte, syscall.CmsgSpace(4))
	n, rightsN, _, _, err := m.conn.ReadMsgUnix(text, rights)
	if err != nil || !strings.HasPrefix(string(text[:n]), "FDSTORE=1\nFDNAME=milter\n") {
		t.Fatalf("the service tells %q, %v", text[:n], err)
	}
	messages, err := syscall.ParseSocketControlMessage(rights[:rightsN])
	if err != nil || len(messages) != 1 {
		t.Fatalf("%d control messages, %v", len(messages), err)
	}
	fds, err := syscall.ParseUnixRights(&messages[0])
	if err != nil || len(fds) != 1 {
		t.Fatalf("%d files, %v", len(fds), err)
	}
	return os.NewFile(uintptr(fds[0]), "milter")
}

// TestHandover: a mail server that connects while the filter is restarted waits, and
// is served by the next process.
func TestHandover(t *testing.T) {
	manager := startServiceManager(t)
	first := startServe(t)
	kept := manager.nextFile(t)
	manager.await(t, "READY=1\n")
	first.signals <- syscall.SIGTERM
	if got := <-first.status; got != 0 {
		t.Fatalf("exit status %d", got)
	}

	waiting, err := net.Dial("unix", first.milter)
	if err != nil {
		t.Fatalf("nobody takes connections during a restart: %v", err)
	}
	defer waiting.Close()
	ln := inherited([]*os.File{kept}, address{"unix", first.milter})
	if ln == nil {
		t.Fatal("the socket is not taken over")
	}
	defer ln.Close()
	if c, err := ln.Accept(); err != nil {
		t.Errorf("the connection that waited: %v", err)
	} else {
		c.Close()
	}
}

// TestInheritedOther: what is not the milter's socket any more is not taken for it.
func TestInheritedOther(t *testing.T) {
	dir, err := os.MkdirTemp("", "handover")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "sock")
	file := func(ln interface{ File() (*os.File, error) }, err error) *os.File {
		if err != nil {
			t.Fatal(err)
		}
		f, err := ln.File()
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	tcp := file(net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}))
	gone := file(net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"}))
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	text, err := os.Create(filepath.Join(dir, "text"))
	if err != nil {
		t.Fatal(err)
	}
	if ln := inherited([]*os.File{tcp, gone, text}, address{"unix", path}); ln != nil {
		t.Errorf("took over %v", ln.Addr())
	}
	if ln := inherited(nil, address{"unix", path}); ln != nil {
		t.Errorf("took over %v from nobody", ln.Addr())
	}
}
