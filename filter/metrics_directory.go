package filter

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// directoryMetrics tell how the directory of councillors fares. They are there only
// where the policy names a directory, so that an alert on 0 needs no condition.
type directoryMetrics struct {
	up      prometheus.Gauge
	success prometheus.Gauge
	entries prometheus.Gauge
}

func newDirectoryMetrics() directoryMetrics {
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help})
	}
	return directoryMetrics{
		up: gauge("councilgate_ldap_up",
			"Whether the directory of councillors answered the last time it was asked."),
		success: gauge("councilgate_ldap_last_refresh_timestamp_seconds",
			"When the directory of councillors last gave an answer, which is the one in force."),
		entries: gauge("councilgate_ldap_councillors",
			"Councillors that the directory named in the answer in force."),
	}
}

func (m directoryMetrics) collectors() []prometheus.Collector {
	return []prometheus.Collector{m.up, m.success, m.entries}
}

// UseDirectory shows the metrics of a directory, or hides them.
func (m *Metrics) UseDirectory(used bool) {
	for _, c := range m.directory.collectors() {
		if used {
			// An error means that it is shown already.
			_ = m.registry.Register(c)
		} else {
			m.registry.Unregister(c)
		}
	}
}

// DirectoryAnswered notes that a directory named so many councillors at t.
func (m *Metrics) DirectoryAnswered(councillors int, t time.Time) {
	m.directory.up.Set(1)
	m.directory.success.Set(float64(t.UnixMilli()) / 1000)
	m.directory.entries.Set(float64(councillors))
}

// DirectoryFailed notes that a directory did not answer.
func (m *Metrics) DirectoryFailed() { m.directory.up.Set(0) }
