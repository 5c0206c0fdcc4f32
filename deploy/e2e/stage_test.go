// Package e2e tests councilgate as councillors meet it: through a real Postfix,
// over SMTP, with a next hop that shows what was delivered.
//
// The tests want root and Debian's postfix. Without, they skip; where CI=true is
// set they fail, so that nobody mistakes silence for success.
package e2e

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"councilgate/deploy/rig"
)

const (
	root      = "../.."
	scenesDir = root + "/testdata/try"
	policy    = root + "/policy/default.yaml" // whose people the mails come from

	councillor = "anne.holm@norreaa.example"
	private    = "anneholm72@gmail.com"
	citizen    = "birthe.skov@post.example"
	staff      = "kassen@norreaa.example"
)

// The ports of the Postfix under test.
const (
	submission = "submission" // councilgate on a unix socket
	large      = "large"      // the same, for more recipients than Postfix allows otherwise
	tcp        = "tcp"        // councilgate on a TCP socket
	spare      = "spare"      // for tests that start, stop and break their own councilgate
)

// stage is what all tests of the package share.
type stage struct {
	dir     string
	program string
	tcpAddr string
	postfix *rig.Postfix
	sink    *rig.Sink
	daemon  *rig.Daemon // behind submission, large and sendmail(1)
}

var shared rig.Stage[*stage]

func TestMain(m *testing.M) { os.Exit(shared.Run(m, rig.Available, setUp)) }

func setUp() (s *stage, err error) {
	s = &stage{}
	if s.dir, err = rig.TempDir(); err != nil {
		return s, err
	}
	if s.program, err = rig.Build(root, s.dir); err != nil {
		return s, err
	}
	if s.sink, err = rig.StartSink(s.dir); err != nil {
		return s, err
	}
	port, err := rig.FreePort()
	if err != nil {
		return s, err
	}
	s.tcpAddr = fmt.Sprintf("inet:127.0.0.1:%d", port)
	main := rig.MilterSocket("main.sock")
	s.postfix, err = rig.StartPostfix(s.dir, s.sink.Transport(), main,
		rig.Service{Name: submission, Milter: main},
		rig.Service{Name: large, Milter: main, Options: []string{"smtpd_recipient_limit=6000"}},
		rig.Service{Name: tcp, Milter: s.tcpAddr},
		rig.Service{Name: spare, Milter: rig.MilterSocket("spare.sock")})
	if err != nil {
		return s, err
	}
	s.daemon, err = rig.StartDaemon(s.program, "", "unix:"+s.postfix.Socket("main.sock"), s.log())
	return s, err
}

// Close ends what was started and takes the directory away.
func (s *stage) Close() error {
	var errs []error
	if s.daemon != nil {
		errs = append(errs, s.daemon.Stop())
	}
	if s.postfix != nil {
		errs = append(errs, s.postfix.Stop())
	}
	if s.sink != nil {
		errs = append(errs, s.sink.Stop())
	}
	return errors.Join(append(errs, os.RemoveAll(s.dir))...)
}

func (s *stage) log() string { return filepath.Join(s.dir, "councilgate.log") }

// onStage returns the shared stage, or ends the test if there is none.
func onStage(t testing.TB) *stage {
	t.Helper()
	return shared.On(t)
}

// tempDir makes a directory of the test's own that the user postfix can look into.
func tempDir(t *testing.T) string {
	t.Helper()
	dir, err := rig.TempDir()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// start runs a councilgate of the test's own at a milter address, with the built-in
// policy if none is given.
func (s *stage) start(t *testing.T, policy, milter string) *rig.Daemon {
	t.Helper()
	d, err := rig.StartDaemon(s.program, policy, milter, filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Kill)
	return d
}

// startSpare runs a councilgate behind the spare port.
func (s *stage) startSpare(t *testing.T, policy string) *rig.Daemon {
	t.Helper()
	return s.start(t, policy, "unix:"+s.postfix.Socket("spare.sock"))
}

// dial opens an SMTP session with one of the ports.
func (s *stage) dial(t *testing.T, port, login string) *rig.Client {
	t.Helper()
	c, err := rig.Dial(s.postfix.Addr(port), login)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// submit sends one mail in a session of its own.
func (s *stage) submit(t *testing.T, port, login, from string, to []string, m letter) rig.Reply {
	t.Helper()
	reply, err := rig.Submit(s.postfix.Addr(port), login, from, to, m.raw)
	if err != nil {
		t.Fatal(err)
	}
	return reply
}

// delivered returns the copies of a mail that reached the next hop.
func (s *stage) delivered(t *testing.T, m letter) []rig.Delivered {
	t.Helper()
	if err := s.postfix.Settled(); err != nil {
		t.Fatal(err)
	}
	copies, err := s.sink.Delivered("Message-Id", m.id)
	if err != nil {
		t.Fatal(err)
	}
	return copies
}

// wantDelivered checks that a mail was accepted and arrived once, and returns it.
func (s *stage) wantDelivered(t *testing.T, reply rig.Reply, m letter) rig.Delivered {
	t.Helper()
	wantCode(t, reply, "250")
	copies := s.delivered(t, m)
	if len(copies) != 1 {
		t.Fatalf("delivered %d times, want once", len(copies))
	}
	return copies[0]
}

// wantRefused checks that a mail was refused and did not arrive.
func (s *stage) wantRefused(t *testing.T, reply rig.Reply, m letter) {
	t.Helper()
	wantCode(t, reply, "550")
	if n := len(s.delivered(t, m)); n != 0 {
		t.Fatalf("refused, yet delivered %d times", n)
	}
}

func wantCode(t *testing.T, reply rig.Reply, code string) {
	t.Helper()
	if got := reply.Code(); got != code {
		t.Fatalf("code %q, want %s; the whole reply: %q", got, code, reply)
	}
}

// letter is a mail and the Message-ID to find it by.
type letter struct {
	id  string
	raw []byte
}

var letters atomic.Int64

// compose makes a mail of header fields and a body; the usual fields are there unless
// fields holds them. Its subject is its own, so that no two mails are one mailing.
func compose(body string, fields ...string) letter {
	n := letters.Add(1)
	id := fmt.Sprintf("<e2e-%d@norreaa.example>", n)
	header := "Message-ID: " + id + "\r\n"
	for _, field := range append(fields,
		"From: Anne Holm <"+councillor+">", "To: "+citizen, fmt.Sprintf("Subject: SV: Brev %d", n),
		"MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit") {
		name, _, _ := strings.Cut(field, ":")
		if !strings.Contains(header, "\r\n"+name+":") {
			header += field + "\r\n"
		}
	}
	return letter{id: id, raw: []byte(header + "\r\n" + body)}
}

// The bodies that the tests send: one that may leave the house, and one that may
// not.
const (
	harmless  = "Kære Birthe\n\nTak for din mail, jeg tager sagen op.\n\nAnne Holm\n"
	cprNumber = "040788-0315"
	sensitive = harmless + "\n> Min søns CPR-nummer er " + cprNumber + ".\n"
	forwarded = "-----Oprindelig meddelelse-----\nFra: Birthe <" + citizen + ">\nSendt: 9. marts 2026 11:02\n" +
		"Til: Anne Holm <" + councillor + ">\nEmne: Larm\n\nKære Anne\n\nDer er larm hver nat.\n"
)
