package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"councilgate/filter/doctor"
)

// TestMain lets this program be the child of doctor that connects as user postfix.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "doctor" {
		os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// A running serve is examined as its own client.
func TestDoctor(t *testing.T) {
	r := startServe(t, "-socket-mode", "0666")
	if err := os.Chmod(filepath.Dir(r.milter), 0o755); err != nil {
		t.Fatal(err)
	}
	where := []string{"-policy", "", "-milter", "unix:" + r.milter, "-http", "inet:" + strings.TrimPrefix(r.http, "http://"), "-postfix=false"}

	t.Run("connect", func(t *testing.T) {
		if got := runCommand("", append([]string{"doctor", "-connect"}, where...)...); got.status != 0 || got.stdout+got.stderr != "" {
			t.Errorf("%+v", got)
		}
		if got := runCommand("", "doctor", "-connect", "-milter", "unix:/nowhere"); got.status != 1 || !strings.Contains(got.stderr, "no such file") {
			t.Errorf("%+v", got)
		}
	})
	t.Run("json", func(t *testing.T) {
		got := runCommand("", append([]string{"doctor", "-json"}, where...)...)
		var results []doctor.Result
		if err := json.Unmarshal([]byte(got.stdout), &results); err != nil {
			t.Fatalf("%v in %+v", err, got)
		}
		for _, r := range results {
			if r.State == doctor.Failure {
				t.Errorf("%+v", r)
			}
			if r.State != doctor.OK && r.Mend == "" {
				t.Errorf("no mend: %+v", r)
			}
		}
	})
	t.Run("text", func(t *testing.T) {
		got := runCommand("", append([]string{"doctor"}, where...)...)
		for _, want := range []string{"ok       probe    A mail to 101 citizens: tag (mass-mailing).\n", "WARNING  policy   ", "\n                  → ", " warning"} {
			if !strings.Contains(got.stdout, want) {
				t.Errorf("does not say %q: %+v", want, got)
			}
		}
		for _, secret := range []string{"anne.holm", "gmail", "040788"} {
			if strings.Contains(got.stdout, secret) {
				t.Errorf("tells %q", secret)
			}
		}
	})
	t.Run("down", func(t *testing.T) {
		got := runCommand("", "doctor", "-policy", writeFile(t, "policy.yaml", "internal: 3\n"), "-milter", "unix:/nowhere/milter.sock", "-http", "inet:127.0.0.1:1", "-postfix=false")
		if got.status != 1 || !strings.Contains(got.stdout, "FAILURE  policy   The policy is wrong: ") || !strings.Contains(got.stdout, "FAILURE  milter   ") {
			t.Errorf("%+v", got)
		}
	})
	for _, args := range [][]string{{"-x"}, {"policy.yaml"}, {"-http", "9810"}} {
		if got := runCommand("", append([]string{"doctor"}, args...)...); got.status != 2 || got.stdout != "" || got.stderr == "" {
			t.Errorf("%v: %+v", args, got)
		}
	}
}
