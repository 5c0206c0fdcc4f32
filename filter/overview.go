package filter

import (
	"net/http"
	"time"

	"councilgate/filter/notice"
	"councilgate/filter/overview"
	"councilgate/filter/record"
	"councilgate/policy"
)

// Overview serves the page for security staff, with the counts of r.
func (s *Server) Overview(r *record.Recorder) http.Handler {
	version := BuildInfo().Main.Version
	return overview.New(r, func() overview.Facts {
		p := s.policy.Load()
		f := overview.Facts{
			Municipality: p.Municipality(),
			Version:      version,
			Ready:        s.Ready(),
			Observing:    p.Observing(),
			StateShared:  p.State().URL != "",
		}
		for _, rule := range policy.Rules() {
			if p.Observes(rule) {
				f.Observed = append(f.Observed, rule)
			}
		}
		if _, ok := p.Directory(); ok {
			f.Directory = &overview.Directory{}
		}
		s.Metrics.tell(&f)
		return f
	})
}

// tell fills in what the metrics know.
func (m *Metrics) tell(f *overview.Facts) {
	values := m.values()
	seconds := func(name string) time.Time { return time.UnixMilli(int64(values[name] * 1000)) }
	f.Started = seconds("process_start_time_seconds")
	f.Connections = int(values["councilgate_connections"])
	f.PolicyLoaded = seconds("councilgate_policy_last_reload_timestamp_seconds")
	f.ReloadOK = values["councilgate_policy_last_reload_successful"] == 1
	f.StateUp = values["councilgate_mailing_state_up"] == 1
	if f.Directory != nil {
		f.Directory.Up = values["councilgate_ldap_up"] == 1
		f.Directory.Answered = seconds("councilgate_ldap_last_refresh_timestamp_seconds")
	}
	f.Dropped = int(values["councilgate_record_verdicts_total dropped"])
	f.MassMailings.Justified = int(values["councilgate_mass_mailings_total yes"])
	f.MassMailings.Others = int(values["councilgate_mass_mailings_total no"])
	f.ForwardRules = int(values["councilgate_forward_rules_total"])
	for _, result := range notice.Results() {
		f.Notices = append(f.Notices, overview.Number{
			Name:  string(result),
			Count: int(values["councilgate_notices_total "+string(result)]),
		})
	}
}

// values gives the counters and gauges by name and, where they have just one label,
// its value behind it.
func (m *Metrics) values() map[string]float64 {
	values := make(map[string]float64)
	families, err := m.registry.Gather()
	if err != nil {
		return values
	}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			name := family.GetName()
			if labels := metric.GetLabel(); len(labels) == 1 {
				name += " " + labels[0].GetValue()
			}
			values[name] = metric.GetCounter().GetValue() + metric.GetGauge().GetValue()
		}
	}
	return values
}
