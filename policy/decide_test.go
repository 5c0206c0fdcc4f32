package policy

import (
	"encoding/binary"
	"fmt"
	"reflect"
	"slices"
	"testing"
)

const decidePolicy = `
internal: [norreaa.example]
secure: [sikkerpost.example, sikker@else.example]
councillors:
  - address: anne.holm@norreaa.example
    private: [anneholm72@gmail.com]
  - address: bo@norreaa.example
    private: [bo@gmail.com]
`

// anne is the sender in all cases.
func anne(t testing.TB, p *Policy) Sender {
	t.Helper()
	s, ok := p.Sender(Identity{Envelope: "anne.holm@norreaa.example"})
	if !ok {
		t.Fatal("no such councillor")
	}
	return s
}

func rcpts(list ...string) []Address { return addresses(list) }

func TestRecipients(t *testing.T) {
	p := mustParse(t, decidePolicy)
	tests := []struct {
		to   string
		want Recipients
	}{
		{"x@norreaa.example", Recipients{1, 1, 0, 0, 0}},
		{"x@skole.norreaa.example", Recipients{1, 1, 0, 0, 0}},
		{"x@notnorreaa.example", Recipients{1, 0, 0, 0, 1}},
		{"x@norreaa.example.else.example", Recipients{1, 0, 0, 0, 1}},
		{"x%gmail.com@norreaa.example", Recipients{1, 0, 0, 0, 1}},
		{`"x@gmail.com"@norreaa.example`, Recipients{1, 0, 0, 0, 1}},
		{"gmail.com!x@norreaa.example", Recipients{1, 0, 0, 0, 1}},
		{"x@sikkerpost.example", Recipients{1, 0, 1, 0, 0}},
		{"x@a.sikkerpost.example", Recipients{1, 0, 1, 0, 0}},
		{"Sikker@else.example", Recipients{1, 0, 1, 0, 0}},
		{"x@else.example", Recipients{1, 0, 0, 0, 1}},
		{"AnneHolm72@GMAIL.com", Recipients{1, 0, 0, 1, 0}},
		{"bo@gmail.com", Recipients{1, 0, 0, 0, 1}},
	}
	for _, tt := range tests {
		to := rcpts(tt.to)
		if got := p.Recipients(anne(t, p), to); got != tt.want {
			t.Errorf("%s: got %+v, want %+v", tt.to, got, tt.want)
		}
		if got, want := p.Spares(anne(t, p), to), tt.want.Internal+tt.want.Secure == 1; got != want {
			t.Errorf("%s: spared %v", tt.to, got)
		}
	}
	if got := p.Recipients(anne(t, p), []Address{{Local: "norreaa.example"}}); got.Outside != 1 {
		t.Errorf("what is no address: %+v", got)
	}
	if p.Spares(anne(t, p), rcpts("x@norreaa.example", "x@else.example")) || p.Spares(anne(t, p), nil) {
		t.Error("spared without reason")
	}
	if !p.Spares(anne(t, p), rcpts("x@norreaa.example", "x@sikkerpost.example")) {
		t.Error("internal and secure recipients are not spared")
	}
}

func finding(place Place, c Confidence) Finding {
	return Finding{Category: Health, Kind: "diagnosis", Place: place, Confidence: c}
}

func soliciting(f Finding) Finding {
	f.Solicits = true
	return f
}

// people gives n addresses of one domain.
func people(n int, domain string) []Address {
	list := make([]Address, n)
	for i := range list {
		list[i] = Address{fmt.Sprintf("p%d", i), domain}
	}
	return list
}

func TestDecide(t *testing.T) {
	outside, inside, private := rcpts("x@else.example"), rcpts("x@norreaa.example"), rcpts("anneholm72@gmail.com")
	hits := func(list ...RuleHit) []RuleHit { return list }
	tests := []struct {
		name   string
		policy string // added to decidePolicy
		e      Evidence
		action Action
		rule   Rule
		hits   []RuleHit
		header string
	}{
		{name: "nothing found", e: Evidence{Recipients: outside}},

		{name: "quoted", e: Evidence{Recipients: outside, Findings: []Finding{finding(Quoted, Strong)}},
			action: Reject, rule: QuotedSensitive, hits: hits(RuleHit{Rule: QuotedSensitive, Action: Reject})},
		{name: "forwarded", e: Evidence{Recipients: outside, Findings: []Finding{finding(Forwarded, Certain)}},
			action: Reject, rule: QuotedSensitive, hits: hits(RuleHit{Rule: QuotedSensitive, Action: Reject})},
		{name: "attached", e: Evidence{Recipients: outside, Findings: []Finding{finding(Attached, Certain)}},
			action: Reject, rule: QuotedSensitive, hits: hits(RuleHit{Rule: QuotedSensitive, Action: Reject})},
		{name: "quoted, to a private address", e: Evidence{Recipients: private, Findings: []Finding{finding(Quoted, Strong)}},
			action: Reject, rule: QuotedSensitive, hits: hits(RuleHit{Rule: QuotedSensitive, Action: Reject})},
		{name: "quoted, one of two outside", e: Evidence{Recipients: slices.Concat(inside, outside), Findings: []Finding{finding(Quoted, Strong)}},
			action: Reject, rule: QuotedSensitive, hits: hits(RuleHit{Rule: QuotedSensitive, Action: Reject})},
		{name: "quoted, all inside", e: Evidence{Recipients: inside, Findings: []Finding{finding(Quoted, Certain)}}},
		{name: "quoted, secure route", e: Evidence{Recipients: rcpts("x@sikkerpost.example"), Findings: []Finding{finding(Quoted, Certain)}}},
		{name: "quoted, possible", e: Evidence{Recipients: outside, Findings: []Finding{finding(Quoted, Possible)}},
			hits: hits(RuleHit{Rule: QuotedSensitive, Action: Observe})},
		{name: "quoted, rule observed", policy: "rules: {quoted-sensitive: {action: observe}}", e: Evidence{Recipients: outside, Findings: []Finding{finding(Quoted, Certain)}},
			hits: hits(RuleHit{Rule: QuotedSensitive, Action: Observe})},
		{name: "quoted, rule off", policy: "rules: {quoted-sensitive: {action: accept}}", e: Evidence{Recipients: outside, Findings: []Finding{finding(Quoted, Certain)}}},

		{name: "own", e: Evidence{Recipients: outside, Findings: []Finding{finding(Own, Strong)}},
			action: Reject, rule: OwnSensitive, hits: hits(RuleHit{Rule: OwnSensitive, Action: Reject})},
		{name: "own and quoted", e: Evidence{Recipients: outside, Findings: []Finding{finding(Own, Strong), finding(Quoted, Strong)}},
			action: Reject, rule: QuotedSensitive, hits: hits(RuleHit{Rule: QuotedSensitive, Action: Reject}, RuleHit{Rule: OwnSensitive, Action: Reject})},
		{name: "own refused, quoted observed", policy: "rules: {quoted-sensitive: {action: observe}}",
			e:      Evidence{Recipients: outside, Findings: []Finding{finding(Own, Strong), finding(Quoted, Strong)}},
			action: Reject, rule: OwnSensitive, hits: hits(RuleHit{Rule: QuotedSensitive, Action: Observe}, RuleHit{Rule: OwnSensitive, Action: Reject})},

		{name: "subject of a new mail", e: Evidence{Recipients: outside, Findings: []Finding{finding(Subject, Strong)}},
			action: Reject, rule: OwnSensitive, hits: hits(RuleHit{Rule: OwnSensitive, Action: Reject})},
		{name: "subject of a reply", e: Evidence{Recipients: outside, Reply: true, Findings: []Finding{finding(Subject, Strong)}},
			action: Reject, rule: QuotedSensitive, hits: hits(RuleHit{Rule: QuotedSensitive, Action: Reject})},
		{name: "subject over a quote", e: Evidence{Recipients: outside, Carried: []Place{Quoted}, Findings: []Finding{finding(Subject, Strong)}},
			action: Reject, rule: QuotedSensitive, hits: hits(RuleHit{Rule: QuotedSensitive, Action: Reject})},

		{name: "private forward", e: Evidence{Recipients: private, Carried: []Place{Forwarded}},
			action: Reject, rule: PrivateForward, hits: hits(RuleHit{Rule: PrivateForward, Action: Reject})},
		{name: "private forward among others", e: Evidence{Recipients: slices.Concat(inside, private), Carried: []Place{Quoted}},
			action: Reject, rule: PrivateForward, hits: hits(RuleHit{Rule: PrivateForward, Action: Reject})},
		{name: "forward to another councillor's private address", e: Evidence{Recipients: rcpts("bo@gmail.com"), Carried: []Place{Forwarded}}},
		{name: "nothing carried home", e: Evidence{Recipients: private}},
		{name: "forward outside", e: Evidence{Recipients: outside, Carried: []Place{Forwarded}}},

		{name: "100 recipients", e: Evidence{Recipients: people(100, "else.example")}},
		{name: "101 recipients", e: Evidence{Recipients: people(101, "else.example")},
			action: Tag, rule: MassMailing, hits: hits(RuleHit{Rule: MassMailing, Action: Tag}), header: "recipients=101; limit=100"},
		{name: "101 recipients inside", e: Evidence{Recipients: people(101, "norreaa.example")},
			action: Tag, rule: MassMailing, hits: hits(RuleHit{Rule: MassMailing, Action: Tag}), header: "recipients=101; limit=100"},
		{name: "mass mailing refused", policy: "rules: {mass-mailing: {action: reject, above: 7}}", e: Evidence{Recipients: people(8, "norreaa.example")},
			action: Reject, rule: MassMailing, hits: hits(RuleHit{Rule: MassMailing, Action: Reject}), header: "recipients=8; limit=7"},
		{name: "mass mailing observed", policy: "rules: {mass-mailing: {action: observe}}", e: Evidence{Recipients: people(101, "else.example")},
			hits: hits(RuleHit{Rule: MassMailing, Action: Observe})},
		{name: "mass mailing with a quote", e: Evidence{Recipients: people(101, "else.example"), Findings: []Finding{finding(Quoted, Strong)}},
			action: Reject, rule: QuotedSensitive, hits: hits(RuleHit{Rule: QuotedSensitive, Action: Reject}, RuleHit{Rule: MassMailing, Action: Tag}), header: "recipients=101; limit=100"},

		{name: "solicits", e: Evidence{Recipients: outside, Findings: []Finding{soliciting(finding(Own, Certain))}},
			hits: hits(RuleHit{Rule: SolicitsSensitive, Action: Observe})},
		{name: "solicits, refused", policy: "rules: {solicits-sensitive: {action: reject}}", e: Evidence{Recipients: outside, Findings: []Finding{soliciting(finding(Quoted, Strong))}},
			action: Reject, rule: SolicitsSensitive, hits: hits(RuleHit{Rule: SolicitsSensitive, Action: Reject})},
		{name: "solicits inside", policy: "rules: {solicits-sensitive: {action: reject}}", e: Evidence{Recipients: inside, Findings: []Finding{soliciting(finding(Own, Strong))}}},

		{name: "unreadable", e: Evidence{Recipients: outside, Gaps: []Gap{{Kind: Unreadable}}}, action: Reject},
		{name: "unreadable inside", e: Evidence{Recipients: inside, Gaps: []Gap{{Kind: Unreadable}}}},
		{name: "encrypted", e: Evidence{Recipients: outside, Gaps: []Gap{{Kind: Encrypted}}}},
		{name: "unsupported", e: Evidence{Recipients: outside, Gaps: []Gap{{Kind: Unsupported}}}},
		{name: "internal error", e: Evidence{Recipients: outside, Gaps: []Gap{{Kind: InternalError}}}, action: TempFail},
		{name: "unknown gap", e: Evidence{Recipients: outside, Gaps: []Gap{{Kind: "?"}}}, action: TempFail},
		{name: "gap observed", policy: "on_gap: {unreadable: observe}", e: Evidence{Recipients: outside, Gaps: []Gap{{Kind: Unreadable}}}},
		{name: "gap and rule", e: Evidence{Recipients: outside, Findings: []Finding{finding(Own, Strong)}, Gaps: []Gap{{Kind: Unreadable}}},
			action: Reject, rule: OwnSensitive, hits: hits(RuleHit{Rule: OwnSensitive, Action: Reject})},
		{name: "error and rule", e: Evidence{Recipients: outside, Findings: []Finding{finding(Own, Strong)}, Gaps: []Gap{{Kind: InternalError}}},
			action: TempFail, hits: hits(RuleHit{Rule: OwnSensitive, Action: Reject})},
		{name: "no recipients at all", e: Evidence{Findings: []Finding{finding(Own, Strong)}},
			action: Reject, rule: OwnSensitive, hits: hits(RuleHit{Rule: OwnSensitive, Action: Reject})},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := mustParse(t, decidePolicy+tt.policy)
			tt.e.Sender = anne(t, p)
			before := fmt.Sprintf("%#v", tt.e)
			v := p.Decide(tt.e)
			if v.Action != tt.action || v.Rule != tt.rule || !slices.Equal(v.Hits, tt.hits) {
				t.Errorf("got %v by %q, hits %v; want %v by %q, hits %v", v.Action, v.Rule, v.Hits, tt.action, tt.rule, tt.hits)
			}
			var headers []Header
			if tt.header != "" {
				headers = []Header{{"X-Mass-Mailing", tt.header}}
			}
			if !slices.Equal(v.Headers, headers) {
				t.Errorf("headers %v, want %v", v.Headers, headers)
			}
			if len(v.Findings) != len(tt.e.Findings) || len(v.Gaps) != len(tt.e.Gaps) || v.Recipients.Total != len(tt.e.Recipients) {
				t.Error("the verdict leaves evidence out")
			}
			for _, f := range v.Findings {
				if f.Rule == "" {
					t.Error("a finding without a rule")
				}
			}
			if fmt.Sprintf("%#v", tt.e) != before {
				t.Error("Decide changed the evidence")
			}
		})
	}
}

// The table of rules is the public list, in its order.
func TestRuleTable(t *testing.T) {
	var names []Rule
	for _, r := range rules {
		names = append(names, r.name)
		if (r.claims == nil) == (r.applies == nil) {
			t.Errorf("%s must go by findings or by itself", r.name)
		}
	}
	if !slices.Equal(names, Rules()) {
		t.Errorf("rules %v, want %v", names, Rules())
	}
}

// Whatever the evidence, Decide gives one of the four actions, the same one
// twice, and never a stronger one than the rules that hit ask for.
func FuzzDecide(f *testing.F) {
	f.Add(uint16(1), uint16(1), uint64(0x0102030405060708), []byte{0, 1, 2})
	p := mustParse(f, decidePolicy)
	sender := anne(f, p)
	f.Fuzz(func(t *testing.T, inside, outside uint16, bits uint64, raw []byte) {
		e := Evidence{
			Sender:     sender,
			Recipients: slices.Concat(people(int(inside%200), "norreaa.example"), people(int(outside%200), "else.example")),
			Reply:      bits&1 > 0,
		}
		if bits&2 > 0 {
			e.Carried = []Place{Quoted}
		}
		if bits&4 > 0 {
			e.Recipients = append(e.Recipients, Address{"anneholm72", "gmail.com"})
		}
		for i, b := range raw {
			seed := binary.LittleEndian.AppendUint64(nil, bits)[i%8] ^ b
			if seed&0x80 > 0 {
				e.Gaps = append(e.Gaps, Gap{Kind: slices.Concat(GapKinds(), []GapKind{"?"})[seed%5]})
				continue
			}
			e.Findings = append(e.Findings, Finding{
				Place:      slices.Concat(Places(), []Place{"?"})[seed%6],
				Confidence: Confidence(seed % 5),
				Solicits:   seed&0x40 > 0,
			})
		}
		v := p.Decide(e)
		if !reflect.DeepEqual(v, p.Decide(e)) {
			t.Fatal("two verdicts on the same evidence")
		}
		strongest := Accept
		for _, h := range v.Hits {
			strongest = max(strongest, h.Action)
		}
		for _, g := range v.Gaps {
			strongest = max(strongest, p.OnGap(g.Kind))
		}
		switch {
		case v.Action != Accept && v.Action != Tag && v.Action != Reject && v.Action != TempFail:
			t.Errorf("action %v", v.Action)
		case v.Action > strongest:
			t.Errorf("action %v, though nothing asks for more than %v", v.Action, strongest)
		case v.Rule != "" && !slices.Contains(v.Hits, RuleHit{Rule: v.Rule, Action: v.Action}):
			t.Errorf("rule %s is not among the hits %v", v.Rule, v.Hits)
		}
	})
}
