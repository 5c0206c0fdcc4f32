package main

import (
	"log/slog"
	"strings"
	"testing"

	"councilgate/policy"
)

// Shadow mode shows in what check and policy print, and changes the exit status.
func TestCheckInShadowMode(t *testing.T) {
	const p = "internal: [norreaa.example]\n"
	mail := writeFile(t, "refused.eml", replyMail)
	whole, rule := writeFile(t, "whole.yaml", p+"mode: observe\n"), writeFile(t, "rule.yaml", p+"rules: {quoted-sensitive: {mode: observe}}\n")
	for _, file := range []string{whole, rule} {
		args := append(fromAnne, "-policy", file, "-to", "bent@else.example")
		got := runCommand("", append(args, mail)...)
		if got.status != 0 || !strings.Contains(got.stdout, ": accepted; without shadow mode: refused by quoted-sensitive\n") ||
			!strings.Contains(got.stdout, "rule: quoted-sensitive would ask for reject\n") || strings.Contains(got.stdout, "reply:") {
			t.Errorf("%+v", got)
		}
		got = runCommand("", append(args, "-json", mail)...)
		if got.status != 0 || !strings.Contains(got.stdout, `"action":"accept","rule":"","would":{"action":"reject","rule":"quoted-sensitive"},`+
			`"rules":[{"rule":"quoted-sensitive","action":"observe","would":"reject"}],`) {
			t.Errorf("%+v", got)
		}
	}
	if got := runCommand("", "policy", "-policy", whole); !strings.Contains(got.stdout, "\nmode: observe\n") {
		t.Errorf("the mode is not in %+v", got)
	}
	if got := runCommand("", "policy", "-policy", rule); !strings.Contains(got.stdout, "\nmode: enforce\n") || !strings.Contains(got.stdout, "mode: observe\n") {
		t.Errorf("the modes are not in %+v", got)
	}
}

func TestWarnObserving(t *testing.T) {
	for text, want := range map[string]string{
		"":                                       "",
		"mode: observe":                          "all mail passes",
		"rules: {mass-mailing: {mode: observe}}": "rule=mass-mailing",
	} {
		p, err := policy.Parse("test.yaml", []byte("internal: [norreaa.example]\n"+text))
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		warnObserving(slog.New(slog.NewTextHandler(&b, nil)), p)
		if got := b.String(); !strings.Contains(got, want) || (got == "") != (want == "") {
			t.Errorf("%q: %q", text, got)
		}
	}
}
