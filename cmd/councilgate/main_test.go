package main

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
)

// outcome is what a command line did.
type outcome struct {
	status         int
	stdout, stderr string
}

func runCommand(stdin string, args ...string) outcome {
	var stdout, stderr bytes.Buffer
	status := run(args, strings.NewReader(stdin), &stdout, &stderr)
	return outcome{status, stdout.String(), stderr.String()}
}

// writeFile writes a file for one test and gives its path.
func writeFile(t *testing.T, name, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestUsage(t *testing.T) {
	if got := runCommand(""); got.status != 2 || !strings.Contains(got.stderr, "usage: councilgate COMMAND") || got.stdout != "" {
		t.Errorf("no command: %+v", got)
	}
	if got := runCommand("", "-h"); got.status != 0 || !strings.Contains(got.stdout, "usage: councilgate COMMAND") || got.stderr != "" {
		t.Errorf("-h: %+v", got)
	}
	got := runCommand("", "chekc")
	if got.status != 2 || !strings.Contains(got.stderr, `no command "chekc"`) {
		t.Errorf("unknown command: %+v", got)
	}
	for _, c := range commands() {
		if !strings.Contains(got.stderr, "  "+c.name) {
			t.Errorf("the usage does not name %s", c.name)
		}
	}
	for _, name := range []string{"check", "doctor", "policy", "serve"} {
		if got := runCommand("", name, "-h"); got.status != 0 || !strings.Contains(got.stderr, "usage: councilgate "+name) {
			t.Errorf("%s -h: %+v", name, got)
		}
	}
}

func TestVersion(t *testing.T) {
	if got := runCommand("", "version"); got.status != 0 || !strings.HasPrefix(got.stdout, "councilgate") || strings.Count(got.stdout, "\n") != 1 {
		t.Errorf("version: %+v", got)
	}
	if got := runCommand("", "version", "-x"); got.status != 2 {
		t.Errorf("version -x: %+v", got)
	}
	tests := []struct {
		info debug.BuildInfo
		want string
	}{
		{debug.BuildInfo{}, "councilgate"},
		{debug.BuildInfo{GoVersion: "go1.26.0", Main: debug.Module{Version: "v1.2.3"}}, "councilgate v1.2.3, go1.26.0"},
		{debug.BuildInfo{GoVersion: "go1.26.0", Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: "abc"}, {Key: "vcs.modified", Value: "true"}}},
			"councilgate, go1.26.0, revision abc (modified)"},
	}
	for _, tt := range tests {
		if got := versionLine(&tt.info); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}
