package prometheus

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

var (
	// A metric that the program or our recording rules have, with its matchers.
	selectorPattern = regexp.MustCompile(`\b(?:councilgate_\w+|(?:job|instance):\w+:\w+|(?:process|go)_\w+|up)\b(?:\{[^}]*\})?`)
	// The labels of an aggregation or a vector match.
	groupingPattern = regexp.MustCompile(`\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)`)
)

// selectors lists the selectors of an expression, each once.
func selectors(expr string) []string {
	expr = groupingPattern.ReplaceAllString(expr, "")
	found := selectorPattern.FindAllString(expr, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

// groupings lists the labels by which an expression groups and matches, each once.
func groupings(expr string) []string {
	var labels []string
	for _, m := range groupingPattern.FindAllStringSubmatch(expr, -1) {
		for _, label := range strings.Split(m[1], ",") {
			if label = strings.TrimSpace(label); label != "" {
				labels = append(labels, label)
			}
		}
	}
	slices.Sort(labels)
	return slices.Compact(labels)
}

func TestSelectors(t *testing.T) {
	const expr = `sum by (job, le) (rate(councilgate_inspection_seconds_bucket{job=~"$job"}[5m])) > ignoring (action) group_left () 2 * up
		or label_replace(job:councilgate_refused:increase1h offset 1w, "week", "1", "", "") or instance:councilgate_inspection_seconds:p95`
	if got, want := fmt.Sprint(selectors(expr)), `[councilgate_inspection_seconds_bucket{job=~"$job"} instance:councilgate_inspection_seconds:p95 job:councilgate_refused:increase1h up]`; got != want {
		t.Errorf("selectors %s, want %s", got, want)
	}
	if got, want := fmt.Sprint(groupings(expr)), "[action job le]"; got != want {
		t.Errorf("groupings %s, want %s", got, want)
	}
}

// rule is a recording or an alerting rule.
type rule struct {
	Record, Alert, Expr, For string
	Labels, Annotations      map[string]string
}

// rules reads a rule file.
func rules(t *testing.T, file string) []rule {
	t.Helper()
	var content struct{ Groups []struct{ Rules []rule } }
	readYAML(t, file, &content)
	var list []rule
	for _, g := range content.Groups {
		list = append(list, g.Rules...)
	}
	if len(list) == 0 {
		t.Fatalf("%s has no rules", file)
	}
	return list
}

func readYAML(t *testing.T, file string, into any) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(data, into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

// unknown tells what an expression names that the program does not have: a selector
// that matches nothing on the scraped councilgate, and a label that no metric bears.
func (s *server) unknown(expr string) (names []string, err error) {
	for _, selector := range selectors(expr) {
		found, err := s.query("count(" + selector + ")")
		if err != nil {
			return nil, fmt.Errorf("%s: %w", selector, err)
		}
		if len(found) == 0 {
			names = append(names, selector)
		}
	}
	var labels []string
	if err := s.get("/api/v1/labels", &labels); err != nil {
		return nil, err
	}
	for _, label := range groupings(expr) {
		if !slices.Contains(labels, label) && label != "week" { // which our rules make
			names = append(names, label)
		}
	}
	return names, nil
}

// The test of the rules would see a name that the program does not have.
func TestUnknownNamesAreSeen(t *testing.T) {
	s := onStage(t)
	for expr, want := range map[string]string{
		`councilgate_connections > 1`:                                  "[]",
		`councilgate_conections > 1`:                                   "[councilgate_conections]",
		`councilgate_messages_total{action="refuse"}`:                  `[councilgate_messages_total{action="refuse"}]`,
		`councilgate_messages_total{verdict="reject"}`:                 `[councilgate_messages_total{verdict="reject"}]`,
		`sum by (reason, kind) (councilgate_gaps_total)`:               "[reason]",
		`job:councilgate_refused:rate1h and ignoring (verdict) up > 0`: "[job:councilgate_refused:rate1h verdict]",
	} {
		got, err := s.prometheus.unknown(expr)
		if err != nil || fmt.Sprint(got) != want {
			t.Errorf("%s: unknown %v, %v, want %s", expr, got, err, want)
		}
	}
}

// files lists the files of a pattern, and is not content with none.
func files(t *testing.T, pattern string) []string {
	t.Helper()
	list, err := filepath.Glob(pattern)
	if err != nil || len(list) == 0 {
		t.Fatalf("%s: %d files, %v", pattern, len(list), err)
	}
	return list
}
