package filter

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"councilgate/policy"
)

func TestHelpPages(t *testing.T) {
	server := startServer(t, always(policy.Verdict{}))
	help := NewHTTPServer(Pages{
		Overview: http.NotFoundHandler(), Help: server.Help(), Metrics: server.Metrics.Handler(), Ready: server.Ready,
	}, quiet()).Handler
	get := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		help.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w
	}
	for _, path := range []string{"/help/", "/help/index.html", "/help/sv/", "/help/nb/private-forward.html"} {
		w := get(path)
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "Nørreå Kommune") {
			t.Errorf("%s: %d", path, w.Code)
		}
		if csp := w.Header().Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'; style-src 'sha256-") || !strings.Contains(csp, "frame-ancestors 'none'") {
			t.Errorf("%s: policy %q", path, csp)
		}
		if got := w.Header().Get("Content-Type"); got != "text/html; charset=utf-8" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: type %q", path, got)
		}
	}
	for _, path := range []string{"/help/da", "/help/fr/", "/help/da/style.css", "/help/../metrics", "/help//da/", "/help/da/quoted-sensitive.html/"} {
		if w := get(path); w.Code == http.StatusOK {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if w := get("/help/%3Cscript%3E"); strings.Contains(w.Body.String(), "<script>") {
		t.Error("a path is told back")
	}

	p, err := policy.Parse("test.yaml", []byte("internal: [andeby.example]\nmunicipality: Andeby\n"))
	if err != nil {
		t.Fatal(err)
	}
	server.SetPolicy(p)
	if w := get("/help/en/"); !strings.Contains(w.Body.String(), "Andeby") || strings.Contains(w.Body.String(), "Nørreå") {
		t.Error("the pages are those of the policy before the reload")
	}
}
