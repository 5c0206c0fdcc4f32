package filter

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
)

// message is a small mail in frames.
func messageFrames() [][]byte {
	return [][]byte{
		frame('D', "M{daemon_name}\x00mx.example\x00"),
		frame('M', "<anne.holm@norreaa.example>\x00"),
		frame('R', "<borger@post.example>\x00"),
		frame('L', "Subject\x00Hej\x00"),
		frame('N', ""),
		frame('B', "Hej\r\n"),
		frame('D', "Ei\x004XyZ12\x00"),
		frame('E', ""),
	}
}

// alive fails the test unless the server takes another mail.
func (s *testServer) alive(t *testing.T) {
	t.Helper()
	p := s.negotiated(t)
	p.send(messageFrames()...)
	if code, _ := p.receive(); code != 'c' {
		t.Errorf("the next mail is answered by %q", code)
	}
}

// TestConnNegotiates holds the answer that makes Postfix wait for one answer a
// message alone.
func TestConnNegotiates(t *testing.T) {
	p := startServer(t, &seen{}).dial(t)
	p.send(frame('O', "\x00\x00\x00\x06\x00\x00\x01\xff\x00\x1f\xff\xff"))
	code, data := p.receive()
	if code != 'O' || len(data) < 12 {
		t.Fatalf("answer %q %q", code, data)
	}
	version, actions, protocol := binary.BigEndian.Uint32([]byte(data)), binary.BigEndian.Uint32([]byte(data[4:])), binary.BigEndian.Uint32([]byte(data[8:]))
	const (
		addAndChangeHeaders = 0x01 | 0x10
		setSymList          = 0x100
		noConnectHelo       = 0x01 | 0x02
		noUnknownData       = 0x100 | 0x200
	)
	if version != 2 || actions != addAndChangeHeaders|setSymList || protocol != noConnectHelo|noUnknownData|noReplyBits {
		t.Errorf("version %d, actions %#x, protocol %#x", version, actions, protocol)
	}
	stages := map[uint32]string{}
	for list := data[12:]; list != ""; {
		stage := binary.BigEndian.Uint32([]byte(list))
		stages[stage], list, _ = strings.Cut(list[4:], "\x00")
	}
	for stage := range uint32(7) {
		if stages[stage] == "" {
			t.Errorf("stage %d asks for no macros, so that Postfix would send none", stage)
		}
	}
	if !strings.Contains(stages[2], "{auth_authen}") || !strings.Contains(stages[5], "i") {
		t.Errorf("macros %v", stages)
	}
}

// TestConnAnswersOnceAMessage: nothing but the negotiation and the end of a
// message is answered, also when several messages arrive at once.
func TestConnAnswersOnceAMessage(t *testing.T) {
	judge := &seen{}
	p := startServer(t, judge).negotiated(t)
	p.send(frame('C', "localhost\x00L/tmp/x\x00"), frame('H', "localhost\x00"))
	for range 3 {
		p.send(messageFrames()...)
		p.send(frame('A', ""))
	}
	p.send(frame('Q', ""))
	answers, err := io.ReadAll(p)
	if err != nil {
		t.Fatal(err)
	}
	if want := bytes.Repeat(frame('c', ""), 3); !bytes.Equal(answers, want) {
		t.Errorf("answers %q, want %q", answers, want)
	}
	if len(judge.raws) != 3 {
		t.Errorf("%d messages judged", len(judge.raws))
	}
}

// TestConnMalformed: whatever a peer sends, it harms its own connection alone, and
// the library's answers to it do not get out.
func TestConnMalformed(t *testing.T) {
	tests := []struct {
		name  string
		bytes []byte
	}{
		{"no length", []byte{0, 0, 0, 0}},
		{"a length too large", []byte{0, 0x10, 0, 1, 'B'}},
		{"the largest length", []byte{0xff, 0xff, 0xff, 0xff}},
		{"HTTP", []byte("GET / HTTP/1.1\r\n\r\n")},
		{"a field of one string", frame('L', "Subject\x00Hej\x00again\x00")},
		{"a field of nothing", frame('L', "")},
		{"an unknown command", frame('U', "FOO\x00")},
		{"a new connection", frame('K', "")},
		{"DATA", frame('T', "")},
		{"an empty connect", frame('C', "")},
		{"a connect without port", frame('C', "h\x004")},
		{"macros of nothing", frame('D', "")},
	}
	server := startServer(t, &seen{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := server.negotiated(t)
			p.send(frame('M', "<a@b.example>\x00"), tt.bytes)
			p.closed()
			server.alive(t)
		})
	}
}

func TestConnHalfAFrame(t *testing.T) {
	server := startServer(t, &seen{})
	for _, half := range [][]byte{nil, {0, 0}, {0, 0, 0, 9}, {0, 0, 0, 9, 'B', 'x'}} {
		p := server.negotiated(t)
		p.send(half)
		p.Conn.(*net.UnixConn).CloseWrite()
		p.closed()
	}
	server.alive(t)
}

func TestConnTimeouts(t *testing.T) {
	t.Run("idle", func(t *testing.T) {
		server := startServer(t, &seen{}, limits(func(l *Limits) { l.Idle = 20 * time.Millisecond }))
		server.negotiated(t).closed()
	})
	for _, half := range [][]byte{{0, 0}, {0, 0, 0, 9}, {0, 0, 0, 9, 'B', 'x'}} {
		t.Run("frame", func(t *testing.T) {
			server := startServer(t, &seen{}, limits(func(l *Limits) { l.Frame = 20 * time.Millisecond }))
			p := server.negotiated(t)
			p.send(half)
			p.closed()
		})
	}
	t.Run("write", func(t *testing.T) {
		ours, theirs := net.Pipe() // takes nothing that is not read
		defer theirs.Close()
		c := newConn(ours, Limits{Write: time.Millisecond}, func(*conn) {})
		defer c.Close()
		c.answering = true
		if _, err := c.Write([]byte("x")); err == nil {
			t.Error("no error")
		}
		if _, err := ours.Write([]byte("x")); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("the connection is still open after half an answer: %v", err)
		}
	})
}

// TestConnMemory: announcing a large frame costs the server nothing before it
// comes.
func TestConnMemory(t *testing.T) {
	c := newConn(replay{Reader: bytes.NewReader([]byte{0, 0x10, 0, 0, 'B', 'x', 'y', 'z'})}, DefaultLimits(), func(*conn) {})
	defer c.Close()
	if _, err := c.Read(make([]byte, 4)); err != io.ErrUnexpectedEOF {
		t.Errorf("error %v", err)
	}
	if c.frame.Cap() > 4096 {
		t.Errorf("%d bytes for a frame of which 4 came", c.frame.Cap())
	}
}

// TestConnHidesHeader: the library, which keeps all fields until the message is
// aborted, does not get more of them than allowed.
func TestConnHidesHeader(t *testing.T) {
	field := frame('L', "Subject\x00Hej\x00")
	var in []byte
	for range 2 {
		in = append(in, frame('M', "<>\x00")...)
		in = append(in, bytes.Repeat(field, 5)...)
		in = append(in, frame('E', "")...)
	}
	for _, limits := range []Limits{{HeaderFields: 3, Header: 1 << 20}, {HeaderFields: 100, Header: 3*(len(field)-4) + 1}} {
		out, c := readThrough(t, limits, in)
		if got := bytes.Count(out, field); got != 6 || !c.overflow {
			t.Errorf("limits %+v: %d fields, overflow %v; want 3 fields of each message", limits, got, c.overflow)
		}
	}
}

// readThrough returns what the library sees of a peer's bytes.
func readThrough(t testing.TB, limits Limits, in []byte) ([]byte, *conn) {
	t.Helper()
	limits.Idle, limits.Frame = time.Hour, time.Hour
	c := newConn(replay{Reader: bytes.NewReader(in)}, limits, func(*conn) {})
	defer c.Close()
	out, _ := io.ReadAll(c)
	return out, c
}

// replay is a connection with a peer that has sent all it has to say.
type replay struct {
	net.Conn // nil: nothing else of it is used
	io.Reader
}

func (r replay) Read(p []byte) (int, error)      { return r.Reader.Read(p) }
func (r replay) Close() error                    { return nil }
func (r replay) SetReadDeadline(time.Time) error { return nil }

// FuzzConn: the library sees whole frames within the limits and nothing else.
func FuzzConn(f *testing.F) {
	f.Add(bytes.Join(messageFrames(), nil))
	f.Add([]byte{0, 0, 0, 0})
	f.Add([]byte{0, 0, 0, 1, 'O', 0, 0, 0, 2, 'M', 0})
	f.Fuzz(func(t *testing.T, in []byte) {
		out, _ := readThrough(t, Limits{HeaderFields: 2, Header: 100}, in)
		fields := 0
		for len(out) > 0 {
			if len(out) < 5 {
				t.Fatalf("half a frame: %q", out)
			}
			n := 4 + int(binary.BigEndian.Uint32(out))
			if n > 4+maxFrame || n > len(out) {
				t.Fatalf("frame of %d bytes in %d", n, len(out))
			}
			switch out[4] {
			case cmdMail:
				fields = 0
			case cmdHeader:
				if fields++; fields > 2 {
					t.Fatal("too many fields")
				}
			}
			out = out[n:]
		}
	})
}

// TestConnOldPeer: a mail server that does not know of optional replies would wait
// for answers; the log says so, once.
func TestConnOldPeer(t *testing.T) {
	server := startServer(t, &seen{})
	for range 2 {
		p := server.dial(t)
		p.send(frame('O', "\x00\x00\x00\x02\x00\x00\x00\x3f\x00\x00\x00\x7f"))
		p.receive()
		p.send(messageFrames()...)
		p.receive()
	}
	if n := strings.Count(server.logs.String(), "did not offer milter protocol version 6"); n != 1 {
		t.Errorf("logged %d times", n)
	}
	q := server.negotiated(t)
	q.send(messageFrames()...)
	q.receive()
	if n := testutil.ToFloat64(server.Metrics.connections); n != 3 {
		t.Errorf("councilgate_connections is %v, want 3", n)
	}
}
