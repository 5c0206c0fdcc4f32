package rig

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// Sink is the next hop: Postfix's smtp-sink, which takes every mail and stores it.
type Sink struct {
	Dir  string // one file a mail
	port int
	cmd  *exec.Cmd
}

// Delivered is a mail as the next hop got it.
type Delivered struct {
	From   string
	To     []string
	Header mail.Header
	Body   []byte
	Raw    []byte // header and body as they arrived, with bare LF
}

// StartSink starts a next hop that stores mail below dir.
func StartSink(dir string) (*Sink, error) {
	port, err := FreePort()
	if err != nil {
		return nil, err
	}
	s := &Sink{Dir: filepath.Join(dir, "delivered"), port: port}
	if err := mkdirPostfix(s.Dir, 0o755); err != nil {
		return nil, err
	}
	addr := fmt.Sprintf("127.0.0.1:%d", port)
	// Not by its own option -u: a process that changes its user outlives us.
	if s.cmd, err = asPostfix(exec.Command("smtp-sink", "-d", "mail.", addr, "100")); err != nil {
		return nil, err
	}
	s.cmd.Dir = s.Dir
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	err = eventually("smtp-sink to listen", func() (bool, error) {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			return false, nil
		}
		return true, conn.Close()
	})
	if err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

// Transport is the sink as a value of default_transport.
func (s *Sink) Transport() string { return fmt.Sprintf("smtp:[127.0.0.1]:%d", s.port) }

// Stop stops the sink; what it stored remains.
func (s *Sink) Stop() error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	// Ended by our signal, it cannot end well.
	_ = s.cmd.Wait()
	return nil
}

// Delivered returns the mails stored so far that bear a header field with this
// value. Complete only after Postfix.Settled.
func (s *Sink) Delivered(field, value string) ([]Delivered, error) {
	return s.find(func(h mail.Header) bool { return h.Get(field) == value })
}

// ByMessageID returns all mails stored so far. Complete only after Postfix.Settled.
func (s *Sink) ByMessageID() (map[string][]Delivered, error) {
	all, err := s.find(func(mail.Header) bool { return true })
	if err != nil {
		return nil, err
	}
	byID := make(map[string][]Delivered)
	for _, d := range all {
		id := d.Header.Get("Message-Id")
		byID[id] = append(byID[id], d)
	}
	return byID, nil
}

func (s *Sink) find(wanted func(mail.Header) bool) ([]Delivered, error) {
	entries, err := os.ReadDir(s.Dir)
	if err != nil {
		return nil, err
	}
	var found []Delivered
	for _, entry := range entries {
		f, err := os.Open(filepath.Join(s.Dir, entry.Name()))
		if err != nil {
			return nil, err
		}
		d, err := readStored(bufio.NewReader(f), wanted)
		f.Close()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", entry.Name(), err)
		}
		if d != nil {
			found = append(found, *d)
		}
	}
	return found, nil
}

// readStored reads a file of smtp-sink: first the envelope, in fields of its own,
// up to the sink's Received field; then the mail. It returns nil if the mail is not
// wanted.
func readStored(r *bufio.Reader, wanted func(mail.Header) bool) (*Delivered, error) {
	var d Delivered
	for {
		if start, err := r.Peek(2); err != nil || string(start) != "X-" {
			break
		}
		line, err := r.ReadString('\n')
		if err != nil {
			return nil, err
		}
		switch name, value, _ := strings.Cut(line, ": "); name {
		case "X-Mail-Args":
			d.From = path(value)
		case "X-Rcpt-Args":
			d.To = append(d.To, path(value))
		}
	}
	var err error
	if d.Raw, err = io.ReadAll(r); err != nil {
		return nil, err
	}
	m, err := mail.ReadMessage(bytes.NewReader(d.Raw))
	if err != nil || !wanted(m.Header) {
		return nil, err
	}
	d.Header = m.Header
	d.Body, err = io.ReadAll(m.Body)
	return &d, err
}

// path takes the address out of the argument of MAIL or RCPT.
func path(arg string) string {
	_, after, _ := strings.Cut(arg, "<")
	addr, _, _ := strings.Cut(after, ">")
	return addr
}
