package e2e

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"councilgate/deploy/rig"
)

// redirected is a citizen's mail with the marks that a rule leaves.
func redirected(author string, marks ...string) letter {
	return compose("Der er larm fra værkstedet hver aften til klokken 23.\n",
		append(marks, "From: "+author, "To: Anne Holm <"+councillor+">", "Subject: Larm")...)
}

// A mail that is sent on as it stands is refused on its way to a private mailbox,
// however it was sent on, and told in words that its author may read as well.
func TestRedirect(t *testing.T) {
	s := onStage(t)
	for _, c := range []struct {
		name, login, from string
		marks             []string
	}{
		{"redirect of a mail program", councillor, councillor, []string{"Resent-From: " + councillor, "Resent-To: " + private}},
		{"Sieve", "", citizen, []string{"X-Sieve-Redirected-From: " + councillor, "Delivered-To: " + councillor}},
		{"Sieve, envelope sender of the mailbox", "", councillor, []string{"X-Sieve-Redirected-From: " + councillor}},
		{"Exchange inbox rule", "", citizen, []string{"X-MS-Exchange-Inbox-Rules-Loop: " + councillor}},
		{"Exchange Online, SRS", "", "anne.holm+SRS=AbCdE=XY=post.example=birthe.skov@norreaa.example", nil},
		{"SRS of our own server", "", "SRS0=HHH=TT=post.example=birthe.skov@norreaa.example", nil},
		{"delivered before", "", citizen, []string{"Delivered-To: " + councillor}},
		{"from the account, without a mark", councillor, councillor, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := redirected(citizen, c.marks...)
			reply := s.submit(t, submission, c.login, c.from, []string{private}, m)
			s.wantRefused(t, reply, m)
			if first := reply.Text()[0]; !strings.Contains(first, "ikke sendt videre") {
				t.Errorf("says %q", first)
			}
			for _, secret := range []string{private, citizen, councillor} {
				if strings.Contains(string(reply), secret) {
					t.Errorf("tells %q: %q", secret, reply)
				}
			}
		})
	}
	t.Run("inside the house", func(t *testing.T) {
		m := redirected(citizen, "X-Sieve-Redirected-From: "+councillor)
		s.wantDelivered(t, s.submit(t, submission, "", citizen, []string{staff}, m), m)
	})
	t.Run("incoming", func(t *testing.T) {
		m := redirected(citizen)
		s.wantDelivered(t, s.submit(t, submission, "", citizen, []string{councillor}, m), m)
	})
}

// Where Sieve redirects by sendmail(1), nobody reads the reply and Postfix bounces: to
// the mailbox, if the redirect has its address as envelope sender.
func TestRedirectBySendmail(t *testing.T) {
	s := onStage(t)
	const mailbox = "kari.lunde@norreaa.example" // who gets no other mail in these tests
	m := redirected(citizen, "X-Sieve-Redirected-From: "+mailbox)
	if err := s.postfix.Sendmail(mailbox, bytes.NewReader(m.raw), "kari.i.norreaa@online.no"); err != nil {
		t.Fatal(err)
	}
	if copies := s.delivered(t, m); len(copies) != 0 {
		t.Fatalf("delivered %d times", len(copies))
	}
	bounces, err := s.sink.Delivered("To", mailbox)
	if err != nil {
		t.Fatal(err)
	}
	if len(bounces) != 1 || bounces[0].From != "" || !bytes.Contains(bounces[0].Body, []byte("ikke sendt videre")) {
		t.Errorf("%d bounces to the mailbox, one that explains is wanted", len(bounces))
	}
}

// The spellings of a private address survive Postfix.
func TestPrivateSpellings(t *testing.T) {
	s := onStage(t)
	for _, to := range []string{
		"Anne.Holm.72+raad@GoogleMail.com",
		`"anneholm72"@gmail.com`,
		`"anneholm72+x"@gmail.com.`,
		"anneholm72%gmail.com@relay.example",
		"@relay.example:anneholm72@gmail.com",
		"anne-holm@stofanet.dk", // a look-alike
	} {
		t.Run(to, func(t *testing.T) {
			m := compose(forwarded, "Subject: VS: Larm")
			s.wantRefused(t, s.submit(t, submission, councillor, councillor, []string{to}, m), m)
		})
	}
	t.Run("a namesake is answered", func(t *testing.T) {
		namesake := "anne.holm.1950@gmail.com"
		m := compose("Tak for din mail.\n\nDen 9. marts 2026 kl. 11.02 skrev Anne Holm <"+namesake+">:\n> Vejen er fuld af huller.\n",
			"To: Anne Holm <"+namesake+">", "In-Reply-To: <1@mail.gmail.com>")
		s.wantDelivered(t, s.submit(t, submission, councillor, councillor, []string{namesake}, m), m)
	})
}

// A rule that sends on everything is found by what it sends, even to a mailbox that
// nobody knows.
func TestRedirectEverything(t *testing.T) {
	s := onStage(t)
	d := s.startSpare(t, "")
	const unknown = "havfruen@gmail.com"
	for n := range 5 {
		author := fmt.Sprintf("citizen-%d@post.example", n)
		m := redirected(author, "X-Sieve-Redirected-From: "+councillor)
		reply := s.submit(t, spare, "", author, []string{unknown}, m)
		if n < 4 {
			s.wantDelivered(t, reply, m)
			continue
		}
		s.wantRefused(t, reply, m)
		if first := reply.Text()[0]; !strings.Contains(first, "en regel i din postkasse sender al din post") {
			t.Errorf("says %q", first)
		}
	}
	metrics, err := d.Metrics()
	if err != nil {
		t.Fatal(err)
	}
	if n := metrics["councilgate_forward_rules_total"]; n != 1 {
		t.Errorf("%v rules counted, want 1", n)
	}
}

// Whose mail it is, when Exchange submits for everybody: the field that only Exchange
// can set tells, on the port that is Exchange's alone.
func TestTrustedIdentity(t *testing.T) {
	s := onStage(t)
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil { // Postfix looks into it as its own user
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	policyFile := filepath.Join(dir, "policy.yaml")
	const text = "internal: [norreaa.example]\ntrusted_identity: X-House-Sender\n" +
		"councillors:\n  - {address: anne.holm@norreaa.example, private: [anneholm72@gmail.com]}\n"
	if err := os.WriteFile(policyFile, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	socket := rig.MilterSocket("milter.sock")
	postfix, err := rig.StartPostfix(dir, s.sink.Transport(), socket,
		rig.Service{Name: "exchange", Milter: socket},
		rig.Service{Name: "others", Milter: socket, Options: []string{"cleanup_service_name=untrusted"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := postfix.Stop(); err != nil {
			t.Error(err)
		}
	})
	s.start(t, policyFile, "unix:"+postfix.Socket("milter.sock"))
	for _, c := range []struct{ port, code string }{{"exchange", "550"}, {"others", "250"}} {
		m := compose(forwarded, "From: Gruppen <gruppen@norreaa.example>", "X-House-Sender: "+councillor, "Subject: VS: Larm")
		reply, err := rig.Submit(postfix.Addr(c.port), "exchange", "gruppen@norreaa.example", []string{private}, m.raw)
		if err != nil {
			t.Fatal(err)
		}
		wantCode(t, reply, c.code)
	}
	if err := postfix.Settled(); err != nil {
		t.Fatal(err)
	}
}
