package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"syscall"
	"time"

	"councilgate/filter"
	"councilgate/filter/directory"
	"councilgate/policy"
)

const (
	// lookupTime is how long one question to a directory may take, all pages together.
	lookupTime = 30 * time.Second
	// startTime is how long serve waits at its start for the first answer; systemd
	// waits for 90 s. startRetry is the time between two tries.
	startTime  = 45 * time.Second
	startRetry = 3 * time.Second
	// outageRetry is the time between two questions while a directory does not answer,
	// if its refresh is not shorter.
	outageRetry = time.Minute
)

// membership keeps what a directory says of who the councillors are. It asks in the
// background; between, and while there is no answer, the last one holds. Its methods
// are called by one goroutine.
type membership struct {
	log     *slog.Logger
	metrics *filter.Metrics
	asked   policy.Directory // whom; the zero value for nobody
	members []policy.Member
	left    int                  // members left out when they were last put into a policy
	answers chan []policy.Member // from the background, of the directory that is asked now
	again   chan struct{}        // asks at once
	stop    context.CancelFunc
}

// lookUp asks a directory once.
func lookUp(ctx context.Context, d policy.Directory) ([]policy.Member, error) {
	ctx, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	password, err := readSecret("password_file", d.PasswordFile)
	if err != nil {
		return nil, err
	}
	ca, err := readSecret("ca_file", d.CAFile)
	if err != nil {
		return nil, err
	}
	return directory.Lookup(ctx, d, directory.Credentials{Password: password, CA: ca})
}

// firstMembers asks the directory of a policy at the start, nil if there is none. It
// tries for a while, since after a power cut all servers start together. Without an
// answer serve does not start: whose mail is to be judged would not be known, and the
// mail server does what its milter_default_action says.
// A signal to stop ends the waiting.
func firstMembers(p *policy.Policy, log *slog.Logger, signals <-chan os.Signal) ([]policy.Member, error) {
	d, ok := p.Directory()
	if !ok {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), startTime)
	defer cancel()
	for {
		members, err := lookUp(ctx, d)
		if err == nil {
			return members, nil
		}
		log.Warn("the directory of councillors does not answer yet", "url", d.URL, "error", err)
		retry := time.After(startRetry)
		for waiting := true; waiting; {
			select {
			case sig := <-signals:
				if sig != syscall.SIGHUP {
					return nil, errors.New("stopped before the directory of councillors answered")
				}
			case <-ctx.Done():
				return nil, fmt.Errorf("councillors_ldap: %w; without an answer it is not known whose mail to judge", err)
			case <-retry:
				waiting = false
			}
		}
	}
}

// newMembership keeps the members that a policy's directory has named, from now on.
func newMembership(p *policy.Policy, members []policy.Member, metrics *filter.Metrics, log *slog.Logger) *membership {
	m := &membership{log: log, metrics: metrics, stop: func() {}}
	d, _ := p.Directory()
	m.follow(d, members)
	return m
}

// follow asks another directory from now on, nobody if d is the zero value.
func (m *membership) follow(d policy.Directory, members []policy.Member) {
	m.stop()
	m.asked, m.members, m.left = d, members, 0
	m.answers, m.again = make(chan []policy.Member), make(chan struct{}, 1)
	used := d != policy.Directory{}
	m.metrics.UseDirectory(used)
	if !used {
		return
	}
	m.metrics.DirectoryAnswered(len(members), time.Now())
	m.log.Info("the directory names councillors", "url", d.URL, "councillors", len(members))
	ctx, cancel := context.WithCancel(context.Background())
	m.stop = cancel
	go m.ask(ctx, d, m.answers, m.again)
}

// ask asks a directory again and again until ctx ends.
func (m *membership) ask(ctx context.Context, d policy.Directory, answers chan<- []policy.Member, again <-chan struct{}) {
	wait, up := d.Refresh, true
	for {
		select {
		case <-ctx.Done():
			return
		case <-again:
		case <-time.After(wait):
		}
		members, err := lookUp(ctx, d)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			m.metrics.DirectoryFailed()
			if up { // once an outage
				m.log.Error("the directory of councillors does not answer, its last answer stays in force", "url", d.URL, "error", err)
			} else {
				m.log.Debug("the directory of councillors still does not answer", "error", err)
			}
			wait, up = min(d.Refresh, outageRetry), false
			continue
		}
		m.metrics.DirectoryAnswered(len(members), time.Now())
		if !up {
			m.log.Info("the directory of councillors answers again", "url", d.URL)
		}
		wait, up = d.Refresh, true
		select {
		case answers <- members:
		case <-ctx.Done():
			return
		}
	}
}

// refresh has the directory asked at once.
func (m *membership) refresh() {
	select {
	case m.again <- struct{}{}:
	default: // it is going to be asked already
	}
}

// reload follows the directory of another policy. If that is another one than before, it
// must answer, or nothing changes.
func (m *membership) reload(p *policy.Policy) (apply func(), err error) {
	d, used := p.Directory()
	if d == m.asked {
		return m.refresh, nil
	}
	var members []policy.Member
	if used {
		if members, err = lookUp(context.Background(), d); err != nil {
			return nil, fmt.Errorf("councillors_ldap: %w", err)
		}
	}
	return func() { m.follow(d, members) }, nil
}

// complete gives a policy with the members among its councillors.
func (m *membership) complete(p *policy.Policy) *policy.Policy {
	if (m.asked == policy.Directory{}) {
		return p
	}
	with, left := p.WithMembers(m.members)
	if left != m.left && left > 0 {
		m.log.Warn("the directory names councillors by no mail address, or by one that is somebody else's; their mail is not judged", "councillors", left)
	}
	m.left = left
	return with
}

// answered takes a new answer and reports whether it differs from the one before.
func (m *membership) answered(members []policy.Member) bool {
	added, removed := difference(m.members, members), difference(members, m.members)
	changed := !sameMembers(m.members, members)
	m.members = members
	if changed {
		m.log.Info("the directory names other councillors than before", "councillors", len(members), "added", added, "removed", removed)
	}
	return changed
}

// difference counts the members of b that are not in a.
func difference(a, b []policy.Member) int {
	known := make(map[string]bool, len(a))
	for _, m := range a {
		known[m.Address] = true
	}
	n := 0
	for _, m := range b {
		if !known[m.Address] {
			n++
		}
	}
	return n
}

// sameMembers reports whether two answers say the same, in whatever order.
func sameMembers(a, b []policy.Member) bool {
	if len(a) != len(b) {
		return false
	}
	known := make(map[string]policy.Member, len(a))
	for _, m := range a {
		known[m.Address] = m
	}
	for _, m := range b {
		k, ok := known[m.Address]
		if !ok || k.Name != m.Name || !sameSet(k.Aliases, m.Aliases) {
			return false
		}
	}
	return true
}

func sameSet(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}
