package filter

import (
	"net/http"
	"strings"
	"sync"

	"councilgate/policy"
	"councilgate/policy/explain"
)

// HelpPath is where the help pages for councillors are served.
const HelpPath = "/help/"

// Help serves the help pages of the policy in force.
func (s *Server) Help() http.Handler { return &helpPages{server: s} }

// helpPages keeps the pages of the policy that they were last asked for under.
type helpPages struct {
	server *Server
	mu     sync.Mutex
	policy *policy.Policy
	pages  map[string][]byte
}

// ServeHTTP implements http.Handler. A folder stands for its index.
func (h *helpPages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, HelpPath)
	if path == "" || strings.HasSuffix(path, "/") {
		path += "index.html"
	}
	page, ok := h.current()[path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", explain.ContentSecurityPolicy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cache-Control", "no-cache") // a reload of the policy changes them
	w.Write(page)
}

func (h *helpPages) current() map[string][]byte {
	p := h.server.policy.Load()
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.policy != p {
		h.policy, h.pages = p, make(map[string][]byte)
		for _, page := range explain.Pages(p) {
			h.pages[page.Path] = page.HTML
		}
	}
	return h.pages
}
