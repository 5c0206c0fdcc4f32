package filter

import (
	"cmp"
	"net/http"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"councilgate/filter/notice"
	"councilgate/policy"
)

// Metrics counts what the filter does. Labels come from the closed lists of
// package policy and nothing else: never an address, never a subject. All series
// exist from the start, so that a rate can be told from a gap.
type Metrics struct {
	registry     *prometheus.Registry
	messages     *prometheus.CounterVec
	ruleHits     *prometheus.CounterVec
	findings     *prometheus.CounterVec
	exceptions   *prometheus.CounterVec
	gaps         *prometheus.CounterVec
	seconds      prometheus.Histogram
	recipients   prometheus.Histogram
	bytes        prometheus.Histogram
	connections  prometheus.Gauge
	massMailings *prometheus.CounterVec
	massPeople   prometheus.Histogram
	stateUp      prometheus.Gauge
	stateShared  prometheus.Gauge
	forwardRules prometheus.Counter
	notices      *prometheus.CounterVec
	probes       *prometheus.CounterVec
	overrides    *prometheus.CounterVec
	reloadOK     prometheus.Gauge
	reloadTime   prometheus.Gauge
	would        wouldMetrics
	directory    directoryMetrics
	record       recordMetrics
}

// NewMetrics returns metrics in a registry of their own, beside those of the Go
// runtime and the process.
func NewMetrics() *Metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	}
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help})
	}
	histogram := func(name, help string, buckets ...float64) prometheus.Histogram {
		return prometheus.NewHistogram(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets})
	}
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		messages: counter("councilgate_messages_total",
			"Messages by what happened to them; those that passed unread count as accepted.", "action"),
		ruleHits: counter("councilgate_rule_hits_total",
			"Rules that applied to messages, by what they asked for.", "rule", "action"),
		findings: counter("councilgate_findings_total",
			"Sensitive things found, by category and by where the text stood.", "category", "place"),
		exceptions: counter("councilgate_exceptions_total",
			"Sensitive things found that an exception of the policy kept from causing anything, by the rule it belongs to.", "rule"),
		gaps: counter("councilgate_gaps_total",
			"Parts of messages that could not be judged, by why.", "kind"),
		seconds: histogram("councilgate_inspection_seconds",
			"Time from the end of a judged message to its verdict.",
			.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 20),
		recipients: histogram("councilgate_message_recipients",
			"Distinct envelope recipients of judged messages.",
			1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000),
		bytes: histogram("councilgate_message_bytes",
			"Size of judged messages.",
			1<<10, 4<<10, 16<<10, 64<<10, 256<<10, 1<<20, 4<<20, 16<<20, 64<<20),
		connections: gauge("councilgate_connections",
			"Open milter connections."),
		massMailings: counter("councilgate_mass_mailings_total",
			"Mass mailings whose window has closed, each counted once, by whether a reason was given.", "justified"),
		massPeople: histogram("councilgate_mass_mailing_recipients",
			"Distinct people whom a mass mailing had reached when its window closed.",
			100, 150, 200, 300, 500, 1000, 2000, 5000, 10_000, 50_000),
		stateUp: gauge("councilgate_mailing_state_up",
			"Whether the shared state of mailings answers; 0 also if there is none."),
		stateShared: gauge("councilgate_mailing_state_shared",
			"Whether mailings are counted in a state that gateways share."),
		forwardRules: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "councilgate_forward_rules_total",
			Help: "Mailbox rules found that send all mail of a councillor on to somebody outside.",
		}),
		notices: counter("councilgate_notices_total",
			"Mails to councillors about refusals, by what became of them.", "result"),
		probes: counter("councilgate_probes_total",
			"Probes of councilgate doctor by how they were answered; no other metric counts them.", "action"),
		overrides: counter("councilgate_overrides_total",
			"Refusals that a councillor lifted with a code, by rule and by category of what was found.", "rule", "category"),
		reloadOK: gauge("councilgate_policy_last_reload_successful",
			"Whether the policy was loaded the last time it was asked for."),
		reloadTime: gauge("councilgate_policy_last_reload_timestamp_seconds",
			"When the policy in force was loaded."),
		would:     newWouldMetrics(),
		directory: newDirectoryMetrics(),
		record:    newRecordMetrics(),
	}
	m.registry.MustRegister(
		m.messages, m.ruleHits, m.findings, m.exceptions, m.gaps, m.seconds, m.recipients, m.bytes,
		m.connections, m.massMailings, m.massPeople, m.stateUp, m.stateShared, m.forwardRules, m.notices, m.probes, m.overrides, m.reloadOK, m.reloadTime, buildInfo(),
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	m.registry.MustRegister(m.would.collectors()...)
	m.registry.MustRegister(m.record.collectors()...)
	m.createSeries()
	return m
}

// createSeries sets every series to 0.
func (m *Metrics) createSeries() {
	for _, action := range []policy.Action{policy.Accept, policy.Tag, policy.Reject, policy.TempFail} {
		m.messages.WithLabelValues(action.String())
		m.probes.WithLabelValues(action.String())
	}
	for _, rule := range policy.Rules() {
		m.exceptions.WithLabelValues(string(rule))
		for _, action := range []policy.Action{policy.Observe, policy.Tag, policy.Reject} {
			m.ruleHits.WithLabelValues(string(rule), action.String())
		}
	}
	for _, category := range policy.Categories() {
		for _, place := range policy.Places() {
			m.findings.WithLabelValues(string(category), string(place))
		}
	}
	for _, kind := range policy.GapKinds() {
		m.gaps.WithLabelValues(string(kind))
	}
	for _, result := range notice.Results() {
		m.notices.WithLabelValues(string(result))
	}
	for _, rule := range []policy.Rule{policy.QuotedSensitive, policy.OwnSensitive, policy.SolicitsSensitive} {
		for _, category := range policy.Categories() {
			m.overrides.WithLabelValues(string(rule), string(category))
		}
	}
	for _, justified := range []bool{false, true} {
		m.massMailings.WithLabelValues(yesNo(justified))
	}
}

// buildInfo returns a gauge that is always 1 and says in its labels what runs.
func buildInfo() prometheus.Collector {
	info, revision := BuildInfo(), "unknown"
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			revision = s.Value
		}
	}
	g := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "councilgate_build_info",
		Help: "The running version of councilgate; always 1.",
		ConstLabels: prometheus.Labels{
			"version": cmp.Or(info.Main.Version, "unknown"), "revision": revision, "goversion": runtime.Version(),
		},
	})
	g.Set(1)
	return g
}

// Handler serves the metrics in Prometheus' form.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// Loaded notes that the policy in force was loaded at t.
func (m *Metrics) Loaded(t time.Time) {
	m.reloadOK.Set(1)
	m.reloadTime.Set(float64(t.UnixMilli()) / 1000)
}

// LoadFailed notes that a policy was refused and the one before stays in force.
func (m *Metrics) LoadFailed() { m.reloadOK.Set(0) }

// connection counts milter connections that come (+1) and go (-1).
func (m *Metrics) connection(delta int) { m.connections.Add(float64(delta)) }

// MassMailing counts a mass mailing whose window has closed, and the people whom it
// has reached.
func (m *Metrics) MassMailing(people int, justified bool) {
	m.massMailings.WithLabelValues(yesNo(justified)).Inc()
	m.massPeople.Observe(float64(people))
}

// MailingStateShared notes that mailings are counted in a shared state.
func (m *Metrics) MailingStateShared() { m.stateShared.Set(1) }

// MailingStateUp notes whether the shared state of mailings answers.
func (m *Metrics) MailingStateUp(up bool) {
	value := 0.0
	if up {
		value = 1
	}
	m.stateUp.Set(value)
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// Noticed counts what became of a notice.
func (m *Metrics) Noticed(r notice.Result) { m.notices.WithLabelValues(string(r)).Inc() }

// overridden counts a message that a code let pass, once for each rule and category.
func (m *Metrics) overridden(v policy.Verdict) {
	counted := make(map[[2]string]bool)
	for _, f := range v.OverriddenFindings() {
		labels := [2]string{string(f.Rule), string(f.Category)}
		if !counted[labels] {
			counted[labels] = true
			m.overrides.WithLabelValues(labels[0], labels[1]).Inc()
		}
	}
}

// judged counts a message with a verdict.
func (m *Metrics) judged(v policy.Verdict, bytes int, took time.Duration) {
	m.overridden(v)
	m.would.judged(v)
	m.messages.WithLabelValues(v.Action.String()).Inc()
	for _, h := range v.Hits {
		m.ruleHits.WithLabelValues(string(h.Rule), h.Action.String()).Inc()
	}
	for _, f := range v.Findings {
		m.findings.WithLabelValues(string(f.Category), string(f.Place)).Inc()
		if f.Exception > 0 {
			m.exceptions.WithLabelValues(string(f.Rule)).Inc()
		}
	}
	for _, g := range v.Gaps {
		m.gaps.WithLabelValues(string(g.Kind)).Inc()
	}
	m.seconds.Observe(took.Seconds())
	m.recipients.Observe(float64(v.Recipients.Total))
	m.bytes.Observe(float64(bytes))
}

// forwardRulesFound counts rules that send on all mail of a councillor.
func (m *Metrics) forwardRulesFound(n int) { m.forwardRules.Add(float64(n)) }

// probed counts a probe.
func (m *Metrics) probed(action policy.Action) { m.probes.WithLabelValues(action.String()).Inc() }

// unread counts a message that passed unread.
func (m *Metrics) unread() { m.messages.WithLabelValues(policy.Accept.String()).Inc() }

// failed counts a message that the server itself could not bring to a verdict.
// In shadow mode it passed.
func (m *Metrics) failed(observing bool) {
	if observing {
		m.messages.WithLabelValues(policy.Accept.String()).Inc()
		m.would.messages.WithLabelValues(policy.TempFail.String()).Inc()
	} else {
		m.messages.WithLabelValues(policy.TempFail.String()).Inc()
	}
	m.gaps.WithLabelValues(string(policy.InternalError)).Inc()
}
