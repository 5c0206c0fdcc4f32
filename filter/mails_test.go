package filter

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"councilgate/policy"
)

// A mailCase is one mail under testdata/mail with what is expected of it, from the
// file of the same name that ends in .want.
type mailCase struct {
	file     string
	from     string
	to       []string
	action   string
	rule     policy.Rule
	observed []policy.Rule
	findings []string // "PLACE CATEGORY"
	why      string
}

// readMailCase reads a .want file: lines of "key: value". An unknown key is a
// fault, so that a typing mistake does not pass for a test.
func readMailCase(file string) (c mailCase, err error) {
	data, err := os.ReadFile(strings.TrimSuffix(file, ".eml") + ".want")
	if err != nil {
		return c, err
	}
	c.file = file
	lines := bufio.NewScanner(strings.NewReader(string(data)))
	for lines.Scan() {
		key, value, ok := strings.Cut(lines.Text(), ":")
		value = strings.TrimSpace(value)
		switch {
		case strings.TrimSpace(lines.Text()) == "":
		case !ok:
			return c, fmt.Errorf("%s: no key in %q", file, lines.Text())
		case key == "from":
			c.from = value
		case key == "to":
			if c.to, err = citizens(value); err != nil {
				return c, fmt.Errorf("%s: %w", file, err)
			}
		case key == "action":
			c.action = value
		case key == "rule":
			c.rule = policy.Rule(value)
		case key == "observed":
			c.observed = append(c.observed, policy.Rule(value))
		case key == "finding":
			c.findings = append(c.findings, value)
		case key == "why":
			c.why = value
		default:
			return c, fmt.Errorf("%s: unknown key %q", file, key)
		}
	}
	if c.from == "" || len(c.to) == 0 || c.action == "" || c.why == "" {
		return c, fmt.Errorf("%s: from, to, action and why are needed", file)
	}
	return c, nil
}

// citizens reads recipients: addresses, or "120 citizens".
func citizens(value string) ([]string, error) {
	if number, ok := strings.CutSuffix(value, " citizens"); ok {
		n, err := strconv.Atoi(number)
		if err != nil {
			return nil, err
		}
		list := make([]string, n)
		for i := range list {
			list[i] = fmt.Sprintf("citizen%d@mail.example", i)
		}
		return list, nil
	}
	list := strings.Split(value, ",")
	for i := range list {
		list[i] = strings.TrimSpace(list[i])
	}
	return list, nil
}

// A tally counts how often something was found, should have been, and both.
type tally struct{ found, wanted, both int }

func (t *tally) add(found, wanted bool) {
	switch {
	case found && wanted:
		t.found, t.wanted, t.both = t.found+1, t.wanted+1, t.both+1
	case found:
		t.found++
	case wanted:
		t.wanted++
	}
}

func share(part, whole int) float64 {
	if whole == 0 {
		return 1
	}
	return float64(part) / float64(whole)
}

func (t *tally) String() string {
	return fmt.Sprintf("recall %5.1f %% of %3d   precision %5.1f %% of %3d",
		100*share(t.both, t.wanted), t.wanted, 100*share(t.both, t.found), t.found)
}

// TestMails judges the mails under testdata/mail by the built-in policy and
// prints recall and precision by rule and by category: of those by language, whose
// mistakes were looked at, and of those in unseen, which were only counted. The
// floors lie a little below what was reached, and are there to catch a step back.
func TestMails(t *testing.T) {
	t.Run("looked at", func(t *testing.T) { judgeMails(t, "??", 0.94) })
	t.Run("unseen", func(t *testing.T) { judgeMails(t, "unseen", 0.95) })
}

// judgeMails judges the mails of the folders that match a pattern; floor is the share
// that must be judged as expected.
func judgeMails(t *testing.T, folder string, floor float64) {
	files, err := filepath.Glob(filepath.Join("..", "testdata", "mail", folder, "*.eml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no mails: %v", err)
	}
	inspector, p := NewInspector(), policy.Default()
	rules, categories := map[policy.Rule]*tally{}, map[policy.Category]*tally{}
	for _, r := range policy.Rules() {
		rules[r] = &tally{}
	}
	for _, c := range policy.Categories() {
		categories[c] = &tally{}
	}
	right, accepted, passed := 0, 0, 0
	for _, file := range files {
		c, err := readMailCase(file)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		v := inspector.Judge(context.Background(), p, Envelope{From: c.from, Recipients: c.to}, raw).Verdict
		for _, r := range policy.Rules() {
			hit := slices.ContainsFunc(v.Hits, func(h policy.RuleHit) bool {
				return h.Rule == r && (h.Action > policy.Observe || r == policy.SolicitsSensitive)
			})
			rules[r].add(hit, c.rule == r || slices.Contains(c.observed, r))
		}
		for _, category := range policy.Categories() {
			found := slices.ContainsFunc(v.Findings, func(f policy.Finding) bool {
				return f.Category == category && f.Confidence >= policy.Strong && !f.Solicits
			})
			wanted := slices.ContainsFunc(c.findings, func(f string) bool { return strings.HasSuffix(f, " "+string(category)) })
			if len(c.findings) > 0 || c.action == "accept" && c.rule == "" {
				categories[category].add(found, wanted)
			}
		}
		if c.action == "accept" {
			accepted++
			if v.Action == policy.Accept {
				passed++
			}
		}
		if v.Action.String() == c.action && v.Rule == c.rule {
			right++
		} else if folder != "unseen" {
			t.Logf("%s: %v %q, want %s %q: %s", file, v.Action, v.Rule, c.action, c.rule, c.why)
		}
	}
	t.Logf("%d mails, %.1f %% judged as expected; of %d innocent ones %.1f %% passed",
		len(files), 100*share(right, len(files)), accepted, 100*share(passed, accepted))
	for _, r := range policy.Rules() {
		t.Logf("%-20s %v", r, rules[r])
	}
	for _, c := range policy.Categories() {
		t.Logf("%-20s %v", c, categories[c])
	}
	if got := share(right, len(files)); got < floor {
		t.Errorf("%.1f %% judged as expected, want %.0f %% at least", 100*got, 100*floor)
	}
	if id := categories[policy.NationalID]; id.both != id.wanted {
		t.Errorf("national ids: %d of %d found", id.both, id.wanted)
	}
}
