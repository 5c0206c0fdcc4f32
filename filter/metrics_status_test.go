package filter

import (
	"testing"
	"time"

	"councilgate/policy"
)

func TestStatus(t *testing.T) {
	m := NewMetrics()
	m.Loaded(time.Now())
	if got, want := m.Status(), "0 mails: 0 refused, 0 tagged, 0 put off; 0 connections"; got != want {
		t.Errorf("at the start: %q, want %q", got, want)
	}
	m.connection(+1)
	m.messages.WithLabelValues(policy.Accept.String()).Add(7)
	m.messages.WithLabelValues(policy.Reject.String()).Add(2)
	m.messages.WithLabelValues(policy.Tag.String()).Inc()
	m.would.messages.WithLabelValues(policy.Reject.String()).Add(3)
	m.would.observing.Set(1)
	m.LoadFailed()
	const want = "shadow mode; 10 mails: 2 refused, 1 tagged, 0 put off; 3 would have been refused; 1 connections; " +
		"the policy file is wrong and the policy before in force"
	if got := m.Status(); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
