package main

import (
	"bytes"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/emersion/go-milter"

	"councilgate/filter"
)

// output is what a running serve has written.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// await waits until the output holds a text for the n-th time.
func (o *output) await(t *testing.T, text string, n int) {
	t.Helper()
	for range 1000 {
		if strings.Count(o.String(), text) >= n {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("no %q for the %d. time in %s", text, n, o)
}

// running is a serve that runs until the test ends.
type running struct {
	output  *output
	signals chan os.Signal
	status  chan int
	http    string // URL
	milter  string // path of the socket
}

var httpAddress = regexp.MustCompile(`http=inet:(\S+)`)

// startServe runs serve on a socket and a port of its own.
func startServe(t *testing.T, args ...string) *running {
	t.Helper()
	dir, err := os.MkdirTemp("", "serve") // t.TempDir gives paths too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	r := &running{
		output:  &output{},
		signals: make(chan os.Signal, 8),
		status:  make(chan int, 1),
		milter:  filepath.Join(dir, "milter.sock"),
	}
	args = append([]string{"-milter", "unix:" + r.milter, "-http", "inet:127.0.0.1:0", "-log-level", "debug"}, args...)
	go func() { r.status <- serveUntil(r.signals, args, r.output) }()
	t.Cleanup(func() {
		r.signals <- syscall.SIGTERM
		r.signals <- syscall.SIGTERM
		log.SetOutput(os.Stderr)
		os.RemoveAll(dir)
	})
	r.output.await(t, "msg=serving", 1)
	r.http = "http://" + httpAddress.FindStringSubmatch(r.output.String())[1]
	return r
}

// get returns status and text of a page.
func (r *running) get(t *testing.T, path string) (int, string) {
	t.Helper()
	resp, err := http.Get(r.http + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

// wantMetrics fails the test unless /metrics has all the lines.
func (r *running) wantMetrics(t *testing.T, lines ...string) {
	t.Helper()
	_, text := r.get(t, "/metrics")
	for _, line := range lines {
		if !strings.Contains(text, "\n"+line+"\n") {
			t.Errorf("no %q in /metrics", line)
		}
	}
}

// connect opens a milter session that ends with the test.
func (r *running) connect(t *testing.T) *milter.ClientSession {
	t.Helper()
	c, err := milter.NewClientWithOptions("unix", r.milter, milter.ClientOptions{
		ActionMask: milter.OptAddHeader | milter.OptChangeHeader,
	}).Session()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// send sends Anne's mail to n recipients and returns the fields added.
func send(t *testing.T, c *milter.ClientSession, n int) (added []string) {
	t.Helper()
	c.Mail("anne.holm@norreaa.example", nil)
	for i := range n {
		c.Rcpt(strings.Repeat("x", i+1)+"@post.example", nil)
	}
	c.HeaderField("From", "anne.holm@norreaa.example")
	c.HeaderEnd()
	c.BodyChunk([]byte("Tak for sidst.\r\n"))
	edits, action, err := c.End()
	if err != nil {
		t.Fatal(err)
	}
	if action.Code != milter.ActContinue {
		t.Fatalf("answer %d %q", action.SMTPCode, action.SMTPText)
	}
	c.Abort()
	for _, e := range edits {
		added = append(added, e.HeaderName+": "+e.HeaderValue)
	}
	return added
}

// writePolicy writes the demonstration policy with another limit of mass mailing.
func writePolicy(t *testing.T, file, above string) {
	t.Helper()
	const text = `municipality: Nørreå Kommune
language: da
contact: post@norreaa.example
internal: [norreaa.example]
councillors:
  - address: anne.holm@norreaa.example
    name: Anne Holm
    private: [hemmelig.privat@lukketpost.example]
rules:
  mass-mailing: {action: tag, above: ABOVE}
`
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(text, "ABOVE", above)), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestServe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "policy.yaml")
	writePolicy(t, file, "2")
	r := startServe(t, "-policy", file)

	c := r.connect(t)
	for path, want := range map[string]string{"/healthz": "ok\n", "/readyz": "ready\n"} {
		if code, text := r.get(t, path); code != 200 || text != want {
			t.Errorf("%s: %d %q", path, code, text)
		}
	}
	r.wantMetrics(t, "councilgate_policy_last_reload_successful 1", "councilgate_connections 1")
	if added := send(t, c, 3); len(added) != 1 || added[0] != "X-Mass-Mailing: recipients=3; limit=2" {
		t.Errorf("added %q", added)
	}
	r.wantMetrics(t, `councilgate_messages_total{action="tag"} 1`)

	// A new policy is in force for the next message of a connection that is open.
	writePolicy(t, file, "100")
	r.signals <- syscall.SIGHUP
	r.output.await(t, "policy reloaded", 1)
	if added := send(t, c, 3); added != nil {
		t.Errorf("added %q by the old policy", added)
	}

	// A policy that is wrong is not, and the log says where without showing what.
	writePolicy(t, file, "hemmelig-værdi")
	r.signals <- syscall.SIGHUP
	r.output.await(t, "policy not reloaded", 1)
	if added := send(t, c, 101); len(added) != 1 {
		t.Errorf("added %q, want a tag by the policy before", added)
	}
	r.wantMetrics(t, "councilgate_policy_last_reload_successful 0")
	if text := r.output.String(); !strings.Contains(text, file+":10:") {
		t.Errorf("no file and line in the log: %s", text)
	}

	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	r.signals <- syscall.SIGHUP
	r.output.await(t, "policy not reloaded", 2)

	writePolicy(t, file, "2")
	r.signals <- syscall.SIGHUP
	r.output.await(t, "policy reloaded", 2)
	r.wantMetrics(t, "councilgate_policy_last_reload_successful 1")

	c.Close()
	r.signals <- syscall.SIGTERM
	if status := <-r.status; status != 0 {
		t.Errorf("exit status %d", status)
	}
	if _, err := os.Stat(r.milter); !os.IsNotExist(err) {
		t.Errorf("the socket is still there: %v", err)
	}
	if _, err := http.Get(r.http + "/healthz"); err == nil {
		t.Error("the pages are still served")
	}
	for _, secret := range []string{"hemmelig", "lukketpost", "anne.holm", "post.example", "Tak for sidst"} {
		if strings.Contains(r.output.String(), secret) {
			t.Errorf("%q is in the log: %s", secret, r.output)
		}
	}
}

func TestServeWithoutPolicy(t *testing.T) {
	r := startServe(t)
	r.output.await(t, "demonstration municipality", 1)
	r.signals <- syscall.SIGHUP
	r.output.await(t, "nothing to reload", 1)
}

// TestServeStopsAtOnce: a second signal ends the wait for a message under way.
func TestServeStopsAtOnce(t *testing.T) {
	r := startServe(t)
	c := r.connect(t)
	send(t, c, 1)
	c.Mail("anne.holm@norreaa.example", nil)
	r.signals <- syscall.SIGINT
	r.output.await(t, "stopping", 1)
	if code, _ := r.get(t, "/healthz"); code != 200 {
		t.Errorf("not healthy while it stops: %d", code)
	}
	r.signals <- syscall.SIGHUP // not a signal to stop
	r.signals <- syscall.SIGTERM
	if status := <-r.status; status != 0 {
		t.Errorf("exit status %d", status)
	}
	r.output.await(t, "stopped with messages under way", 1)
}

// TestDrainTime: whatever inspection is under way ends before the wait for it.
func TestDrainTime(t *testing.T) {
	if l := filter.DefaultLimits(); drainTime <= l.Inspection+l.Overrun {
		t.Errorf("%v, but an inspection may take %v", drainTime, l.Inspection+l.Overrun)
	}
}

func TestServeRefuses(t *testing.T) {
	dir := t.TempDir()
	wrong := filepath.Join(dir, "wrong.yaml")
	if err := os.WriteFile(wrong, []byte("internal: [norreaa.example]\nlanguage: fi\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	noSocket := filepath.Join(dir, "file")
	if err := os.WriteFile(noSocket, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()

	tests := []struct {
		name       string
		args       []string
		wantStatus int
		want       string
	}{
		{"help", []string{"-h"}, 0, "usage: councilgate serve"},
		{"an unknown flag", []string{"-verbose"}, 2, "flag provided but not defined: -verbose"},
		{"an argument", []string{"policy.yaml"}, 2, `unexpected argument "policy.yaml"`},
		{"a format", []string{"-log", "xml"}, 2, "write text or json"},
		{"a level", []string{"-log-level", "loud"}, 2, "loud"},
		{"an address", []string{"-milter", "127.0.0.1:8899"}, 2, "write unix:/path or inet:host:port"},
		{"a mode", []string{"-socket-mode", "rw"}, 2, "write permissions in octal, such as 0660"},
		{"a missing policy", []string{"-policy", filepath.Join(dir, "none.yaml")}, 1, "none.yaml: no such file"},
		{"a wrong policy", []string{"-policy", wrong}, 1, wrong + ":2: language"},
		{"a file in place of the socket", []string{"-milter", "unix:" + noSocket}, 1, "no socket: remove it, or choose another path"},
		{"a missing folder", []string{"-milter", "unix:" + filepath.Join(dir, "none", "sock")}, 1, "no such file or directory"},
		{"a milter port in use", []string{"-milter", "inet:" + taken.Addr().String()}, 1, "another process listens there"},
		{"an HTTP port in use", []string{"-milter", "inet:127.0.0.1:0", "-http", "inet:" + taken.Addr().String()}, 1, "-http inet:" + taken.Addr().String() + ": another process listens there"},
		{"an unknown group", []string{"-milter", "unix:" + filepath.Join(dir, "sock"), "-socket-group", "no such"}, 1, "no such group on this machine"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			defer log.SetOutput(os.Stderr)
			var stderr bytes.Buffer
			if status := serveUntil(nil, tt.args, &stderr); status != tt.wantStatus {
				t.Errorf("exit status %d, want %d", status, tt.wantStatus)
			}
			if !strings.Contains(stderr.String(), tt.want) {
				t.Errorf("no %q in %q", tt.want, &stderr)
			}
		})
	}
}

func TestAddress(t *testing.T) {
	tests := []struct {
		text    string
		want    address
		exposed bool
	}{
		{"unix:/run/councilgate/milter.sock", address{"unix", "/run/councilgate/milter.sock"}, false},
		{"unix:relative.sock", address{"unix", "relative.sock"}, false},
		{"inet:127.0.0.1:8899", address{"tcp", "127.0.0.1:8899"}, false},
		{"inet:[::1]:8899", address{"tcp", "[::1]:8899"}, false},
		{"inet:localhost:8899", address{"tcp", "localhost:8899"}, false},
		{"inet::8899", address{"tcp", ":8899"}, true},
		{"inet:0.0.0.0:8899", address{"tcp", "0.0.0.0:8899"}, true},
		{"inet:mx.example:8899", address{"tcp", "mx.example:8899"}, true},
	}
	for _, tt := range tests {
		var got address
		if err := got.UnmarshalText([]byte(tt.text)); err != nil || got != tt.want {
			t.Errorf("%s: %+v, %v", tt.text, got, err)
		}
		if got.exposed() != tt.exposed {
			t.Errorf("%s: exposed is %v", tt.text, got.exposed())
		}
		if got.String() != tt.text {
			t.Errorf("%s is written as %s", tt.text, got)
		}
	}
	for _, text := range []string{"", "unix", "unix:", "inet:", "inet:8899", "inet:::1:8899", "local:/path", "/path"} {
		var got address
		if err := got.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is taken for %+v", text, got)
		}
	}
}

func TestListenUnix(t *testing.T) {
	dir, err := os.MkdirTemp("", "listen")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "sock")
	addr, access := address{"unix", path}, socketAccess{mode: 0o620, group: "0"}
	if os.Getuid() != 0 {
		access.group = ""
	}

	// A process that is killed leaves its socket behind.
	stale, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	stale.(*net.UnixListener).SetUnlinkOnClose(false)
	stale.Close()

	ln, err := listenMilter(addr, access)
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	if info, err := os.Stat(path); err != nil || info.Mode() != fs.ModeSocket|0o620 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}

	if second, err := listen(addr); err == nil {
		second.Close()
		t.Error("took the socket of a process that is alive")
	}
	if c, err := net.Dial("unix", path); err != nil {
		t.Errorf("the first listener is lost: %v", err)
	} else {
		c.Close()
	}
}
