package filter

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-message/mail"
	"github.com/emersion/go-smtp"

	"councilgate/filter/notice"
	"councilgate/policy"
	"councilgate/policy/explain"
)

// letterbox is a mail server that keeps what it gets, decoded.
type letterbox struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *letterbox) NewSession(*smtp.Conn) (smtp.Session, error) { return letterboxSession{l}, nil }

type letterboxSession struct{ *letterbox }

func (letterboxSession) Mail(string, *smtp.MailOptions) error { return nil }
func (letterboxSession) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (letterboxSession) Reset()                               {}
func (letterboxSession) Logout() error                        { return nil }

// Data keeps the fields but To, which has to name the councillor, and the texts.
func (l letterboxSession) Data(r io.Reader) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	m, err := mail.CreateReader(r)
	if err != nil {
		return err
	}
	for fields := m.Header.Fields(); fields.Next(); {
		if value, err := fields.Text(); err == nil && fields.Key() != "To" {
			l.text.WriteString(fields.Key() + ": " + value + "\n")
		}
	}
	for {
		part, err := m.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if _, err := io.Copy(&l.text, part.Body); err != nil {
			return err
		}
	}
}

// start runs the server and returns its address.
func (l *letterbox) start(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := smtp.NewServer(l)
	go server.Serve(ln)
	t.Cleanup(func() { server.Close(); ln.Close() }) // it may not serve yet
	return ln.Addr().String()
}

// illText has nothing in it that a code could not let pass.
var illText = strings.Replace(citizensText, "> Mit CPR-nummer er 140283-4036.\r\n", "", 1)

// TestSentinelOfExplanations drives refusals that are told by mail, offer a code or
// are lifted by one, with mails full of secrets and secrets in the reason, and looks
// for them in notices, pages and all else that leaves the filter.
func TestSentinelOfExplanations(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	withoutRules, _, _ := strings.Cut(sentinelPolicy, "rules:")
	withCode := func(code, text string) testMail {
		m := sentinelMail(text)
		i := slices.IndexFunc(m.fields, func(f [2]string) bool { return f[0] == "Subject" })
		m.fields[i][1] = "[ok " + code + " skizofreni, 140283-4036, bente.borger] Hej"
		return m
	}
	auto := sentinelMail(citizensText)
	auto.from, auto.login = "", ""
	auto.fields = append(auto.fields, [2]string{"Auto-Submitted", "auto-replied"})
	for name, tt := range map[string]struct {
		mail    testMail
		notices float64
		want    string // in the log
	}{
		"notice":                     {sentinelMail(citizensText), 1, "rule=quoted-sensitive"},
		"a code is offered":          {sentinelMail(illText), 1, "action=reject"},
		"a code is accepted":         {withCode("CODE", illText), 0, "override=accepted"},
		"a code of another mail":     {withCode("CODE", illText+"> Bente har angstanfald hver dag, og det har hendes søster også.\r\n"), 1, "override=foreign"},
		"a code for what none lifts": {withCode("CODE", citizensText), 1, "action=reject"},
		"a mail that needs no code":  {withCode("CODE", harmlessText), 0, "action=accept"},
		"an automatic answer":        {auto, 0, "action=reject"},
	} {
		t.Run(name, func(t *testing.T) {
			box := &letterbox{}
			p, err := policy.Parse("sentinel.yaml", []byte(withoutRules+
				"notice: {via: \"smtp://"+box.start(t)+"\", from: post@proeveby.example}\n"+
				"help_url: https://proeveby.example/help/\nrules: {quoted-sensitive: {override: {allow: true}}}\n"))
			if err != nil {
				t.Fatal(err)
			}
			inspector := NewInspector()
			inspector.Overrides = NewOverrides(nil)
			plain := withCode("", illText)
			env := Envelope{Login: plain.login, From: plain.from, Recipients: plain.to}
			code := inspector.Judge(context.Background(), p, env, rawMail(sentinelMail(illText))).Verdict.OverrideCode
			if code == "" {
				t.Fatal("no code")
			}
			for i := range tt.mail.fields {
				tt.mail.fields[i][1] = strings.Replace(tt.mail.fields[i][1], "CODE", code, 1)
			}

			var sender *notice.Sender
			server := startServer(t, inspector, func(c *Config) {
				c.Explain = explain.For
				sender = notice.NewSender(c.Log, c.Metrics.Noticed, nil)
				c.Notify = sender.Offer
			})
			server.SetPolicy(p)
			conn := server.negotiated(t)
			wire := conn.converse(tt.mail)
			conn.Close()
			for server.Metrics.openConnections(t) > 0 { // whoever is told is told by then
				time.Sleep(time.Millisecond)
			}
			sender.Close(context.Background())

			logs := server.logs.String()
			if !strings.Contains(logs, tt.want) {
				t.Errorf("no %q in the log, so the outcome is another: %s", tt.want, logs)
			}
			if page := page(server, "/metrics"); (tt.notices == 1) != strings.Contains(page, `councilgate_notices_total{result="sent"} 1`) {
				t.Errorf("want %v notices", tt.notices)
			}
			box.mu.Lock()
			defer box.mu.Unlock()
			if sent := box.text.Len() > 0; sent != (tt.notices == 1) {
				t.Errorf("notice sent: %v", sent)
			}
			outputs := map[string]string{
				"answers":  string(wire),
				"log":      logs,
				"notice":   box.text.String(),
				"/metrics": page(server, "/metrics"),
				"files":    files(t, temp),
			}
			for _, help := range explain.Pages(p) {
				outputs["/help/"+help.Path] = page(server, "/help/"+help.Path)
			}
			for output, text := range outputs {
				for name, secret := range secrets {
					if leaks(text, secret) {
						t.Errorf("%s: the %s is in it: %s", output, name, text)
					}
				}
			}
		})
	}
}

// rawMail is a mail as the session puts it together.
func rawMail(m testMail) []byte {
	var b strings.Builder
	for _, f := range m.fields {
		b.WriteString(f[0] + ": " + f[1] + "\r\n")
	}
	return []byte(b.String() + "\r\n" + m.body)
}

// openConnections reads the gauge of milter connections.
func (m *Metrics) openConnections(t *testing.T) float64 {
	t.Helper()
	families, err := m.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == "councilgate_connections" {
			return f.GetMetric()[0].GetGauge().GetValue()
		}
	}
	t.Fatal("no gauge of connections")
	return 0
}
