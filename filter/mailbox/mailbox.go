// Package mailbox reads whole mailboxes mail by mail: Maildir and mbox. It looks into
// a mail no further than to find its end, keeps one in memory at a time, and tells
// nothing of one but its size.
package mailbox

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
)

// Why a mail could not be read.
var (
	ErrTooLarge = errors.New("too-large")
	ErrGone     = errors.New("gone")            // moved or deleted since the folder was listed
	ErrFile     = errors.New("unreadable-file") // no permission, a broken disk, no regular file
)

// A Mail is one mail of a mailbox.
type Mail struct {
	Raw  []byte // lines end with CRLF, as SMTP carries them; nil if Err is set
	Size int64  // bytes that it takes in the mailbox
	Err  error  // why it could not be read: one of the above
	// Large is set when it took a turn of Limits.Turn, which whoever has the mail ends.
	Large bool
}

// Limits bounds what is read.
type Limits struct {
	Mail  int64 // bytes of one mail; a larger one is ErrTooLarge
	Large int64 // bytes beyond which a mail waits for its turn
	// Turn waits until there is room for a large mail.
	Turn func()
}

// A Box is a mailbox.
type Box interface {
	// Size is how many bytes Each is going to read, as far as that is known.
	Size() int64
	// Each hands the mails over, one by one and in no order that means anything, until
	// yield says that it is enough. A mail that cannot be read is one with an Err; an
	// error is about the mailbox.
	Each(limits Limits, yield func(Mail) bool) error
}

// A File is a mailbox with one mail in it.
type File string

// Size implements Box.
func (f File) Size() int64 {
	info, err := os.Stat(string(f))
	if err != nil {
		return 0
	}
	return info.Size()
}

// Each implements Box.
func (f File) Each(limits Limits, yield func(Mail) bool) error {
	m := readFile(string(f), limits)
	if m.Err == ErrGone {
		return errors.New("no such file") // somebody has named it
	}
	yield(m)
	return nil
}

// readFile reads a file with one mail.
func readFile(name string, limits Limits) Mail {
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return Mail{Err: ErrGone}
	}
	if err != nil {
		return Mail{Err: ErrFile}
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return Mail{Err: ErrFile}
	}
	m := Mail{Size: info.Size()}
	if m.Size > limits.Mail {
		m.Err = ErrTooLarge
		return m
	}
	if m.Size > limits.Large {
		limits.Turn()
		m.Large = true
	}
	raw := make([]byte, m.Size)
	// A file that has shrunk meanwhile is what is left of it.
	n, err := io.ReadFull(f, raw)
	if err != nil && err != io.ErrUnexpectedEOF && err != io.EOF {
		m.Err = ErrFile
		return m
	}
	m.Raw = withCRLF(raw[:n])
	return m
}

// withCRLF ends every line with CRLF.
func withCRLF(raw []byte) []byte {
	bare := bytes.Count(raw, []byte("\n")) - bytes.Count(raw, []byte("\r\n"))
	if bare == 0 {
		return raw
	}
	out := make([]byte, 0, len(raw)+bare)
	for line := range bytes.Lines(raw) {
		out = appendLine(out, line)
	}
	return out
}

// appendLine appends a line, or the end of one, with CRLF instead of LF.
func appendLine(out, line []byte) []byte {
	text, ended := bytes.CutSuffix(line, []byte("\n"))
	if !ended {
		return append(out, line...)
	}
	return append(append(out, bytes.TrimSuffix(text, []byte("\r"))...), "\r\n"...)
}
