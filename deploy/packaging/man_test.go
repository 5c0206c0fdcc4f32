package packaging

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// manualPages are the packaged pages by name, as a reader sees them: "councilgate.8".
func manualPages(t *testing.T) map[string]string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(content, "usr/share/man/man*/*.gz"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no pages: %v", err)
	}
	pages := make(map[string]string)
	for _, path := range paths {
		var out, warnings bytes.Buffer
		cmd := exec.Command("man", "--warnings", "-l", path)
		cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "MANPAGER=cat", "MANWIDTH=500")
		cmd.Stdout, cmd.Stderr = &out, &warnings
		if err := cmd.Run(); err != nil || warnings.Len() > 0 {
			t.Errorf("man -l %s: %v\n%s", path, err, &warnings)
		}
		if out, err := exec.Command("mandoc", "-T", "lint", "-W", "warning", path).CombinedOutput(); err != nil {
			t.Errorf("mandoc: %v\n%s", err, out)
		}
		pages[strings.TrimSuffix(filepath.Base(path), ".gz")] = out.String()
	}
	return pages
}

// help is what the packaged program says of its use.
func help(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command(filepath.Join(content, "usr/bin/councilgate"), append(args, "-h")...).CombinedOutput()
	if err != nil && !(len(args) == 1 && args[0] == "version") {
		t.Fatalf("councilgate %v -h: %v", args, err)
	}
	return string(out)
}

var (
	commandLine = regexp.MustCompile(`(?m)^  ([a-z]+)  `)
	flagLine    = regexp.MustCompile(`(?m)^  (-[a-z.-]+)`)
	pageName    = regexp.MustCompile(`^councilgate-([a-z]+)\.[18]$`)
)

// TestManualPages: each command has a page, and each page all flags and no other.
func TestManualPages(t *testing.T) {
	pages := manualPages(t)
	overview := pages["councilgate.8"]
	commands := make(map[string]bool)
	for _, match := range commandLine.FindAllStringSubmatch(help(t), -1) {
		commands[match[1]] = true
	}
	if !commands["serve"] || !commands["version"] {
		t.Fatalf("the program's commands are %v", commands)
	}
	documented := 0
	for name, page := range pages {
		match := pageName.FindStringSubmatch(name)
		if match == nil {
			continue
		}
		documented++
		command := match[1]
		if !commands[command] {
			t.Errorf("%s is about a command that does not exist", name)
		}
		if !regexp.MustCompile(`(?m)^ +` + command + ` .*councilgate-` + command + `\(`).MatchString(overview) {
			t.Errorf("councilgate(8) does not lead to %s", name)
		}
		shown := regexp.MustCompile(`(?m)^     (-[a-z.-]+)`).FindAllString(page, -1)
		for i := range shown {
			shown[i] = strings.TrimSpace(shown[i])
		}
		var want []string
		for _, match := range flagLine.FindAllStringSubmatch(help(t, command), -1) {
			want = append(want, match[1])
		}
		if strings.Join(shown, " ") != strings.Join(want, " ") {
			t.Errorf("%s explains %v; the command has %v", name, shown, want)
		}
		for _, section := range []string{"NAME", "SYNOPSIS", "DESCRIPTION", "EXIT STATUS", "SEE ALSO"} {
			if !strings.Contains(page, "\n"+section+"\n") {
				t.Errorf("%s has no section %s", name, section)
			}
		}
	}
	if documented != len(commands) {
		t.Errorf("%d pages for %d commands", documented, len(commands))
	}
}

// TestPolicyPage: councilgate.yaml(5) explains every key that the program knows.
func TestPolicyPage(t *testing.T) {
	wrong := filepath.Join(t.TempDir(), "policy.yaml")
	if err := os.WriteFile(wrong, []byte("no_such_key: 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, _ := exec.Command(filepath.Join(content, "usr/bin/councilgate"), "policy", "-policy", wrong).CombinedOutput()
	_, list, ok := strings.Cut(string(out), "the keys here are ")
	if !ok {
		t.Fatalf("the program does not list its keys: %s", out)
	}
	list, _, _ = strings.Cut(list, "\n")
	page := manualPages(t)["councilgate.yaml.5"]
	for _, key := range strings.FieldsFunc(list, func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') }) {
		if !regexp.MustCompile(`(?m)^ +` + key + `(:|  )`).MatchString(page) {
			t.Errorf("councilgate.yaml(5) does not explain %s", key)
		}
	}
}
