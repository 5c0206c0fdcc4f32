package filter

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Commands of the milter protocol that a conn looks at, and the bits by which a
// mail server offers to do without answers.
const (
	cmdNegotiate = 'O'
	cmdMail      = 'M'
	cmdHeader    = 'L'
	cmdEnd       = 'E' // end of message
	cmdAbort     = 'A'

	// SMFIP_NR_HDR, NR_CONN, NR_HELO, NR_MAIL, NR_RCPT, NR_EOH and NR_BODY.
	noReplyBits = 1<<7 | 1<<12 | 1<<13 | 1<<14 | 1<<15 | 1<<18 | 1<<19
)

const (
	maxFrame   = 1 << 20 // what the library takes; Postfix sends 64 KiB at most
	readBuffer = 64 << 10
)

var (
	errFrameLength = errors.New("frame length out of bounds")
	errUnasked     = errors.New("answer that nobody waits for")
)

// A conn is a milter connection as the library sees it. It reads whole frames
// from the peer before it hands out the first byte, so that memory is only spent
// on what was really sent, and it holds every limit that the library lacks.
//
// Read, Write and Close belong to the library's goroutine, which closes the
// connection exactly once, when it ends; retire and hangUp may be called from any.
type conn struct {
	net.Conn
	in     *bufio.Reader
	frame  bytes.Buffer // what the library has not read yet of the frame at hand
	limits Limits
	done   func(*conn) // called when the library is through with the connection

	answering bool   // the peer waits for an answer
	answered  func() // called when it has got it, nil for nothing
	noReply   bool   // the peer offered to do without answers but to the end of a message
	smtputf8  bool   // this message's sender asked for SMTPUTF8 (RFC 6531)
	fields    int    // header fields of this message
	header    int    // and their bytes
	overflow  bool   // some were left out, because there were too many

	busy    atomic.Bool // a message is under way
	retired atomic.Bool // close when no message is under way
}

// readers keeps the buffers of closed connections: Postfix opens one for each
// SMTP session, most of which carry a single mail.
var readers = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, readBuffer) }}

func newConn(c net.Conn, limits Limits, done func(*conn)) *conn {
	in := readers.Get().(*bufio.Reader)
	in.Reset(acknowledging(c))
	return &conn{Conn: c, in: in, limits: limits, done: done}
}

// Read implements net.Conn for the library.
func (c *conn) Read(p []byte) (int, error) {
	for c.frame.Len() == 0 {
		if err := c.next(); err != nil {
			return 0, err
		}
	}
	return c.frame.Read(p)
}

// next reads a frame. The library asks for one only after it has written its
// answer to the one before, if there was any.
func (c *conn) next() error {
	if c.answering {
		c.answering = false
		c.busy.Store(false)
		if c.answered != nil {
			c.answered()
			c.answered = nil
		}
	}
	if c.retired.Load() && !c.busy.Load() {
		return io.EOF
	}
	if err := c.fill(); err != nil {
		return err
	}
	if !c.take(c.frame.Bytes()[4:]) {
		c.frame.Reset()
	}
	return nil
}

// fill reads the next frame into c.frame, its length included.
func (c *conn) fill() error {
	c.frame.Reset()
	if c.in.Buffered() == 0 {
		if err := c.SetReadDeadline(time.Now().Add(c.limits.Idle)); err != nil {
			return err
		}
		if _, err := c.in.Peek(1); err != nil {
			return err
		}
	}
	if err := c.await(4); err != nil {
		return err
	}
	head, err := c.in.Peek(4)
	if err != nil {
		return unexpected(err)
	}
	length := binary.BigEndian.Uint32(head)
	if length == 0 || length > maxFrame {
		return errFrameLength
	}
	whole := 4 + int(length)
	if err := c.await(whole); err != nil {
		return err
	}
	// The buffer grows with what arrives, not with what was announced.
	_, err = io.CopyN(&c.frame, c.in, int64(whole))
	return unexpected(err)
}

// await sets the deadline for a frame that has begun, unless n bytes are there.
func (c *conn) await(n int) error {
	if c.in.Buffered() >= n {
		return nil
	}
	return c.SetReadDeadline(time.Now().Add(c.limits.Frame))
}

func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// take notes what a frame tells that the library would not pass on, and reports
// whether the library may have it.
func (c *conn) take(frame []byte) bool {
	switch frame[0] {
	case cmdNegotiate:
		c.answering = true
		c.noReply = len(frame) >= 13 && binary.BigEndian.Uint32(frame[9:])&noReplyBits == noReplyBits
	case cmdMail:
		c.busy.Store(true)
		c.smtputf8 = asksUTF8(frame[1:])
		c.fields, c.header, c.overflow = 0, 0, false
	case cmdHeader:
		// The library keeps a copy of each field until the message is aborted, so
		// it must not see more of them than the session keeps.
		c.fields++
		c.header += len(frame)
		if c.fields > c.limits.HeaderFields || c.header > c.limits.Header {
			c.overflow = true
			return false
		}
	case cmdEnd:
		c.answering = true
	case cmdAbort:
		c.busy.Store(false)
	}
	return true
}

// asksUTF8 reports whether the ESMTP parameters of a MAIL command, NUL-terminated
// after the address, hold SMTPUTF8.
func asksUTF8(mail []byte) bool {
	for i, arg := range bytes.Split(mail, []byte{0}) {
		if i > 0 && bytes.EqualFold(arg, []byte("SMTPUTF8")) {
			return true
		}
	}
	return false
}

// Write implements net.Conn for the library. A mail server that was promised
// answers to nothing but the end of a message would take any other as that one
// and let the mail pass; such an answer, which the library gives to malformed
// frames, closes the connection instead.
func (c *conn) Write(p []byte) (int, error) {
	if !c.answering {
		return 0, errUnasked
	}
	if err := c.SetWriteDeadline(time.Now().Add(c.limits.Write)); err != nil {
		return 0, err
	}
	n, err := c.Conn.Write(p)
	if err != nil {
		c.hangUp() // half an answer may be out; nothing can follow it
	}
	return n, err
}

// retire closes the connection as soon as no message is under way.
func (c *conn) retire() {
	c.retired.Store(true)
	if !c.busy.Load() {
		c.hangUp()
	}
}

// hangUp closes the connection under the library, which then ends.
func (c *conn) hangUp() { c.Conn.Close() }

// Close implements net.Conn for the library.
func (c *conn) Close() error {
	err := c.Conn.Close()
	c.in.Reset(nil)
	readers.Put(c.in)
	c.done(c)
	return err
}
