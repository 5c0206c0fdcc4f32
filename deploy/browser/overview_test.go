package browser

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"councilgate/filter"
	"councilgate/filter/record"
	"councilgate/policy"
)

// verdict writes a line of a record.
func verdict(at time.Time, action, rest string, ms float64) string {
	return fmt.Sprintf(`{"time":%q,"action":%q%s,"recipients":{"total":1,"outside":1},"ms":%.2g}`+"\n", at.UTC().Truncate(time.Hour).Format(time.RFC3339), action, rest, ms)
}

// month writes a record of thirty days, the same each time.
func month(t *testing.T, dir string, now time.Time, shadow bool) string {
	t.Helper()
	dice := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	refuse := func(at time.Time, rule, categories string) {
		rest := fmt.Sprintf(`,"rule":%q`, rule)
		action := "reject"
		if shadow {
			action, rest = "accept", fmt.Sprintf(`,"would":{"action":"reject","rule":%q}`, rule)
		}
		b.WriteString(verdict(at, action, rest+`,"categories":[`+categories+`]`, 3+20*dice.Float64()))
	}
	for at := now.AddDate(0, 0, -29); at.Before(now); at = at.Add(time.Hour) {
		busy := 0
		if local := at.In(time.Local); local.Hour() >= 7 && local.Hour() <= 22 {
			busy = 12
			if local.Weekday() == time.Saturday || local.Weekday() == time.Sunday {
				busy = 4
			}
		}
		for range dice.IntN(busy + 2) {
			b.WriteString(verdict(at, "accept", "", 1+6*dice.ExpFloat64()))
		}
		if busy == 0 {
			continue
		}
		if dice.IntN(5) == 0 {
			refuse(at, "quoted-sensitive", `"health"`)
		}
		if dice.IntN(7) == 0 {
			refuse(at, "quoted-sensitive", `"national-id","health"`)
		}
		if dice.IntN(12) == 0 {
			refuse(at, "own-sensitive", `"crime"`)
		}
		if dice.IntN(25) == 0 {
			refuse(at, "own-sensitive", `"ethnicity","religion"`)
		}
		if dice.IntN(20) == 0 {
			refuse(at, "private-forward", ``)
		}
		if dice.IntN(60) == 0 {
			refuse(at, "", ``)
			b.WriteString(verdict(at, "reject", `,"gaps":["unreadable"]`, 40))
		}
		if dice.IntN(40) == 0 {
			b.WriteString(verdict(at, "tag", `,"rule":"mass-mailing","mass_mailing":134`, 9))
			b.WriteString(verdict(at, "accept", `,"gaps":["encrypted"]`, 4))
		}
		if dice.IntN(90) == 0 {
			b.WriteString(verdict(at, "accept", `,"override":"accepted"`, 4))
			b.WriteString(verdict(at, "tempfail", `,"gaps":["internal_error"]`, 20000))
		}
	}
	file := filepath.Join(dir, "record.jsonl")
	if err := os.WriteFile(file, []byte(b.String()), 0o640); err != nil {
		t.Fatal(err)
	}
	return file
}

// overviewLook is what the browser tells of the overview page.
type overviewLook struct {
	look
	Plots        int
	Differ       int      // numbers of the tables that are drawn otherwise
	Marks        float64  // contrast of the weakest mark of a plot
	Words        float64  // and of the weakest word
	Unfocused    int      // elements that do not show that they have the focus
	Foreign      []string // what was loaded from elsewhere
	OpenOverflow int      // pixels beyond the right edge while all tables are open
}

// overviewCases are the pages that are looked at, by name, with their number of plots.
var overviewCases = []struct {
	name, mode string
	kept       bool
	plots      int
}{
	{"full", "enforce", true, 4},
	{"shadow", "observe", true, 5}, // what was refused has no categories
	{"empty", "enforce", false, 0},
}

// newOverview serves the page of a case as serve does.
func newOverview(t *testing.T, mode string, kept bool) http.Handler {
	t.Helper()
	p, err := policy.Parse("test.yaml", []byte("mode: "+mode+pagesPolicy))
	if err != nil {
		t.Fatal(err)
	}
	var options record.Options
	if kept {
		options = record.Options{
			File: month(t, t.TempDir(), time.Now(), mode == "observe"), Days: 30, MaxBytes: 100 << 20, Log: slog.New(slog.DiscardHandler),
		}
	}
	r := record.New(options)
	if err := r.Close(t.Context()); err != nil { // it has read everything then
		t.Fatal(err)
	}
	metrics := filter.NewMetrics()
	metrics.Loaded(time.Now().Add(-75 * time.Hour))
	metrics.RecordEvents().Up(kept)
	server := filter.NewServer(filter.Config{Metrics: metrics}, p)
	return filter.NewHTTPServer(filter.Pages{
		Overview: server.Overview(r), Help: server.Help(), Metrics: metrics.Handler(), Ready: func() bool { return true },
	}, slog.New(slog.DiscardHandler)).Handler
}

// framed lets a page into a frame of the test's own. All else of its policy stays.
func framed(page http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		page.ServeHTTP(answer, r)
		for name, values := range answer.Header() {
			w.Header().Set(name, strings.Replace(values[0], "; frame-ancestors 'none'", "", 1))
		}
		w.WriteHeader(answer.Code)
		w.Write(answer.Body.Bytes())
	})
}

// 3 to 1 is what WCAG 2.2, criterion 1.4.11, asks of the marks of a plot.
func TestOverviewInChromium(t *testing.T) {
	for _, tt := range overviewCases {
		page := newOverview(t, tt.mode, tt.kept)
		mux := http.NewServeMux()
		mux.Handle("GET /", framed(page))
		mux.HandleFunc("GET /look", serveLooks(t, []string{"/?range=day", "/?range=week", "/?range=month"}, "overview.js"))
		site := httptest.NewServer(mux)
		defer site.Close()
		for theme, flag := range themes {
			t.Run(tt.name+", "+theme, func(t *testing.T) {
				looks := examine[overviewLook](t, site.URL+"/look", flag)
				if len(looks) != 6 {
					t.Fatalf("%d looks, want 6", len(looks))
				}
				for _, l := range looks {
					checkLook(t, theme, l.look)
					at := fmt.Sprintf("%s at %d px", l.Page, l.Width)
					if l.OpenOverflow > 0 {
						t.Errorf("%s: %d px lie beyond the edge while the tables are open", at, l.OpenOverflow)
					}
					if l.Plots > tt.plots || l.Page == "/?range=month" && l.Plots != tt.plots {
						t.Errorf("%s: %d plots, want %d", at, l.Plots, tt.plots)
					}
					if l.Differ > 0 {
						t.Errorf("%s: %d numbers are drawn otherwise than told", at, l.Differ)
					}
					if l.Marks < 3 || l.Words < 4.5 {
						t.Errorf("%s: contrast of marks %.1f to 1, of words %.1f to 1", at, l.Marks, l.Words)
					}
					if l.Unfocused > 0 {
						t.Errorf("%s: %d elements do not show that they have the focus", at, l.Unfocused)
					}
					if len(l.Foreign) > 0 {
						t.Errorf("%s: loaded %v", at, l.Foreign)
					}
				}
			})
		}
	}
}

// TestOverviewConsole: the browser finds nothing to complain of, such as a style that
// the page's own policy forbids. With SCREENSHOTS=DIR the pictures are kept.
func TestOverviewConsole(t *testing.T) {
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		dir = t.TempDir()
	}
	for _, tt := range overviewCases {
		server := httptest.NewServer(newOverview(t, tt.mode, tt.kept))
		defer server.Close()
		for theme, flag := range themes {
			picture := filepath.Join(dir, tt.name+"-"+theme+".png")
			_, console := browse(t, flag, "--window-size=1280,2000", "--hide-scrollbars", "--enable-logging=stderr", "--screenshot="+picture, server.URL+"/?range=month")
			for line := range strings.Lines(console) {
				if strings.Contains(line, "CONSOLE") {
					t.Errorf("%s, %s: %s", tt.name, theme, line)
				}
			}
		}
	}
}
