package policy

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// testVocabulary stands for what the filter knows of findings.
var testVocabulary = Vocabulary{
	Kinds: func(c Category) []string {
		switch c {
		case NationalID:
			return []string{"cpr", "request"}
		case Health:
			return []string{"diagnosis", "benefit"}
		case Crime, Politics:
			return []string{"conviction"}
		}
		return []string{"request"}
	},
	CheckEntry: func(entry string) error {
		if strings.HasPrefix(entry, "wrong") {
			return errors.New("is not what the test wants")
		}
		return nil
	},
}

// aDay is a day on which exceptions until 2026-12-31 apply.
var aDay = time.Date(2026, 12, 31, 23, 59, 0, 0, time.UTC)

// withException gives decidePolicy with one exception of quoted-sensitive.
func withException(t testing.TB, scope string) *Policy {
	t.Helper()
	return mustParse(t, decidePolicy+fmt.Sprintf("rules: {quoted-sensitive: {except: [{%s, reason: Agreed, until: 2026-12-31}]}}\n", scope))
}

func TestExceptionScope(t *testing.T) {
	cpr := Finding{Category: NationalID, Kind: "cpr", Place: Quoted, Confidence: Certain}
	mistyped := cpr
	mistyped.Confidence = Strong
	benefit := Finding{Category: Health, Kind: "benefit", Place: Quoted, Confidence: Strong}
	outside := []string{"x@regionen.example"}
	tests := []struct {
		name    string
		scope   string
		f       Finding
		to      []string
		covered bool
	}{
		{"category", "categories: [health]", benefit, outside, true},
		{"other category", "categories: [crime, union]", benefit, outside, false},
		{"kind", "kinds: [diagnosis, benefit]", benefit, outside, true},
		{"other kind", "kinds: [diagnosis]", benefit, outside, false},
		{"kind in another category", "categories: [crime], kinds: [benefit]", benefit, outside, false},
		{"sender", "senders: [Anne.Holm@norreaa.example]", benefit, outside, true},
		{"other sender", "senders: [bo@norreaa.example]", benefit, outside, false},
		{"recipient's domain", "recipients: [regionen.example]", benefit, []string{"x@syd.regionen.example"}, true},
		{"recipient", "recipients: [x@regionen.example]", benefit, outside, true},
		{"other recipient", "recipients: [y@regionen.example]", benefit, outside, false},
		{"recipient and somebody inside", "recipients: [regionen.example]", benefit, []string{"x@regionen.example", "y@norreaa.example", "z@sikkerpost.example"}, true},
		{"recipient and somebody else", "recipients: [regionen.example]", benefit, []string{"x@regionen.example", "y@else.example"}, false},
		{"recipient and own mailbox", "recipients: [regionen.example]", benefit, []string{"x@regionen.example", "anneholm72@gmail.com"}, false},
		{"recipient sent on", "recipients: [regionen.example]", benefit, []string{"x%else.example@regionen.example"}, false},
		{"nobody", "recipients: [regionen.example]", benefit, nil, false},
		{"all parts", "categories: [health], kinds: [benefit], senders: [anne.holm@norreaa.example], recipients: [regionen.example]", benefit, outside, true},
		{"one part fails", "categories: [health], kinds: [benefit], senders: [bo@norreaa.example], recipients: [regionen.example]", benefit, outside, false},
		{"national id by sender", "senders: [anne.holm@norreaa.example]", cpr, outside, false},
		{"mistyped national id by sender", "senders: [anne.holm@norreaa.example]", mistyped, outside, true},
		{"national id by category", "categories: [national-id]", cpr, outside, true},
		{"national id by category and kind", "categories: [national-id], kinds: [cpr]", cpr, outside, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := withException(t, tt.scope)
			v := p.Decide(Evidence{At: aDay, Sender: anne(t, p), Recipients: rcpts(tt.to...), Findings: []Finding{tt.f}})
			want := Verdict{Action: Reject, Rule: QuotedSensitive, Hits: []RuleHit{{Rule: QuotedSensitive, Action: Reject}}}
			number := 0
			if tt.covered {
				want, number = Verdict{}, 1
			}
			if v.Action != want.Action || v.Rule != want.Rule || !slices.Equal(v.Hits, want.Hits) {
				t.Errorf("got %v by %q, %v", v.Action, v.Rule, v.Hits)
			}
			if f := v.Findings[0]; f.Exception != number || f.Rule != QuotedSensitive {
				t.Errorf("finding of %s under exception %d, want %d", f.Rule, f.Exception, number)
			}
		})
	}
}

func TestExceptionByAlias(t *testing.T) {
	p := mustParse(t, `
internal: [norreaa.example]
councillors: [{address: anne.holm@norreaa.example, aliases: [ah@norreaa.example]}]
rules: {own-sensitive: {except: [{senders: [ah@norreaa.example], reason: Agreed, until: 2026-12-31}]}}
`)
	v := p.Decide(Evidence{At: aDay, Sender: anne(t, p), Recipients: rcpts("x@else.example"), Findings: []Finding{finding(Own, Strong)}})
	if v.Action != Accept || v.Findings[0].Exception != 1 {
		t.Errorf("action %v, exception %d", v.Action, v.Findings[0].Exception)
	}
}

// A sender is anybody in the house where no councillors are listed.
func TestExceptionWithoutCouncillors(t *testing.T) {
	const policy = "internal: [norreaa.example]\nrules: {own-sensitive: {except: [{senders: [%s], reason: R, until: 2026-12-31}]}}\n"
	p := mustParse(t, fmt.Sprintf(policy, "anne.holm@norreaa.example"))
	v := p.Decide(Evidence{At: aDay, Sender: anne(t, p), Recipients: rcpts("x@else.example"), Findings: []Finding{finding(Own, Strong)}})
	if v.Action != Accept {
		t.Errorf("action %v", v.Action)
	}
	if _, err := Parse("test.yaml", fmt.Appendf(nil, policy, "x@else.example")); err == nil || !strings.Contains(err.Error(), "lies in no internal domain") {
		t.Errorf("error %v", err)
	}
}

// The exception of one rule is none of another's, and what it does not cover
// still counts.
func TestExceptionLeavesTheRest(t *testing.T) {
	p := withException(t, "categories: [health]")
	e := Evidence{At: aDay, Sender: anne(t, p), Recipients: rcpts("x@else.example"), Findings: []Finding{
		finding(Quoted, Strong), finding(Own, Strong), {Category: Crime, Kind: "conviction", Place: Quoted, Confidence: Strong},
	}}
	v := p.Decide(e)
	if want := []RuleHit{{Rule: QuotedSensitive, Action: Reject}, {Rule: OwnSensitive, Action: Reject}}; !slices.Equal(v.Hits, want) {
		t.Errorf("hits %v, want %v", v.Hits, want)
	}
	if got := []int{v.Findings[0].Exception, v.Findings[1].Exception, v.Findings[2].Exception}; !slices.Equal(got, []int{1, 0, 0}) {
		t.Errorf("exceptions %v", got)
	}
	if refused := v.Refused(); len(refused) != 2 || refused[0].Place != Own || refused[1].Category != Crime {
		t.Errorf("refused for %+v", refused)
	}
	if e.Findings[0].Exception != 0 {
		t.Error("the evidence was changed")
	}
}

// An exception counts neither for nor against the code that lifts a refusal.
func TestExceptionAndOverride(t *testing.T) {
	p := mustParse(t, decidePolicy+`
rules:
  quoted-sensitive:
    except: [{categories: [national-id], reason: R, until: 2026-12-31}]
    override: {allow: true}
`)
	e := Evidence{At: aDay, Sender: anne(t, p), Recipients: rcpts("x@else.example"), Findings: []Finding{
		finding(Quoted, Strong), {Category: NationalID, Kind: "cpr", Place: Quoted, Confidence: Certain},
	}}
	if v := p.Decide(e); !v.Overridable {
		t.Error("not overridable because of a finding that an exception covers")
	}
}

func TestExceptionSolicits(t *testing.T) {
	p := mustParse(t, decidePolicy+"rules: {solicits-sensitive: {action: reject, except: [{categories: [health], reason: R, until: 2026-12-31}]}}\n")
	v := p.Decide(Evidence{At: aDay, Sender: anne(t, p), Recipients: rcpts("x@else.example"), Findings: []Finding{soliciting(finding(Own, Strong))}})
	if v.Action != Accept || v.Findings[0].Exception != 1 {
		t.Errorf("action %v, exception %d", v.Action, v.Findings[0].Exception)
	}
}

func TestExceptionExpires(t *testing.T) {
	p := mustParse(t, decidePolicy+`
rules:
  quoted-sensitive:
    except:
      - {categories: [health], reason: Old, until: 2026-06-30}
      - {categories: [health], reason: New, until: "2026-12-31"}
`)
	east := time.FixedZone("east", 2*60*60)
	tests := []struct {
		at   time.Time
		want int
	}{
		{time.Date(2026, 6, 30, 23, 59, 0, 0, east), 1},
		{time.Date(2026, 7, 1, 0, 0, 0, 0, east), 2},
		{time.Date(2026, 12, 31, 23, 59, 59, 0, east), 2},
		{time.Date(2027, 1, 1, 0, 0, 0, 0, east), 0},
		{time.Time{}, 0},
	}
	for _, tt := range tests {
		v := p.Decide(Evidence{At: tt.at, Sender: anne(t, p), Recipients: rcpts("x@else.example"), Findings: []Finding{finding(Quoted, Strong)}})
		if got := v.Findings[0].Exception; got != tt.want || (v.Action == Accept) != (tt.want > 0) {
			t.Errorf("%v: exception %d, %v; want exception %d", tt.at, got, v.Action, tt.want)
		}
	}
	want := []Exception{{QuotedSensitive, 1, "Old", "2026-06-30"}, {QuotedSensitive, 2, "New", "2026-12-31"}}
	if got := p.Exceptions(); !reflect.DeepEqual(got, want) {
		t.Errorf("exceptions %+v", got)
	}
}

// An exception covers what lies in its scope, and never makes a verdict stricter.
func FuzzExceptions(f *testing.F) {
	f.Add(uint8(0), uint8(0), []byte{0x10, 0x21, 0x32})
	with, without := mustParse(f, decidePolicy+`
rules:
  quoted-sensitive:
    except:
      - {recipients: [regionen.example], reason: R, until: 2026-12-31}
      - {categories: [national-id, crime], reason: R, until: 2026-06-30}
`), mustParse(f, decidePolicy)
	f.Fuzz(func(t *testing.T, months, to uint8, raw []byte) {
		e := Evidence{At: aDay.AddDate(0, -int(months%12), -20), Sender: anne(t, with)}
		for i, a := range rcpts("x@regionen.example", "y@else.example", "z@norreaa.example") {
			if to>>i&1 > 0 {
				e.Recipients = append(e.Recipients, a)
			}
		}
		for _, b := range raw {
			e.Findings = append(e.Findings, Finding{
				Category: Categories()[int(b>>4)%len(Categories())], Place: Places()[b%5], Confidence: Confidence(b%3 + 1),
			})
		}
		v, strict := with.Decide(e), without.Decide(e)
		if v.Action > strict.Action {
			t.Errorf("%v with exceptions, %v without", v.Action, strict.Action)
		}
		named := e.At.Before(time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC))
		for _, f := range v.Findings {
			certain := f.Category == NationalID && f.Confidence == Certain
			first := f.Rule == QuotedSensitive && to&3 == 1 && !certain
			second := f.Rule == QuotedSensitive && named && (f.Category == NationalID || f.Category == Crime)
			want := 0
			switch {
			case first:
				want = 1
			case second:
				want = 2
			}
			if f.Exception != want {
				t.Errorf("exception %d of %+v, want %d", f.Exception, f, want)
			}
		}
	})
}

// What a policy with exceptions and words prints is a policy that says the same.
func TestExceptionsReadBack(t *testing.T) {
	p := mustParse(t, decidePolicy+`
rules:
  quoted-sensitive:
    except: [{kinds: [benefit], senders: [anne.holm@norreaa.example], recipients: [regionen.example], reason: "Agreed: yes", until: 2026-12-31}]
words: [{category: health, language: da, entry: "telling: bostedet solsikken"}]
cpr_without_check: [1960, 1965]
`)
	again, err := Parse("printed.yaml", p.YAML())
	if err != nil {
		t.Fatalf("%v in\n%s", err, p.YAML())
	}
	if string(again.YAML()) != string(p.YAML()) || !reflect.DeepEqual(again.exceptions, p.exceptions) || !reflect.DeepEqual(again.Words(), p.Words()) {
		t.Errorf("printed\n%s\nreads as\n%s", p.YAML(), again.YAML())
	}
}

// The examples in the comments of the default policy are right.
func TestExamplesAreRight(t *testing.T) {
	examples := 0
	for block := range strings.SplitSeq(string(defaultYAML), "#\n#     ") {
		key, _, _ := strings.Cut(block, ":")
		if key != "rules" && key != "words" && key != "cpr_without_check" {
			continue
		}
		block, _, _ = strings.Cut(block, "\n\n")
		p := mustParse(t, "internal: [norreaa.example]\n"+strings.ReplaceAll(block, "\n#     ", "\n"))
		examples += len(p.Exceptions()) + len(p.Words()) + len(p.CPRWithoutCheck())
	}
	if examples != 1+2+3 {
		t.Errorf("%d examples read", examples)
	}
}

func TestTooManyExceptions(t *testing.T) {
	item := "      - {categories: [health], reason: R, until: 2026-12-31}\n"
	text := "internal: [norreaa.example]\nrules:\n  own-sensitive:\n    except:\n" + strings.Repeat(item, maxExceptions)
	if _, err := Parse("test.yaml", []byte(text)); err != nil {
		t.Error(err)
	}
	if _, err := Parse("test.yaml", []byte(text+item)); err == nil || !strings.HasPrefix(err.Error(), "test.yaml:5: rules.own-sensitive.except: lists more than 100") {
		t.Errorf("error %v", err)
	}
}
