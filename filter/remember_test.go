package filter

import (
	"reflect"
	"testing"
	"time"

	"councilgate/filter/record"
	"councilgate/policy"
)

// TestEntry: what is kept of a verdict, and what is not.
func TestEntry(t *testing.T) {
	finding := func(rule policy.Rule, c policy.Category, confidence policy.Confidence) policy.Finding {
		return policy.Finding{Rule: rule, Category: c, Confidence: confidence, Kind: "kind", Mask: "mask", Part: "1.2"}
	}
	excepted := finding(policy.QuotedSensitive, policy.Crime, policy.Certain)
	excepted.Exception = 1
	got := newEntry(policy.Verdict{
		Action: policy.Reject,
		Rule:   policy.QuotedSensitive,
		Would:  policy.Outcome{Action: policy.TempFail},
		Hits:   []policy.RuleHit{{Rule: policy.QuotedSensitive, Action: policy.Reject}, {Rule: policy.MassMailing, Action: policy.Tag}},
		Findings: []policy.Finding{
			finding(policy.QuotedSensitive, policy.Union, policy.Strong),
			finding(policy.QuotedSensitive, policy.Health, policy.Certain),
			finding(policy.QuotedSensitive, policy.Health, policy.Strong),
			finding(policy.OwnSensitive, policy.Politics, policy.Possible),
			finding("", policy.Religion, policy.Certain),
			excepted,
		},
		Gaps:       []policy.Gap{{Kind: policy.Unsupported, Reason: "reason", Part: "3"}, {Kind: policy.Encrypted}, {Kind: policy.Encrypted}},
		Recipients: policy.Recipients{Total: 3, Outside: 3},
		Reached:    134,
		Override:   policy.OverrideUsed,
	}, 5*time.Millisecond)
	want := record.Entry{
		Action:     policy.Reject,
		Rule:       policy.QuotedSensitive,
		Would:      policy.Outcome{Action: policy.TempFail},
		Categories: []policy.Category{policy.Health, policy.Union},
		Gaps:       []policy.GapKind{policy.Encrypted, policy.Unsupported},
		Recipients: policy.Recipients{Total: 3, Outside: 3},
		Took:       5 * time.Millisecond,
		Mailing:    134,
		Override:   policy.OverrideUsed,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	if e := newEntry(policy.Verdict{Reached: 12}, 0); e.Mailing != 0 {
		t.Errorf("a mail to 12 people counts as mass mailing: %+v", e)
	}
}
