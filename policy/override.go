package policy

import (
	"fmt"
	"slices"
	"time"
)

// A refusal may offer a way out of a false alarm, where the policy allows it: a
// code that, put into the subject, lets the same mail pass once. Making and
// checking codes takes a key and a clock, so the filter does it; what a code may
// do is decided here.

// OverrideState is what the code in a mail's subject is worth.
type OverrideState string

// What a code may be worth; "" is a mail without a code.
const (
	OverrideAccepted OverrideState = "accepted"
	OverrideForeign  OverrideState = "foreign" // of another mail, of somebody else, or misspelt
	OverrideExpired  OverrideState = "expired"
	OverrideUsed     OverrideState = "used"
)

// OverrideStates lists what a code may be worth, in its fixed order.
func OverrideStates() []OverrideState {
	return []OverrideState{OverrideAccepted, OverrideForeign, OverrideExpired, OverrideUsed}
}

type overrideConfig struct {
	Allow      bool     `yaml:"allow"`
	Categories []string `yaml:"categories,omitempty"`
	Hours      int      `yaml:"hours,omitempty"`
}

// Bounds of a code's life, in hours.
const (
	defaultOverrideHours = 24
	maxOverrideHours     = 7 * 24
)

// MaxOverrideLife is the longest that a code may live.
const MaxOverrideLife = maxOverrideHours * time.Hour

func (v *validator) override(path string, o overrideConfig) {
	v.categories(path+".categories", o.Categories)
	if o.Hours < 0 || o.Hours > maxOverrideHours {
		v.add(path+".hours", "must be how many hours a code lives, from 1 to %d", maxOverrideHours)
	}
}

// noOverride is for the rules that a code cannot lift.
func (v *validator) noOverride(path string, o overrideConfig) {
	if o.Allow {
		v.add(path, "cannot be allowed here; a code lifts only what was found in the text, so set the action to observe or accept instead")
	}
}

func (v *validator) categories(path string, list []string) {
	for i, s := range list {
		if !slices.Contains(Categories(), Category(s)) {
			v.add(fmt.Sprintf("%s[%d]", path, i), "must be one of %s", joinCategories())
		}
	}
}

func joinCategories() string {
	var text string
	for i, c := range Categories() {
		if i > 0 {
			text += ", "
		}
		text += string(c)
	}
	return text
}

// categories reads a list that has been validated.
func categories(list []string) []Category {
	var cs []Category
	for _, s := range list {
		cs = append(cs, Category(s))
	}
	return cs
}

// overrideKeyFile checks that there is somebody who needs the key.
func (v *validator) overrideKeyFile(c *config) {
	if c.OverrideKeyFile == "" {
		return
	}
	v.text("override_key_file", c.OverrideKeyFile)
	if !c.Rules.anyOverride() && !v.within["rules"] {
		v.add("override_key_file", "is of no use while no rule allows an override; add override: {allow: true} to a rule, or remove this line")
	}
}

func (r rulesConfig) anyOverride() bool {
	return r.QuotedSensitive.Override.Allow || r.OwnSensitive.Override.Allow || r.SolicitsSensitive.Override.Allow
}

// AllowsOverride reports whether some rule may be overridden at all.
func (p *Policy) AllowsOverride() bool { return p.config.Rules.anyOverride() }

// OverrideKeyFile names the file with the key of override codes, "" if there is
// none and a key lives as long as the process.
func (p *Policy) OverrideKeyFile() string { return p.config.OverrideKeyFile }

// overrideOf gives a rule's settings; a rule that cannot be overridden has none.
func (p *Policy) overrideOf(r Rule) overrideConfig {
	switch r {
	case QuotedSensitive:
		return p.config.Rules.QuotedSensitive.Override
	case OwnSensitive:
		return p.config.Rules.OwnSensitive.Override
	case SolicitsSensitive:
		return p.config.Rules.SolicitsSensitive.Override
	}
	return overrideConfig{}
}

// mayOverride reports whether a code may lift what a rule asks for because of
// these findings. A national id that is certain is never lifted: its check digit
// leaves no room for a false alarm.
func (p *Policy) mayOverride(r Rule, findings []Finding) bool {
	o := p.overrideOf(r)
	if !o.Allow {
		return false
	}
	for _, f := range findings {
		if !f.speaksFor(r) || f.Confidence < Strong {
			continue
		}
		if f.Category == NationalID && f.Confidence == Certain {
			return false
		}
		if len(o.Categories) > 0 && !slices.Contains(o.Categories, string(f.Category)) {
			return false
		}
	}
	return true
}

// overridable reports whether a code could let a refused mail pass: all that
// refuses it must be such that a code may lift it. No code lifts a gap, since
// nobody knows what is behind it, and no program may use one.
func (p *Policy) overridable(v Verdict) bool {
	if v.Action != Reject || v.Rule == "" || v.Automatic {
		return false
	}
	for _, h := range v.Hits {
		if h.Action == Reject && !p.mayOverride(h.Rule, v.Findings) {
			return false
		}
	}
	return !slices.ContainsFunc(v.Gaps, func(g Gap) bool { return p.OnGap(g.Kind) >= Reject })
}

// OverrideLife is how long a code lives that lets a refused mail pass: the
// shortest time that one of its rules allows.
func (p *Policy) OverrideLife(v Verdict) time.Duration {
	life := MaxOverrideLife
	for _, h := range v.Hits {
		if h.Action != Reject {
			continue
		}
		hours := p.overrideOf(h.Rule).Hours
		if hours == 0 {
			hours = defaultOverrideHours
		}
		life = min(life, time.Duration(hours)*time.Hour)
	}
	return life
}

// OverriddenFindings lists the findings that a code kept from refusing the mail.
func (v Verdict) OverriddenFindings() []Finding {
	return slices.DeleteFunc(slices.Clone(v.Findings), func(f Finding) bool {
		return f.Confidence < Strong || f.Exception != 0 || !slices.Contains(v.Overridden, f.Rule)
	})
}

// Refused lists the findings for which a verdict refuses a mail.
func (v Verdict) Refused() []Finding {
	var list []Finding
	for _, f := range v.Findings {
		if f.Exception == 0 && f.Confidence >= Strong && slices.Contains(v.Hits, RuleHit{Rule: f.Rule, Action: Reject}) {
			list = append(list, f)
		}
	}
	return list
}
