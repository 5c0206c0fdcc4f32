package doctor

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// maxPage bounds a page, in bytes.
const maxPage = 8 << 20

// pages are the daemon's pages for machines.
type pages struct {
	get     func(path string) (status int, body []byte, err error)
	samples map[string]float64 // of /metrics, by name and labels; nil if they cannot be read
}

// examinePages asks the daemon whether it is well, and what it runs.
func examinePages(ctx context.Context, r *report, in Installation) pages {
	p := openPages(ctx, in.HTTP)
	status, _, err := p.get("/healthz")
	switch {
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.ENOENT):
		r.fail(checkHTTP, "systemctl restart councilgate", "Nobody listens at %s: councilgate does not run, or was given another -http.", in.HTTP.url())
		return p
	case err != nil:
		r.fail(checkHTTP, "systemctl status councilgate", "No answer from %s: %v.", in.HTTP.url(), plain(err))
		return p
	case status == http.StatusUnauthorized:
		r.ok(checkHTTP, "The pages at %s want a password: metrics and version were not looked at.", in.HTTP.url())
		return p
	case status != http.StatusOK:
		r.fail(checkHTTP, "give councilgate serve another -http", "%s answers /healthz by %d: is it councilgate that listens there?", in.HTTP.url(), status)
		return p
	}
	if status, _, err := p.get("/readyz"); err != nil || status != http.StatusOK {
		r.fail(checkHTTP, "journalctl -u councilgate -n 20", "councilgate says that it is not ready for mail.")
	}
	p.samples, err = p.metrics()
	if err != nil {
		r.fail(checkHTTP, "journalctl -u councilgate -n 20", "The metrics cannot be read: %v.", plain(err))
		return p
	}
	r.ok(checkHTTP, "Health and metrics are at %s.", in.HTTP.url())
	p.examineVersion(r, in)
	p.examineReload(r, in)
	return p
}

// openPages chooses between http and https: serve may be told to use a certificate.
func openPages(ctx context.Context, a Address) pages {
	client := &http.Client{
		Timeout: 10 * time.Second,
		Transport: &http.Transport{
			// The certificate is for those who look from elsewhere. Nothing is sent,
			// and what is read is compared with what is known.
			TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				return (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, a.Network, a.Addr)
			},
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	host := a.Addr
	if a.Network == "unix" {
		host = "localhost"
	}
	get := func(scheme, path string) (int, []byte, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+"://"+host+path, nil)
		if err != nil {
			return 0, nil, err
		}
		req.Close = true // each a connection of its own, so that none is left
		resp, err := client.Do(req)
		if err != nil {
			return 0, nil, errors.Unwrap(err) // without the address
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(io.LimitReader(resp.Body, maxPage))
		return resp.StatusCode, body, err
	}
	scheme := "http"
	if status, body, err := get(scheme, "/healthz"); err == nil && status == http.StatusBadRequest && bytes.Contains(body, []byte("HTTPS")) {
		scheme = "https"
	}
	return pages{get: func(path string) (int, []byte, error) { return get(scheme, path) }}
}

// metrics reads the samples of /metrics.
func (p pages) metrics() (map[string]float64, error) {
	status, body, err := p.get("/metrics")
	if err != nil {
		return nil, err
	}
	if status != http.StatusOK {
		return nil, fmt.Errorf("/metrics answers %d", status)
	}
	samples := make(map[string]float64)
	for lines := bufio.NewScanner(bytes.NewReader(body)); lines.Scan(); {
		line := lines.Text()
		i := strings.LastIndexByte(line, ' ')
		if i < 0 || strings.HasPrefix(line, "#") {
			continue
		}
		if value, err := strconv.ParseFloat(line[i+1:], 64); err == nil {
			samples[line[:i]] = value
		}
	}
	if _, ok := samples[metricReloadOK]; !ok {
		return nil, errors.New("they are not those of councilgate")
	}
	return samples, nil
}

// Metrics that tell how the daemon is; package filter has them all.
const (
	metricReloadOK   = "councilgate_policy_last_reload_successful"
	metricReloadTime = "councilgate_policy_last_reload_timestamp_seconds"
	metricProbes     = "councilgate_probes_total"
	metricMaxFiles   = "process_max_fds"
)

// sum adds the samples of a metric, whatever their labels.
func sum(samples map[string]float64, metric string) (total float64) {
	for name, value := range samples {
		if base, _, _ := strings.Cut(name, "{"); base == metric {
			total += value
		}
	}
	return total
}

var label = regexp.MustCompile(`(\w+)="([^"]*)"`)

// examineVersion compares what runs with what this program is.
func (p pages) examineVersion(r *report, in Installation) {
	for name := range p.samples {
		if !strings.HasPrefix(name, "councilgate_build_info{") {
			continue
		}
		labels := make(map[string]string)
		for _, m := range label.FindAllStringSubmatch(name, -1) {
			labels[m[1]] = m[2]
		}
		if labels["version"] == in.Version && labels["revision"] == in.Revision {
			r.ok(checkHTTP, "The daemon runs this very version, %s.", in.Version)
			return
		}
		r.warn(checkHTTP, "systemctl restart councilgate", "The daemon runs version %s (%s), the program on disk is %s (%s).",
			labels["version"], labels["revision"], in.Version, in.Revision)
		return
	}
}

// examineReload tells whether the policy on disk is the one in force.
func (p pages) examineReload(r *report, in Installation) {
	if p.samples[metricReloadOK] == 0 {
		r.fail(checkHTTP, "councilgate policy -policy "+in.PolicyFile+" && systemctl reload councilgate",
			"The daemon refused a policy or one of its files when it was last told to load them: an older one is in force.")
	}
	loaded := time.UnixMilli(int64(p.samples[metricReloadTime] * 1000))
	if loaded.After(in.Now.Add(time.Minute)) {
		r.warn(checkHTTP, "timedatectl", "The policy was loaded in the future: the clock was set back since.")
	}
	for _, file := range append([]File{{Path: in.PolicyFile}}, in.Files...) {
		info, err := os.Stat(file.Path)
		if err != nil {
			continue // examineFiles tells
		}
		if info.ModTime().After(loaded) {
			r.warn(checkHTTP, "systemctl reload councilgate", "%s has changed since the daemon loaded its policy: what is in force is older.", file.Path)
		}
	}
}
