package policy

import (
	"reflect"
	"slices"
	"testing"
)

func TestShadowMode(t *testing.T) {
	outside := rcpts("x@post.example")
	quoted := Finding{Category: Health, Kind: "diagnosis", Place: Quoted, Confidence: Strong}
	own := Finding{Category: Health, Kind: "diagnosis", Place: Own, Confidence: Strong}
	broken := Gap{Kind: Unreadable, Reason: "broken"}
	failure := Gap{Kind: InternalError, Reason: "panic"}
	many := Mailing{Reached: 101}
	tests := []struct {
		name   string
		policy string // added to decidePolicy
		e      Evidence
		done   Outcome
		would  Outcome
		hits   []RuleHit
		tagged bool
	}{
		{name: "enforced", policy: "mode: enforce", e: Evidence{Findings: []Finding{quoted}},
			done: Outcome{Reject, QuotedSensitive}, hits: []RuleHit{{Rule: QuotedSensitive, Action: Reject}}},
		{name: "refusal", policy: "mode: observe", e: Evidence{Findings: []Finding{quoted}},
			would: Outcome{Reject, QuotedSensitive}, hits: []RuleHit{{QuotedSensitive, Observe, Reject}}},
		{name: "tag", policy: "mode: observe\nrules: {mass-mailing: {subject_prefix: '[M]'}}", e: Evidence{Mailing: many},
			would: Outcome{Tag, MassMailing}, hits: []RuleHit{{MassMailing, Observe, Tag}}},
		{name: "gap", policy: "mode: observe", e: Evidence{Gaps: []Gap{broken}}, would: Outcome{Reject, ""}},
		{name: "failure", policy: "mode: observe", e: Evidence{Findings: []Finding{quoted}, Gaps: []Gap{failure}},
			would: Outcome{TempFail, ""}, hits: []RuleHit{{QuotedSensitive, Observe, Reject}}},
		{name: "nothing found", policy: "mode: observe"},
		{name: "an action of observe holds nothing back", policy: "mode: observe\nrules: {quoted-sensitive: {action: observe}}",
			e: Evidence{Findings: []Finding{quoted}}, hits: []RuleHit{{Rule: QuotedSensitive, Action: Observe}}},
		{name: "a rule", policy: "rules: {quoted-sensitive: {mode: observe}}", e: Evidence{Findings: []Finding{quoted}},
			would: Outcome{Reject, QuotedSensitive}, hits: []RuleHit{{QuotedSensitive, Observe, Reject}}},
		{name: "a rule, another refuses", policy: "rules: {quoted-sensitive: {mode: observe}}", e: Evidence{Findings: []Finding{quoted, own}},
			done: Outcome{Reject, OwnSensitive}, hits: []RuleHit{{QuotedSensitive, Observe, Reject}, {Rule: OwnSensitive, Action: Reject}}},
		{name: "a rule, another tags", policy: "rules: {quoted-sensitive: {mode: observe}}", e: Evidence{Findings: []Finding{quoted}, Mailing: many},
			done: Outcome{Tag, MassMailing}, would: Outcome{Reject, QuotedSensitive}, tagged: true,
			hits: []RuleHit{{QuotedSensitive, Observe, Reject}, {Rule: MassMailing, Action: Tag}}},
		{name: "a rule, the gaps are enforced", policy: "rules: {quoted-sensitive: {mode: observe}}", e: Evidence{Gaps: []Gap{broken}},
			done: Outcome{Reject, ""}},
		{name: "the mass mailing alone", policy: "rules: {mass-mailing: {mode: observe, subject_prefix: '[M]'}}", e: Evidence{Findings: []Finding{own}, Mailing: many},
			done: Outcome{Reject, OwnSensitive}, hits: []RuleHit{{Rule: OwnSensitive, Action: Reject}, {MassMailing, Observe, Tag}}},
		{name: "a code lifts what is enforced alone", policy: "rules: {quoted-sensitive: {mode: observe, override: {allow: true}}, own-sensitive: {override: {allow: true}}}",
			e:     Evidence{Findings: []Finding{quoted, own}, Override: OverrideAccepted},
			would: Outcome{Reject, QuotedSensitive}, hits: []RuleHit{{QuotedSensitive, Observe, Reject}, {Rule: OwnSensitive, Action: Observe}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := mustParse(t, decidePolicy+tt.policy)
			tt.e.Sender, tt.e.Recipients = anne(t, p), outside
			v := p.Decide(tt.e)
			if got := (Outcome{v.Action, v.Rule}); got != tt.done || v.Would != tt.would {
				t.Errorf("%+v, would %+v; want %+v, would %+v", got, v.Would, tt.done, tt.would)
			}
			if !slices.Equal(v.Hits, tt.hits) {
				t.Errorf("hits %+v, want %+v", v.Hits, tt.hits)
			}
			if tagged := len(v.Headers) > 0 || v.SubjectPrefix != ""; tagged != tt.tagged {
				t.Errorf("tagged: %v", tagged)
			}
			if v.Action == Accept && (v.Overridable || len(v.Refused()) > 0) {
				t.Error("a mail that passes is told as refused")
			}
		})
	}
}

// In shadow mode, a policy tells of every mail what it would do without.
func TestShadowModeTellsTheEnforced(t *testing.T) {
	enforced := mustParse(t, decidePolicy)
	observed := mustParse(t, decidePolicy+"mode: observe")
	var evidence []Evidence
	for _, place := range Places() {
		for _, confidence := range []Confidence{Possible, Strong, Certain} {
			for _, gap := range append(GapKinds(), "") {
				e := Evidence{Sender: anne(t, enforced), Recipients: rcpts("x@post.example"), Mailing: Mailing{Reached: 200},
					Findings: []Finding{{Category: Health, Place: place, Confidence: confidence}}}
				if gap != "" {
					e.Gaps = []Gap{{Kind: gap}}
				}
				evidence = append(evidence, e)
			}
		}
	}
	for _, e := range evidence {
		want, got := enforced.Decide(e), observed.Decide(e)
		if got.Action != Accept || !reflect.DeepEqual(got.Would, Outcome{want.Action, want.Rule}) {
			t.Errorf("%+v: %v, would %+v; want %v by %q", e, got.Action, got.Would, want.Action, want.Rule)
		}
	}
}

func TestModes(t *testing.T) {
	for _, tt := range []struct {
		policy            string
		whole, mass, code bool
	}{
		{"", false, false, false},
		{"mode: observe\nrules: {own-sensitive: {override: {allow: true}}}", true, true, false},
		{"rules: {mass-mailing: {mode: observe}, own-sensitive: {override: {allow: true}}}", false, true, true},
		{"rules: {mass-mailing: {mode: enforce}, own-sensitive: {mode: observe, override: {allow: true}}}", false, false, false},
	} {
		p := mustParse(t, decidePolicy+tt.policy)
		if p.Observing() != tt.whole || p.Observes(MassMailing) != tt.mass || p.TakesOverrides() != tt.code {
			t.Errorf("%q: whole %v, mass-mailing %v, overrides %v", tt.policy, p.Observing(), p.Observes(MassMailing), p.TakesOverrides())
		}
	}
}
