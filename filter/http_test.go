package filter

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"councilgate/filter/record"
	"councilgate/policy"
)

func TestPages(t *testing.T) {
	ready := false
	metrics := NewMetrics()
	kept := record.New(record.Options{})
	server := NewHTTPServer(Pages{
		Overview: NewServer(Config{Metrics: metrics}, policy.Default()).Overview(kept),
		Help:     http.NotFoundHandler(),
		Metrics:  metrics.Handler(),
		Ready:    func() bool { return ready },
	}, quiet())
	tests := []struct {
		method, path string
		ready        bool
		wantCode     int
		wantText     string
	}{
		{"GET", "/healthz", false, 200, "ok\n"},
		{"GET", "/readyz", true, 200, "ready\n"},
		{"GET", "/readyz", false, 503, "not ready\n"},
		{"GET", "/metrics", false, 200, `councilgate_messages_total{action="reject"} 0`},
		{"HEAD", "/healthz", false, 200, ""},
		{"POST", "/healthz", false, 405, ""},
		{"GET", "/", false, 200, "What was refused, and why"},
		{"GET", "/?range=month", false, 200, "Nørreå Kommune"},
		{"POST", "/", false, 405, ""},
		{"GET", "/favicon.svg", false, 200, "<svg"},
		{"GET", "/index.html", false, 404, ""},
		{"GET", "/debug/pprof/", false, 404, ""},
	}
	for _, tt := range tests {
		ready = tt.ready
		w := httptest.NewRecorder()
		server.Handler.ServeHTTP(w, httptest.NewRequest(tt.method, tt.path, nil))
		if w.Code != tt.wantCode || !strings.Contains(w.Body.String(), tt.wantText) {
			t.Errorf("%s %s (ready %v): %d %.200q", tt.method, tt.path, tt.ready, w.Code, w.Body)
		}
	}
	if server.ReadHeaderTimeout == 0 || server.ReadTimeout == 0 || server.WriteTimeout == 0 || server.IdleTimeout == 0 {
		t.Error("a peer may keep a connection for ever")
	}
}
