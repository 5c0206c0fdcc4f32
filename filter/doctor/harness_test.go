package doctor_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"councilgate/deploy/rig"
	"councilgate/filter"
	"councilgate/filter/doctor"
	"councilgate/policy"
	"councilgate/policy/explain"
)

// ours is a policy in which nothing is to be warned of.
const ours = `municipality: Birkholm Kommune
contact: post@birkholm.dk
internal: [birkholm.dk]
secure: [sikker.birkholm.dk]
councillors:
  - address: anne.holm@birkholm.dk
    name: Anne Holm
    private: [anneholm72@gmail.com]
administration: [{area: Borgerservice, address: borgerservice@birkholm.dk}]
`

// now is when the tests take place.
var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func parse(t *testing.T, text string) *policy.Policy {
	t.Helper()
	p, err := policy.Parse("policy.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// tempDir gives a directory that every user may search, with a path short enough for
// a socket.
func tempDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "doctor")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func writeFile(t *testing.T, file, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file, mode); err != nil {
		t.Fatal(err)
	}
}

// inspector judges for all installations of the tests; they differ by their policies.
var inspector = sync.OnceValue(filter.NewInspector)

// site is an installation whose daemon runs within the test.
type site struct {
	doctor.Installation
	metrics *filter.Metrics
	pages   *httptest.Server
}

// install starts a daemon with a policy that is on disk as well. What is wrong with
// the installation is for the test to make so.
func install(t *testing.T, text string) *site {
	t.Helper()
	dir := tempDir(t)
	s := &site{metrics: filter.NewMetrics()}
	s.PolicyFile = filepath.Join(dir, "policy.yaml")
	writeFile(t, s.PolicyFile, text, 0o644)
	s.Policy = parse(t, text)
	s.Milter = doctor.Address{Network: "unix", Addr: filepath.Join(dir, "milter.sock")}
	s.Limits = doctor.Limits{Connections: 10, Message: 64 << 20, Held: 1 << 20, Answer: 25 * time.Second}
	s.Now = time.Now()
	inspector := inspector()
	s.Judge = func(ctx context.Context, m doctor.Mail) policy.Verdict {
		return inspector.Judge(ctx, s.Policy, filter.Envelope{Login: m.Login, From: m.From, Recipients: m.To}, m.Raw).Verdict
	}
	build := filter.BuildInfo()
	s.Version, s.Revision = build.Main.Version, "unknown"

	limits := filter.DefaultLimits()
	limits.Grace = 0
	log.SetOutput(io.Discard) // go-milter's
	server := filter.NewServer(filter.Config{
		Judge: inspector, Explain: explain.For, Metrics: s.metrics,
		Log: slog.New(slog.DiscardHandler), Limits: limits,
	}, s.Policy)
	s.metrics.Loaded(time.Now())
	ln, err := net.Listen("unix", s.Milter.Addr)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(s.Milter.Addr, 0o666); err != nil {
		t.Fatal(err)
	}
	go server.Serve(ln)
	s.pages = httptest.NewServer(filter.NewHTTPServer(filter.Pages{
		Overview: http.NotFoundHandler(), Help: server.Help(), Metrics: s.metrics.Handler(), Ready: func() bool { return true },
	}, slog.New(slog.DiscardHandler)).Handler)
	s.HTTP = doctor.Address{Network: "tcp", Addr: strings.TrimPrefix(s.pages.URL, "http://")}
	t.Cleanup(func() {
		s.pages.Close()
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		server.Shutdown(ctx)
	})
	return s
}

// examine examines the installation.
func (s *site) examine() findings { return doctor.Examine(context.Background(), s.Installation) }

type findings []doctor.Result

// of gives the results of a check that are not well, or all of them.
func (f findings) of(check string, states ...doctor.State) findings {
	return slices.DeleteFunc(slices.Clone(f), func(r doctor.Result) bool {
		return r.Check != check || len(states) > 0 && !slices.Contains(states, r.State)
	})
}

// want fails the test unless a check has exactly one result in a state whose message
// holds a text, and which says how to mend it.
func (f findings) want(t *testing.T, check string, state doctor.State, text, mend string) {
	t.Helper()
	list := f.of(check, state)
	i := slices.IndexFunc(list, func(r doctor.Result) bool { return strings.Contains(r.Message, text) })
	if i < 0 {
		t.Fatalf("no %s of %s that says %q in %+v", state, check, text, f.of(check))
	}
	if state != doctor.OK && len(list) > 1 {
		t.Errorf("more than one %s: %+v", state, list)
	}
	if !strings.Contains(list[i].Mend, mend) || (list[i].Mend == "") != (state == doctor.OK) {
		t.Errorf("the mend of %q is %q, want one with %q", list[i].Message, list[i].Mend, mend)
	}
}

// asRoot ends a test that needs root and a user postfix, of which there is no other
// way to try.
func asRoot(t *testing.T) {
	t.Helper()
	if _, err := user.Lookup("postfix"); os.Geteuid() != 0 || err != nil {
		rig.Need(t, errors.New("wants root and Debian's postfix"))
	}
}

// listenEnv names the socket that this program is to listen on, instead of testing.
const listenEnv = "DOCTOR_TEST_LISTEN"

func TestMain(m *testing.M) {
	if path := os.Getenv(listenEnv); path != "" {
		ln, err := net.Listen("unix", path)
		if err != nil {
			log.Fatal(err)
		}
		go func() {
			for c, err := ln.Accept(); err == nil; c, err = ln.Accept() {
				c.Close()
			}
		}()
		fmt.Println("listening")
		io.Copy(io.Discard, os.Stdin) // until the test ends
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// listenAsPostfix starts a process of user postfix that listens on a socket.
func listenAsPostfix(t *testing.T) string {
	t.Helper()
	u, err := user.Lookup("postfix")
	if err != nil {
		t.Fatal(err)
	}
	uid, errUID := strconv.Atoi(u.Uid)
	gid, errGID := strconv.Atoi(u.Gid)
	dir := tempDir(t)
	if err := errors.Join(errUID, errGID, os.Chown(dir, uid, gid)); err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(dir, "other.sock")
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), listenEnv+"="+socket)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	stdin, errIn := cmd.StdinPipe()
	stdout, errOut := cmd.StdoutPipe()
	if err := errors.Join(errIn, errOut, cmd.Start()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stdin.Close()
		cmd.Wait()
	})
	if _, err := bufio.NewReader(stdout).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	return socket
}
