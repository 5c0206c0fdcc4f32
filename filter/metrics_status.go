package filter

import (
	"fmt"
	"strings"

	"councilgate/policy"
)

// Status says in one line how the filter does, for "systemctl status": counts since
// the start, and nothing else.
func (m *Metrics) Status() string {
	values := m.byAction()
	messages := values["councilgate_messages_total"]
	total := 0
	for _, n := range messages {
		total += n
	}
	var parts []string
	if values["councilgate_observing"][""] == 1 {
		parts = append(parts, "shadow mode")
	}
	parts = append(parts, fmt.Sprintf("%d mails: %d refused, %d tagged, %d put off", total,
		messages[policy.Reject.String()], messages[policy.Tag.String()], messages[policy.TempFail.String()]))
	if n := values["councilgate_would_messages_total"][policy.Reject.String()]; n > 0 {
		parts = append(parts, fmt.Sprintf("%d would have been refused", n))
	}
	parts = append(parts, fmt.Sprintf("%d connections", values["councilgate_connections"][""]))
	if values["councilgate_policy_last_reload_successful"][""] == 0 {
		parts = append(parts, "the policy file is wrong and the policy before in force")
	}
	return strings.Join(parts, "; ")
}

// byAction gives the values of counters and gauges by name and by their label
// action, "" where there is none.
func (m *Metrics) byAction() map[string]map[string]int {
	values := make(map[string]map[string]int)
	families, err := m.registry.Gather()
	if err != nil {
		return values
	}
	for _, family := range families {
		sums := make(map[string]int)
		for _, metric := range family.GetMetric() {
			action := ""
			for _, label := range metric.GetLabel() {
				if label.GetName() == "action" {
					action = label.GetValue()
				}
			}
			sums[action] += int(metric.GetCounter().GetValue() + metric.GetGauge().GetValue())
		}
		values[family.GetName()] = sums
	}
	return values
}
