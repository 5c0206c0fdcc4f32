package filter

import (
	"io"
	"net"
	"syscall"
)

// acknowledging returns a reader of c that makes the kernel acknowledge at once
// what arrived over TCP. A mail server that gets no answer before the end of a
// message writes its frames in small pieces; Nagle's algorithm (RFC 896) holds
// each back until the one before is acknowledged, and the acknowledgement waits
// up to 40 ms for an answer to travel with (RFC 1122, section 4.2.3.2). Linux
// forgets TCP_QUICKACK now and then, so it is set again with every read.
func acknowledging(c net.Conn) io.Reader {
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return c
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return c
	}
	return quickAck{c, raw}
}

type quickAck struct {
	io.Reader
	raw syscall.RawConn
}

func (q quickAck) Read(p []byte) (int, error) {
	n, err := q.Reader.Read(p)
	// Failing leaves the connection as it was: slower, but right.
	_ = q.raw.Control(func(fd uintptr) {
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 1)
	})
	return n, err
}
