package filter

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"councilgate/policy"
)

// TestShadowMode drives every outcome in shadow mode: each mail passes, and all that
// is changed is that forged fields of ours are taken out. What would have happened is
// told, and nothing more.
func TestShadowMode(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	stuck := make(chan struct{})
	defer close(stuck)
	p, err := policy.Parse("sentinel.yaml", []byte("mode: observe\n"+sentinelPolicy))
	if err != nil {
		t.Fatal(err)
	}
	inspector := NewInspector()
	held := 0
	for _, tt := range sentinelCases(inspector, stuck) {
		if tt.expl != nil {
			continue // nothing is explained
		}
		t.Run(tt.name, func(t *testing.T) {
			server := tt.serve(t, inspector, p)

			wire := server.negotiated(t).converse(tt.mail)
			for line := range strings.Lines(string(wire)) {
				if line != "c\n" && line != "m\x00\x00\x00\x01"+policy.MassMailingHeader+"\x00\x00\n" {
					t.Errorf("answered by %q", line)
				}
			}
			lookForSecrets(t, server, wire, temp)

			logs := server.logs.String()
			if n := strings.Count(logs, "action=accept"); n != 1 {
				t.Errorf("%d lines on an accepted message: %s", n, logs)
			}
			counted := 0
			for _, action := range []string{"tag", "reject", "tempfail"} {
				n := int(testutil.ToFloat64(server.Metrics.would.messages.WithLabelValues(action)))
				if n != strings.Count(logs, "action=accept would="+action+" ") {
					t.Errorf("%d would-be %s counted: %s", n, action, logs)
				}
				counted += n
			}
			held += counted
			passes := counted == 0
			if want := strings.Contains(tt.want, "accept") || strings.Contains(tt.want, "unread") || tt.want == "gaps=[encrypted]" || tt.want == `queue_id=""`; passes && !want {
				t.Errorf("nothing is told: %s", logs)
			}
			if n := testutil.ToFloat64(server.Metrics.messages.WithLabelValues("accept")); n != 1 {
				t.Errorf("%v messages accepted", n)
			}
		})
	}
	if held < 10 {
		t.Errorf("only %d messages had something held back", held)
	}
}

// The subject stays as it is, whatever stands in it; a rule alone in shadow mode
// keeps its own hands off, and the others do what they do.
func TestShadowModeAndTheSubject(t *testing.T) {
	const subject = "[ok 7F3K-92QD hun ved det] [begrundelse: afstemning] Brev"
	tests := []struct{ policy, want string }{
		{"mode: observe", ""},
		{"mode: enforce", "[M] Brev"},
		{"rules: {mass-mailing: {mode: observe, above: 1, subject_prefix: '[M]'}, own-sensitive: {override: {allow: true}}}", "[begrundelse: afstemning] Brev"},
		{"rules: {mass-mailing: {above: 1, subject_prefix: '[M]'}, own-sensitive: {mode: observe, override: {allow: true}}}", "[M] [ok 7F3K-92QD hun ved det] Brev"},
	}
	for _, tt := range tests {
		text := "internal: [norreaa.example]\n" + tt.policy
		if strings.HasPrefix(tt.policy, "mode:") {
			text += "\nrules: {mass-mailing: {above: 1, subject_prefix: '[M]'}, own-sensitive: {override: {allow: true}}}"
		}
		p, err := policy.Parse("test.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		inspector := NewInspector()
		inspector.Overrides = NewOverrides(nil)
		server := startServer(t, inspector)
		server.SetPolicy(p)
		m := councillorMail()
		m.to = []string{"a@post.example", "b@post.example"}
		m.fields = [][2]string{{"From", m.from}, {"Subject", subject}}
		edits, action := m.send(t, server.client(t))
		got := ""
		for _, e := range edits {
			if e.HeaderName == "Subject" {
				got = e.HeaderValue
			}
		}
		if got != tt.want || action.Code != 'c' {
			t.Errorf("%s: subject %q, want %q; answer %c", tt.policy, got, tt.want, action.Code)
		}
	}
}

func TestModeMetrics(t *testing.T) {
	m := NewMetrics()
	server := NewServer(Config{Metrics: m}, policy.Default())
	gauges := func() (whole, quoted, mass float64) {
		return testutil.ToFloat64(m.would.observing), testutil.ToFloat64(m.would.ruleObserving.WithLabelValues("quoted-sensitive")),
			testutil.ToFloat64(m.would.ruleObserving.WithLabelValues("mass-mailing"))
	}
	for _, tt := range []struct {
		policy              string
		whole, quoted, mass float64
	}{
		{"mode: enforce", 0, 0, 0},
		{"mode: observe", 1, 1, 1},
		{"rules: {mass-mailing: {mode: observe}}", 0, 0, 1},
	} {
		p, err := policy.Parse("test.yaml", []byte("internal: [norreaa.example]\n"+tt.policy))
		if err != nil {
			t.Fatal(err)
		}
		server.SetPolicy(p)
		if whole, quoted, mass := gauges(); whole != tt.whole || quoted != tt.quoted || mass != tt.mass {
			t.Errorf("%s: %v, %v, %v", tt.policy, whole, quoted, mass)
		}
	}

	m.judged(policy.Verdict{
		Action: policy.Tag, Rule: policy.MassMailing,
		Would: policy.Outcome{Action: policy.Reject, Rule: policy.OwnSensitive},
		Hits:  []policy.RuleHit{{Rule: policy.OwnSensitive, Action: policy.Observe, Would: policy.Reject}, {Rule: policy.MassMailing, Action: policy.Tag}},
	}, 1, time.Millisecond)
	for name, got := range map[string]float64{
		"tag done":    testutil.ToFloat64(m.messages.WithLabelValues("tag")),
		"reject held": testutil.ToFloat64(m.would.messages.WithLabelValues("reject")),
		"hit":         testutil.ToFloat64(m.ruleHits.WithLabelValues("own-sensitive", "observe")),
		"hit held":    testutil.ToFloat64(m.would.ruleHits.WithLabelValues("own-sensitive", "reject")),
	} {
		if got != 1 {
			t.Errorf("%s: %v", name, got)
		}
	}
}
