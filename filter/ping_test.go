package filter

import (
	"context"
	"io"
	"net"
	"strings"
	"testing"

	"councilgate/policy"
)

// answering is a listener that calls accepted for each connection, gives it the
// answer and then waits for its end.
func answering(t *testing.T, accepted func(), answer []byte) net.Addr {
	t.Helper()
	ln := listenLoopback(t)
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			accepted()
			c.Write(answer)
			io.Copy(io.Discard, c)
			c.Close()
		}
	}()
	return ln.Addr()
}

func TestPing(t *testing.T) {
	nobody := listenLoopback(t)
	nobody.Close()
	ctx, cancel := context.WithCancel(t.Context())
	tests := []struct {
		name string
		ctx  context.Context
		addr net.Addr
		want string // of the error
	}{
		{"nobody", t.Context(), nobody.Addr(), "connection refused"},
		{"another protocol", t.Context(), answering(t, func() {}, []byte("220 mx.norreaa.example ESMTP")), "no milter"},
		{"silence", ctx, answering(t, cancel, nil), "no answer: context canceled"},
	}
	for _, tt := range tests {
		if err := Ping(tt.ctx, tt.addr); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}

func TestPingServer(t *testing.T) {
	s := startServer(t, always(policy.Verdict{}), func(cfg *Config) { cfg.Limits.Connections = 2 })
	addr := &net.UnixAddr{Name: s.addr, Net: "unix"}
	s.negotiated(t)
	if err := Ping(t.Context(), addr); err != nil {
		t.Error(err)
	}
	s.negotiated(t) // waits until the ping's place is free
	if !s.Full() {
		t.Error("with two connections of two, the server says that it has room")
	}
}
