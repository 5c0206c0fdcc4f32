package main

import (
	"errors"
	"net"
	"os"
	"syscall"

	"github.com/coreos/go-systemd/v22/activation"
)

// A restart would leave Postfix before a closed door until the mails under way are
// done, and councillors with an error. So systemd keeps the milter's unix socket open
// meanwhile (FileDescriptorStoreMax= in systemd.service(5)): connections that come wait
// in its queue, and the next process takes it over.

// keptName is what the socket is called in the service manager's store.
const keptName = "milter"

// listen opens the listener for the mail server, or takes over the one that the
// service manager has kept and goes on keeping.
func (s supervisor) listen(a address, access socketAccess) (ln net.Listener, kept bool, err error) {
	files := activation.Files(true)
	if ln = inherited(files, a); ln == nil {
		if len(files) > 0 {
			s.tell("FDSTOREREMOVE=1", "FDNAME="+keptName)
		}
		ln, err = listenMilter(a, access)
		return ln, false, err
	}
	if err := access.apply(a.addr); err != nil {
		s.log.Warn("the socket keeps the access that it had", "error", err)
	}
	return ln, true, nil
}

// inherited returns the listener at a among files that were open when the process
// began, nil if there is none, and closes the others.
func inherited(files []*os.File, a address) net.Listener {
	var found net.Listener
	for _, file := range files {
		ln, err := net.FileListener(file)
		file.Close()
		if err != nil {
			continue // something else
		}
		if found == nil && a.network == "unix" && ln.Addr().Network() == a.network && ln.Addr().String() == a.addr && reachable(a) {
			found = ln
			continue
		}
		ln.Close()
	}
	return found
}

// reachable reports whether a socket listens at a. If its file was removed, a listener
// lives on, and nobody can connect to it.
func reachable(a address) bool {
	c, err := net.Dial(a.network, a.addr)
	if err != nil {
		return false
	}
	c.Close()
	return true
}

// keep hands a copy of the listener to the service manager, which closes it when the
// service is stopped for good.
func (s supervisor) keep(ln net.Listener) {
	unix, ok := ln.(*net.UnixListener)
	manager := os.Getenv("NOTIFY_SOCKET")
	if !ok || manager == "" {
		return
	}
	raw, err := unix.SyscallConn()
	if err == nil {
		var sendErr error
		err = raw.Control(func(fd uintptr) {
			sendErr = sendFile(manager, int(fd), "FDSTORE=1\nFDNAME="+keptName+"\nFDPOLL=0")
		})
		err = errors.Join(err, sendErr)
	}
	if err != nil {
		s.log.Warn("the milter's socket is closed during a restart", "error", err)
		return
	}
	unix.SetUnlinkOnClose(false) // the path belongs to all copies
}

// sendFile sends a file descriptor with a message, as sd_pid_notify_with_fds(3) does.
func sendFile(manager string, fd int, message string) error {
	c, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: manager, Net: "unixgram"})
	if err != nil {
		return err
	}
	defer c.Close()
	raw, err := c.SyscallConn()
	if err != nil {
		return err
	}
	var sendErr error
	err = raw.Control(func(c uintptr) { // package net does not send files over a connected socket
		sendErr = syscall.Sendmsg(int(c), []byte(message), syscall.UnixRights(fd), nil, 0)
	})
	return errors.Join(err, sendErr)
}
