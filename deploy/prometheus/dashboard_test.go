package prometheus

import (
	"encoding/json"
	"math"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// dashboard is what of Grafana's dashboard JSON can be tested without Grafana.
type dashboard struct {
	Panels      []panel
	Templating  struct{ List []variable }
	Annotations struct{ List []struct{ Name, Expr string } }
}

type panel struct {
	ID          int
	Type, Title string
	GridPos     struct{ X, Y, W, H int }
	Datasource  struct{ UID string }
	Targets     []struct {
		RefID, Expr, LegendFormat string
		Instant                   bool
		Datasource                struct{ UID string }
	}
}

type variable struct {
	Name, Type, Definition string
	Query                  json.RawMessage // {"query": Definition, ...}
}

func readDashboard(t *testing.T) dashboard {
	t.Helper()
	data, err := os.ReadFile("../grafana/councilgate.json")
	if err != nil {
		t.Fatal(err)
	}
	var d dashboard
	if err := json.Unmarshal(data, &d); err != nil {
		t.Fatal(err)
	}
	if len(d.Panels) == 0 {
		t.Fatal("no panels")
	}
	return d
}

// filled puts in what Grafana puts in for variables: all jobs and gateways, and times
// that fit the short life of the test.
var filled = strings.NewReplacer("$__rate_interval", "1m", "$__interval", "1m", "$__range", "1m", "$job", ".*", "$instance", ".*")

// Every query of the dashboard has an answer, and one that moves, from a councilgate
// under traffic.
func TestDashboardShowsTraffic(t *testing.T) {
	s := onStage(t)
	for _, p := range readDashboard(t).Panels {
		for _, target := range p.Targets {
			expr := filled.Replace(target.Expr)
			ask := func() ([]series, error) { return s.prometheus.queryRange(expr, 30*time.Second) }
			if target.Instant {
				ask = func() ([]series, error) { return s.prometheus.query(expr) }
			}
			found, err := ask()
			if err != nil {
				t.Errorf("%s, %s: %v", p.Title, target.RefID, err)
				continue
			}
			if !slices.ContainsFunc(found, moves) {
				t.Errorf("%s, %s: %d series, and no value but 0 or NaN: %s", p.Title, target.RefID, len(found), expr)
			}
			for _, label := range legendLabels(target.LegendFormat) {
				if slices.ContainsFunc(found, func(s series) bool { return s.labels[label] == "" }) {
					t.Errorf("%s, %s: the legend names %s, which the answer does not have", p.Title, target.RefID, label)
				}
			}
			if unknown, err := s.prometheus.unknown(expr); err != nil || len(unknown) > 0 {
				t.Errorf("%s, %s: there is no %v, %v", p.Title, target.RefID, unknown, err)
			}
		}
	}
}

// moves reports whether a series has a value that says something.
func moves(s series) bool {
	return slices.ContainsFunc(s.values, func(v float64) bool { return v != 0 && !math.IsNaN(v) && !math.IsInf(v, 0) })
}

var legendLabel = regexp.MustCompile(`\{\{\s*(\w+)\s*\}\}`)

func legendLabels(legend string) []string {
	var labels []string
	for _, m := range legendLabel.FindAllStringSubmatch(legend, -1) {
		labels = append(labels, m[1])
	}
	return labels
}

var labelValues = regexp.MustCompile(`^label_values\((.*), (\w+)\)$`)

// The variables offer the job and the gateway, and the annotations can be asked for.
func TestDashboardVariables(t *testing.T) {
	s := onStage(t)
	d := readDashboard(t)
	want := map[string]string{"job": "councilgate", "instance": s.councilgate.HTTP} // among others
	for _, v := range d.Templating.List {
		if v.Type == "datasource" {
			continue
		}
		m := labelValues.FindStringSubmatch(v.Definition)
		var query struct{ Query string }
		if err := json.Unmarshal(v.Query, &query); err != nil || m == nil || query.Query != v.Definition {
			t.Errorf("%s: %q, %s, %v", v.Name, v.Definition, v.Query, err)
			continue
		}
		found, err := s.prometheus.query(filled.Replace(m[1]))
		offered := func(s series) bool { return s.labels[m[2]] == want[v.Name] }
		if err != nil || !slices.ContainsFunc(found, offered) {
			t.Errorf("%s: %v, %v", v.Name, found, err)
		}
	}
	for _, a := range d.Annotations.List {
		expr := filled.Replace(a.Expr)
		if unknown, err := s.prometheus.unknown(expr); err != nil || len(unknown) > 0 {
			t.Errorf("annotation %s: there is no %v, %v", a.Name, unknown, err)
		}
		if _, err := s.prometheus.query(expr); err != nil {
			t.Errorf("annotation %s: %v", a.Name, err)
		}
	}
}

// The panels fill the page without overlap, have names and numbers of their own, and
// leave the choice of the data source to whoever imports them.
func TestDashboardLayout(t *testing.T) {
	const width = 24
	ids, titles := make(map[int]bool), make(map[string]bool)
	taken := make(map[[2]int]string)
	for _, p := range readDashboard(t).Panels {
		if p.Title == "" || ids[p.ID] || titles[p.Title] {
			t.Errorf("panel %d %q is there twice, or has no title", p.ID, p.Title)
		}
		ids[p.ID], titles[p.Title] = true, true
		g := p.GridPos
		if g.W < 1 || g.H < 1 || g.X < 0 || g.X+g.W > width {
			t.Errorf("%s: place %+v", p.Title, g)
		}
		for x := g.X; x < g.X+g.W; x++ {
			for y := g.Y; y < g.Y+g.H; y++ {
				if other := taken[[2]int{x, y}]; other != "" {
					t.Fatalf("%s covers %s", p.Title, other)
				}
				taken[[2]int{x, y}] = p.Title
			}
		}
		if p.Type == "row" {
			continue
		}
		if len(p.Targets) == 0 || p.Datasource.UID != "${datasource}" {
			t.Errorf("%s: %d queries, data source %q", p.Title, len(p.Targets), p.Datasource.UID)
		}
		for _, target := range p.Targets {
			if target.Datasource.UID != "${datasource}" {
				t.Errorf("%s, %s: data source %q", p.Title, target.RefID, target.Datasource.UID)
			}
		}
	}
}
