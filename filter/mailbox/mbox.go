package mailbox

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"regexp"
)

// An Mbox is a file with mails one after the other (RFC 4155), as Thunderbird, Gmail
// and mail servers export them. A mail begins with a line "From " and ends before the
// next, or with the file. Lines of a mail that would look like that are quoted by a >,
// which is taken off (mboxrd; mboxo quotes no line that was quoted already, and such a
// line loses one > too many).
type Mbox string

// mboxBuffer is how much of a line is looked at, at a time.
const mboxBuffer = 64 << 10

// Size implements Box.
func (b Mbox) Size() int64 { return File(b).Size() }

// Each implements Box.
func (b Mbox) Each(limits Limits, yield func(Mail) bool) error {
	f, err := os.Open(string(b))
	if err != nil {
		return errors.Unwrap(err) // the caller names the mailbox
	}
	defer f.Close()
	return eachMbox(f, limits, yield)
}

func eachMbox(r io.Reader, limits Limits, yield func(Mail) bool) error {
	lines := bufio.NewReaderSize(r, mboxBuffer)
	var mail *mboxMail
	begins, afterBlank := true, true // at the begin of a line, behind an empty one
	for {
		piece, err := lines.ReadSlice('\n')
		if err != nil && err != io.EOF && err != bufio.ErrBufferFull {
			if mail != nil {
				yield(mail.end())
			}
			return errors.New("cannot be read to its end")
		}
		switch {
		case len(piece) == 0:
		case begins && afterBlank && separates(piece):
			if mail != nil && !yield(mail.end()) {
				return nil
			}
			mail = &mboxMail{limits: limits}
			mail.Size = int64(len(piece))
		case mail == nil:
			return errors.New("no mbox: it does not begin with a line From ADDRESS DATE")
		case begins:
			mail.add(unquoted(piece), int64(len(piece)))
		default:
			mail.add(piece, int64(len(piece)))
		}
		afterBlank = begins && len(bytes.TrimRight(piece, "\r\n")) == 0
		begins = bytes.HasSuffix(piece, []byte("\n"))
		if err == io.EOF {
			if mail != nil {
				yield(mail.end())
			}
			return nil
		}
	}
}

// separator is the line before a mail: who sent it, and when. Thunderbird leaves both
// out. Behind an empty line, a sentence may begin with From as well.
var separator = regexp.MustCompile(`^From (\r?\n|.*[0-9]:[0-9]{2}.*[0-9]{4})`)

func separates(line []byte) bool {
	return bytes.HasPrefix(line, []byte("From ")) && separator.Match(line)
}

// unquoted takes off the quote of a line like >From or >>From.
func unquoted(line []byte) []byte {
	if bare := bytes.TrimLeft(line, ">"); len(bare) < len(line) && bytes.HasPrefix(bare, []byte("From ")) {
		return line[1:]
	}
	return line
}

// mboxMail gathers the lines of a mail.
type mboxMail struct {
	Mail
	limits Limits
}

// add adds a line, or a piece of one, that takes size bytes in the file.
func (m *mboxMail) add(line []byte, size int64) {
	m.Size += size
	if m.Err != nil {
		return
	}
	length := int64(len(m.Raw) + len(line))
	if length > m.limits.Mail {
		m.Err, m.Raw = ErrTooLarge, nil
		return
	}
	if length > m.limits.Large && !m.Large {
		m.limits.Turn()
		m.Large = true
	}
	m.Raw = appendLine(m.Raw, line)
}

// end gives the mail without the empty line that ends it in an mbox.
func (m *mboxMail) end() Mail {
	if bytes.HasSuffix(m.Raw, []byte("\r\n\r\n")) {
		m.Raw = m.Raw[:len(m.Raw)-2]
	}
	return m.Mail
}
