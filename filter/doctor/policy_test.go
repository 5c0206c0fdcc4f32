package doctor_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"councilgate/filter/doctor"
	"councilgate/policy"
)

func TestPolicy(t *testing.T) {
	without := func(key string) string {
		var kept []string
		skip := false
		for _, line := range strings.SplitAfter(ours, "\n") {
			if !strings.HasPrefix(line, " ") {
				skip = strings.HasPrefix(line, key+":")
			}
			if !skip {
				kept = append(kept, line)
			}
		}
		return strings.Join(kept, "")
	}
	except := "rules: {own-sensitive: {action: reject, except: [{categories: [health], reason: agreed, until: %s}]}}\n"
	for _, tt := range []struct {
		name, policy string
		state        doctor.State
		says, mend   string
	}{
		{"nothing to say", ours, doctor.OK, "The policy is right", ""},
		{"demonstration", string(policy.Default().YAML()), doctor.Warning, "demonstration municipality", "edit"},
		{"example", strings.ReplaceAll(ours, "birkholm.dk", "birkholm.example"), doctor.Warning, "examples only", "internal:"},
		{"no councillors", without("councillors"), doctor.Warning, "No councillors", "councillors:"},
		{"no administration", without("administration"), doctor.Warning, "No offices", "administration:"},
		{"no secure route", without("secure"), doctor.Warning, "No secure route", "secure:"},
		{"no contact", without("contact"), doctor.Warning, "No contact", "contact:"},
		{"shadow mode", ours + "mode: observe\n", doctor.Warning, "Shadow mode is on", "mode: enforce"},
		{"one rule in shadow mode", ours + "rules: {mass-mailing: {mode: observe}}\n", doctor.Warning, "mass-mailing is in shadow mode", "mode: observe"},
		{"an exception has ended", ours + strings.Replace(except, "%s", "2026-11-21", 1), doctor.Warning, "Exception 1 of own-sensitive ended on 2026-11-21", "until"},
		{"an exception ends today", ours + strings.Replace(except, "%s", "2026-11-22", 1), doctor.Warning, "Exception 1 of own-sensitive ends on 2026-11-22", "until"},
		{"an exception ends within two weeks", ours + strings.Replace(except, "%s", "2026-12-05", 1), doctor.Warning, "ends on 2026-12-05", "until"},
		{"an exception ends later", ours + strings.Replace(except, "%s", "2026-12-06", 1), doctor.OK, "The policy is right", ""},
		{"codes without a key", ours + "rules: {own-sensitive: {action: reject, override: {allow: true}}}\n", doctor.Warning, "without an override_key_file", "override_key_file:"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := doctor.Installation{PolicyFile: "/nowhere/policy.yaml", Policy: parse(t, tt.policy), Now: now}
			findings(doctor.Examine(context.Background(), in)).want(t, "policy", tt.state, tt.says, tt.mend)
		})
	}
}

func TestBrokenPolicy(t *testing.T) {
	s := install(t, ours)
	s.Policy, s.PolicyErr = nil, errors.New("policy.yaml:3: internal: is missing")
	found := s.examine()
	found.want(t, "policy", doctor.Failure, "policy.yaml:3: internal: is missing", "councilgate policy -policy")
	found.want(t, "probe", doctor.Warning, "No probes were sent", "policy")
	found.want(t, "milter", doctor.OK, "councilgate answers", "")
}
