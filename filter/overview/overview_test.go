package overview

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // for machines that have none

	"golang.org/x/net/html"

	"councilgate/filter/record"
	"councilgate/policy"
)

// recorded gives a Recorder with verdicts, each so many hours ago, that were judged as
// the rest of their line says.
func recorded(t *testing.T, now time.Time, verdicts ...string) *record.Recorder {
	t.Helper()
	var lines strings.Builder
	for _, v := range verdicts {
		ago, rest, _ := strings.Cut(v, " ")
		hours, err := strconv.Atoi(ago)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&lines, `{"time":%q,"ms":5,"recipients":{},%s}`+"\n", now.Add(-time.Duration(hours)*time.Hour).UTC().Truncate(time.Hour).Format(time.RFC3339), rest)
	}
	file := filepath.Join(t.TempDir(), "record.jsonl")
	if err := os.WriteFile(file, []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	broken := 0
	r := record.New(record.Options{File: file, Days: 30, MaxBytes: 1 << 20, Log: slog.New(slog.DiscardHandler), Events: record.Events{Broken: func(n int) { broken += n }}})
	if err := r.Close(t.Context()); err != nil { // it has read everything then
		t.Fatal(err)
	}
	if broken > 0 {
		t.Fatalf("%d verdicts are written wrongly", broken)
	}
	return r
}

// well is what there is to tell when all is well.
func well(now time.Time) Facts {
	return Facts{Municipality: "Nørreå Kommune", Version: "v1", Started: now, Ready: true, PolicyLoaded: now, ReloadOK: true}
}

const (
	passed       = `"action":"accept"`
	refusedQuote = `"action":"reject","rule":"quoted-sensitive","categories":["health"]`
	refusedOwn   = `"action":"reject","rule":"own-sensitive","categories":["national-id","religion"]`
	refusedGap   = `"action":"reject","gaps":["unreadable"]`
	wouldQuote   = `"action":"accept","would":{"action":"reject","rule":"quoted-sensitive"},"categories":["crime"]`
)

func TestCharts(t *testing.T) {
	now := time.Now()
	r := recorded(t, now, "0 "+passed, "0 "+refusedQuote, "1 "+refusedQuote, "1 "+refusedOwn, "3 "+refusedGap, "30 "+refusedQuote, "300 "+passed)
	for _, tt := range []struct {
		span             string
		judged, refused  string
		steps            int
		quoted, gap, all string // in the foot of the table by rule
	}{
		{"day", "5", "4", 24, "2", "1", "4"},
		{"week", "6", "5", 7, "3", "1", "5"},
		{"month", "7", "5", 30, "3", "1", "5"},
		{"no such span", "5", "4", 24, "2", "1", "4"},
	} {
		v := newView(r, well(now), tt.span, now)
		if v.Tiles[0].Value != tt.judged || v.Tiles[1].Value != tt.refused {
			t.Errorf("%s: tiles %+v", tt.span, v.Tiles)
		}
		byRule := v.Charts[0]
		if got := byRule.Table.Foot.Cells; !slices.Equal(got, []string{tt.quoted, "1", tt.gap, tt.all}) || len(byRule.Table.Rows) != tt.steps {
			t.Errorf("%s: table by rule %+v", tt.span, byRule.Table)
		}
		for _, c := range v.Charts {
			checkChart(t, tt.span, c)
		}
	}
}

// checkChart fails the test unless plot and table tell the same.
func checkChart(t *testing.T, span string, c chart) {
	t.Helper()
	at := span + ", " + c.ID
	for _, row := range append(c.Table.Rows, c.Table.Foot) {
		if len(row.Cells) != len(c.Table.Head)-1 {
			t.Errorf("%s: %d cells below %d heads", at, len(row.Cells), len(c.Table.Head)-1)
		}
	}
	if c.Empty == "" && (c.Desc == "" || c.Summary == "" || c.Table.Caption == "") {
		t.Errorf("%s: a plot without words: %+v", at, c)
	}
	if len(c.Bars) == 0 {
		return
	}
	most, _ := strconv.Atoi(c.Grid[len(c.Grid)-1].Label)
	unit := float64(plotHeight-plotTop-plotBottom) / float64(most)
	drawn := 0.0
	for _, b := range c.Bars {
		for _, p := range b.Pieces {
			h, err := strconv.ParseFloat(p.H, 64)
			if err != nil || h <= 0 {
				t.Errorf("%s: a piece of height %q", at, p.H)
			}
			drawn += h / unit
		}
	}
	if total := c.Table.Foot.Cells[len(c.Table.Foot.Cells)-1]; fmt.Sprintf("%.0f", drawn) != total {
		t.Errorf("%s: %.2f mails drawn, %s in the table", at, drawn, total)
	}
}

// TestSmallNumbers: no count by category is told exactly, in whatever span.
func TestSmallNumbers(t *testing.T) {
	now := time.Now()
	var verdicts []string
	for range 7 {
		verdicts = append(verdicts, "0 "+refusedQuote)
	}
	r := recorded(t, now, append(verdicts, "1 "+refusedOwn, "0 "+wouldQuote)...)
	for _, span := range []string{"day", "week", "month"} {
		for _, c := range newView(r, well(now), span, now).Charts {
			if !c.Banded {
				continue
			}
			cells := slices.Clone(c.Table.Foot.Cells)
			for _, row := range c.Table.Rows {
				cells = append(cells, row.Cells...)
			}
			for _, s := range c.Strips {
				cells = append(cells, s.Total)
			}
			for _, cell := range cells {
				if cell != "0" && cell != "1–4" && cell != "5–9" {
					t.Errorf("%s, %s: %q", span, c.ID, cell)
				}
			}
			if c.ID == "refused-categories" && c.Table.Foot.Cells[1] != "5–9" || !slices.Contains(cells, "1–4") {
				t.Errorf("%s, %s: %v", span, c.ID, c.Table.Foot)
			}
		}
	}
}

// TestMostOften: what is said of two categories in a band is the same, whichever has
// more mails.
func TestMostOften(t *testing.T) {
	list := []series{{Name: "a"}, {Name: "b", Total: 5}, {Name: "c", Total: 1}, {Name: "d", Total: 9}}
	if names, most := mostOften(list); names != "b, d" || most != "5–9" {
		t.Errorf("%s: %s", names, most)
	}
}

func TestBand(t *testing.T) {
	for n, want := range map[int]string{0: "0", 1: "1–4", 4: "1–4", 5: "5–9", 9: "5–9", 10: "10–19", 19: "10–19", 20: "20–49", 49: "20–49", 199: "100–199", 499: "200–499", 500: "500 or more", 1e9: "500 or more"} {
		if _, got := band(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

// TestShadow: what would have been refused comes first while nothing is.
func TestShadow(t *testing.T) {
	now := time.Now()
	ids := func(f Facts, verdicts ...string) string {
		var list []string
		for _, c := range newView(recorded(t, now, verdicts...), f, "day", now).Charts {
			list = append(list, c.ID)
		}
		return strings.Join(list, " ")
	}
	observing, one := well(now), well(now)
	observing.Observing = true
	one.Observed = []policy.Rule{policy.OwnSensitive}
	for _, tt := range []struct {
		name string
		f    Facts
		v    string
		want string
	}{
		{"enforced", well(now), "0 " + refusedQuote, "refused refused-categories actions times"},
		{"shadow mode", observing, "0 " + passed, "would would-categories refused refused-categories actions times"},
		{"a rule in shadow mode", one, "0 " + passed, "refused refused-categories would would-categories actions times"},
		{"shadow mode until an hour ago", well(now), "1 " + wouldQuote, "refused refused-categories would would-categories actions times"},
	} {
		if got := ids(tt.f, tt.v); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestHealth(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	kept := record.Status{Kept: true, Up: true, Days: 30}
	tests := []struct {
		name   string
		f      func(*Facts)
		status record.Status
		item   string
		state  string
		text   string
	}{
		{"ready", nil, kept, "Filter", "ok", "takes connections"},
		{"not ready", func(f *Facts) { f.Ready = false }, kept, "Filter", "problem", "does not take connections"},
		{"loaded", func(f *Facts) { f.PolicyLoaded = now.AddDate(0, 0, -3) }, kept, "Policy", "ok", "Thu 19 Nov, 12:00 (3 days ago)"},
		{"not loaded", func(f *Facts) { f.ReloadOK = false }, kept, "Policy", "problem", "stays in force"},
		{"enforced", nil, kept, "Mode", "ok", "enforced"},
		{"observing", func(f *Facts) { f.Observing = true }, kept, "Mode", "look", "Shadow mode"},
		{"a rule observed", func(f *Facts) { f.Observed = []policy.Rule{policy.OwnSensitive} }, kept, "Mode", "look", "own-sensitive"},
		{"recorded", nil, kept, "Record", "ok", "removed after 30 days"},
		{"no record", nil, record.Status{}, "Record", "off", "None is kept"},
		{"record down", nil, record.Status{Kept: true}, "Record", "problem", "not recorded"},
		{"some dropped", func(f *Facts) { f.Dropped = 1234 }, kept, "Record", "look", "1,234"},
		{"state up", func(f *Facts) { f.StateShared, f.StateUp = true, true }, kept, "Shared state", "ok", "answers"},
		{"directory up", func(f *Facts) { f.Directory = &Directory{true, now.Add(-30 * time.Minute)} }, kept, "Directory", "ok", "30 minutes ago"},
		{"directory down", func(f *Facts) { f.Directory = &Directory{false, now.Add(-5 * time.Hour)} }, kept, "Directory", "problem", "5 hours ago"},
		{"state down", func(f *Facts) { f.StateShared = true }, kept, "Shared state", "problem", "does not answer"},
	}
	for _, tt := range tests {
		f := well(now)
		if tt.f != nil {
			tt.f(&f)
		}
		list := healthOf(f, tt.status, now)
		i := slices.IndexFunc(list, func(h health) bool { return h.Name == tt.item })
		if i < 0 || list[i].State != tt.state || !strings.Contains(list[i].Text, tt.text) {
			t.Errorf("%s: %+v, want %s %q", tt.name, list, tt.state, tt.text)
		}
	}
}

// TestDocument: what every page must be, whatever it tells.
func TestDocument(t *testing.T) {
	now := time.Now()
	evil := well(now)
	evil.Municipality = `</title><script>alert(1)</script>`
	observing := well(now)
	observing.Observing = true
	for name, page := range map[string]http.Handler{
		"empty":  New(record.New(record.Options{}), func() Facts { return well(now) }),
		"evil":   New(record.New(record.Options{}), func() Facts { return evil }),
		"full":   New(recorded(t, now, "0 "+refusedQuote, "2 "+refusedOwn, "5 "+refusedGap, "7 "+passed), func() Facts { return well(now) }),
		"shadow": New(recorded(t, now, "0 "+wouldQuote), func() Facts { return observing }),
	} {
		for _, query := range []string{"", "?range=day", "?range=week", "?range=month", "?range=%3Cscript%3E"} {
			w := httptest.NewRecorder()
			page.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/"+query, nil))
			at := name + query
			if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "text/html; charset=utf-8" {
				t.Fatalf("%s: %d %v", at, w.Code, w.Header())
			}
			if csp := w.Header().Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") || strings.Contains(csp, "script-src") {
				t.Errorf("%s: %q", at, csp)
			}
			document, err := html.Parse(w.Body)
			if err != nil {
				t.Fatal(err)
			}
			checkDocument(t, at, document)
		}
	}
}

// checkDocument walks a document: names that are referred to exist once, nothing is
// loaded, nothing runs, and each plot has words and a table.
func checkDocument(t *testing.T, at string, document *html.Node) {
	t.Helper()
	ids := make(map[string]int)
	var references []string
	plots, regions, current := 0, 0, 0
	for n := range document.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.Data {
		case "script", "iframe", "object", "embed", "form", "base":
			t.Errorf("%s: a %s", at, n.Data)
		}
		attributes := make(map[string]string)
		for _, a := range n.Attr {
			attributes[a.Key] = a.Val
			if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
				t.Errorf("%s: %s has %s", at, n.Data, a.Key)
			}
			if (a.Key == "href" || a.Key == "src") && !strings.HasPrefix(a.Val, "/") && !strings.HasPrefix(a.Val, "#") {
				t.Errorf("%s: %s leads to %s", at, n.Data, a.Val)
			}
		}
		if id := attributes["id"]; id != "" {
			ids[id]++
		}
		references = append(references, strings.Fields(attributes["aria-labelledby"])...)
		if target, ok := strings.CutPrefix(attributes["href"], "#"); ok {
			references = append(references, target)
		}
		if fill, ok := strings.CutPrefix(attributes["fill"], "url(#"); ok {
			references = append(references, strings.TrimSuffix(fill, ")"))
		}
		if attributes["role"] == "img" {
			plots++
		}
		if attributes["role"] == "region" {
			regions++
		}
		if attributes["aria-current"] == "page" {
			current++
		}
	}
	if plots != regions || current != 1 {
		t.Errorf("%s: %d plots, %d tables beside them, %d spans marked as this one", at, plots, regions, current)
	}
	for _, name := range references {
		if ids[name] != 1 {
			t.Errorf("%s: %d elements are called %q, want one", at, ids[name], name)
		}
	}
}

// TestSpans: steps follow each other without a hole, also when clocks change.
func TestSpans(t *testing.T) {
	copenhagen, err := time.LoadLocation("Europe/Copenhagen")
	if err != nil {
		t.Fatal(err)
	}
	for _, now := range []time.Time{
		time.Date(2026, 10, 26, 9, 30, 0, 0, copenhagen), // the day after a day of 25 hours
		time.Date(2026, 3, 29, 3, 0, 0, 0, copenhagen),   // within a day of 23
		time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
	} {
		for key, want := range map[string]int{"day": 24, "week": 7, "month": 30} {
			s := newSpan(key, now)
			if len(s.steps) != want || s.key != key || s.period() == "" {
				t.Errorf("%v, %s: %d steps", now, key, len(s.steps))
			}
			at := s.from
			marks := 0
			for _, one := range s.steps {
				if !one.from.Equal(at) || !one.to.After(one.from) || one.name == "" {
					t.Errorf("%v, %s: step %+v begins elsewhere than at %v", now, key, one, at)
				}
				at = one.to
				if one.mark != "" {
					marks++
				}
			}
			if !at.Equal(s.to) || now.Before(s.steps[want-1].from) || !now.Before(s.to) || marks < 3 || marks > 7 {
				t.Errorf("%v, %s: ends at %v with %d marks", now, key, s.to, marks)
			}
		}
	}
}

func TestAxes(t *testing.T) {
	for _, most := range []int{0, 1, 4, 5, 8, 9, 99, 100, 101, 12_345, 1_000_001} {
		a := newCounts(most)
		if lines := a.grid(); a.end < most || a.end > 4*max(most, 4) || len(lines) > 5 || len(lines) < 2 {
			t.Errorf("%d: %+v with %d lines", most, a, len(lines))
		}
		if a.y(0) != plotHeight-plotBottom || a.y(a.end) != plotTop {
			t.Errorf("%d: from %v to %v", most, a.y(0), a.y(a.end))
		}
	}
	a := newDecades(3*time.Millisecond, 20*time.Second)
	var labels []string
	for _, line := range a.grid() {
		labels = append(labels, line.Label)
	}
	if got := strings.Join(labels, ", "); got != "1 ms, 10 ms, 100 ms, 1 s, 10 s, 100 s" {
		t.Errorf("labels %s", got)
	}
	if a := newDecades(0, 0); a.high <= a.low {
		t.Errorf("an axis without height: %+v", a)
	}
}

func TestNumbers(t *testing.T) {
	for got, want := range map[string]string{
		thousands(0): "0", thousands(999): "999", thousands(1000): "1,000", thousands(1234567): "1,234,567",
		mails(1): "1 mail", mails(0): "0 mails", mails(1200): "1,200 mails",
		share(0, 0): "no mail was judged", share(0, 9): "none of those judged", share(1, 5000): "less than 0.1 % of those judged",
		share(1, 40): "2.5 % of those judged", share(1, 2): "50 % of those judged",
		rate(36, 24*time.Hour): "1.5 an hour, ", rate(36, time.Hour): "", rate(0, 24*time.Hour): "",
		roundMs(480 * time.Microsecond): "0.5", roundMs(12300 * time.Microsecond): "12", roundMs(1234 * time.Millisecond): "1,200",
		age(30 * time.Second): "a minute", age(90 * time.Minute): "90 minutes", age(30 * time.Hour): "30 hours", age(50 * time.Hour): "2 days", days(1): "1 day",
		short(0): "0", short(999): "999", short(5000): "5k", short(12_500): "12.5k", short(2_000_000): "2M",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
