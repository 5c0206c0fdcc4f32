package main

import (
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
)

const exceptionPolicy = `internal: [norreaa.example]
rules:
  quoted-sensitive:
    except:
      - {senders: [hemmelig@norreaa.example], reason: for hemmelig, until: 2020-02-29}
      - {categories: [national-id], kinds: [cpr], recipients: [else.example], reason: Agreed with the office, until: 9999-12-31}
`

func TestPolicyNotes(t *testing.T) {
	file := writeFile(t, "policy.yaml", exceptionPolicy)
	got := runCommand("", "policy", "-policy", file)
	for _, want := range []string{
		"\n# Expired: exception 1 of quoted-sensitive, which applied until 2020-02-29.",
		"\n# cpr_without_check is built in: [1960, 1962,",
		"\n#   union: activity, local, membership, request\n",
		"\n      - senders:\n",
	} {
		if got.status != 0 || !strings.Contains(got.stdout, want) {
			t.Errorf("no %q in %+v", want, got)
		}
	}
	if strings.Contains(got.stdout, "exception 2") {
		t.Errorf("an exception in force is called expired: %s", got.stdout)
	}
	again := runCommand("", "policy", "-policy", writeFile(t, "printed.yaml", got.stdout))
	if _, want, _ := strings.Cut(got.stdout, "\n"); again.status != 0 || !strings.HasSuffix(again.stdout, "\n"+want) {
		t.Errorf("what it prints is no policy file that says the same: %+v", again)
	}
}

// A word or kind that the detector does not know is refused wherever a policy is
// read, with its line and not its text.
func TestPolicyWrongForTheDetector(t *testing.T) {
	file := writeFile(t, "policy.yaml", `internal: [norreaa.example]
words: [{category: health, language: da, entry: "strong: hemmelig"}]
rules: {own-sensitive: {except: [{kinds: [hemmelig], reason: R, until: 2030-01-01}]}}
`)
	mail := writeFile(t, "new.eml", newMail)
	for _, args := range [][]string{
		{"policy"},
		slices.Concat(fromAnne, []string{"-to", "x@else.example"}),
		{"serve", "-milter", "inet:127.0.0.1:0", "-http", "inet:127.0.0.1:0"},
	} {
		args = append(args, "-policy", file)
		if args[0] == "check" {
			args = append(args, mail)
		}
		got := runCommand("", args...)
		word := file + ":2: words[0].entry: what stands before the colon is no strength"
		kind := file + ":3: rules.own-sensitive.except[0].kinds[0]: is no kind of finding here; must be one of cpr, "
		if got.status == 0 || !strings.Contains(got.stderr, word) || !strings.Contains(got.stderr, kind) || strings.Contains(got.stderr, "hemmelig") {
			t.Errorf("%s: %+v", args[0], got)
		}
	}
}

func TestCheckException(t *testing.T) {
	file, mail := writeFile(t, "policy.yaml", exceptionPolicy), writeFile(t, "reply.eml", replyMail)
	args := slices.Concat(fromAnne, []string{"-policy", file, "-to", "bent@else.example"})
	got := runCommand("", append(args, mail)...)
	if want := "; let pass by exception 2 of quoted-sensitive: Agreed with the office\n"; got.status != statusPassed || !strings.Contains(got.stdout, want) {
		t.Errorf("text: %+v", got)
	}
	got = runCommand("", append(args, "-json", mail)...)
	if want := `,"exception":2,"exception_reason":"Agreed with the office"}]`; got.status != statusPassed || !strings.Contains(got.stdout, want) || !strings.Contains(got.stdout, `"rules":[]`) {
		t.Errorf("JSON: %+v", got)
	}
	got = runCommand("", append(args, "-to", "bent@other.example", mail)...)
	if got.status != statusRefused || strings.Contains(got.stdout, "exception") {
		t.Errorf("to somebody else as well: %+v", got)
	}
}

func TestCheckRule(t *testing.T) {
	mail := writeFile(t, "reply.eml", replyMail)
	tests := []struct {
		rule   string
		status int
		want   string // in the output
	}{
		{"quoted-sensitive", statusRefused, "refused by quoted-sensitive"},
		{"own-sensitive", statusPassed, "accepted\n"},
		{"quoted", statusUnjudged, "no such rule; the rules are [quoted-sensitive own-sensitive "},
	}
	for _, tt := range tests {
		got := runCommand("", slices.Concat(fromAnne, []string{"-to", "bent@else.example", "-rule", tt.rule, mail})...)
		if got.status != tt.status || !strings.Contains(got.stdout+got.stderr, tt.want) {
			t.Errorf("%s: %+v", tt.rule, got)
		}
	}
	// A piece of a message is a gap, and no matter of a rule.
	broken := writeFile(t, "broken.eml", strings.Replace(newMail, "text/plain; charset=utf-8", "message/partial; id=x; number=1; total=2", 1))
	all := slices.Concat(fromAnne, []string{"-to", "bent@else.example", broken})
	if got := runCommand("", all...); !strings.Contains(got.stdout, "gap: unreadable") {
		t.Fatalf("no gap: %+v", got)
	}
	if got := runCommand("", slices.Insert(all, 1, "-rule", "own-sensitive")...); got.status != statusPassed {
		t.Errorf("a gap counts beside the rule: %+v", got)
	}
}

// Expired exceptions are named whenever a policy is loaded, and a wrong word does
// not replace the policy in force; neither tells addresses or words to the log.
func TestServeExceptions(t *testing.T) {
	file := writeFile(t, "policy.yaml", exceptionPolicy)
	const expired = `msg="an exception has expired and no longer applies; remove it from the policy, or give it another day" rule=quoted-sensitive exception=1 until=2020-02-29`
	r := startServe(t, "-policy", file)
	r.output.await(t, expired, 1)
	r.signals <- syscall.SIGHUP
	r.output.await(t, expired, 2)

	wrong := exceptionPolicy + "words: [{category: health, language: da, entry: 'hem*lig'}]\n"
	if err := os.WriteFile(file, []byte(wrong), 0o600); err != nil {
		t.Fatal(err)
	}
	r.signals <- syscall.SIGHUP
	r.output.await(t, "policy not reloaded", 1)
	r.wantMetrics(t, "councilgate_policy_last_reload_successful 0")
	log := r.output.String()
	if !strings.Contains(log, file+":7: words[0].entry: a star stands before a word or after it") {
		t.Errorf("the log does not say what is wrong: %s", log)
	}
	for _, secret := range []string{"hemmelig", "hem*lig", "exception=2"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log shows %q: %s", secret, log)
		}
	}
}
