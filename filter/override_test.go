package filter

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"councilgate/policy"
)

func TestCutOverride(t *testing.T) {
	tests := []struct{ subject, rest, code string }{
		{"SV: Brev", "SV: Brev", ""},
		{"[ok 7F3K-92QD Hun har selv bedt om det] SV: Brev", "SV: Brev", "7F3K-92QD"},
		{"SV: [OK 7f3k92qd] Brev", "SV: Brev", "7F3K-92QD"},
		{"SV: Brev [ ok: 7f3k 92qd falsk alarm ]", "SV: Brev", "7F3K-92QD"},
		{"SV: Brev [ok 7F3K-92QD ikke lukket om Bente", "SV: Brev", "7F3K-92QD"},
		{"SV: Brev [ok OI1L-0000 x]", "SV: Brev", "0111-0000"},
		{"[ok 7F3K-92QD a][ok 7F3K-92QE b]Brev", "Brev", "7F3K-92QD"},
		{"[ok 7F3K-92QD]", "", "7F3K-92QD"},
		{"[ok 7F3K-92QDX grund] Brev", "[ok 7F3K-92QDX grund] Brev", ""},
		{"[ok vi ses] Brev", "[ok vi ses] Brev", ""},
		{"ok 7F3K-92QD", "ok 7F3K-92QD", ""},
	}
	for _, tt := range tests {
		if rest, code := cutOverride(tt.subject); rest != tt.rest || code != tt.code {
			t.Errorf("%q: %q and %q", tt.subject, rest, code)
		}
	}
}

func FuzzCutOverride(f *testing.F) {
	f.Add("SV: [ok 7F3K-92QD grund] Brev")
	f.Fuzz(func(t *testing.T, subject string) {
		rest, code := cutOverride(subject)
		if code == "" && rest != subject {
			t.Errorf("changed without a code: %q", rest)
		}
		if again, code := cutOverride(rest); code != "" && len(again) >= len(rest) {
			t.Errorf("%q grows", rest)
		}
	})
}

// Whatever a mail is, it only loses codes.
func FuzzTakeOverride(f *testing.F) {
	_, raw := overrideMail("anne.holm@norreaa.example", "SV: [ok 7F3K-92QD grund] Brev", illness)
	f.Add(raw)
	f.Add([]byte("Subject: =?utf-8?q?[ok_7F3K-92QD?=\r\n =?utf-8?q?_x]?=\r\nSubject: [ok 7F3K-92QD]\r\n\r\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		rest, code := takeOverride(raw)
		if code == "" && !bytes.Equal(rest, raw) {
			t.Errorf("changed without a code: %q", rest)
		}
		_, body, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
		if code != "" && !bytes.HasSuffix(rest, body) {
			t.Errorf("the body is changed: %q", rest)
		}
	})
}

func TestOverrideCodes(t *testing.T) {
	o := NewOverrides([]byte("a key of sixteen bytes"))
	now := time.Date(2026, 3, 9, 12, 7, 0, 0, time.UTC)
	o.now = func() time.Time { return now }
	mine, other := claim{1}, claim{2}
	code := o.issue(mine)
	if len(code) != len("7F3K-92QD") || code != plainCode(strings.ToLower(code)) {
		t.Fatalf("code %q", code)
	}
	const life = 24 * time.Hour
	check := func(what string, got, want policy.OverrideState) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %s, want %s", what, got, want)
		}
	}
	check("another claim", o.redeem(code, other, life), policy.OverrideForeign)
	check("another code", o.redeem("0000-0000", mine, life), policy.OverrideForeign)
	check("another key", NewOverrides(nil).redeem(code, mine, life), policy.OverrideForeign)
	begin := now
	now = begin.Add(life + overrideSlot)
	check("too late", o.redeem(code, mine, life), policy.OverrideExpired)
	now = begin.Add(life)
	check("in time", o.redeem(code, mine, life), policy.OverrideAccepted)
	check("a second time", o.redeem(code, mine, life), policy.OverrideUsed)

	now = begin.Add(life + 2*overrideSlot)
	fresh := o.issue(mine)
	check("a new code", o.redeem(fresh, mine, life), policy.OverrideAccepted)
	if again := o.issue(mine); again != "" {
		t.Errorf("a used code is given out: %q", again)
	}
	now = now.Add(overrideSlot)
	if again := o.issue(mine); again == "" || again == fresh {
		t.Errorf("no new code later on: %q", again)
	}
	same := NewOverrides([]byte("a key of sixteen bytes"))
	same.now = o.now
	if same.issue(mine) != o.issue(mine) {
		t.Error("the same key makes another code after a restart")
	}
	same.SetKey(nil)
	if same.issue(mine) != o.issue(mine) {
		t.Error("a key is given up for none")
	}
}

// What is remembered of used codes is bounded, and then no code is taken.
func TestSpentCodesAreBounded(t *testing.T) {
	o := NewOverrides(nil)
	now := time.Now()
	o.now = func() time.Time { return now }
	for i := range maxSpent {
		o.spent[fmt.Sprint(i)] = now.Add(time.Hour)
	}
	if got := o.redeem(o.issue(claim{1}), claim{1}, time.Hour); got == policy.OverrideAccepted {
		t.Errorf("%s beyond the bound", got)
	}
	now = now.Add(2 * time.Hour)
	if got := o.redeem(o.issue(claim{1}), claim{1}, time.Hour); got != policy.OverrideAccepted || len(o.spent) != 1 {
		t.Errorf("%s, %d codes remembered", got, len(o.spent))
	}
}

const overridePolicy = `
internal: [norreaa.example]
language: en
councillors:
  - {address: anne.holm@norreaa.example}
  - {address: goran.ekstrom@norreaa.example}
rules:
  quoted-sensitive: {override: {allow: true, categories: [health], hours: 2}}
`

const (
	illness = "Tak.\r\n\r\nDen 3. marts 2026 skrev Bente <bente@post.example>:\r\n> Min søn har fået diagnosen skizofreni.\r\n"
	other   = "Tak.\r\n\r\nDen 4. marts 2026 skrev Olav <olav@post.example>:\r\n> Min kone har fået diagnosen skizofreni i Odense.\r\n"
)

// overrideMail is a mail of a councillor with a subject and a text.
func overrideMail(from, subject, text string) (Envelope, []byte) {
	return Envelope{From: from, Recipients: []string{"bente@post.example"}},
		[]byte("From: " + from + "\r\nSubject: " + subject + "\r\nIn-Reply-To: <1@post.example>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + text)
}

// A code is for the mail that was given it, and for the councillor whose it is.
func TestOverrideOfARefusal(t *testing.T) {
	p, err := policy.Parse("test.yaml", []byte(overridePolicy))
	if err != nil {
		t.Fatal(err)
	}
	const anne, goran = "anne.holm@norreaa.example", "goran.ekstrom@norreaa.example"
	inspector := NewInspector()
	inspector.Overrides = NewOverrides(nil)
	now := time.Now()
	inspector.Overrides.now = func() time.Time { return now }
	judge := func(from, subject, text string) policy.Verdict {
		env, raw := overrideMail(from, subject, text)
		return inspector.Judge(context.Background(), p, env, raw).Verdict
	}

	refused := judge(anne, "SV: Brev", illness)
	code := refused.OverrideCode
	if refused.Action != policy.Reject || code == "" {
		t.Fatalf("%v with code %q", refused.Action, code)
	}
	with := func(code string) string {
		return "=?utf-8?Q?SV:_[ok_" + code + "_S=C3=B8nnens_CPR_er_040788-0315]?= Brev"
	}

	for name, v := range map[string]policy.Verdict{
		"another mail":       judge(anne, with(code), other),
		"another councillor": judge(goran, with(code), illness),
		"another code":       judge(anne, with("7F3K-92QD"), illness),
	} {
		if v.Action != policy.Reject || v.Override != policy.OverrideForeign || v.OverrideCode == "" {
			t.Errorf("%s: %v, code %s", name, v.Action, v.Override)
		}
	}
	again := judge(anne, with(code), strings.Replace(illness, "Tak.", "Mange tak!", 1)+"\r\n")
	if again.Action != policy.Accept || again.Override != policy.OverrideAccepted {
		t.Errorf("the same mail with its code: %v, code %s", again.Action, again.Override)
	}
	for _, f := range again.Findings {
		if f.Category == policy.NationalID {
			t.Error("the reason was judged")
		}
	}
	if v := judge(anne, with(code), illness); v.Action != policy.Reject || v.Override != policy.OverrideUsed {
		t.Errorf("a second time: %v, code %s", v.Action, v.Override)
	}

	now = now.Add(overrideSlot)
	code = judge(anne, "SV: Brev", illness).OverrideCode
	now = now.Add(2*time.Hour + overrideSlot)
	if v := judge(anne, with(code), illness); v.Action != policy.Reject || v.Override != policy.OverrideExpired || v.OverrideCode == code {
		t.Errorf("too late: %v, code %s", v.Action, v.Override)
	}

	certain := judge(anne, with(code), "Tak.\r\n\r\nDen 3. marts 2026 skrev Bente <bente@post.example>:\r\n> Mit CPR-nummer er 040788-0315.\r\n")
	if certain.Action != policy.Reject || certain.Override != "" || certain.OverrideCode != "" {
		t.Errorf("a national id beyond doubt: %v, code %q", certain.Action, certain.OverrideCode)
	}
	inspector.Overrides = nil
	if v := judge(anne, "SV: Brev", illness); v.OverrideCode != "" {
		t.Error("a code without a key")
	}
}

// On its way the subject loses code and reason, and only where the policy allows
// codes.
func TestOverrideLeavesTheSubject(t *testing.T) {
	for name, tt := range map[string]struct{ policy, want string }{
		"allowed":     {overridePolicy, "=?utf-8?q?SV:_S=C3=B8rens_brev?="},
		"not allowed": {"internal: [norreaa.example]", ""},
	} {
		p, err := policy.Parse("test.yaml", []byte(tt.policy))
		if err != nil {
			t.Fatal(err)
		}
		server := startServer(t, always(policy.Verdict{Action: policy.Accept, Override: policy.OverrideAccepted}))
		server.SetPolicy(p)
		m := councillorMail()
		m.fields[1][1] = "=?utf-8?Q?SV:_[ok_7F3K-92QD_hun_spurgte]_S=C3=B8rens_brev?="
		edits, _ := m.send(t, server.client(t))
		got := ""
		for _, e := range edits {
			if e.HeaderName == "Subject" {
				got = strings.ToLower(e.HeaderValue)
			}
		}
		if got != strings.ToLower(tt.want) {
			t.Errorf("%s: subject becomes %q", name, got)
		}
	}
}

func TestOverridesAreCounted(t *testing.T) {
	m := NewMetrics()
	m.judged(policy.Verdict{
		Findings: []policy.Finding{
			{Rule: policy.QuotedSensitive, Category: policy.Health, Confidence: policy.Strong},
			{Rule: policy.QuotedSensitive, Category: policy.Health, Confidence: policy.Certain},
			{Rule: policy.QuotedSensitive, Category: policy.Union, Confidence: policy.Possible},
			{Rule: policy.OwnSensitive, Category: policy.Crime, Confidence: policy.Strong},
		},
		Overridden: []policy.Rule{policy.QuotedSensitive},
	}, 1, 1)
	families, err := m.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, f := range families {
		for _, series := range f.GetMetric() {
			if f.GetName() == "councilgate_overrides_total" && series.GetCounter().GetValue() > 0 {
				got += fmt.Sprint(series.GetLabel(), series.GetCounter().GetValue())
			}
		}
	}
	if !strings.Contains(got, "health") || strings.Contains(got, "union") || strings.Contains(got, "crime") || !strings.HasSuffix(got, "1") {
		t.Errorf("counted: %s", got)
	}
}
