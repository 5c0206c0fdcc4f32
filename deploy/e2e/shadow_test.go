package e2e

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"councilgate/deploy/rig"
)

// In shadow mode, what would be refused or tagged arrives as it was sent, byte for
// byte, and is counted; once enforced, it is not.
func TestShadowMode(t *testing.T) {
	s := onStage(t)
	enforce := builtinPolicy(t)
	observe := amended(t, enforce, "\nmode: enforce\n", "\nmode: observe\n")
	dir := files(t, map[string]string{"observe.yaml": observe, "enforce.yaml": enforce})
	broken := "--b\nContent-Type: message/rfc822\n\nSubject: [begrundelse: x] [ok 7F3K-92QD y]\n\nx\n" // no end
	date := "Date: Mon, 9 Mar 2026 11:02:00 +0100"                                                     // or Postfix adds one
	mails := []struct {
		name  string
		m     letter
		to    []string
		would string // action and rule
	}{
		{"refused", compose(sensitive, date, "Subject: SV: [ok 7F3K-92QD  hun ved det]  Brev"), []string{citizen}, "reject rule=quoted-sensitive"},
		{"forward to a private mailbox", compose(forwarded, date), []string{private}, "reject rule=private-forward"},
		{"mass mailing", compose(harmless, date, "Subject: [begrundelse: afstemning]  Valg"), rig.Citizens(101), "tag rule=mass-mailing"},
		{"gap", compose(broken, date, "Content-Type: multipart/mixed; boundary=b"), []string{citizen}, ""},
		{"harmless", compose(harmless, date), []string{citizen}, ""},
	}

	d := s.startSpare(t, filepath.Join(dir, "observe.yaml"))
	if metric(t, d, "councilgate_observing") != 1 {
		t.Error("the metrics do not tell the mode")
	}
	for _, mail := range mails {
		t.Run(mail.name, func(t *testing.T) {
			got := s.wantDelivered(t, s.submit(t, spare, councillor, councillor, mail.to, mail.m), mail.m)
			want := bytes.ReplaceAll(mail.m.raw, []byte("\r\n"), []byte("\n"))
			// smtp-sink ends each mail by an empty line.
			if !bytes.HasSuffix(got.Raw, slices.Concat([]byte("\n"), want, []byte("\n"))) {
				t.Errorf("sent\n%s\ndelivered\n%s", want, got.Raw)
			}
			log, err := os.ReadFile(d.Log)
			if err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(strings.TrimSpace(string(log)), "\n")
			if last := lines[len(lines)-1]; mail.would != "" && !strings.Contains(last, "action=accept would="+mail.would+" ") {
				t.Errorf("the log says %q", last)
			}
		})
	}
	for name, want := range map[string]float64{
		`councilgate_messages_total{action="accept"}`:                                5,
		`councilgate_messages_total{action="reject"}`:                                0,
		`councilgate_would_messages_total{action="tag"}`:                             1,
		`councilgate_would_messages_total{action="tempfail"}`:                        0,
		`councilgate_would_rule_hits_total{action="reject",rule="quoted-sensitive"}`: 1,
		`councilgate_rule_observing{rule="quoted-sensitive"}`:                        1,
	} {
		if got := metric(t, d, name); got != want {
			t.Errorf("%s %v, want %v", name, got, want)
		}
	}
	if err := d.Stop(); err != nil {
		t.Fatal(err)
	}

	d = s.startSpare(t, filepath.Join(dir, "enforce.yaml"))
	refused := compose(sensitive)
	s.wantRefused(t, s.submit(t, spare, councillor, councillor, []string{citizen}, refused), refused)
	if metric(t, d, "councilgate_observing") != 0 || metric(t, d, `councilgate_would_messages_total{action="reject"}`) != 0 {
		t.Error("the metrics tell of shadow mode")
	}
}
