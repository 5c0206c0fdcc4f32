package evening

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// A document is a page of Markdown whose commands can be run: what to type stands in
// blocks of ```sh, what one should see in a block of ```text right behind. In the
// latter a line … stands for any lines, and … in a line for any text. ```sh status=1
// is for commands that fail with that exit status.
type document struct {
	sections []section
}

type section struct {
	title string // of the second level: "1 Install"
	steps []step
}

type step struct {
	line   int // in the page
	script string
	status int
	output string // what one should see, "" if the page does not say
}

const fence = "```"

func readDocument(file string) (document, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return document{}, err
	}
	return parseDocument(string(text))
}

func parseDocument(text string) (document, error) {
	var d document
	var block *strings.Builder // that we are in
	var script, output strings.Builder
	for i, line := range strings.Split(text, "\n") {
		fail := func(what string) (document, error) { return document{}, fmt.Errorf("line %d: %s", i+1, what) }
		title, isTitle := strings.CutPrefix(line, "## ")
		steps := 0
		if len(d.sections) > 0 {
			steps = len(d.sections[len(d.sections)-1].steps)
		}
		switch {
		case block != nil && line == fence:
			if last := &d.sections[len(d.sections)-1].steps[steps-1]; block == &script {
				last.script = script.String()
			} else {
				last.output = output.String()
			}
			block = nil
		case block != nil:
			block.WriteString(line + "\n")
		case isTitle:
			d.sections = append(d.sections, section{title: title})
		case strings.HasPrefix(line, fence) && len(d.sections) == 0:
			return fail("a block before the first section")
		case strings.HasPrefix(line, fence+"sh"):
			s := step{line: i + 1}
			if options := strings.TrimPrefix(line, fence+"sh"); options != "" {
				if _, err := fmt.Sscanf(options, " status=%d", &s.status); err != nil {
					return fail("what is" + options + "?")
				}
			}
			last := &d.sections[len(d.sections)-1]
			last.steps = append(last.steps, s)
			block = &script
			block.Reset()
		case line == fence+"text":
			if steps == 0 || d.sections[len(d.sections)-1].steps[steps-1].output != "" {
				return fail("an output without a command")
			}
			block = &output
			block.Reset()
		case strings.HasPrefix(line, fence):
			return fail("neither sh nor text")
		}
	}
	if block != nil {
		return document{}, errors.New("the last block has no end")
	}
	return d, nil
}

// toRun is how many sections have commands.
func (d document) toRun() int {
	n := 0
	for _, s := range d.sections {
		if len(s.steps) > 0 {
			n++
		}
	}
	return n
}

// pattern is the regular expression of an output.
func (s step) pattern() *regexp.Regexp {
	var p strings.Builder
	p.WriteString(`\A`)
	for line := range strings.Lines(s.output) {
		line = strings.TrimSuffix(line, "\n")
		if line == "…" {
			p.WriteString(`(?:.*\n)*?`)
			continue
		}
		p.WriteString(strings.ReplaceAll(regexp.QuoteMeta(line), "…", `.*`) + `\n`)
	}
	p.WriteString(`\z`)
	return regexp.MustCompile(p.String())
}

// follow runs the steps of a section on a machine, as the reader would.
func (d document) follow(t *testing.T, m *machine, title string) {
	t.Helper()
	for _, section := range d.sections {
		if section.title != title {
			continue
		}
		for _, s := range section.steps {
			out, err := m.run("journalctl --sync\n" + s.script)
			status := 0
			if exit, ok := errors.AsType[*exec.ExitError](err); ok {
				status = exit.ExitCode()
			} else if err != nil {
				t.Fatal(err)
			}
			if status != s.status {
				t.Fatalf("line %d: exit status %d, want %d\n%s", s.line, status, s.status, out)
			}
			out = strings.ReplaceAll(out, "\r", "") // SMTP's
			if s.output != "" && !s.pattern().MatchString(strings.TrimRight(out, "\n")+"\n") {
				t.Fatalf("line %d: it printed\n%s\nand not\n%s", s.line, out, s.output)
			}
		}
		return
	}
	t.Fatalf("the page has no section %q", title)
}

func TestParseDocument(t *testing.T) {
	const page = "# Page\n\n## 1 First\n\n```sh\na\nb\n```\n```text\nfoo … 1.0\n…\nlast\n```\n\n```sh status=2\nc\n```\n\n## 2 Second\n"
	d, err := parseDocument(page)
	if err != nil {
		t.Fatal(err)
	}
	if len(d.sections) != 2 || d.sections[1].title != "2 Second" || len(d.sections[0].steps) != 2 {
		t.Fatalf("%+v", d)
	}
	first, second := d.sections[0].steps[0], d.sections[0].steps[1]
	if first.script != "a\nb\n" || first.status != 0 || second.script != "c\n" || second.status != 2 || second.output != "" {
		t.Errorf("%+v", d.sections[0].steps)
	}
	for out, want := range map[string]bool{
		"foo bar 1.0\nlast\n":             true,
		"foo bar 1.0\nmore\n\nlast\n":     true,
		"foo bar 1x0\nlast\n":             false,
		"foo bar 1.0\nlast\nafterwards\n": false,
		"foo\nbar 1.0\nlast\n":            false,
	} {
		if got := first.pattern().MatchString(out); got != want {
			t.Errorf("%q: %v", out, got)
		}
	}
	for _, broken := range []string{
		"```sh\na\n```\n", "## 1\n```text\na\n```\n", "## 1\n```sh\na\n", "## 1\n```sh fails\na\n```\n", "## 1\n```yaml\na\n```\n",
		"## 1\n```sh\na\n```\n```text\nb\n```\n```text\nc\n```\n",
	} {
		if _, err := parseDocument(broken); err == nil {
			t.Errorf("%q is taken", broken)
		}
	}
}
