package filter

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
)

// Frames of the milter protocol, which begin with their length. A mail server opens
// each connection by telling what it can do, and gets an answer in kind.
var (
	pingNegotiate = []byte{
		0, 0, 0, 13, 'O',
		0, 0, 0, 6, // protocol version
		0, 0, 0x01, 0xff, // actions that the mail server lets a filter do: all
		0, 0x1f, 0xff, 0xff, // steps that a filter may leave out: all
	}
	pingQuit = []byte{0, 0, 0, 1, 'Q'}
)

// pingAnswerMax bounds the answer, which may name the macros that a filter wants.
const pingAnswerMax = 8 << 10

// Ping opens a connection to a filter, as a mail server does before a mail, and ends
// it. A nil error says that the filter would have taken one; context.DeadlineExceeded
// is in the error if it did not answer in time.
func Ping(ctx context.Context, addr net.Addr) error {
	err := ping(ctx, addr)
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("no answer: %w", ctx.Err())
	}
	return err
}

func ping(ctx context.Context, addr net.Addr) error {
	var d net.Dialer
	c, err := d.DialContext(ctx, addr.Network(), addr.String())
	if err != nil {
		return err
	}
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { c.Close() })
	defer stop()
	if _, err := c.Write(pingNegotiate); err != nil {
		return err
	}
	head := make([]byte, 5)
	if _, err := io.ReadFull(c, head); err != nil {
		return err
	}
	size := binary.BigEndian.Uint32(head)
	if head[4] != 'O' || size == 0 || size > pingAnswerMax {
		return errors.New("what answers is no milter")
	}
	if _, err := io.CopyN(io.Discard, c, int64(size-1)); err != nil {
		return err
	}
	_, err = c.Write(pingQuit)
	return err
}

// Full reports whether all connections that the server takes are in use, so that the
// next, a Ping as well, has to wait for one to end.
func (s *Server) Full() bool {
	s.mu.Lock()
	l := s.listener
	s.mu.Unlock()
	return l != nil && l.full()
}

func (l *listener) full() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.conns) >= l.limits.Connections
}
