package filter

import (
	"io"
	"log/slog"
	"net/http"
	"time"

	"councilgate/filter/overview"
)

// Pages are what an HTTP server serves. All must be set.
type Pages struct {
	Overview http.Handler // for security staff, at /
	Help     http.Handler // for councillors, under HelpPath
	Metrics  http.Handler // for Prometheus, at /metrics
	Ready    func() bool  // whether /readyz says so; /healthz does while the process lives
}

// NewHTTPServer returns a server of pages.
func NewHTTPServer(pages Pages, log *slog.Logger) *http.Server {
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", pages.Overview)
	mux.Handle("GET /favicon.svg", overview.Icon())
	mux.Handle("GET /metrics", pages.Metrics)
	mux.Handle("GET "+HelpPath, pages.Help)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "ok\n")
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if !pages.Ready() {
			http.Error(w, "not ready", http.StatusServiceUnavailable)
			return
		}
		io.WriteString(w, "ready\n")
	})
	return &http.Server{
		Handler:           mux,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}
