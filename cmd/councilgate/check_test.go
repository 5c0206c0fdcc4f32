package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"councilgate/filter"
	"councilgate/policy"
)

const newMail = "From: Anne Holm <anne.holm@norreaa.example>\r\n" +
	"Subject: Borgermøde\r\n" +
	"Content-Type: text/plain; charset=utf-8\r\n\r\n" +
	"Kære Bent\r\n\r\nMødet er på torsdag kl. 19.\r\n\r\nVenlig hilsen\r\nAnne\r\n"

// replyMail carries a CPR number in a quote. The number is invented.
const replyMail = "From: Anne Holm <anne.holm@norreaa.example>\r\n" +
	"Subject: Re: Skolen\r\nIn-Reply-To: <1@else.example>\r\n" +
	"Content-Type: text/plain; charset=utf-8\r\n\r\n" +
	"Kære Bent, det ser jeg på.\r\n\r\n" +
	"Den 3. marts 2026 kl. 10.12 skrev Bent Toft <bent@else.example>:\r\n" +
	"> Mit cpr-nummer er 140362-1001.\r\n"

var fromAnne = []string{"check", "-from", "anne.holm@norreaa.example"}

func TestCheckStatus(t *testing.T) {
	clean, refused := writeFile(t, "clean.eml", newMail), writeFile(t, "refused.eml", replyMail)
	big := writeFile(t, "big.eml", newMail+strings.Repeat("x", filter.DefaultLimits().Message))
	tests := []struct {
		name   string
		stdin  string
		args   []string
		status int
		stdout string
		stderr string
	}{
		{"accepted", "", []string{"-to", "bent@else.example", clean}, 0, "accepted", ""},
		{"refused", "", []string{"-to", "bent@else.example", refused}, 1, "refused by quoted-sensitive", ""},
		{"stays inside", "", []string{"-to", "x@norreaa.example", refused}, 0, "accepted", ""},
		{"standard input", replyMail, []string{"-to", "bent@else.example", "-"}, 1, "-: refused", ""},
		{"one of two refused", "", []string{"-to", "bent@else.example", refused, clean}, 1, "clean.eml: accepted", ""},
		{"bounce", "", []string{"-from", "", "-to", "bent@else.example", refused}, 0, "accepted", ""},
		{"bounce in brackets", "", []string{"-from", "<>", "-to", "bent@else.example", refused}, 0, "accepted", ""},
		{"not there", "", []string{"-to", "bent@else.example", clean + ".not", clean}, 2, "clean.eml: accepted", "clean.eml.not: no such file"},
		{"a directory", "", []string{"-to", "bent@else.example", t.TempDir()}, 2, "", "is a directory"},
		{"too large", "", []string{"-to", "bent@else.example", big}, 2, "", "larger than 64 MiB"},
		{"no sender", "", []string{"-to", "bent@else.example", clean}, 2, "", "-from ADDR"},
		{"no recipient", "", []string{clean}, 2, "", "-to ADDR"},
		{"empty recipient", "", []string{"-to", " , ", clean}, 2, "", "-to ADDR"},
		{"no file", "", []string{"-to", "bent@else.example"}, 2, "", "FILE"},
		{"recipients not there", "", []string{"-to", "@" + clean + ".not", clean}, 2, "", "no such file"},
		{"unknown flag", "", []string{"-too", "x"}, 2, "", "-too"},
		{"broken policy", "", []string{"-policy", clean, "-to", "bent@else.example", clean}, 2, "", clean + ":"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			args := slices.Concat(fromAnne, tt.args)
			if tt.name == "no sender" {
				args = slices.Concat(fromAnne[:1], tt.args)
			}
			got := runCommand(tt.stdin, args...)
			if got.status != tt.status || !strings.Contains(got.stdout, tt.stdout) || !strings.Contains(got.stderr, tt.stderr) {
				t.Errorf("status %d\n%s\n%s\nwant %d, %q, %q", got.status, got.stdout, got.stderr, tt.status, tt.stdout, tt.stderr)
			}
			if (tt.stderr == "") != (got.stderr == "") {
				t.Errorf("standard error: %s", got.stderr)
			}
		})
	}
}

// The names and the order of the fields are promised to other programs.
func TestCheckJSON(t *testing.T) {
	file := writeFile(t, "a.eml", newMail)
	got := runCommand("", slices.Concat(fromAnne, []string{"-to", "bent@else.example", "-json", file})...)
	want := `{"file":"` + file + `","action":"accept","rule":"","rules":[],"findings":[],"gaps":[],` +
		`"recipients":{"total":1,"internal":0,"secure":0,"private":0,"outside":1},` +
		`"reply":{"code":0,"enhanced":"","text":[]},"headers":[]}` + "\n"
	if got.stdout != want {
		t.Errorf("accepted mail:\n%swant\n%s", got.stdout, want)
	}

	r := newResult("a.eml", policy.Default(), filter.Judgement{Judged: true, Verdict: policy.Verdict{
		Action: policy.Reject,
		Rule:   policy.PrivateForward,
		Hits:   []policy.RuleHit{{Rule: policy.PrivateForward, Action: policy.Reject}},
		Findings: []policy.Finding{{Rule: policy.QuotedSensitive, Category: policy.NationalID, Kind: "cpr", Place: policy.Quoted,
			Part: "1.2", Confidence: policy.Certain, Mask: "CPR number", Segment: 1, Start: 10, End: 21}},
		Gaps:       []policy.Gap{{Kind: policy.Encrypted, Part: "2", Reason: "pgp"}},
		Recipients: policy.Recipients{Total: 1, Private: 1},
		Headers:    []policy.Header{{Name: "X-Mass-Mailing", Value: "recipients=134; limit=100"}},
	}}, true)
	r.Reply.Text = []string{"Din mail er ikke sendt."}
	var b strings.Builder
	if err := printJSON(&b, r); err != nil {
		t.Fatal(err)
	}
	want = `{"file":"a.eml","action":"reject","rule":"private-forward",` +
		`"rules":[{"rule":"private-forward","action":"reject"}],` +
		`"findings":[{"rule":"quoted-sensitive","category":"national-id","kind":"cpr","place":"quoted","part":"1.2","confidence":"certain","mask":"CPR number","segment":1,"start":10,"end":21}],` +
		`"gaps":[{"kind":"encrypted","part":"2","reason":"pgp"}],` +
		`"recipients":{"total":1,"internal":0,"secure":0,"private":1,"outside":0},` +
		`"reply":{"code":550,"enhanced":"5.7.1","text":["Din mail er ikke sendt."]},` +
		`"headers":[{"name":"X-Mass-Mailing","value":"recipients=134; limit=100"}],"segments":[]}` + "\n"
	if b.String() != want {
		t.Errorf("refused mail:\n%swant\n%s", b.String(), want)
	}
}

// With -segments a finding says where it stands in the text of its segment.
func TestCheckSegments(t *testing.T) {
	args := slices.Concat(fromAnne, []string{"-to", "bent@else.example", "-segments"})
	got := runCommand(replyMail, append(args, "-json", "-")...)
	var r struct {
		Findings []struct {
			Category            string
			Segment, Start, End int
		}
		Segments []struct{ Place, Part, Text string }
	}
	if err := json.Unmarshal([]byte(got.stdout), &r); err != nil {
		t.Fatal(err)
	}
	found := false
	for _, f := range r.Findings {
		if f.Category == "national-id" {
			found = true
			if s := r.Segments[f.Segment]; s.Text[f.Start:f.End] != "140362-1001" || s.Place != "quoted" {
				t.Errorf("finding %+v in %+v", f, s)
			}
		}
	}
	if !found {
		t.Errorf("no national-id among the findings of %s", got.stdout)
	}
	if got := runCommand(replyMail, append(args, "-")...); !strings.Contains(got.stdout, "    | Kære Bent, det ser jeg på.\n") {
		t.Errorf("text:\n%s", got.stdout)
	}
	// Without -segments, nothing of the text is shown.
	for _, extra := range []string{"-json", "-segments=false"} {
		got := runCommand(replyMail, append(slices.Clone(args[:len(args)-1]), extra, "-")...)
		if strings.Contains(got.stdout, "140362") || strings.Contains(got.stdout, "Bent") || strings.Contains(got.stdout, "segment") {
			t.Errorf("%s shows the mail:\n%s", extra, got.stdout)
		}
	}
}

func TestCheckRecipients(t *testing.T) {
	var many strings.Builder
	for i := range 134 {
		fmt.Fprintf(&many, "p%d@norreaa.example\r\n\n", i)
	}
	file := writeFile(t, "recipients", many.String())
	got := runCommand(newMail, slices.Concat(fromAnne, []string{
		"-to", "@" + file, "-to", "P0@norreaa.example,x@sikkerpost.example", "-to", "<anneholm72@gmail.com>", "-json", "-"})...)
	for _, want := range []string{
		`"recipients":{"total":136,"internal":134,"secure":1,"private":1,"outside":0}`,
		`"headers":[{"name":"X-Mass-Mailing","value":"recipients=136; limit=100"}]`,
		`"action":"tag","rule":"mass-mailing"`,
	} {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("got\n%swant %s", got.stdout, want)
		}
	}
	if got.status != 0 {
		t.Errorf("status %d", got.status)
	}
	// A stranger's mail is not judged, but its recipients are counted.
	stranger := strings.Replace(replyMail, "anne.holm@norreaa.example", "x@else.example", 1)
	got = runCommand(stranger, "check", "-from", "x@else.example", "-to", "a@norreaa.example,b@else.example", "-json", "-")
	if got.status != 0 || !strings.Contains(got.stdout, `"action":"accept","rule":"","rules":[],"findings":[],"gaps":[],"recipients":{"total":2,"internal":1,`) {
		t.Errorf("stranger: %+v", got)
	}
}

func TestSplitAddresses(t *testing.T) {
	got := splitAddresses(`a@x.example,"b,c"@x.example,"d\",e"@x.example`)
	want := []string{"a@x.example", `"b,c"@x.example`, `"d\",e"@x.example`}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// The text of a mail cannot steer the terminal.
func TestTextOutputIsHarmless(t *testing.T) {
	var b strings.Builder
	r := result{File: "a.eml", Segments: &[]segment{{policy.Own, "1", "red \x1b[31m\tlines\r\nend\u009b"}}}
	if err := printText(&b, r); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(b.String(), "\x1b\r\u009b") || !strings.Contains(b.String(), "    | red \ufffd[31m\tlines\ufffd\n    | end\ufffd\n") {
		t.Errorf("printed %q", b.String())
	}
}

func TestStatusOf(t *testing.T) {
	for action, want := range map[policy.Action]int{policy.Accept: 0, policy.Tag: 0, policy.Reject: 1, policy.TempFail: 2} {
		if got := statusOf(action); got != want {
			t.Errorf("%v: status %d, want %d", action, got, want)
		}
	}
}

// What cannot be printed was not told: a full disk is no verdict.
func TestCheckOutputFails(t *testing.T) {
	for _, format := range []string{"-json", "-json=false"} {
		var stderr strings.Builder
		args := append(slices.Clone(fromAnne[1:]), "-to", "bent@else.example", format, "-")
		if got := check(args, strings.NewReader(newMail), failingWriter{}, &stderr); got != 2 || !strings.Contains(stderr.String(), "full") {
			t.Errorf("%s: status %d, %s", format, got, stderr.String())
		}
	}
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, errors.New("full") }
