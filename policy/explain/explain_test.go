package explain

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/template/parse"
	"unicode"

	"councilgate/policy"
)

var update = flag.Bool("update", false, "write the golden files anew")

// occasion is a verdict that stops a mail, and what a reader of the golden files
// should know about it.
type occasion struct {
	title   string
	policy  *policy.Policy
	verdict policy.Verdict
}

const fullPolicy = `
municipality: Nørreå Kommune
contact: post@norreaa.example
internal: [norreaa.example]
secure: [sikkerpost.example]
secure_mail: {name: Send sikkert, not_on_phones: true}
help_url: https://norreaa.example/help/
administration:
  - {area: Borgerservice, address: borgerservice@norreaa.example}
  - {area: Social og sundhed, address: direktor.social@norreaa.example, for: [health, crime]}
rules:
  quoted-sensitive: {override: {allow: true}}
  own-sensitive: {override: {allow: true, hours: 1}}
`

const barePolicy = `internal: [norreaa.example]`

func parsePolicy(t testing.TB, text string) *policy.Policy {
	t.Helper()
	p, err := policy.Parse("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func refusal(rule policy.Rule, findings ...policy.Finding) policy.Verdict {
	v := policy.Verdict{
		Action:     policy.Reject,
		Rule:       rule,
		Hits:       []policy.RuleHit{{Rule: rule, Action: policy.Reject}},
		Recipients: policy.Recipients{Total: 1, Outside: 1},
	}
	for _, f := range findings {
		if f.Rule == "" {
			f.Rule = rule
		}
		v.Findings = append(v.Findings, f)
		if hit := (policy.RuleHit{Rule: f.Rule, Action: policy.Reject}); !slices.Contains(v.Hits, hit) {
			v.Hits = append(v.Hits, hit)
		}
	}
	return v
}

func found(category policy.Category, place policy.Place) policy.Finding {
	return policy.Finding{Category: category, Place: place, Confidence: policy.Strong}
}

func inPart(part string, category policy.Category, place policy.Place) policy.Finding {
	f := found(category, place)
	f.Part = part
	return f
}

// overrides holds the refusals that offer a code, and those of a mail with one.
func overrides(t testing.TB, p *policy.Policy) []occasion {
	t.Helper()
	var all []occasion
	for _, state := range []policy.OverrideState{"", policy.OverrideForeign, policy.OverrideExpired, policy.OverrideUsed} {
		for _, code := range []string{"7F3K-92QD", ""} {
			if state == "" && code == "" {
				continue
			}
			v := refusal(policy.QuotedSensitive, found(policy.Health, policy.Quoted))
			v.Overridable, v.Override, v.OverrideCode = true, state, code
			all = append(all, occasion{fmt.Sprintf("override %s, new code %q", state, code), p, v})
		}
	}
	v := refusal(policy.OwnSensitive, found(policy.Health, policy.Own))
	v.Overridable, v.OverrideCode = true, "7F3K-92QD"
	return append(all, occasion{"own-sensitive, a code that lives an hour", p, v})
}

// occasions holds every rule in every place that it can refuse, every category,
// every gap, and the combinations.
func occasions(t testing.TB) []occasion {
	full, bare := parsePolicy(t, fullPolicy), parsePolicy(t, barePolicy)
	var all []occasion
	add := func(title string, p *policy.Policy, v policy.Verdict) {
		all = append(all, occasion{title, p, v})
	}
	for _, place := range policy.Places() {
		if place != policy.Own {
			add(fmt.Sprintf("quoted-sensitive, %s", place), full, refusal(policy.QuotedSensitive, found(policy.NationalID, place)))
		}
	}
	for _, place := range []policy.Place{policy.Own, policy.Subject} {
		add(fmt.Sprintf("own-sensitive, %s", place), full, refusal(policy.OwnSensitive, found(policy.Health, place)))
	}
	add("private-forward", full, refusal(policy.PrivateForward))
	for _, f := range []policy.ForwardVerdict{
		{Private: policy.Strong},
		{Private: policy.Certain, Redirected: true},
		{Private: policy.Strong, Redirected: true, Everything: true},
	} {
		v := refusal(policy.PrivateForward)
		v.Forward = f
		add(fmt.Sprintf("private-forward %v, redirected %v, everything %v", f.Private, f.Redirected, f.Everything), full, v)
	}
	mass := refusal(policy.MassMailing)
	mass.Recipients.Total = 134
	add("mass-mailing", full, mass)
	add("solicits-sensitive", full, refusal(policy.SolicitsSensitive))
	for _, kind := range policy.GapKinds() {
		text := fullPolicy + fmt.Sprintf("on_gap: {%s: reject}\n", kind)
		v := refusal("")
		v.Hits, v.Gaps = nil, []policy.Gap{{Kind: kind}}
		add(fmt.Sprintf("gap, %s", kind), parsePolicy(t, text), v)
	}
	add("tempfail", full, policy.Verdict{Action: policy.TempFail, Recipients: policy.Recipients{Total: 1, Outside: 1}})

	for _, category := range policy.Categories() {
		add(fmt.Sprintf("category %s", category), bare, refusal(policy.OwnSensitive, found(category, policy.Own)))
	}
	add("a secure route without a name, known on phones", parsePolicy(t, barePolicy+"\nsecure: [sikkerpost.example]"),
		refusal(policy.QuotedSensitive, found(policy.Health, policy.Quoted)))
	add("several national ids", bare, refusal(policy.QuotedSensitive, found(policy.NationalID, policy.Quoted), found(policy.NationalID, policy.Quoted)))
	add("the same in text and HTML", bare, refusal(policy.QuotedSensitive, inPart("1.1", policy.NationalID, policy.Quoted), inPart("1.2", policy.NationalID, policy.Quoted)))
	add("several files", bare, refusal(policy.QuotedSensitive, inPart("2", policy.NationalID, policy.Attached), inPart("3", policy.NationalID, policy.Attached)))
	add("two offices", full, refusal(policy.QuotedSensitive, found(policy.Health, policy.Quoted), found(policy.NationalID, policy.Quoted)))
	add("help without contact", parsePolicy(t, barePolicy+"\nhelp_url: https://norreaa.example/help/"), refusal(policy.PrivateForward))
	all = append(all, overrides(t, full)...)
	automatic := refusal(policy.QuotedSensitive, found(policy.Health, policy.Quoted))
	automatic.Automatic = true
	add("an automatic answer", full, automatic)
	redirect := refusal(policy.PrivateForward)
	redirect.Automatic = true
	add("an automatic mail to a private address", full, redirect)
	add("two categories", bare, refusal(policy.QuotedSensitive, found(policy.NationalID, policy.Quoted), found(policy.Health, policy.Quoted)))
	add("three categories", bare, refusal(policy.QuotedSensitive, found(policy.Union, policy.Quoted), found(policy.Health, policy.Quoted), found(policy.Crime, policy.Quoted)))
	own := found(policy.NationalID, policy.Own)
	own.Rule = policy.OwnSensitive
	add("quoted and own text", bare, refusal(policy.QuotedSensitive, found(policy.NationalID, policy.Quoted), own))
	add("quoted text and attached file", bare, refusal(policy.QuotedSensitive, found(policy.Health, policy.Quoted), found(policy.NationalID, policy.Attached)))
	add("quoted and forwarded text", bare, refusal(policy.QuotedSensitive, found(policy.Health, policy.Forwarded), found(policy.Health, policy.Quoted)))
	all = append(all, longest(t))

	several := refusal(policy.QuotedSensitive, found(policy.NationalID, policy.Quoted))
	several.Recipients.Total = 3
	add("several recipients", full, several)
	for _, rule := range policy.Rules() {
		v := refusal(rule, found(policy.Health, policy.Quoted))
		v.Recipients.Total = 134
		add(fmt.Sprintf("%s, a policy without secure route, offices and contact", rule), bare, v)
	}
	return all
}

// longest is everything at once, with the longest names that a policy may hold.
func longest(t testing.TB) occasion {
	letters := strings.Repeat("æ", 40)
	host := strings.Repeat("n", 51) + ".example"
	text := fmt.Sprintf("municipality: %s\ncontact: %s@%s\ninternal: [%s]\nsecure_mail: {name: %s, not_on_phones: true}\nhelp_url: https://%s.example/\n"+
		"rules: {quoted-sensitive: {override: {allow: true, hours: 168}}}\nadministration:\n",
		letters, strings.Repeat("p", 20), host, host, letters, strings.Repeat("h", 63))
	for _, c := range policy.Categories() {
		text += fmt.Sprintf("  - {area: %s, address: %s@%s, for: [%s]}\n", letters, strings.Repeat("d", 20), host, c)
	}
	var findings []policy.Finding
	for _, c := range policy.Categories() {
		for _, place := range policy.Places() {
			f := found(c, place)
			if place == policy.Own {
				f.Rule = policy.OwnSensitive
			}
			findings = append(findings, f, f)
			f.Part = "2"
			findings = append(findings, f)
		}
	}
	v := refusal(policy.QuotedSensitive, findings...)
	v.Recipients.Total = 10_000
	v.OverrideCode = "7F3K-92QD"
	return occasion{"everything at once, longest names", parsePolicy(t, text), v}
}

// golden renders every occasion in one language.
func golden(t *testing.T, language string, unicode bool) string {
	var b strings.Builder
	for _, o := range occasions(t) {
		o.verdict.Sender.Councillor.Language = language
		r := For(o.policy, o.verdict, "4XWkzB1mcqz", unicode)
		fmt.Fprintf(&b, "== %s\n%d %s\n", o.title, r.Code, r.Enhanced)
		for _, line := range r.Lines {
			fmt.Fprintf(&b, "%s\n", line)
		}
		b.WriteString("\n")
	}
	b.WriteString("== the first line, for every category in every place, in singular and plural\n")
	p := parsePolicy(t, barePolicy)
	for _, category := range policy.Categories() {
		for _, place := range policy.Places() {
			rule := policy.QuotedSensitive
			if place == policy.Own {
				rule = policy.OwnSensitive
			}
			one := refusal(rule, found(category, place))
			many := refusal(rule, found(category, place), found(category, place), inPart("2", category, place))
			many.Recipients.Total = 2
			for _, v := range []policy.Verdict{one, many} {
				v.Sender.Councillor.Language = language
				fmt.Fprintf(&b, "%s\n", For(p, v, "", unicode).Lines[0])
			}
		}
	}
	return b.String()
}

// The golden files hold every text as a councillor reads it: .txt with the
// letters of the language, .ascii.txt as SMTP sends it. After a change of texts,
// run go test -update and read the difference.
func TestTexts(t *testing.T) {
	for _, language := range policy.Languages() {
		for suffix, unicode := range map[string]bool{".txt": true, ".ascii.txt": false} {
			file := filepath.Join("testdata", language+suffix)
			got := golden(t, language, unicode)
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s differs from what is rendered now; run go test -update and read the difference", file)
			}
		}
	}
}

// An automatic answer that is refused again on the same day gets a short reply.
func TestAgain(t *testing.T) {
	v := refusal(policy.QuotedSensitive, found(policy.Health, policy.Quoted))
	v.Automatic = true
	for _, language := range policy.Languages() {
		v.Sender.Councillor.Language = language
		r := Again(parsePolicy(t, fullPolicy), v, "4XWkzB1mcqz", false)
		if r.Code != 550 || len(r.Lines) != 3 || !strings.Contains(r.Lines[2], "4XWkzB1mcqz") {
			t.Errorf("%s: %+v", language, r)
		}
	}
}

// What an SMTP reply and its reader can bear.
func TestLines(t *testing.T) {
	for _, o := range occasions(t) {
		for _, language := range policy.Languages() {
			for _, unicodeText := range []bool{false, true} {
				o.verdict.Sender.Councillor.Language = language
				r := For(o.policy, o.verdict, "4XWkzB1mcqz", unicodeText)
				if len(r.Lines) < 2 || len(r.Lines) > 6 {
					t.Errorf("%s, %s: %d lines", o.title, language, len(r.Lines))
				}
				// A relaying Postfix keeps about 2000 bytes of it for the bounce.
				if whole := strings.Join(r.Lines, " 550-5.7.1 "); len(whole) > 1950 {
					t.Errorf("%s, %s: %d bytes in all", o.title, language, len(whole))
				}
				for _, line := range r.Lines {
					if len(line) >= 480 {
						t.Errorf("%s, %s: a line of %d bytes: %s", o.title, language, len(line), line)
					}
					if !strings.HasSuffix(line, ".") || !unicode.IsUpper([]rune(line)[0]) {
						t.Errorf("%s, %s: no whole sentence: %q", o.title, language, line)
					}
					if strings.Contains(line, "  ") || strings.Contains(line, " .") || strings.Contains(line, ",.") || strings.Contains(line, "<no value>") {
						t.Errorf("%s, %s: a gap in the sentence: %q", o.title, language, line)
					}
					for _, c := range line {
						if unicode.IsControl(c) || !unicodeText && (c > '~' || c == '?') {
							t.Errorf("%s, %s: %q in %q", o.title, language, c, line)
						}
					}
				}
			}
		}
	}
}

// Every language has the same texts as English, and none is empty.
func TestNoTextIsMissing(t *testing.T) {
	names := func(c catalog) []string {
		var list []string
		for _, tmpl := range c.Templates() {
			if tmpl.Tree != nil && !strings.HasSuffix(tmpl.Name(), ".tmpl") {
				if parse.IsEmptyTree(tmpl.Root) {
					t.Errorf("the text %q is empty", tmpl.Name())
				}
				list = append(list, tmpl.Name())
			}
		}
		slices.Sort(list)
		return list
	}
	want := names(catalogs["en"])
	for _, language := range policy.Languages() {
		if got := names(catalogs[language]); !slices.Equal(got, want) {
			t.Errorf("%s has the texts\n%q\nand en\n%q", language, got, want)
		}
	}
	needed := []string{"automatic", "again"}
	for _, state := range []policy.OverrideState{policy.OverrideForeign, policy.OverrideExpired, policy.OverrideUsed} {
		needed = append(needed, "override "+string(state))
	}
	for _, rule := range policy.Rules() {
		needed = append(needed, "rule "+string(rule))
	}
	for _, kind := range policy.GapKinds() {
		needed = append(needed, "gap "+string(kind))
	}
	for _, category := range policy.Categories() {
		needed = append(needed, string(category))
	}
	for _, place := range policy.Places() {
		needed = append(needed, string(place))
		if place != policy.Own {
			needed = append(needed, "without "+string(place))
		}
	}
	for _, name := range needed {
		if !slices.Contains(want, name) {
			t.Errorf("no text for %q", name)
		}
	}
}

func TestNoReplyForMailThatPasses(t *testing.T) {
	p := policy.Default()
	for _, action := range []policy.Action{policy.Accept, policy.Tag} {
		if r := For(p, policy.Verdict{Action: action}, "ref", false); r.Code != 0 || r.Enhanced != "" || r.Lines != nil {
			t.Errorf("%v gives %v", action, r)
		}
	}
}

// A possible finding beside a sure one is not told: it did not refuse the mail.
func TestPossibleFindingsAreNotTold(t *testing.T) {
	weak := found(policy.Religion, policy.Quoted)
	weak.Confidence = policy.Possible
	v := refusal(policy.QuotedSensitive, found(policy.NationalID, policy.Quoted), weak)
	v.Sender.Councillor.Language = "en"
	r := For(policy.Default(), v, "", false)
	if strings.Contains(r.Lines[0], "religion") || !strings.Contains(r.Lines[0], "national ID") {
		t.Errorf("first line: %s", r.Lines[0])
	}
}

func TestReferenceIsMadePlain(t *testing.T) {
	v := refusal(policy.PrivateForward)
	v.Sender.Councillor.Language = "en"
	r := For(policy.Default(), v, "4XW\r\n250 ok%s"+strings.Repeat("x", 100), false)
	want := "If you have questions, write to post@norreaa.example and give the reference 4XW250oks" + strings.Repeat("x", 31) + "."
	if got := r.Lines[len(r.Lines)-1]; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestASCII(t *testing.T) {
	tests := []struct{ language, in, want string }{
		{"da", "Få læst på Ærø, Århus og Ølgod", "Faa laest paa Aeroe, Aarhus og Oelgod"},
		{"nb", "Prøv på Å, Ægir og Østfold", "Proev paa Aa, Aegir og Oestfold"},
		{"sv", "Åsa åt ägg på Öland", "Asa at agg pa Oland"},
		{"en", "Nørreå – “here”", `Noerreaa - "here"`},
		{"sv", "Kafé über Łódź", "Kafe uber ?od?"},
	}
	for _, tt := range tests {
		if got := ASCII(tt.language, tt.in); got != tt.want {
			t.Errorf("ASCII(%s, %q) = %q, want %q", tt.language, tt.in, got, tt.want)
		}
	}
}
