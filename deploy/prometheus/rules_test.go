package prometheus

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"councilgate/filter"
)

const (
	recordingFile = "councilgate.rules.yml"
	alertsFile    = "councilgate.alerts.yml"
)

// promtool runs Prometheus' own checks.
func promtool(t *testing.T, stdin io.Reader, args ...string) {
	t.Helper()
	onStage(t)
	cmd := exec.Command("promtool", args...)
	cmd.Stdin = stdin
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func TestPromtoolChecksRules(t *testing.T) {
	promtool(t, nil, "check", "rules", recordingFile, alertsFile)
	promtool(t, nil, "check", "config", "prometheus.yml")
	promtool(t, nil, "check", "config", "--syntax-only", "prometheus-tls.yml") // deploy/evening uses it
}

func TestPromtoolTestsRules(t *testing.T) {
	promtool(t, nil, append([]string{"test", "rules"}, files(t, "*.test.yml")...)...)
}

func TestPromtoolChecksMetrics(t *testing.T) {
	s := onStage(t)
	resp, err := http.Get("http://" + s.councilgate.HTTP + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	promtool(t, resp.Body, "check", "metrics")
}

// The rules name no metric, value of a label or label that the program does not have,
// and Prometheus has no trouble with them.
func TestRulesNameWhatThereIs(t *testing.T) {
	s := onStage(t)
	for _, r := range append(rules(t, recordingFile), rules(t, alertsFile)...) {
		unknown, err := s.prometheus.unknown(r.Expr)
		if err != nil || len(unknown) > 0 {
			t.Errorf("%s%s: there is no %v, %v", r.Record, r.Alert, unknown, err)
		}
		if r.Record == "" {
			continue
		}
		if found, err := s.prometheus.query(r.Record); err != nil || len(found) == 0 {
			t.Errorf("%s has no value, %v", r.Record, err)
		}
	}
	var loaded struct {
		Groups []struct {
			Rules []struct{ Name, Health, LastError string }
		}
	}
	if err := s.prometheus.get("/api/v1/rules", &loaded); err != nil {
		t.Fatal(err)
	}
	for _, g := range loaded.Groups {
		for _, r := range g.Rules {
			if r.Health != "ok" {
				t.Errorf("%s: %s %s", r.Name, r.Health, r.LastError)
			}
		}
	}
	if len(loaded.Groups) != 2 {
		t.Errorf("%d groups are loaded", len(loaded.Groups))
	}
}

var tested = regexp.MustCompile(`alertname="(\w+)"`)

// Every alert has a test in which it fires and one in which it does not.
func TestEveryAlertIsTested(t *testing.T) {
	fires, rests := make(map[string]bool), make(map[string]bool)
	for _, file := range files(t, "*.test.yml") {
		var content struct {
			Tests []struct {
				Expressions []struct {
					Expr    string
					Samples []any `yaml:"exp_samples"`
				} `yaml:"promql_expr_test"`
			}
		}
		readYAML(t, file, &content)
		for _, group := range content.Tests {
			for _, e := range group.Expressions {
				m := tested.FindStringSubmatch(e.Expr)
				switch {
				case m == nil:
				case len(e.Samples) == 0:
					rests[m[1]] = true
				case strings.Contains(e.Expr, `alertstate="firing"`):
					fires[m[1]] = true
				}
			}
		}
	}
	for _, r := range rules(t, alertsFile) {
		if !fires[r.Alert] || !rests[r.Alert] {
			t.Errorf("%s: a test where it fires: %v, where it does not: %v", r.Alert, fires[r.Alert], rests[r.Alert])
		}
	}
}

// Whoever is woken by an alert finds what it is, why and what to do.
func TestAlertsAreExplained(t *testing.T) {
	page, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var runbook []string
	for line := range strings.Lines(string(page)) {
		if name, ok := strings.CutPrefix(line, "### Councilgate"); ok {
			runbook = append(runbook, "Councilgate"+strings.TrimSpace(name))
		}
	}
	var alerts []string
	for _, r := range rules(t, alertsFile) {
		alerts = append(alerts, r.Alert)
		if !slices.Contains([]string{"critical", "warning", "info"}, r.Labels["severity"]) {
			t.Errorf("%s: severity %q", r.Alert, r.Labels["severity"])
		}
		for _, annotation := range []string{"summary", "description"} {
			if r.Annotations[annotation] == "" {
				t.Errorf("%s has no %s", r.Alert, annotation)
			}
		}
		if got, want := r.Annotations["runbook_url"], "deploy/README.md#"+strings.ToLower(r.Alert); got != want {
			t.Errorf("%s: runbook_url %q, want %q", r.Alert, got, want)
		}
	}
	if !slices.Equal(alerts, runbook) {
		t.Errorf("deploy/README.md explains %v\nthe alerts are %v", runbook, alerts)
	}
}

// What the alerts say of limits is true.
func TestAlertsKnowTheLimits(t *testing.T) {
	limits := filter.DefaultLimits()
	for _, r := range rules(t, alertsFile) {
		switch r.Alert {
		case "CouncilgateConnections":
			if want := fmt.Sprintf("councilgate_connections > %d", limits.Connections*4/5); r.Expr != want {
				t.Errorf("%s: %s, want %s", r.Alert, r.Expr, want)
			}
			if !strings.Contains(r.Annotations["description"], fmt.Sprintf("takes %d at a time", limits.Connections)) {
				t.Errorf("%s: another limit than %d", r.Alert, limits.Connections)
			}
		case "CouncilgateNearDeadline":
			if !strings.Contains(r.Annotations["description"], fmt.Sprintf("At %.0f seconds", limits.Inspection.Seconds())) {
				t.Errorf("%s: another limit than %v", r.Alert, limits.Inspection)
			}
		}
	}
}
