package filter

import (
	"context"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"councilgate/policy"
)

// BenchmarkMessage is one small mail of a councillor from connecting to the
// answer, the way Postfix talks: a connection for each mail, each frame written by
// itself, and over TCP with Nagle's algorithm on.
func BenchmarkMessage(b *testing.B) {
	inspector := NewInspector()
	frames := [][]byte{
		frame('O', "\x00\x00\x00\x06\x00\x00\x01\xff\x00\x1f\xff\xff"),
		frame('D', "M{daemon_name}\x00mx.example\x00{auth_authen}\x00anne.holm\x00"),
		frame('M', "<anne.holm@norreaa.example>\x00"),
		frame('R', "<borger@post.example>\x00"),
	}
	for range 10 {
		frames = append(frames, frame('L', "X-Field\x00a value of the usual length, with nothing in it\x00"))
	}
	text := strings.Repeat("Tak for din mail om cykelstien langs skolen.\r\n", 80)
	frames = append(frames, frame('N', ""), frame('B', text), frame('D', "Ei\x004XyZ12\x00"), frame('E', ""))

	accepts := always(policy.Verdict{})
	for _, bench := range []struct {
		name, network string
		judge         Judge
	}{
		{"unix/protocol alone", "unix", accepts},
		{"unix/judged", "unix", inspector},
		{"tcp/protocol alone", "tcp", accepts},
		{"tcp/judged", "tcp", inspector},
	} {
		b.Run(bench.name, func(b *testing.B) {
			addr := "127.0.0.1:0"
			if bench.network == "unix" {
				addr = filepath.Join(b.TempDir(), "sock")
			}
			ln, err := net.Listen(bench.network, addr)
			if err != nil {
				b.Fatal(err)
			}
			server := NewServer(Config{Judge: bench.judge, Explain: explainByAction, Metrics: NewMetrics(), Log: quiet(), Limits: DefaultLimits()}, policy.Default())
			go server.Serve(ln)
			defer server.Shutdown(context.Background())
			b.ReportAllocs()
			for b.Loop() {
				c, err := net.Dial(bench.network, ln.Addr().String())
				if err != nil {
					b.Fatal(err)
				}
				if tcp, ok := c.(*net.TCPConn); ok {
					tcp.SetNoDelay(false)
				}
				p := peer{b, c}
				p.send(frames[0])
				p.receive()
				for _, f := range frames[1:] {
					p.send(f)
				}
				if code, _ := p.receive(); code != 'c' {
					b.Fatalf("answer %q", code)
				}
				c.Close()
			}
		})
	}
}
