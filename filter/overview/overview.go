// Package overview is a page for security staff who have no Grafana: what was refused,
// why and how often, and whether all is well. It is one HTML document that loads
// nothing and runs no script.
//
// Its numbers are those of package record and of the metrics. It has none of a single
// councillor, and is made so that nobody can be told by it: the categories of what was
// found are personal data of special kinds (GDPR, article 9), and where few mails are
// refused, whoever knows of one knows whose it is. Their counts are therefore given in
// bands, the lowest being 1 to 4, as statistical offices do with the health of few
// people. Counts by rule and action are exact: they say what became of a mail, and
// nothing of a citizen. Whoever may read the metrics can find out more (every count of
// theirs is exact); an exporter-toolkit configuration or the address they are served
// on keep others out.
package overview

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"net/http"
	"time"

	"councilgate/filter/record"
	"councilgate/policy"
)

// Facts is what the page tells beside counts.
type Facts struct {
	Municipality string
	Version      string
	Started      time.Time // the process
	Ready        bool
	Connections  int
	PolicyLoaded time.Time // that is in force
	ReloadOK     bool      // the last time that it was asked for
	Observing    bool      // the whole policy is in shadow mode
	Observed     []policy.Rule
	StateShared  bool // mailings are counted in a shared state
	StateUp      bool
	// Directory tells of the directory that councillors are taken from, nil if there
	// is none.
	Directory *Directory

	// Since the start of the process.
	Dropped      int // verdicts that were not recorded
	MassMailings struct{ Justified, Others int }
	ForwardRules int
	Notices      []Number
}

// Directory is how a directory of councillors is doing.
type Directory struct {
	Up       bool      // it answered the last time it was asked
	Answered time.Time // when it last did, which is what is in force
}

// Number is a count with a name.
type Number struct {
	Name  string
	Count int
}

// New returns the page. facts is called for each time that it is asked for.
func New(r *record.Recorder, facts func() Facts) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		var page bytes.Buffer
		view := newView(r, facts(), request.URL.Query().Get("range"), time.Now())
		if err := pageTemplate.Execute(&page, view); err != nil {
			http.Error(w, "the page could not be made", http.StatusInternalServerError)
			return
		}
		header := w.Header()
		header.Set("Content-Type", "text/html; charset=utf-8")
		header.Set("Content-Security-Policy", contentSecurityPolicy)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cache-Control", "no-store")
		w.Write(page.Bytes())
	})
}

// Icon returns the icon of the page, which lies at /favicon.svg.
func Icon() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/svg+xml")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "max-age=86400")
		w.Write(icon)
	})
}

var (
	//go:embed page.html
	pageText string
	//go:embed style.css
	style string
	//go:embed icon.svg
	icon []byte

	pageTemplate = template.Must(template.New("page").Parse(pageText))

	// What the page may do is look as it does (CSP level 3).
	contentSecurityPolicy = "default-src 'none'; img-src 'self'; style-src 'sha256-" + digest(style) +
		"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return base64.StdEncoding.EncodeToString(sum[:])
}
