package main

import (
	"log/slog"

	"councilgate/policy"
)

// warnObserving logs what is in shadow mode, so that nobody takes it for protection.
func warnObserving(log *slog.Logger, p *policy.Policy) {
	if p.Observing() {
		log.Warn("mode: observe: all mail passes as it is, and log and metrics tell what would have happened")
		return
	}
	for _, rule := range policy.Rules() {
		if p.Observes(rule) {
			log.Warn("mode: observe: what this rule would refuse or tag passes, and log and metrics tell it", "rule", string(rule))
		}
	}
}
