package main

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"syscall"
	"testing"

	"councilgate/filter"
	"councilgate/policy"
)

// deadDirectory is a policy whose directory nobody serves.
const deadDirectory = "internal: [norreaa.example]\ncouncillors_ldap: {url: 'ldaps://127.0.0.1:1', base: 'dc=x', filter: '(a=b)'}\n"

func parsePolicy(t *testing.T, text string) *policy.Policy {
	t.Helper()
	p, err := policy.Parse("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A start that waits for a directory can be stopped; SIGHUP does not stop it.
func TestStopWhileTheDirectoryIsDown(t *testing.T) {
	signals := make(chan os.Signal, 2)
	signals <- syscall.SIGHUP
	signals <- syscall.SIGTERM
	members, err := firstMembers(parsePolicy(t, deadDirectory), discarded(), signals)
	if err == nil || !strings.Contains(err.Error(), "stopped before") || members != nil {
		t.Errorf("%v, %v", members, err)
	}
	if members, err := firstMembers(policy.Default(), discarded(), nil); members != nil || err != nil {
		t.Errorf("no directory: %v, %v", members, err)
	}
}

// Who judges must know the councillors: without an answer, nothing is judged.
func TestCheckWithoutTheDirectory(t *testing.T) {
	file := writeFile(t, "policy.yaml", deadDirectory)
	mail := writeFile(t, "a.eml", newMail)
	got := runCommand("", "check", "-policy", file, "-from", "anne.holm@norreaa.example", "-to", "x@else.example", mail)
	if got.status != statusUnjudged || !strings.Contains(got.stderr, "councillors_ldap: cannot connect") || got.stdout != "" {
		t.Errorf("%+v", got)
	}
	if got := runCommand("", "policy", "-policy", file); got.status != 0 || !strings.Contains(got.stdout, "# The councillors of councillors_ldap are not among those below") {
		t.Errorf("a policy is wrong while its directory is down: %+v", got)
	}
}

// A reload that names another directory waits for its answer: without one, all stays as
// it was. The metrics of a directory are there only where there is one.
func TestReloadToAnotherDirectory(t *testing.T) {
	metrics := filter.NewMetrics()
	shown := func() bool {
		w := httptest.NewRecorder()
		metrics.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		return strings.Contains(w.Body.String(), "councilgate_ldap_up")
	}
	m := newMembership(policy.Default(), nil, metrics, discarded())
	if _, err := m.reload(parsePolicy(t, deadDirectory)); err == nil || !strings.Contains(err.Error(), "councillors_ldap: cannot connect") {
		t.Errorf("error %v", err)
	}
	if shown() || m.asked != (policy.Directory{}) {
		t.Error("a directory that did not answer is followed")
	}
	d, _ := parsePolicy(t, deadDirectory).Directory()
	m.follow(d, []policy.Member{{Address: "anne@norreaa.example"}})
	if !shown() {
		t.Error("no metrics")
	}
	apply, err := m.reload(policy.Default())
	if err != nil {
		t.Fatal(err)
	}
	apply()
	if shown() || len(m.members) > 0 {
		t.Error("a directory that is no longer named is followed")
	}
}

func TestMembershipAnswers(t *testing.T) {
	var log strings.Builder
	metrics := filter.NewMetrics()
	m := newMembership(policy.Default(), nil, metrics, slog.New(slog.NewTextHandler(&log, nil)))
	m.asked = policy.Directory{URL: "ldaps://x"} // nobody is asked
	anne := policy.Member{Address: "anne@norreaa.example", Name: "Anne", Aliases: []string{"a@norreaa.example", "b@norreaa.example"}}
	bo := policy.Member{Address: "bo@norreaa.example"}
	reordered := anne
	reordered.Aliases = []string{"b@norreaa.example", "a@norreaa.example"}
	renamed := anne
	renamed.Name = "Anna"
	for i, tt := range []struct {
		members []policy.Member
		changed bool
	}{
		{[]policy.Member{anne, bo}, true},
		{[]policy.Member{bo, reordered}, false},
		{[]policy.Member{bo, renamed}, true},
		{[]policy.Member{bo}, true},
		{[]policy.Member{bo}, false},
	} {
		if got := m.answered(tt.members); got != tt.changed {
			t.Errorf("answer %d: changed %v", i, got)
		}
	}
	p := parsePolicy(t, "internal: [norreaa.example]\ncouncillors: [{address: carl@norreaa.example}]")
	for address, want := range map[string]bool{"bo@norreaa.example": true, "carl@norreaa.example": true, "anne@norreaa.example": false} {
		if _, judged := m.complete(p).Sender(policy.Identity{Envelope: address}); judged != want {
			t.Errorf("%s judged: %v", address, judged)
		}
	}
	m.members = append(m.members, policy.Member{Address: "carl"})
	m.complete(p)
	if text := log.String(); !strings.Contains(text, "councillors=2 added=2 removed=0") || !strings.Contains(text, "added=0 removed=1") ||
		strings.Count(text, "by no mail address") != 1 || strings.Contains(text, "anne") {
		t.Errorf("log: %s", text)
	}
}
