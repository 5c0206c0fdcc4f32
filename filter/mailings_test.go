package filter

import (
	"crypto/ed25519"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/emersion/go-milter"

	"councilgate/filter/mailing"
	"councilgate/policy"
)

// tracked returns an inspector that counts mailings in memory.
func tracked(t *testing.T) *Inspector {
	t.Helper()
	inspector := NewInspector()
	inspector.Mailings = mailing.New(mailing.Config{Limits: mailing.DefaultLimits()})
	t.Cleanup(inspector.Mailings.Close)
	return inspector
}

// merged is a mail of a mailing to n people from the first on.
func merged(id string, first, n int, text string) testMail {
	m := councillorMail()
	m.fields = append(m.fields, [2]string{"Message-ID", id})
	m.body = text
	m.to = nil
	for i := range n {
		m.to = append(m.to, fmt.Sprintf("borger-%d@post.example", first+i))
	}
	return m
}

// tagOf sends a mail and returns the tag that it gets; the mail must pass.
func tagOf(t *testing.T, c *milter.ClientSession, m testMail) string {
	t.Helper()
	edits, action := m.send(t, c)
	if action.Code != milter.ActContinue {
		t.Fatalf("answered by %q", action.Code)
	}
	for _, e := range edits {
		if e.Code == milter.ActAddHeader && e.HeaderName == policy.MassMailingHeader {
			return e.HeaderValue
		}
	}
	return ""
}

// One mailing in several sessions of the mail server counts together. What was
// refused has reached nobody.
func TestMailingInSeveralTransactions(t *testing.T) {
	s := startServer(t, tracked(t))
	const text = "Kære borger\r\n\r\nKom til møde.\r\n"
	for _, step := range []struct {
		mail testMail
		tag  string
	}{
		{merged("<1@x>", 0, 60, text), ""},
		{merged("<1@x>", 60, 40, text), ""},
		{merged("<2@x>", 0, 1, strings.Replace(text, "borger", "Anna", 1)), ""},
		{merged("<2@x>", 100, 1, strings.Replace(text, "borger", "Bo", 1)), "recipients=101; limit=100"},
	} {
		if tag := tagOf(t, s.client(t), step.mail); tag != step.tag {
			t.Errorf("tag %q, want %q", tag, step.tag)
		}
	}
	refused := merged("<3@x>", 0, 60, "Se nedenfor.\r\n\r\n> Mit CPR-nummer er 140283-4036.\r\n")
	if _, action := refused.send(t, s.client(t)); action.Code != milter.ActReplyCode {
		t.Fatalf("answered by %q, want a refusal", action.Code)
	}
	if tag := tagOf(t, s.client(t), merged("<3@x>", 60, 60, text+"Nyt.\r\n")); tag != "" {
		t.Errorf("those who got nothing count: %q", tag)
	}
}

// Out-of-office answers all say the same, but each to one who wrote.
func TestAutomaticAnswersAreNoMailing(t *testing.T) {
	s := startServer(t, tracked(t))
	for i, id := range []string{"<1@x>", "<2@x>"} {
		m := merged(id, 60*i, 60, "Jeg er på ferie.\r\n")
		m.fields = append(m.fields, [2]string{"Auto-Submitted", "auto-replied"})
		if tag := tagOf(t, s.client(t), m); tag != "" {
			t.Errorf("%s: tag %q", id, tag)
		}
	}
}

// The tracker is left alone where nobody wants to know of mass mailings.
func TestMailingsNotCounted(t *testing.T) {
	s := startServer(t, tracked(t))
	p, err := policy.Parse("p.yaml", []byte("internal: [norreaa.example]\nrules:\n  mass-mailing: {action: accept}\n"))
	if err != nil {
		t.Fatal(err)
	}
	s.SetPolicy(p)
	tagOf(t, s.client(t), merged("<1@x>", 0, 100, "Hej\r\n"))
	s.SetPolicy(policy.Default())
	if tag := tagOf(t, s.client(t), merged("<1@x>", 100, 50, "Hej\r\n")); tag != "" {
		t.Errorf("counted while the rule was off: %q", tag)
	}
}

// A mail with a broken structure has a text as well, or at least a subject.
func TestMailingText(t *testing.T) {
	for raw, want := range map[string]string{
		"Subject: x\r\n\r\nHej\r\n":                                   "Hej",
		"Subject: x\r\nContent-Type: text/html\r\n\r\n<p>Hej</p>\r\n": "Hej",
		"Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>Nej</p>\r\n--b\r\n\r\nHej\r\n--b--\r\n": "Hej",
		"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Disposition: attachment\r\n\r\nNej\r\n--b--\r\n":                        "",
		"no header at all": "no header at all",
		"":                 "",
		"Subject: x\r\n\r\n" + strings.Repeat("x", maxMailingText+10): strings.Repeat("x", maxMailingText-len("\r\n\r\n")),
	} {
		if got := strings.TrimSpace(mailingText([]byte(raw))); got != want {
			t.Errorf("%.60q: %d bytes %.40q, want %d bytes %.40q", raw, len(got), got, len(want), want)
		}
	}
}

// TestSentinelMailings looks for secrets in what mailings add to the ways out of the
// filter: the shared state, the tracker's log, the edited subject, the signature.
func TestSentinelMailings(t *testing.T) {
	state := miniredis.RunT(t)
	store, err := mailing.NewRedis(mailing.RedisOptions{URL: "redis://" + state.Addr()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	trackerLog := &logBuffer{}
	inspector := NewInspector()
	inspector.Mailings = mailing.New(mailing.Config{
		Store: store, Limits: mailing.DefaultLimits(),
		Log: slog.New(slog.NewTextHandler(trackerLog, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	t.Cleanup(inspector.Mailings.Close)
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := policy.Parse("sentinel.yaml", []byte(sentinelPolicy+"lists: {liste.hemmelig@lukketpost.example: 200}\n"))
	if err != nil {
		t.Fatal(err)
	}
	list := sentinelMail(harmlessText)
	list.to = []string{"liste.hemmelig@lukketpost.example", "modtager.hemmelig@lukketpost.example"}
	for i := range list.fields {
		if list.fields[i][0] == "Subject" {
			list.fields[i][1] = "Sommerfest [begrundelse: sagen om Vildbassevej]"
		}
	}
	list.fields = append(list.fields,
		[2]string{mailing.JustificationHeader, "bente.borger"},
		[2]string{"DKIM-Signature", "v=1; d=proeveby.example; h=from:subject; b=x"})

	for _, down := range []bool{false, true} {
		if down {
			state.Close()
		}
		s := startServer(t, inspector)
		s.SetPolicy(p)
		s.SetSigner(&Signer{"proeveby.example", "cg", key})
		wire := string(s.negotiated(t).converse(list))
		for _, want := range []string{"Subject\x00Sommerfest\x00", "recipients=201; limit=100; justified=yes", "d=proeveby.example"} {
			if !strings.Contains(wire, want) {
				t.Errorf("no %q in the answer: %q", want, wire)
			}
		}
		if logs := s.logs.String(); !strings.Contains(logs, "action=tag") || !strings.Contains(logs, "reached=201") {
			t.Errorf("another outcome: %s", logs)
		}
		outputs := map[string]string{"answers": wire, "log": s.logs.String(), "tracker's log": trackerLog.String(), "/metrics": page(s, "/metrics")}
		if !down {
			outputs["state"] = state.Dump()
			if !strings.Contains(outputs["state"], "mailing:") {
				t.Error("nothing is in the shared state")
			}
		} else if !strings.Contains(outputs["tracker's log"], "counting alone") {
			t.Error("the tracker says nothing of the state that is down")
		}
		for output, text := range outputs {
			for name, secret := range secrets {
				if leaks(text, secret) {
					t.Errorf("%s: the %s is in it: %s", output, name, text)
				}
			}
		}
	}
}
