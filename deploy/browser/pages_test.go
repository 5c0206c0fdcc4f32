// Package browser tests the pages as people see them, councillors those with help and
// security staff the overview: in Debian's Chromium, on a phone's and a desktop's
// width, in light and dark.
//
// The tests skip without Chromium; where CI=true is set they fail instead.
package browser

import (
	"encoding/json"
	"fmt"
	"html"
	"image/color"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"councilgate/deploy/rig"
	"councilgate/filter"
	"councilgate/policy"
	"councilgate/policy/explain"
)

const pagesPolicy = `
municipality: Nørreå Kommune
contact: post@norreaa.example
internal: [norreaa.example]
secure: [sikkerpost.example]
secure_mail: {name: Send sikkert, not_on_phones: true}
administration:
  - {area: Borgerservice, address: borgerservice@norreaa.example}
  - {area: Kultur- og fritidsforvaltningens sekretariat, address: kultur-og-fritidsforvaltningens-sekretariat@norreaa.example}
rules:
  own-sensitive: {override: {allow: true}}
`

// look is what the browser tells of a page.
type look struct {
	Page     string
	Width    int
	Overflow int     // pixels that lie beyond the right edge
	Font     float64 // pixels
	Paper    float64 // luminance of the background
	Contrast float64 // of the weakest text
	Weakest  string  // where that is
	Target   float64 // height of the lowest link that stands alone, in pixels
}

// The 320 pixels are what WCAG 2.2, criterion 1.4.10, asks for; 24 pixels for a
// link that stands alone, criterion 2.5.8; 4.5 to 1 for text, criterion 1.4.3.
func TestPagesInChromium(t *testing.T) {
	site := httptest.NewServer(newSite(t))
	defer site.Close()
	for theme, flag := range themes {
		t.Run(theme, func(t *testing.T) {
			looks := examine[look](t, site.URL+"/", flag)
			if want := 2 * len(explain.Pages(mustParse(t))); len(looks) != want {
				t.Fatalf("%d looks, want %d", len(looks), want)
			}
			for _, l := range looks {
				checkLook(t, theme, l)
			}
		})
	}
}

// themes are the browser's flags for what a reader prefers.
var themes = map[string]string{"light": "--blink-settings=preferredColorScheme=1", "dark": "--force-dark-mode"}

// checkLook fails the test if a page cannot be read.
func checkLook(t *testing.T, theme string, l look) {
	t.Helper()
	at := fmt.Sprintf("%s at %d px", l.Page, l.Width)
	if l.Overflow > 0 {
		t.Errorf("%s: %d px lie beyond the edge", at, l.Overflow)
	}
	if l.Font < 16 {
		t.Errorf("%s: type of %.0f px; is the style in force?", at, l.Font)
	}
	if dark := l.Paper < 0.1; dark != (theme == "dark") {
		t.Errorf("%s: background of luminance %.2f", at, l.Paper)
	}
	if l.Contrast < 4.5 {
		t.Errorf("%s: contrast %.1f to 1 at %s", at, l.Contrast, l.Weakest)
	}
	if l.Target < 24 {
		t.Errorf("%s: a link %.0f px high", at, l.Target)
	}
}

// The page that serve gives, with all its header fields: its background tells whether
// the style passes the policy in the header.
func TestServedPageInChromium(t *testing.T) {
	help := filter.NewServer(filter.Config{Metrics: filter.NewMetrics()}, mustParse(t)).Help()
	server := httptest.NewServer(help)
	defer server.Close()
	for flag, want := range map[string]color.Color{
		"--blink-settings=preferredColorScheme=1": color.NRGBA{0xff, 0xff, 0xff, 0xff},
		"--force-dark-mode":                       color.NRGBA{0x15, 0x19, 0x1e, 0xff},
	} {
		file := filepath.Join(t.TempDir(), "page.png")
		browse(t, flag, "--window-size=800,600", "--hide-scrollbars", "--screenshot="+file, server.URL+filter.HelpPath+"da/quoted-sensitive.html")
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		shot, err := png.Decode(f)
		if err != nil {
			t.Fatal(err)
		}
		if got := color.NRGBAModel.Convert(shot.At(5, 590)); got != want {
			t.Errorf("%s: the background is %v, want %v", flag, got, want)
		}
	}
}

func mustParse(t *testing.T) *policy.Policy {
	t.Helper()
	p, err := policy.Parse("test.yaml", []byte(pagesPolicy))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// newSite serves the pages, and at / one that looks at them all in a frame and
// writes down what it sees. The pages' own policy, in their meta element, is in
// force; the field that would keep them out of the frame is not sent.
func newSite(t *testing.T) http.Handler {
	mux := http.NewServeMux()
	var paths []string
	for _, page := range explain.Pages(mustParse(t)) {
		paths = append(paths, page.Path)
		mux.HandleFunc("GET /"+page.Path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Write(page.HTML)
		})
	}
	mux.HandleFunc("GET /{$}", serveLooks(t, paths))
	return mux
}

// serveLooks serves a page that looks at others in a frame, by the scripts of this
// folder.
func serveLooks(t *testing.T, pages []string, scripts ...string) http.HandlerFunc {
	t.Helper()
	list, err := json.Marshal(pages)
	if err != nil {
		t.Fatal(err)
	}
	var code strings.Builder
	for _, name := range append([]string{"examine.js"}, scripts...) {
		script, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		code.Write(script)
	}
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, "<!doctype html><pre id=result></pre><script>const pages = %s;\n%s</script>", list, code.String())
	}
}

// browse runs the browser and returns what it prints, and its log.
func browse(t *testing.T, args ...string) (out, log string) {
	t.Helper()
	rig.Need(t, rig.Installed("chromium"))
	cmd := exec.Command("chromium", append([]string{"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--user-data-dir=" + t.TempDir()}, args...)...)
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("chromium: %v", err)
	}
	return stdout.String(), stderr.String()
}

// examine has the browser look at all pages that the one at url names.
func examine[T any](t *testing.T, url, flag string) []T {
	t.Helper()
	out, _ := browse(t, flag, "--virtual-time-budget=120000", "--dump-dom", url)
	_, result, _ := strings.Cut(out, `<pre id="result">`)
	result, _, ok := strings.Cut(result, "</pre>")
	var looks []T
	if err := json.Unmarshal([]byte(html.UnescapeString(result)), &looks); err != nil || !ok {
		t.Fatalf("no result of the examination: %v", err)
	}
	return looks
}
