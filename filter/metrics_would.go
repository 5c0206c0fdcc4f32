package filter

import (
	"github.com/prometheus/client_golang/prometheus"

	"councilgate/policy"
)

// wouldMetrics counts what shadow mode held back. What was done is counted beside it,
// by the metrics that are there in any mode, so that the two never add up to more
// messages than there were.
type wouldMetrics struct {
	messages      *prometheus.CounterVec
	ruleHits      *prometheus.CounterVec
	observing     prometheus.Gauge
	ruleObserving *prometheus.GaugeVec
}

func newWouldMetrics() wouldMetrics {
	m := wouldMetrics{
		messages: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "councilgate_would_messages_total",
			Help: "Messages that shadow mode let pass, or pass without a tag, by what would have happened to them. They also count under councilgate_messages_total by what did.",
		}, []string{"action"}),
		ruleHits: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "councilgate_would_rule_hits_total",
			Help: "Rules in shadow mode that applied to messages, by what they would have asked for. They also count under councilgate_rule_hits_total as observe.",
		}, []string{"rule", "action"}),
		observing: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "councilgate_observing",
			Help: "Whether the whole policy is in shadow mode (mode: observe).",
		}),
		ruleObserving: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "councilgate_rule_observing",
			Help: "Whether a rule is in shadow mode, by itself or with the whole policy.",
		}, []string{"rule"}),
	}
	for _, action := range []policy.Action{policy.Tag, policy.Reject, policy.TempFail} {
		m.messages.WithLabelValues(action.String())
	}
	for _, rule := range policy.Rules() {
		m.ruleObserving.WithLabelValues(string(rule))
		for _, action := range []policy.Action{policy.Tag, policy.Reject} {
			m.ruleHits.WithLabelValues(string(rule), action.String())
		}
	}
	return m
}

func (m wouldMetrics) collectors() []prometheus.Collector {
	return []prometheus.Collector{m.messages, m.ruleHits, m.observing, m.ruleObserving}
}

// judged counts a message with a verdict.
func (m wouldMetrics) judged(v policy.Verdict) {
	if v.Would != (policy.Outcome{}) {
		m.messages.WithLabelValues(v.Would.Action.String()).Inc()
	}
	for _, h := range v.Hits {
		if h.Would != policy.Accept {
			m.ruleHits.WithLabelValues(string(h.Rule), h.Would.String()).Inc()
		}
	}
}

// inForce notes the mode of the policy in force.
func (m wouldMetrics) inForce(p *policy.Policy) {
	m.observing.Set(oneIf(p.Observing()))
	for _, rule := range policy.Rules() {
		m.ruleObserving.WithLabelValues(string(rule)).Set(oneIf(p.Observes(rule)))
	}
}

func oneIf(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
