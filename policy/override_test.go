package policy

import (
	"slices"
	"testing"
	"time"
)

const overridePolicy = `
internal: [norreaa.example]
rules:
  quoted-sensitive: {override: {allow: true, categories: [national-id, health], hours: 2}}
  own-sensitive: {override: {allow: true}}
`

// quotedFinding is what somebody else wrote, on its way out of the house.
func quotedFinding(c Category, sure Confidence) Finding {
	return Finding{Category: c, Place: Quoted, Confidence: sure}
}

func TestOverridable(t *testing.T) {
	own := Finding{Category: Union, Place: Own, Confidence: Strong}
	tests := []struct {
		name   string
		change func(e *Evidence)
		want   bool
	}{
		{"a listed category", func(e *Evidence) {}, true},
		{"another category", func(e *Evidence) { e.Findings = append(e.Findings, quotedFinding(Crime, Strong)) }, false},
		{"another category, not sure", func(e *Evidence) { e.Findings = append(e.Findings, quotedFinding(Crime, Possible)) }, true},
		{"a strong national id", func(e *Evidence) { e.Findings = append(e.Findings, quotedFinding(NationalID, Strong)) }, true},
		{"a certain national id", func(e *Evidence) { e.Findings = append(e.Findings, quotedFinding(NationalID, Certain)) }, false},
		{"two rules that allow it", func(e *Evidence) { e.Findings = append(e.Findings, own) }, true},
		{"a private address as well", func(e *Evidence) {
			e.Sender.Councillor.Private = e.Recipients
			e.Carried = []Place{Quoted}
		}, false},
		{"something unreadable as well", func(e *Evidence) { e.Gaps = []Gap{{Kind: Unreadable}} }, false},
		{"an automatic answer", func(e *Evidence) { e.Automatic = true }, false},
	}
	p := mustParse(t, overridePolicy)
	for _, tt := range tests {
		e := Evidence{
			Recipients: []Address{{Local: "b", Domain: "post.example"}},
			Findings:   []Finding{quotedFinding(Health, Certain)},
		}
		tt.change(&e)
		v := p.Decide(e)
		if v.Action != Reject || v.Overridable != tt.want {
			t.Errorf("%s: action %v, overridable %v", tt.name, v.Action, v.Overridable)
		}
		e.Override = OverrideAccepted
		if v := p.Decide(e); !e.Automatic && (v.Action == Accept) != tt.want {
			t.Errorf("%s: %v with a code", tt.name, v.Action)
		}
		for _, state := range []OverrideState{OverrideForeign, OverrideExpired, OverrideUsed} {
			e.Override = state
			if v := p.Decide(e); v.Action != Reject || v.Override != state {
				t.Errorf("%s: %v with a code that is %s", tt.name, v.Action, state)
			}
		}
		if v := mustParse(t, "internal: [norreaa.example]").Decide(e); v.Overridable {
			t.Errorf("%s: overridable by default", tt.name)
		}
	}
}

func TestOverriddenRules(t *testing.T) {
	p := mustParse(t, overridePolicy)
	e := Evidence{
		Recipients: []Address{{Local: "b", Domain: "post.example"}},
		Findings:   []Finding{quotedFinding(Health, Strong), {Category: Union, Place: Own, Confidence: Strong}},
	}
	if got := p.OverrideLife(p.Decide(e)); got != 2*time.Hour {
		t.Errorf("life %v, want that of the stricter rule", got)
	}
	e.Override = OverrideAccepted
	v := p.Decide(e)
	if want := []Rule{QuotedSensitive, OwnSensitive}; !slices.Equal(v.Overridden, want) || v.Action != Accept || len(v.Hits) != 2 || v.Hits[0].Action != Observe {
		t.Errorf("%+v", v)
	}
	e.Findings = e.Findings[1:] // what the councillor wrote
	e.Override = ""
	if got := p.OverrideLife(p.Decide(e)); got != 24*time.Hour {
		t.Errorf("life %v, want the default", got)
	}
}

func TestNoticeSettings(t *testing.T) {
	if _, ok := Default().Notice(); ok {
		t.Error("notices that nobody asked for")
	}
	p := mustParse(t, "internal: [norreaa.example]\nnotice: {via: 'smtp://[::1]:25', from: Post@norreaa.example}\nhelp_url: http://intra/help/\nsecure_mail: {name: Send sikkert}")
	want := Notice{Via: "[::1]:25", From: Address{Local: "post", Domain: "norreaa.example"}, PerHour: 6}
	if got, ok := p.Notice(); !ok || got != want {
		t.Errorf("got %q %d %v", got.Via, got.PerHour, ok)
	}
	if name, missing := p.SecureMail(); name != "Send sikkert" || missing || !p.HasSecureRoute() || p.HelpURL() != "http://intra/help/" {
		t.Error("secure mail or help pages")
	}
}
