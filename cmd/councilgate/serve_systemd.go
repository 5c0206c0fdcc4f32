package main

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	systemd "github.com/coreos/go-systemd/v22/daemon"

	"councilgate/filter"
)

// statusEvery is how often the service manager is told how the filter does, if it
// asks for no sign of life more often.
const statusEvery = 30 * time.Second

// A supervisor is the service manager that started the process, and is told of its
// state in the manner of sd_notify(3). It may be missing.
type supervisor struct {
	log *slog.Logger
}

// tell sends assignments, such as READY=1. To be heard is no condition for working.
func (s supervisor) tell(assignments ...string) {
	if _, err := systemd.SdNotify(false, strings.Join(assignments, "\n")); err != nil {
		s.log.Warn("cannot notify the service manager", "error", err)
	}
}

func (s supervisor) ready(status string) {
	s.tell(systemd.SdNotifyReady, "STATUS="+status)
}

// reloading says that the policy is being read, until ready. With the time, systemd
// 253 and later can wait for the end of it (Type=notify-reload).
func (s supervisor) reloading() {
	s.tell(systemd.SdNotifyReloading, strings.TrimSpace(systemd.SdNotifyMonotonicUsec()))
}

// stopping says that mails under way are let finish.
func (s supervisor) stopping() {
	s.tell(systemd.SdNotifyStopping, "STATUS=stopping when the messages under way are done")
}

// watch sends signs of life until ctx ends: the status, and to a watchdog that the
// filter works if alive says so. A third of the time that the watchdog waits lies
// between two, so that one may be late.
func (s supervisor) watch(ctx context.Context, alive func(context.Context) error, status func() string) {
	every := statusEvery
	timeout, err := systemd.SdWatchdogEnabled(false)
	if err != nil {
		s.log.Warn("the service manager's watchdog gets no signs of life", "error", err)
	} else if timeout > 0 {
		every = min(every, timeout/3)
	}
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		check, cancel := context.WithTimeout(ctx, every)
		err := alive(check)
		cancel()
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			s.log.Error("the milter does not answer; the service manager's watchdog is not told that all is well", "error", err)
			s.tell("STATUS=the milter does not answer")
		default:
			s.tell(systemd.SdNotifyWatchdog, "STATUS="+status())
		}
	}
}

// supervise tells the service manager that the filter is ready, and then how it does,
// until the function that it returns is called.
func (d *daemon) supervise() (stopping func()) {
	ctx, cancel := context.WithCancel(context.Background())
	d.supervisor.ready(d.metrics.Status())
	go d.supervisor.watch(ctx, d.alive, d.metrics.Status)
	return sync.OnceFunc(func() {
		cancel()
		d.supervisor.stopping()
	})
}

// alive returns an error unless the milter answers. One that is busy with as many
// connections as it takes is alive: to be killed for it would lose them all.
func (d *daemon) alive(ctx context.Context) error {
	err := filter.Ping(ctx, d.milter)
	if errors.Is(err, context.DeadlineExceeded) && d.filter.Full() {
		return nil
	}
	return err
}
