package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// serviceManager listens to what a service tells of itself, as systemd does.
type serviceManager struct{ conn *net.UnixConn }

func startServiceManager(t *testing.T) serviceManager {
	t.Helper()
	dir, err := os.MkdirTemp("", "notify") // t.TempDir gives paths too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "sock")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		conn.Close()
		os.RemoveAll(dir)
	})
	t.Setenv("NOTIFY_SOCKET", path)
	return serviceManager{conn}
}

// next is what the service tells next.
func (m serviceManager) next(t *testing.T) string {
	t.Helper()
	m.conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	b := make([]byte, 1<<10)
	n, err := m.conn.Read(b)
	if err != nil {
		t.Fatalf("the service tells nothing: %v", err)
	}
	return string(b[:n])
}

// await waits for something that begins like this.
func (m serviceManager) await(t *testing.T, want string) {
	t.Helper()
	for {
		got := m.next(t)
		if strings.HasPrefix(got, want) {
			return
		}
		if !strings.HasPrefix(got, "WATCHDOG=1\n") {
			t.Fatalf("the service tells %q, want %q", got, want)
		}
	}
}

func TestServeNotifies(t *testing.T) {
	manager := startServiceManager(t)
	t.Setenv("WATCHDOG_USEC", "600000")
	t.Setenv("WATCHDOG_PID", "")
	const status = "STATUS=0 mails: 0 refused, 0 tagged, 0 put off; "
	file := writeFile(t, "policy.yaml", "internal: [norreaa.example]\n")
	r := startServe(t, "-policy", file)
	manager.await(t, "FDSTORE=1\nFDNAME=milter\n")
	manager.await(t, "READY=1\n"+status)
	manager.await(t, "WATCHDOG=1\n"+status)

	r.signals <- syscall.SIGHUP
	manager.await(t, "RELOADING=1\nMONOTONIC_USEC=")
	manager.await(t, "READY=1\n"+status)

	if err := os.WriteFile(file, []byte("language: fi\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r.signals <- syscall.SIGHUP
	manager.await(t, "RELOADING=1\n")
	if got := manager.next(t); !strings.HasSuffix(got, "; the policy file is wrong and the policy before in force") {
		t.Errorf("with a wrong policy the service tells %q", got)
	}

	r.signals <- syscall.SIGTERM
	manager.await(t, "STOPPING=1\n")
	if got := <-r.status; got != 0 {
		t.Errorf("exit status %d", got)
	}
}

// TestWatchdogStarves: a filter whose milter does not answer gets no food from us, and
// systemd restarts it.
func TestWatchdogStarves(t *testing.T) {
	manager := startServiceManager(t)
	t.Setenv("WATCHDOG_USEC", "30000")
	t.Setenv("WATCHDOG_PID", "")
	healthy := make(chan bool, 2)
	healthy <- true
	healthy <- false
	alive := func(ctx context.Context) error {
		select {
		case ok := <-healthy:
			if ok {
				return nil
			}
			return errors.New("no answer")
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	var log output
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		supervisor{slogText(&log)}.watch(ctx, alive, func() string { return "well" })
	}()
	manager.await(t, "WATCHDOG=1\nSTATUS=well")
	for range 2 { // told by alive, and by its deadline
		if got := manager.next(t); got != "STATUS=the milter does not answer" {
			t.Errorf("the service tells %q", got)
		}
	}
	cancel()
	<-done
	log.await(t, `msg="the milter does not answer; the service manager's watchdog is not told that all is well" error="no answer"`, 1)
}

func TestWatchdogUnreadable(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", "")
	t.Setenv("WATCHDOG_USEC", "soon")
	t.Setenv("WATCHDOG_PID", "")
	var log output
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	supervisor{slogText(&log)}.watch(ctx, nil, nil)
	log.await(t, "watchdog gets no signs of life", 1)
}

func slogText(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }
