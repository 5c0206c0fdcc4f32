package filter

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"councilgate/policy"
	"councilgate/policy/explain"
)

// secrets stand in the mails of the sentinel test. None of them may come out of
// the filter by any way. All are invented.
var secrets = map[string]string{
	"CPR number":          "140283-4036",
	"CPR digits":          "1402834036",
	"diagnosis":           "skizofreni",
	"subject":             "Vildbassevej",
	"councillor":          "ulla.sandhed",
	"login":               "ulla-login",
	"other sender":        "fremmed.afsender",
	"citizen":             "bente.borger",
	"recipient":           "modtager.hemmelig",
	"private address":     "ulla.privat",
	"recipient's domain":  "lukketpost.example",
	"message id":          "hemmeligt-message-id",
	"file name":           "sygejournal",
	"charset":             "hemmeligt-tegnsaet",
	"forged field":        "forfalsket-maerke",
	"own header field":    "x-hemmeligt-felt",
	"value of the field":  "hemmelig-feltvaerdi",
	"words of the letter": "angstanfald",
	"word of the policy":  "hemmelighuset",
	"excepted recipient":  "modtager.undtaget",
	"reason of exception": "aftalt med",
}

const sentinelPolicy = `
municipality: Prøveby Kommune
language: da
contact: post@proeveby.example
internal: [proeveby.example]
secure: [sikkerpost.example]
councillors:
  - address: ulla.sandhed@proeveby.example
    name: Ulla S.
    private: [ulla.privat@lukketpost.example]
administration:
  - area: Børn og skole
    address: skole@proeveby.example
rules:
  quoted-sensitive:
    except:
      - categories: [national-id, health]
        recipients: [modtager.undtaget@lukketpost.example]
        reason: Aftalt med bente.borger
        until: 9999-12-31
words:
  - {category: health, language: da, entry: "telling: hemmelighuset"}
on_gap: {unreadable: reject, encrypted: accept, unsupported: accept, internal_error: tempfail}
`

// sentinelMail is a mail full of secrets with the given text.
func sentinelMail(text string) testMail {
	return testMail{
		login: "ulla-login",
		from:  "ulla.sandhed@proeveby.example",
		to:    []string{"modtager.hemmelig@lukketpost.example"},
		fields: [][2]string{
			{"From", "Ulla <ulla.sandhed@proeveby.example>"},
			{"To", "modtager.hemmelig@lukketpost.example"},
			{"Subject", "Sagen om Vildbassevej"},
			{"Message-ID", "<hemmeligt-message-id@proeveby.example>"},
			{"X-Hemmeligt-Felt", "hemmelig-feltvaerdi"},
			{"X-Mass-Mailing", "forfalsket-maerke"},
			{"MIME-Version", "1.0"},
			{"Content-Type", `multipart/mixed; boundary="b"`},
		},
		body: "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + text + "\r\n" +
			"--b\r\nContent-Type: application/octet-stream; name=\"sygejournal.bin\"\r\n" +
			"Content-Disposition: attachment; filename=\"sygejournal.bin\"\r\n\r\nx\r\n--b--\r\n",
		queueID: "4XyZ12",
	}
}

const (
	harmlessText = "Tak for sidst. Vi ses til mødet på torsdag."
	citizensText = "Se nedenfor.\r\n\r\nDen 3. marts 2026 skrev Bente <bente.borger@lukketpost.example>:\r\n" +
		"> Mit CPR-nummer er 140283-4036.\r\n> Min søn har fået diagnosen skizofreni og har angstanfald.\r\n"
	wordText = "Se nedenfor.\r\n\r\nDen 3. marts 2026 skrev Bente <bente.borger@lukketpost.example>:\r\n" +
		"> Min søn bor i Hemmelighuset, og han er ked af det.\r\n"
)

// sentinelCase is one way in which a message can end.
type sentinelCase struct {
	name   string
	judge  Judge   // nil for the real one
	expl   Explain // nil for the real one
	limits func(*Limits)
	mail   testMail
	want   string // in the log
}

// serve starts a server in which the case can happen; what the library logs goes to
// its log until the test ends.
func (c sentinelCase) serve(t *testing.T, inspector *Inspector, p *policy.Policy) *testServer {
	t.Helper()
	if c.judge == nil {
		c.judge = inspector
	}
	if c.expl == nil {
		c.expl = explain.For
	}
	server := startServer(t, c.judge, func(config *Config) {
		config.Explain = c.expl
		if c.limits != nil {
			c.limits(&config.Limits)
		}
	})
	server.SetPolicy(p)
	log.SetOutput(LibraryLog(server.Log))
	t.Cleanup(func() { log.SetOutput(io.Discard) })
	return server
}

func sentinelCases(inspector *Inspector, stuck <-chan struct{}) []sentinelCase {
	with := func(m testMail, change func(*testMail)) testMail { change(&m); return m }
	expired := judgeFunc(func(_ context.Context, p *policy.Policy, env Envelope, raw []byte) Judgement {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		return inspector.Judge(ctx, p, env, raw)
	})
	return []sentinelCase{
		{name: "accept", mail: sentinelMail(harmlessText), want: "action=accept"},
		{name: "accept inside the house", want: "action=accept",
			mail: with(sentinelMail(citizensText), func(m *testMail) { m.to = []string{"skole@proeveby.example"} })},
		{name: "reject", mail: sentinelMail(citizensText), want: "rule=quoted-sensitive"},
		{name: "reject in a charset that nobody knows", want: "charsets.none=1 charsets.unknown=1 ",
			mail: with(sentinelMail(citizensText), func(m *testMail) { m.body = strings.Replace(m.body, "charset=utf-8", "charset=hemmeligt-tegnsaet", 1) })},
		{name: "reject for a word of the policy", mail: sentinelMail(wordText), want: "rule=quoted-sensitive categories=[health]"},
		{name: "accept by exception", want: "action=accept rule=\"\" categories=\"[national-id health]\" findings=2 excepted=2",
			mail: with(sentinelMail(citizensText), func(m *testMail) { m.to = []string{"modtager.undtaget@lukketpost.example"} })},
		{name: "reject a forward to a private address", want: "recipients.private=1",
			mail: with(sentinelMail("-------- Videresendt meddelelse --------\r\nFra: bente.borger@lukketpost.example\r\nTil: ulla.sandhed@proeveby.example\r\nEmne: Vildbassevej\r\n\r\nKære Ulla, tak for mødet.\r\n"),
				func(m *testMail) { m.to = []string{"ulla.privat@lukketpost.example"} })},
		{name: "reject a redirect by a rule", want: "rule=private-forward",
			mail: with(sentinelMail(harmlessText), func(m *testMail) {
				m.login, m.from, m.to = "", "bente.borger@lukketpost.example", []string{"ulla.privat@lukketpost.example"}
				m.fields[0][1] = "Bente <bente.borger@lukketpost.example>"
				m.fields = append([][2]string{
					{"X-Sieve-Redirected-From", "ulla.sandhed@proeveby.example"},
					{"Delivered-To", "ulla.sandhed@proeveby.example"},
					{"X-Forwarded-For", "ulla.sandhed@proeveby.example ulla.privat@lukketpost.example"},
				}, m.fields...)
			})},
		{name: "reject a forward to a look-alike", want: "rule=private-forward",
			mail: with(sentinelMail("-------- Videresendt meddelelse --------\r\nFra: bente.borger@lukketpost.example\r\nTil: ulla.sandhed@proeveby.example\r\nEmne: Vildbassevej\r\n\r\nKære Ulla, tak for mødet.\r\n"),
				func(m *testMail) { m.to = []string{"ulla.sandhed+bente.borger@gmail.com"} })},
		{name: "tag", want: "action=tag",
			mail: with(sentinelMail(harmlessText), func(m *testMail) {
				for i := range 150 {
					m.to = append(m.to, strings.Repeat("x", i)+"modtager.hemmelig@lukketpost.example")
				}
			})},
		{name: "tempfail by verdict", judge: expired, mail: sentinelMail(citizensText), want: "action=tempfail"},
		{name: "gap too-large", limits: func(l *Limits) { l.Message = 100 }, mail: sentinelMail(citizensText), want: "gaps=[unreadable]"},
		{name: "gap too-many-recipients", limits: func(l *Limits) { l.Recipients = 1 }, want: "gaps=[unreadable]",
			mail: with(sentinelMail(citizensText), func(m *testMail) { m.to = append(m.to, "bente.borger@lukketpost.example") })},
		{name: "gap encrypted", want: "gaps=[encrypted]",
			mail: with(sentinelMail(citizensText), func(m *testMail) {
				m.fields[7][1] = `multipart/encrypted; protocol="application/pgp-encrypted"; boundary="b"`
				m.body = "--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--b\r\nContent-Type: application/octet-stream\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nskizofreni\r\n-----END PGP MESSAGE-----\r\n--b--\r\n"
			})},
		{name: "unread", want: "passed unread",
			mail: with(sentinelMail(citizensText), func(m *testMail) {
				m.login, m.from, m.fields = "", "fremmed.afsender@lukketpost.example", m.fields[1:]
			})},
		{name: "unread bounce", want: "passed unread",
			mail: with(sentinelMail(citizensText), func(m *testMail) { m.login, m.from = "", "" })},
		{name: "queue id", want: `queue_id=""`,
			mail: with(sentinelMail(citizensText), func(m *testMail) { m.queueID = "bente.borger@lukketpost.example" })},
		{name: "timeout", mail: sentinelMail(citizensText), want: "cause=timeout",
			limits: func(l *Limits) { l.Inspection, l.Overrun = time.Millisecond, time.Millisecond },
			judge: judgeFunc(func(context.Context, *policy.Policy, Envelope, []byte) Judgement {
				<-stuck
				return Judgement{}
			})},
		{name: "busy", limits: func(l *Limits) { l.Inspection, l.Inspections = time.Millisecond, 0 }, mail: sentinelMail(citizensText), want: "cause=busy"},
		{name: "memory", limits: func(l *Limits) { l.Held = 200 }, mail: sentinelMail(citizensText), want: "cause=memory"},
		{name: "panic in the judge", mail: sentinelMail(citizensText), want: "cause=panic",
			judge: judgeFunc(func(_ context.Context, _ *policy.Policy, _ Envelope, raw []byte) Judgement { panic(string(raw)) })},
		{name: "panic in the explanation", mail: sentinelMail(citizensText), want: "cause=panic",
			expl: func(*policy.Policy, policy.Verdict, string, bool) explain.Reply { panic(citizensText) }},
	}
}

// TestSentinel drives every outcome with mails full of secrets and looks for them
// in all that leaves the filter: the log with everything on, metrics and pages,
// edits and replies, and files.
func TestSentinel(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	stuck := make(chan struct{})
	defer close(stuck)
	p, err := policy.Parse("sentinel.yaml", []byte(sentinelPolicy))
	if err != nil {
		t.Fatal(err)
	}
	inspector := NewInspector()
	for _, tt := range sentinelCases(inspector, stuck) {
		t.Run(tt.name, func(t *testing.T) {
			server := tt.serve(t, inspector, p)

			wire := server.negotiated(t).converse(tt.mail)
			// What the library says of malformed frames must be clean, too.
			q := server.negotiated(t)
			q.send(frame('L', "Subject\x00Vildbassevej\x00140283-4036\x00"))
			q.closed()

			logs := server.logs.String()
			if !strings.Contains(logs, tt.want) {
				t.Errorf("no %q in the log, so the outcome is another: %s", tt.want, logs)
			}
			if n := strings.Count(logs, "queue_id=") - strings.Count(logs, `msg="message inspected" queue_id=`); n != 1 {
				t.Errorf("%d lines on one message: %s", n, logs)
			}
			lookForSecrets(t, server, wire, temp)
		})
	}
}

// lookForSecrets fails the test if a secret is in anything that has left a server.
func lookForSecrets(t *testing.T, server *testServer, wire []byte, temp string) {
	t.Helper()
	if err := server.record.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	written := files(t, temp)
	if unread := strings.Contains(server.logs.String(), "passed unread"); strings.Contains(written, `"action":"`) == unread {
		t.Errorf("recorded: %s", written)
	}
	outputs := map[string]string{
		"answers":  string(wire),
		"/":        page(server, "/"),
		"log":      server.logs.String(),
		"/metrics": page(server, "/metrics"),
		"/healthz": page(server, "/healthz"),
		"/readyz":  page(server, "/readyz"),
		"/help/":   page(server, "/help/da/quoted-sensitive.html"),
		"files":    written,
	}
	for output, text := range outputs {
		for name, secret := range secrets {
			if leaks(text, secret) {
				t.Errorf("%s: the %s is in it: %s", output, name, text)
			}
		}
	}
}

// converse sends a mail in raw frames and returns all that comes back until its
// final answer.
func (p peer) converse(m testMail) []byte {
	p.t.Helper()
	macros := "M{daemon_name}\x00mx.example\x00"
	if m.login != "" {
		macros += "{auth_authen}\x00" + m.login + "\x00"
	}
	p.send(frame('D', macros), frame('M', "<"+m.from+">\x00"))
	for _, to := range m.to {
		p.send(frame('R', "<"+to+">\x00"))
	}
	for _, f := range m.fields {
		p.send(frame('L', f[0]+"\x00"+f[1]+"\x00"))
	}
	p.send(frame('N', ""), frame('B', m.body), frame('D', "Ei\x00"+m.queueID+"\x00"), frame('E', ""))
	var all []byte
	for {
		code, data := p.receive()
		all = append(append(append(all, code), data...), '\n')
		if code == 'c' || code == 'y' {
			return all
		}
	}
}

func page(s *testServer, path string) string {
	w := httptest.NewRecorder()
	pages := Pages{Overview: s.Overview(s.record), Help: s.Help(), Metrics: s.Metrics.Handler(), Ready: s.Ready}
	NewHTTPServer(pages, slog.New(slog.DiscardHandler)).Handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w.Body.String()
}

// files returns names and contents of all files under a folder.
func files(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		b.WriteString(path + "\n" + string(data) + "\n")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// leaks reports whether a text holds a secret in plain or as base64.
func leaks(text, secret string) bool {
	if strings.Contains(strings.ToLower(text), strings.ToLower(secret)) {
		return true
	}
	for skip := range 3 { // the secret may begin at any byte of a group of three
		encoded := base64.StdEncoding.EncodeToString(append(bytes.Repeat([]byte{0}, skip), secret...))
		core := encoded[4 : len(encoded)-4]
		if strings.Contains(text, core) {
			return true
		}
	}
	return false
}

// TestLeaks: the sentinel test sees what it looks for.
func TestLeaks(t *testing.T) {
	for name, secret := range secrets {
		for _, text := range []string{
			"x" + secret + "x",
			strings.ToUpper(secret),
			base64.StdEncoding.EncodeToString([]byte(secret)),
			base64.StdEncoding.EncodeToString([]byte("a" + secret + "b")),
			base64.StdEncoding.EncodeToString([]byte("ab" + secret + "c")),
		} {
			if !leaks(text, secret) {
				t.Errorf("the %s is not found in %q", name, text)
			}
		}
	}
	if leaks("nothing of the sort", "a long enough secret") {
		t.Error("a secret is found where none is")
	}
}
