package main

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"councilgate/policy"
)

func TestOverrideKey(t *testing.T) {
	const allow = "internal: [norreaa.example]\nrules: {own-sensitive: {override: {allow: true}}}\n"
	load := func(text string) *policy.Policy {
		t.Helper()
		p, err := policy.Parse("test.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	good := load(allow + "override_key_file: " + writeFile(t, "key", "invented, and long enough\n"))
	if key, err := overrideKey(good); err != nil || string(key) != "invented, and long enough" {
		t.Errorf("a good key: %q, %v", key, err)
	}
	if key, err := overrideKey(load(allow)); err != nil || key != nil {
		t.Errorf("no key file: %q, %v", key, err)
	}
	for _, file := range []string{writeFile(t, "short", "too short"), writeFile(t, "empty", ""), "/nowhere/key"} {
		_, err := overrideKey(load(allow + "override_key_file: " + file))
		if err == nil || !strings.HasPrefix(err.Error(), "override_key_file: ") || strings.Contains(err.Error(), "too short") {
			t.Errorf("%s: %v", file, err)
		}
	}

	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, nil))
	warnKeyless(logger, good)
	warnKeyless(logger, load("internal: [norreaa.example]"))
	if log.Len() > 0 {
		t.Errorf("a warning without need: %s", &log)
	}
	warnKeyless(logger, load(allow))
	if !strings.Contains(log.String(), "level=WARN") {
		t.Errorf("no warning: %s", &log)
	}
}
