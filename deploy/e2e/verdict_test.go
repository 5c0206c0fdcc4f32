package e2e

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"councilgate/deploy/rig"
)

// TestScenes plays the samples of deploy/try.
func TestScenes(t *testing.T) {
	s := onStage(t)
	scenes, err := rig.Scenes(scenesDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, scene := range scenes {
		t.Run(strings.TrimSuffix(scene.Mail, ".eml"), func(t *testing.T) {
			m := letter{id: scene.MessageID(), raw: scene.Raw}
			reply := s.submit(t, submission, scene.Login, scene.From, scene.To, m)
			if scene.Expect == rig.Refused {
				s.wantRefused(t, reply, m)
				return
			}
			got := s.wantDelivered(t, reply, m)
			if tagged := got.Header.Get("X-Mass-Mailing") != ""; tagged != (scene.Expect == rig.Tagged) {
				t.Errorf("tagged: %v, want %s", tagged, scene.Expect)
			}
		})
	}
}

// A refusal must be what SMTP allows (RFC 5321, sections 4.2.1 and 4.5.3.1.5), tell
// more than one line in the councillor's language, and not tell what was found.
func TestRefusalOnTheWire(t *testing.T) {
	s := onStage(t)
	for _, c := range []struct{ login, says string }{
		{councillor, "CPR-nummer"},
		{"goran.ekstrom@norreaa.example", "personnummer"},
		{"kari.lunde@norreaa.example", "foedselsnummer"},
		{"james.okoro@norreaa.example", "national ID number"},
	} {
		t.Run(c.login, func(t *testing.T) {
			m := compose(sensitive)
			reply := s.submit(t, submission, c.login, c.login, []string{citizen}, m)
			s.wantRefused(t, reply, m)
			lines := slices.Collect(strings.Lines(string(reply)))
			if len(lines) < 2 {
				t.Errorf("a single line: %q", reply)
			}
			for _, line := range lines {
				if len(line) > 512 {
					t.Errorf("line of %d bytes", len(line))
				}
				if !strings.HasPrefix(line[4:], "5.7.1 ") {
					t.Errorf("no enhanced status code: %q", line)
				}
				if i := strings.IndexFunc(line, func(r rune) bool { return r > '~' }); i >= 0 {
					t.Errorf("not ASCII: %q", line)
				}
			}
			for _, secret := range []string{cprNumber, cprNumber[:6], citizen} {
				if strings.Contains(string(reply), secret) {
					t.Errorf("tells %q: %q", secret, reply)
				}
			}
			if !strings.Contains(string(reply), c.says) {
				t.Errorf("does not say %q: %q", c.says, reply)
			}
		})
	}
}

func TestMassMailing(t *testing.T) {
	s := onStage(t)
	hundred := rig.Citizens(100)
	for _, c := range []struct {
		name string
		to   []string
		tag  string
	}{
		{"100", hundred, ""},
		{"101", rig.Citizens(101), "recipients=101; limit=100"},
		{"100 and one of them again", append(rig.Citizens(100), hundred[0]), ""},
		{"100 and one of them in capitals", append(rig.Citizens(100), strings.ToUpper(hundred[0])), ""},
		{"134, most of them Bcc", rig.Citizens(134), "recipients=134; limit=100"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := compose(harmless, "To: "+hundred[0], "Bcc: "+strings.Join(hundred[1:3], ", "))
			got := s.wantDelivered(t, s.submit(t, submission, councillor, councillor, c.to, m), m)
			if tag := got.Header.Get("X-Mass-Mailing"); tag != c.tag {
				t.Errorf("X-Mass-Mailing: %q, want %q", tag, c.tag)
			}
			if bcc := got.Header.Get("Bcc"); bcc != "" {
				t.Errorf("Bcc was delivered: %q", bcc)
			}
		})
	}
}

// A tag that the sender wrote is removed, whether or not a true one is added.
func TestForgedTag(t *testing.T) {
	s := onStage(t)
	for _, c := range []struct {
		citizens int
		want     []string
	}{
		{1, nil},
		{101, []string{"recipients=101; limit=100"}},
	} {
		t.Run(fmt.Sprint(c.citizens), func(t *testing.T) {
			m := compose(harmless)
			forged := "X-Mass-Mailing: recipients=2; limit=100\r\nx-mass-mailing: no\r\nX-MASS-MAILING:\r\n\tfolded\r\n"
			m.raw = append([]byte(forged), m.raw...)
			got := s.wantDelivered(t, s.submit(t, submission, councillor, councillor, rig.Citizens(c.citizens), m), m)
			if tags := got.Header["X-Mass-Mailing"]; !slices.Equal(tags, c.want) {
				t.Errorf("X-Mass-Mailing: %q, want %q", tags, c.want)
			}
		})
	}
}

// A mail leaves one line in the log, which tells nothing of it or of anybody.
func TestLog(t *testing.T) {
	s := onStage(t)
	read := func() string {
		log, err := os.ReadFile(s.log())
		if err != nil {
			t.Fatal(err)
		}
		return string(log)
	}
	before := read()
	m := compose(sensitive, "Subject: SV: Sagen om Mikkel")
	reply := s.submit(t, submission, councillor, councillor, []string{citizen}, m)
	s.wantRefused(t, reply, m)
	added := strings.TrimPrefix(read(), before)
	if strings.Count(added, "\n") != 1 || !strings.Contains(added, "action=reject rule=quoted-sensitive") {
		t.Errorf("not one line on a refused mail: %q", added)
	}
	_, queueID, _ := strings.Cut(added, "queue_id=")
	queueID, _, _ = strings.Cut(queueID, " ")
	if queueID == "" || !strings.Contains(string(reply), queueID) {
		t.Errorf("the refusal does not name the queue ID %q: %q", queueID, reply)
	}
	for _, secret := range []string{cprNumber, cprNumber[:6], citizen, councillor, "Mikkel", "Birthe", m.id} {
		if strings.Contains(added, secret) {
			t.Errorf("the log tells %q: %q", secret, added)
		}
	}
}
