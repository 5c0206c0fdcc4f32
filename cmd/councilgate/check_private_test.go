package main

import (
	"path/filepath"
	"strings"
	"testing"

	"councilgate/filter"
	"councilgate/policy"
)

const privateDir = "../../testdata/private"

// privateCase is a row of a table in testdata/private: who sends which mails to whom,
// and what becomes of the last.
type privateCase struct {
	Why    string      `json:"why"`
	Mails  []string    `json:"mails"`
	From   string      `json:"from"`
	Auth   string      `json:"auth"`
	To     []string    `json:"to"`
	Expect string      `json:"expect"` // refused, observed or passed
	Rule   policy.Rule `json:"rule"`   // "" for private-forward
}

// TestPrivate judges the tables of testdata/private as check does.
func TestPrivate(t *testing.T) {
	tables, err := filepath.Glob(filepath.Join(privateDir, "*.json"))
	if err != nil || len(tables) == 0 {
		t.Fatalf("no tables: %v", err)
	}
	p, err := loadPolicy(filepath.Join(privateDir, "policy.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	shared := filter.NewInspector() // for one mail at a time; a new one takes long
	for _, table := range tables {
		t.Run(strings.TrimSuffix(filepath.Base(table), ".json"), func(t *testing.T) {
			for _, c := range readTable[privateCase](t, table) {
				t.Run(c.Why, func(t *testing.T) {
					inspector := shared
					if len(c.Mails) > 1 {
						inspector = filter.NewInspector()
					}
					c.run(t, inspector, p)
				})
			}
		})
	}
}

func (c privateCase) run(t *testing.T, inspector *filter.Inspector, p *policy.Policy) {
	envelope := filter.Envelope{From: c.From, Login: c.Auth}
	for _, to := range c.To {
		recipients, err := readRecipients(to)
		if err != nil {
			t.Fatal(err)
		}
		envelope.Recipients = append(envelope.Recipients, recipients...)
	}
	var last result
	for _, file := range c.Mails {
		raw, err := readMail(filepath.Join(privateDir, file), nil)
		if err != nil {
			t.Fatal(err)
		}
		judgement, err := judge(inspector, p, envelope, raw)
		if err != nil {
			t.Fatal(err)
		}
		last = newResult(file, p, judgement, false)
	}
	rule := c.Rule
	if rule == "" {
		rule = policy.PrivateForward
	}
	asked := "passed"
	for _, hit := range last.Rules {
		if hit.Rule == rule {
			asked = map[policy.Action]string{policy.Reject: "refused", policy.Observe: "observed"}[hit.Action]
		}
	}
	refused := last.Action == policy.Reject
	if asked != c.Expect || refused != (c.Expect == "refused") || refused && last.Rule != rule {
		t.Errorf("%s, want %s: %v by %q, %v", asked, c.Expect, last.Action, last.Rule, last.Rules)
	}
}

// TestPrivateCommand drives a few of them through the command itself.
func TestPrivateCommand(t *testing.T) {
	args := []string{"check", "-policy", filepath.Join(privateDir, "policy.yaml"), "-from", "anne.holm@norreaa.example"}
	for _, tt := range []struct {
		to, mail string
		status   int
		stdout   string
	}{
		{"Anne.Holm.72@googlemail.com", "inline.eml", statusRefused, "refused by private-forward"},
		{"anne.holm@live.dk", "inline.eml", statusRefused, "refused by private-forward"},
		{"anne.holm@live.dk", "note.eml", statusPassed, "private-forward asks for observe"},
		{"anneholm72@gmail.com", "redirect-sieve.eml", statusRefused, "private-forward asks for reject"},
	} {
		got := runCommand("", append(args, "-to", tt.to, filepath.Join(privateDir, tt.mail))...)
		if got.status != tt.status || !strings.Contains(got.stdout, tt.stdout) {
			t.Errorf("%s: status %d\n%s%s", tt.mail, got.status, got.stdout, got.stderr)
		}
	}
}
