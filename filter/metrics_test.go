package filter

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"councilgate/policy"
)

// TestMetricNames: dashboards and alerts outside depend on these names and
// labels.
func TestMetricNames(t *testing.T) {
	m := NewMetrics()
	want := map[string]int{ // name to number of series
		"councilgate_messages_total":                       4,
		"councilgate_rule_hits_total":                      5 * 3,
		"councilgate_findings_total":                       9 * 5,
		"councilgate_exceptions_total":                     5,
		"councilgate_gaps_total":                           4,
		"councilgate_mass_mailings_total":                  2,
		"councilgate_mass_mailing_recipients":              1,
		"councilgate_mailing_state_up":                     1,
		"councilgate_forward_rules_total":                  1,
		"councilgate_notices_total":                        4,
		"councilgate_overrides_total":                      3 * 9,
		"councilgate_inspection_seconds":                   1,
		"councilgate_message_recipients":                   1,
		"councilgate_message_bytes":                        1,
		"councilgate_connections":                          1,
		"councilgate_policy_last_reload_successful":        1,
		"councilgate_policy_last_reload_timestamp_seconds": 1,
		"councilgate_would_messages_total":                 3,
		"councilgate_would_rule_hits_total":                5 * 2,
		"councilgate_observing":                            1,
		"councilgate_rule_observing":                       5,
		"councilgate_mailing_state_shared":                 1,
		"councilgate_probes_total":                         4,
		"councilgate_record_verdicts_total":                2,
		"councilgate_record_broken_lines_total":            1,
		"councilgate_record_up":                            1,
		"councilgate_build_info":                           1,
	}
	families, err := m.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	goMetrics := false
	for _, f := range families {
		name := f.GetName()
		goMetrics = goMetrics || name == "go_goroutines"
		if !strings.HasPrefix(name, "councilgate_") {
			continue
		}
		if n := len(f.GetMetric()); n != want[name] {
			t.Errorf("%s has %d series, want %d", name, n, want[name])
		}
		delete(want, name)
	}
	if len(want) > 0 {
		t.Errorf("missing: %v", want)
	}
	if !goMetrics {
		t.Error("the Go runtime's metrics are missing")
	}
	problems, err := testutil.GatherAndLint(m.registry)
	if err != nil || len(problems) > 0 {
		t.Errorf("lint: %v %v", problems, err)
	}
}

func TestMetricsCount(t *testing.T) {
	m := NewMetrics()
	m.judged(policy.Verdict{
		Action:     policy.Reject,
		Hits:       []policy.RuleHit{{Rule: policy.QuotedSensitive, Action: policy.Reject}, {Rule: policy.MassMailing, Action: policy.Tag}},
		Findings:   []policy.Finding{{Category: policy.Health, Place: policy.Quoted}, {Rule: policy.QuotedSensitive, Exception: 1, Category: policy.Health, Place: policy.Quoted}},
		Gaps:       []policy.Gap{{Kind: policy.Encrypted}},
		Recipients: policy.Recipients{Total: 3},
	}, 2000, 30*time.Millisecond)
	m.unread()
	m.failed(false)
	m.connection(+1)
	m.Loaded(time.Unix(1_700_000_000, 0))
	m.LoadFailed()
	const want = `
# HELP councilgate_messages_total Messages by what happened to them; those that passed unread count as accepted.
# TYPE councilgate_messages_total counter
councilgate_messages_total{action="accept"} 1
councilgate_messages_total{action="reject"} 1
councilgate_messages_total{action="tag"} 0
councilgate_messages_total{action="tempfail"} 1
# HELP councilgate_gaps_total Parts of messages that could not be judged, by why.
# TYPE councilgate_gaps_total counter
councilgate_gaps_total{kind="encrypted"} 1
councilgate_gaps_total{kind="internal_error"} 1
councilgate_gaps_total{kind="unreadable"} 0
councilgate_gaps_total{kind="unsupported"} 0
# HELP councilgate_connections Open milter connections.
# TYPE councilgate_connections gauge
councilgate_connections 1
# HELP councilgate_policy_last_reload_successful Whether the policy was loaded the last time it was asked for.
# TYPE councilgate_policy_last_reload_successful gauge
councilgate_policy_last_reload_successful 0
# HELP councilgate_policy_last_reload_timestamp_seconds When the policy in force was loaded.
# TYPE councilgate_policy_last_reload_timestamp_seconds gauge
councilgate_policy_last_reload_timestamp_seconds 1.7e+09
`
	err := testutil.GatherAndCompare(m.registry, strings.NewReader(want), "councilgate_messages_total", "councilgate_gaps_total",
		"councilgate_connections", "councilgate_policy_last_reload_successful", "councilgate_policy_last_reload_timestamp_seconds")
	if err != nil {
		t.Error(err)
	}
	if n := testutil.ToFloat64(m.findings.WithLabelValues("health", "quoted")); n != 2 {
		t.Errorf("%v findings, want 2", n)
	}
	if n := testutil.ToFloat64(m.exceptions.WithLabelValues("quoted-sensitive")); n != 1 {
		t.Errorf("%v findings excepted, want 1", n)
	}
	for rule, action := range map[string]string{"quoted-sensitive": "reject", "mass-mailing": "tag"} {
		if n := testutil.ToFloat64(m.ruleHits.WithLabelValues(rule, action)); n != 1 {
			t.Errorf("%v hits of %s, want 1", n, rule)
		}
	}
}
