package e2e

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// complaint is a result of councilgate doctor.
type complaint struct{ Check, State, Message, Mend string }

// doctor runs councilgate doctor on the stage's Postfix and gives its exit status and
// what it complains about.
func (s *stage) doctor(t *testing.T, args ...string) (status int, complaints []complaint, all string) {
	t.Helper()
	cmd := exec.Command(s.program, append([]string{"doctor", "-json"}, args...)...)
	cmd.Env = append(os.Environ(), "MAIL_CONFIG="+filepath.Join(s.postfix.Dir, "conf"))
	out, err := cmd.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		status = exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out, &complaints); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	return status, complaints, string(out)
}

// The installation of the other tests is sound: what doctor warns of is that it is a
// demonstration.
func TestDoctor(t *testing.T) {
	s := onStage(t)
	s.startSpare(t, "") // a port whose councilgate is down would be found, too
	sent := metric(t, s.daemon, `councilgate_messages_total{action="reject"}`)
	status, complaints, all := s.doctor(t, "-policy", "", "-milter", "unix:"+s.postfix.Socket("main.sock"), "-http", "inet:"+s.daemon.HTTP)
	if status != 0 {
		t.Errorf("status %d: %s", status, all)
	}
	for _, c := range complaints {
		if c.State == "failure" {
			t.Errorf("%+v", c)
		}
	}
	for _, want := range []string{
		"User postfix, whom Postfix connects as, reaches it, too.",
		"A reply that quotes an identification number: reject (quoted-sensitive).",
		"A mail in which the councillor writes an identification number: reject (own-sensitive).",
		"A citizen's letter on its way to a councillor's private mailbox: reject (private-forward).",
		"A mail to 101 citizens: tag (mass-mailing).",
		"A mail that asks a citizen for an identification number: accept (solicits-sensitive, which is only counted).",
		"The probes were counted as such",
		"The daemon runs this very version",
		"Mail by 127.0.0.1:",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("does not say %q: %s", want, all)
		}
	}
	for _, secret := range []string{cprNumber, councillor, private, citizen} {
		if strings.Contains(all, secret) {
			t.Errorf("tells %q", secret)
		}
	}
	if now := metric(t, s.daemon, `councilgate_messages_total{action="reject"}`); now != sent {
		t.Errorf("probes were counted as %v refused mails", now-sent)
	}
}

// councilgate is stopped, and found by what is missing.
func TestDoctorWithoutCouncilgate(t *testing.T) {
	s := onStage(t)
	d := s.startSpare(t, "")
	d.Kill()
	status, complaints, all := s.doctor(t, "-policy", "", "-milter", "unix:"+s.postfix.Socket("spare.sock"), "-http", "inet:"+d.HTTP)
	if status != 1 {
		t.Errorf("status %d: %s", status, all)
	}
	failed := make(map[string]bool)
	for _, c := range complaints {
		if c.State == "failure" {
			failed[c.Check] = true
			if c.Mend == "" {
				t.Errorf("no mend: %+v", c)
			}
		}
	}
	if !failed["milter"] || !failed["http"] || failed["probe"] || failed["postfix"] {
		t.Errorf("failures in %v: %s", failed, all)
	}
}

// A daemon with another policy than the one on disk, which the probes find out.
func TestDoctorFindsAnotherPolicy(t *testing.T) {
	s := onStage(t)
	strict := builtinPolicy(t)
	mild := amended(t, strict, "own-sensitive:      {action: reject}", "own-sensitive:      {action: observe}")
	file := filepath.Join(files(t, map[string]string{"policy.yaml": mild}), "policy.yaml")
	d := s.startSpare(t, file)
	later := time.Now().Add(time.Second) // than it was loaded, by the coarsest clock
	if err := errors.Join(os.WriteFile(file, []byte(strict), 0o644), os.Chtimes(file, later, later)); err != nil {
		t.Fatal(err)
	}
	status, complaints, all := s.doctor(t, "-policy", file, "-milter", "unix:"+s.postfix.Socket("spare.sock"), "-http", "inet:"+d.HTTP)
	if status != 1 {
		t.Errorf("status %d: %s", status, all)
	}
	var messages []string
	for _, c := range complaints {
		if c.State == "failure" {
			messages = append(messages, c.Message)
		}
	}
	if got := strings.Join(messages, "\n"); got != "A mail in which the councillor writes an identification number: the daemon's answer is accept, the policy on disk wants reject." {
		t.Errorf("failures: %s", got)
	}
	if !strings.Contains(all, "has changed since the daemon loaded its policy") {
		t.Errorf("does not find that the policy on disk is newer: %s", all)
	}
}
