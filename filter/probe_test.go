package filter

import (
	"strings"
	"testing"

	"github.com/emersion/go-milter"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"councilgate/filter/mailing"
	"councilgate/filter/notice"
	"councilgate/policy"
	"councilgate/policy/explain"
)

// sendProbe sends a mail as councilgate doctor does.
func sendProbe(t *testing.T, s *testServer, m testMail) ([]milter.ModifyAction, *milter.Action) {
	t.Helper()
	c := s.client(t)
	must := func(_ *milter.Action, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	c.Macros(milter.CodeMail, MacroProbe, "yes", "{auth_authen}", m.login)
	must(c.Mail(m.from, nil))
	for _, to := range m.to {
		must(c.Rcpt(to, nil))
	}
	for _, f := range m.fields {
		must(c.HeaderField(f[0], f[1]))
	}
	must(c.HeaderEnd())
	must(c.BodyChunk([]byte(m.body)))
	c.Macros(milter.CodeEOB, "i", m.queueID)
	edits, action, err := c.End()
	if err != nil {
		t.Fatal(err)
	}
	return edits, action
}

// A probe gets the answer that a mail would get, and leaves a line in the log and a
// counter of its own behind, nothing else.
func TestProbeLeavesNoTrace(t *testing.T) {
	inspector := NewInspector()
	inspector.Mailings = mailing.New(mailing.Config{Limits: mailing.DefaultLimits()})
	t.Cleanup(inspector.Mailings.Close)
	notified := 0
	s := startServer(t, inspector, func(c *Config) {
		c.Explain = explain.For
		c.Notify = func(notice.Refusal) { notified++ }
	})
	crowd := councillorMail()
	crowd.to = nil
	for i := range 101 {
		crowd.to = append(crowd.to, "borger"+strings.Repeat("x", i)+"@post.example")
	}
	refused := councillorMail()
	refused.body = "Hans CPR-nummer er 040788-0315.\r\n"
	redirected := councillorMail()
	redirected.login, redirected.from = "", "ole@post.example"
	redirected.fields = [][2]string{{"From", "ole@post.example"}, {"Resent-From", "anne.holm@norreaa.example"}, {"Auto-Submitted", "auto-forwarded"}}

	if _, action := sendProbe(t, s, refused); action.Code != milter.ActReplyCode || action.SMTPCode != 550 {
		t.Errorf("a probe of own-sensitive: %+v", action)
	}
	edits, action := sendProbe(t, s, crowd)
	if action.Code != milter.ActContinue || len(edits) != 1 || edits[0].HeaderName != "X-Mass-Mailing" {
		t.Errorf("a probe of mass-mailing: %+v %+v", edits, action)
	}
	sendProbe(t, s, redirected)
	if _, action := sendProbe(t, s, testMail{from: "somebody@else.example", to: []string{"x@post.example"}}); action.Code != milter.ActContinue {
		t.Errorf("a probe of nobody's mail: %+v", action)
	}

	// The mailing begins anew with the first true mail.
	crowd.to = crowd.to[:1]
	if edits, _ := crowd.send(t, s.client(t)); len(edits) != 0 {
		t.Errorf("a probe counted as part of a mailing: %+v", edits)
	}
	if notified != 0 {
		t.Errorf("%d notices of a probe", notified)
	}
	if n := len(inspector.forwards.pairs); n != 0 {
		t.Errorf("%d forwards are remembered of a probe", n)
	}
	for action, want := range map[policy.Action]float64{policy.Accept: 2, policy.Tag: 1, policy.Reject: 1} {
		if got := testutil.ToFloat64(s.Metrics.probes.WithLabelValues(action.String())); got != want {
			t.Errorf("%v probes counted as %v, want %v", got, action, want)
		}
	}
	if got := testutil.ToFloat64(s.Metrics.messages.WithLabelValues("reject")); got != 0 {
		t.Errorf("%v probes counted as messages", got)
	}
	if got := strings.Count(s.logs.String(), `msg="probe judged"`); got != 4 {
		t.Errorf("%d lines on probes in %s", got, s.logs)
	}
	for _, secret := range []string{"040788", "borger", "anne", "ole@"} {
		if strings.Contains(s.logs.String(), secret) {
			t.Errorf("the log tells %q: %s", secret, s.logs)
		}
	}
}
