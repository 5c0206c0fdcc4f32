package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	_ "time/tzdata" // the container image has no time zones of its own for TZ

	"github.com/prometheus/exporter-toolkit/web"
)

// The pages are served as Prometheus' exporters serve theirs: in clear and to all who
// reach the address, or as the file of -http.config has it, with TLS, passwords and
// client certificates. The file covers everything on the address: the pages for
// councillors and /healthz as well as /metrics. It is read again for every request, so
// that certificates and passwords can be renewed without a restart.

// checkHTTPConfig tells at start what is wrong in a file of -http.config, "" for none.
func checkHTTPConfig(file string) error {
	err := web.Validate(file)
	switch {
	case err == nil:
		return nil
	case strings.Contains(err.Error(), "crypto/bcrypt"):
		return fmt.Errorf("-http.config %s: basic_auth_users: a password is not written as a bcrypt hash, such as made by htpasswd -nBC 10 USER", file)
	}
	return fmt.Errorf("-http.config %s: %w", file, err)
}

// servePages serves the pages until the daemon ends.
func (d *daemon) servePages(ln net.Listener, config string) {
	var err error
	if config == "" {
		err = d.pages.Serve(ln)
	} else {
		err = web.Serve(ln, d.pages, &web.FlagConfig{WebConfigFile: &config}, d.log)
	}
	if !errors.Is(err, http.ErrServerClosed) {
		d.log.Error("metrics and health pages are down, mail is still judged", "error", err)
	}
}
