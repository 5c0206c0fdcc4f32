package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/emersion/go-message/mail"

	"councilgate/deploy/rig"
)

// explainPolicy has all that an explanation may tell. Notices go through NOTICES.
const explainPolicy = `
municipality: Nørreå Kommune
contact: post@norreaa.example
internal: [norreaa.example]
secure_mail: {name: Send sikkert, not_on_phones: true}
help_url: https://intra.norreaa.example/help/
councillors:
  - {address: anne.holm@norreaa.example, name: Anne Holm}
administration:
  - {area: Borgerservice, address: borgerservice@norreaa.example}
  - {area: Social og sundhed, address: direktor.social@norreaa.example, for: [health]}
rules:
  quoted-sensitive: {override: {allow: true, categories: [health]}}
notice: {via: "smtp://NOTICES", from: post@norreaa.example, per_hour: 3}
`

// ill is a reply that carries what a citizen told of an illness.
const ill = harmless + "\nDen 9. marts 2026 skrev Birthe Skov <" + citizen + ">:\n> Min søn har fået diagnosen skizofreni.\n"

// chain is two mail servers in a row: councillors submit to the outer one, which
// relays to the inner one, where councilgate is.
type chain struct {
	inner, outer *rig.Postfix
	sink         *rig.Sink
	daemon       *rig.Daemon
}

const notices = "notices" // a port of the inner server without a milter

func (s *stage) startChain(t *testing.T) *chain {
	t.Helper()
	dir := tempDir(t)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	stop := func(p interface{ Stop() error }) {
		t.Cleanup(func() {
			if err := p.Stop(); err != nil {
				t.Error(err)
			}
		})
	}
	c := &chain{}
	for _, sub := range []string{"inner", "outer"} {
		must(os.Mkdir(filepath.Join(dir, sub), 0o755))
	}
	var err error
	c.sink, err = rig.StartSink(dir)
	must(err)
	stop(c.sink)
	milter := rig.MilterSocket("chain.sock")
	// By another name, or the outer one would believe to talk to itself.
	inner := []string{"myhostname=gate.norreaa.example"}
	c.inner, err = rig.StartPostfix(filepath.Join(dir, "inner"), c.sink.Transport(), milter,
		rig.Service{Name: submission, Milter: milter, Options: inner}, rig.Service{Name: notices, Options: inner})
	must(err)
	stop(c.inner)
	_, port, err := net.SplitHostPort(c.inner.Addr(submission))
	must(err)
	c.outer, err = rig.StartPostfix(filepath.Join(dir, "outer"), "smtp:[127.0.0.1]:"+port, "", rig.Service{Name: submission})
	must(err)
	stop(c.outer)

	policy := filepath.Join(dir, "policy.yaml")
	must(os.WriteFile(policy, []byte(strings.ReplaceAll(explainPolicy, "NOTICES", c.inner.Addr(notices))), 0o644))
	c.daemon = s.start(t, policy, "unix:"+c.inner.Socket("chain.sock"))
	return c
}

// submit sends a mail to the inner server itself.
func (c *chain) submit(t *testing.T, m letter) rig.Reply {
	t.Helper()
	reply, err := rig.Submit(c.inner.Addr(submission), councillor, councillor, []string{citizen}, m.raw)
	if err != nil {
		t.Fatal(err)
	}
	return reply
}

// received waits until everything is delivered, and returns the mails of a subject.
func (c *chain) received(t *testing.T, subject string) []rig.Delivered {
	t.Helper()
	for _, p := range []*rig.Postfix{c.outer, c.inner} {
		if err := p.Settled(); err != nil {
			t.Fatal(err)
		}
	}
	mails, err := c.sink.Delivered("Subject", subject)
	if err != nil {
		t.Fatal(err)
	}
	return mails
}

const bounced = "Undelivered Mail Returned to Sender"

// sentences are in the explanation of ill, whichever way it goes.
var sentences = []string{
	"Din mail er ikke sendt, fordi der staar foelsomme oplysninger om en persons helbred i den tekst, du svarer paa.",
	"Skriv en ny mail uden den gamle tekst, og gentag ikke oplysningerne.",
	"Skal oplysningerne med, saa brug Send sikkert paa en computer. Det findes ikke paa telefonen.",
	"sende borgerens mail videre til forvaltningen: Social og sundhed (direktor.social@norreaa.example).",
	"https://intra.norreaa.example/help/da/quoted-sensitive.html",
}

// wantSentences checks that a text says it all, however its lines are broken.
func wantSentences(t *testing.T, text string) {
	t.Helper()
	text = strings.Join(strings.Fields(text), " ")
	for _, s := range sentences {
		if !strings.Contains(text, s) {
			t.Errorf("it does not say %q: %s", s, text)
		}
	}
	if strings.Contains(text, "skizofreni") {
		t.Error("it repeats what was found")
	}
}

// TestExplanations reads a refusal in all the ways in which councillors do: as their
// mail program gets it, as a bounce of a server before, as a bounce of sendmail(1),
// and as a notice.
func TestExplanations(t *testing.T) {
	s := onStage(t)
	c := s.startChain(t)

	t.Run("reply", func(t *testing.T) {
		reply := c.submit(t, compose(ill))
		wantCode(t, reply, "550")
		t.Logf("\n%s", reply)
		if lines := reply.Text(); len(lines) != 6 {
			t.Errorf("%d lines", len(lines))
		}
		wantSentences(t, strings.Join(reply.Text(), " "))
	})

	t.Run("bounce of a relaying server", func(t *testing.T) {
		reply, err := rig.Submit(c.outer.Addr(submission), councillor, councillor, []string{citizen}, compose(ill).raw)
		if err != nil {
			t.Fatal(err)
		}
		wantCode(t, reply, "250")
		mails := c.received(t, bounced)
		if len(mails) != 1 || mails[0].From != "" || strings.Join(mails[0].To, " ") != councillor {
			t.Fatalf("%d bounces", len(mails))
		}
		text := humanPart(mails[0].Body)
		t.Logf("\n%s", text)
		wantSentences(t, strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "550-5.7.1 ", ""))
	})

	t.Run("bounce of sendmail", func(t *testing.T) {
		if err := c.inner.Sendmail(councillor, bytes.NewReader(compose(ill).raw), citizen); err != nil {
			t.Fatal(err)
		}
		waitFor(t, "a second bounce", func() bool { return len(c.received(t, bounced)) == 2 })
		for _, m := range c.received(t, bounced) {
			text := humanPart(m.Body)
			if strings.Contains(text, "In reply to") || strings.Contains(text, "in reply to") {
				continue // that of the relaying server
			}
			t.Logf("\n%s", text)
			// Postfix writes the end of a line of the reply as two underscores.
			text = regexp.MustCompile(`__550[- ]5\.7\.1 `).ReplaceAllString(strings.Join(strings.Fields(text), " "), " ")
			wantSentences(t, text)
		}
	})

	t.Run("notice", func(t *testing.T) {
		waitFor(t, "the notices", func() bool {
			return metric(t, c.daemon, `councilgate_notices_total{result="sent"}`) == 3
		})
		mails := c.received(t, "Din mail blev ikke sendt")
		if len(mails) != 3 {
			t.Fatalf("%d notices, want one for each refusal", len(mails))
		}
		for i, m := range mails {
			if m.From != "" || strings.Join(m.To, " ") != councillor || m.Header.Get("Auto-Submitted") != "auto-replied" {
				t.Errorf("from %q to %d recipients, Auto-Submitted %q", m.From, len(m.To), m.Header.Get("Auto-Submitted"))
			}
			plain, html := noticeParts(t, m)
			if i == 0 {
				t.Logf("\n%s\n\n%s", printHeader(m), plain)
			}
			for _, want := range []string{"Kære Anne Holm", "i den tekst, du svarer på", "direktor.social@norreaa.example", "én modtager"} {
				if !strings.Contains(plain, want) || !strings.Contains(html, want) {
					t.Errorf("no %q in the notice", want)
				}
			}
			for _, secret := range []string{"skizofreni", citizen, "Birthe", "SV: Brev"} {
				if strings.Contains(printHeader(m)+plain+html, secret) {
					t.Errorf("%q is in the notice", secret)
				}
			}
		}
		wantCode(t, c.submit(t, compose(ill)), "550")
		waitFor(t, "the limit", func() bool {
			return metric(t, c.daemon, `councilgate_notices_total{result="limited"}`) == 1
		})
	})
}

// humanPart is the first part of a bounce, which is in plain text.
func humanPart(bounce []byte) string {
	_, text, _ := strings.Cut(strings.ReplaceAll(string(bounce), "\r\n", "\n"), "\n\n")
	text, _, _ = strings.Cut(text, "\n--")
	return text
}

// noticeParts reads the texts of a notice.
func noticeParts(t *testing.T, m rig.Delivered) (plain, html string) {
	t.Helper()
	raw := printHeader(m) + "\n\n" + string(m.Body)
	r, err := mail.CreateReader(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	for {
		part, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return plain, html
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(part.Body)
		if err != nil {
			t.Fatal(err)
		}
		kind, _, _ := part.Header.(*mail.InlineHeader).ContentType()
		if kind == "text/html" {
			html = string(text)
		} else {
			plain = strings.ReplaceAll(string(text), "\r\n", "\n")
		}
	}
}

func printHeader(m rig.Delivered) string {
	var lines []string
	for _, name := range []string{"From", "To", "Subject", "Date", "Auto-Submitted", "Content-Language", "Mime-Version", "Content-Type"} {
		lines = append(lines, name+": "+m.Header.Get(name))
	}
	return strings.Join(lines, "\n")
}

// A mail server for notices that is down delays no answer and fills nothing.
func TestNoticesDown(t *testing.T) {
	s := onStage(t)
	port, err := rig.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	dir := files(t, map[string]string{"policy.yaml": strings.ReplaceAll(explainPolicy, "NOTICES", fmt.Sprintf("127.0.0.1:%d", port))})
	d := s.startSpare(t, filepath.Join(dir, "policy.yaml"))
	m := compose(ill)
	s.wantRefused(t, s.submit(t, spare, councillor, councillor, []string{citizen}, m), m)
	waitFor(t, "the failure to be counted", func() bool {
		return metric(t, d, `councilgate_notices_total{result="failed"}`) == 1
	})
}

var offeredCode = regexp.MustCompile(`\[ok ([0-9A-Z]{4}-[0-9A-Z]{4}) `)

// TestOverride sends a refused mail again, with its code in the subject as a mail
// program writes it.
func TestOverride(t *testing.T) {
	s := onStage(t)
	dir := files(t, map[string]string{
		"policy.yaml": strings.Replace(explainPolicy, `notice: {via: "smtp://NOTICES", from: post@norreaa.example, per_hour: 3}`, "override_key_file: DIR/key", 1),
		"key":         "sixteen bytes or more, invented here",
	})
	d := s.startSpare(t, filepath.Join(dir, "policy.yaml"))
	submit := func(m letter) rig.Reply { return s.submit(t, spare, councillor, councillor, []string{citizen}, m) }
	codeOf := func(reply rig.Reply) string {
		t.Helper()
		found := offeredCode.FindStringSubmatch(string(reply))
		if found == nil {
			t.Fatalf("no code in %q", reply)
		}
		return found[1]
	}
	const reason = "Birthe bad om det"
	withCode := func(code, body string) letter {
		return compose(body, "Subject: SV: [ok "+code+" "+reason+"]\r\n =?utf-8?Q?S=C3=B8nnens_sag?=")
	}

	code := codeOf(submit(compose(ill, "Subject: SV: =?utf-8?Q?S=C3=B8nnens_sag?=")))
	other := withCode(code, strings.Replace(ill, "Min søn", "Min ældste datter", 1))
	reply := submit(other)
	s.wantRefused(t, reply, other)
	if !strings.Contains(string(reply), "koden i emnefeltet ikke passer") || codeOf(reply) == code {
		t.Errorf("with the code of another mail: %q", reply)
	}

	// The key is in a file, so that a restart does not matter.
	if err := d.Stop(); err != nil {
		t.Fatal(err)
	}
	d = s.startSpare(t, filepath.Join(dir, "policy.yaml"))
	m := withCode(code, ill)
	got := s.wantDelivered(t, submit(m), m)
	subject, err := new(mime.WordDecoder).DecodeHeader(got.Header.Get("Subject"))
	if err != nil || subject != "SV: Sønnens sag" {
		t.Errorf("delivered with the subject %q", subject)
	}
	if bytes.Contains(got.Body, []byte(reason)) || strings.Contains(fmt.Sprint(got.Header), "bad") {
		t.Error("the reason was delivered")
	}
	if n := metric(t, d, `councilgate_overrides_total{category="health",rule="quoted-sensitive"}`); n != 1 {
		t.Errorf("%v overrides counted", n)
	}
	again := withCode(code, ill)
	reply = submit(again)
	s.wantRefused(t, reply, again)
	if !strings.Contains(string(reply), "koden i emnefeltet er brugt") {
		t.Errorf("with a used code: %q", reply)
	}
	log, err := os.ReadFile(d.Log)
	if err != nil || bytes.Contains(log, []byte(reason)) || bytes.Contains(log, []byte(code)) {
		t.Errorf("code or reason are in the log; %v", err)
	}
}

// An out-of-office answer has the null sender, as a bounce has, and carries the
// citizen's mail along.
func TestOutOfOffice(t *testing.T) {
	s := onStage(t)
	s.startSpare(t, "") // which has told nobody yet
	for i, says := range []string{"Dit automatiske svar er ikke sendt", "heller ikke sendt denne gang"} {
		m := compose(ill, "Subject: Autosvar", "Auto-Submitted: auto-replied")
		reply := s.submit(t, spare, "", "", []string{citizen}, m)
		s.wantRefused(t, reply, m)
		if !strings.Contains(string(reply), says) {
			t.Errorf("answer %d: %q", i+1, reply)
		}
	}
}
