package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPolicy(t *testing.T) {
	got := runCommand("", "policy")
	if got.status != 0 || !strings.Contains(got.stdout, "municipality: Nørreå Kommune") || !strings.HasPrefix(got.stdout, "# The built-in policy") {
		t.Errorf("built-in policy: %+v", got)
	}

	file := writeFile(t, "policy.yaml", "internal: [norreaa.example]\n")
	got = runCommand("", "policy", "-policy", file)
	if got.status != 0 || !strings.Contains(got.stdout, file) || !strings.Contains(got.stdout, "unreadable: reject") {
		t.Errorf("policy with defaults: %+v", got)
	}
	again := runCommand("", "policy", "-policy", writeFile(t, "printed.yaml", got.stdout))
	if _, want, _ := strings.Cut(got.stdout, "\n"); again.status != 0 || !strings.HasSuffix(again.stdout, "\n"+want) {
		t.Errorf("what it prints is no policy file that says the same: %+v", again)
	}
}

func TestPolicyPages(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "help")
	for range 2 { // the second time over the first
		got := runCommand("", "policy", "-pages", dir)
		if got.status != 0 || !strings.Contains(got.stdout, "29 pages written") {
			t.Fatalf("%+v", got)
		}
	}
	for _, file := range []string{"index.html", "sv/index.html", "nb/private-forward.html"} {
		data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(file)))
		if err != nil || !strings.Contains(string(data), "Nørreå Kommune") {
			t.Errorf("%s: %v", file, err)
		}
	}
	if got := runCommand("", "policy", "-pages", writeFile(t, "file", "")); got.status != 1 || got.stderr == "" {
		t.Errorf("a file where the folder should be: %+v", got)
	}
}

func TestPolicyRefused(t *testing.T) {
	file := writeFile(t, "broken.yaml", "internal: [norreaa.example]\nlanguage: dk\ncolour: red\n")
	got := runCommand("", "policy", "-policy", file)
	want := file + ":2: language: must be one of da, sv, nb, en\n" + file + `:3: unknown key "colour"`
	if got.status != 2 || got.stdout != "" || !strings.HasPrefix(got.stderr, want) {
		t.Errorf("broken policy: %+v", got)
	}
	if got := runCommand("", "policy", "-policy", file+".missing"); got.status != 2 || !strings.Contains(got.stderr, "no such file") {
		t.Errorf("missing file: %+v", got)
	}
	if got := runCommand("", "policy", file); got.status != 2 || !strings.Contains(got.stderr, "-policy FILE") {
		t.Errorf("file without flag: %+v", got)
	}
	if got := runCommand("", "policy", "-nonsense"); got.status != 2 {
		t.Errorf("unknown flag: %+v", got)
	}
}
