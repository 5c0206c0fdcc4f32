package policy

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// Every file under testdata/broken holds one kind of fault; the lines that begin
// with "#! " say which messages must come of it, all of them and in order.
func TestBrokenPolicies(t *testing.T) {
	files, err := filepath.Glob("testdata/broken/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			for line := range strings.Lines(string(data)) {
				if message, ok := strings.CutPrefix(line, "#! "); ok {
					want = append(want, name+":"+strings.TrimSpace(message))
				}
			}
			if len(want) == 0 {
				t.Fatal("the file does not say what is wrong with it")
			}
			_, err = ParseWith(testVocabulary, name, data)
			if err == nil {
				t.Fatal("taken for a valid policy")
			}
			if got := strings.Split(err.Error(), "\n"); !slices.EqualFunc(got, want, matches) {
				t.Errorf("got\n%s\nwant\n%s", err, strings.Join(want, "\n"))
			}
			if strings.Contains(err.Error(), "secret") {
				t.Error("the message shows a value of the file")
			}
		})
	}
}

// matches compares a message with what it must be; three dots stand for any end.
func matches(got, want string) bool {
	begin, open := strings.CutSuffix(want, "...")
	return got == want || open && strings.HasPrefix(got, begin)
}

func TestOversizedPolicy(t *testing.T) {
	data := []byte("internal: [norreaa.example]\n" + strings.Repeat("#", MaxFile))
	if _, err := Parse("big.yaml", data); err == nil || !strings.HasPrefix(err.Error(), "big.yaml:1: is larger than 2 MiB") {
		t.Errorf("error %v", err)
	}
}

func TestSmallestPolicy(t *testing.T) {
	p := mustParse(t, "internal: [norreaa.example]")
	if got := p.MassMailingAbove(); got != 100 {
		t.Errorf("mass mailing above %d", got)
	}
	if got := p.OnGap(Unreadable); got != Reject {
		t.Errorf("unreadable: %v", got)
	}
	if _, ok := p.Contact(); ok || p.HasSecureRoute() || len(p.Administration()) > 0 || p.Language(Councillor{}) != "da" {
		t.Error("defaults that nobody asked for")
	}
}

// A key without a value is a key left out; a key in a group leaves its
// neighbours at their defaults.
func TestDefaultsStay(t *testing.T) {
	p := mustParse(t, `
internal: [norreaa.example]
contact:
councillors:
rules:
  mass-mailing: {above: 7}
  own-sensitive:
on_gap: {encrypted: reject}
`)
	want := defaultConfig()
	want.Internal = []string{"norreaa.example"}
	want.Rules.MassMailing.Above = 7
	want.OnGap.Encrypted = "reject"
	if !reflect.DeepEqual(p.config, want) {
		t.Errorf("got\n%s\nwant\n%s", p.YAML(), encodeYAML(want))
	}
}

// What Default prints is a policy file that says the same.
func TestYAMLReadsBack(t *testing.T) {
	for _, p := range []*Policy{Default(), mustParse(t, "internal: [norreaa.example]"), mustParse(t, "internal: [norreaa.example]\nmunicipality: 'no'\nadministration: [{area: '12', address: a@norreaa.example}]")} {
		again, err := Parse("printed.yaml", p.YAML())
		if err != nil {
			t.Errorf("%v in\n%s", err, p.YAML())
			continue
		}
		if string(again.YAML()) != string(p.YAML()) {
			t.Errorf("printed\n%s\nreads as\n%s", p.YAML(), again.YAML())
		}
	}
}

func TestDefaultPolicy(t *testing.T) {
	p := Default()
	if p.Municipality() != "Nørreå Kommune" || p.MassMailingAbove() != 100 || !p.HasSecureRoute() {
		t.Errorf("default policy:\n%s", p.YAML())
	}
	if contact, _ := p.Contact(); contact.Text() != "post@norreaa.example" {
		t.Errorf("contact %s", contact.Text())
	}
	if !p.TrustsAuthserv("MX.norreaa.example") || p.TrustsAuthserv("norreaa.example") || p.TrustsAuthserv("") {
		t.Error("trusted_authserv")
	}
	// Its keys are those of the design, and its comment promises that rules and
	// gaps stand there with their defaults.
	want := defaultConfig()
	if !reflect.DeepEqual(p.config.Rules, want.Rules) || p.config.OnGap != want.OnGap || p.config.Language != want.Language {
		t.Error("default.yaml shows other rules, gaps or language than the defaults")
	}
}

// A policy does not show its addresses to whoever prints it by accident.
func TestPolicyIsMasked(t *testing.T) {
	for _, got := range printedAllWays(Default(), Identity{Login: "anne.holm", Envelope: "anne.holm@norreaa.example"}) {
		if strings.Contains(got, "anne") || strings.Contains(got, "norreaa") {
			t.Errorf("shown: %s", got)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(defaultYAML)
	f.Add([]byte("internal: &a [norreaa.example]\nsecure: *a\n"))
	f.Add([]byte("internal: [x.example]\n---\ninternal: [y.example]\n"))
	f.Add([]byte("internal: [x.example]\nrules: {own-sensitive: {except: [{kinds: [a], senders: [b@x.example], recipients: [y.example], reason: R, until: 2026-12-31}]}}\nwords: [{category: health, language: da, entry: \"a: b*\"}]\ncpr_without_check: [1960]\n"))
	f.Add([]byte("? [a]\n: b\n<<: {internal: [z.example]}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Parse("fuzz.yaml", data)
		if err != nil {
			if faults, ok := err.(Faults); !ok || len(faults) == 0 || faults[0].Line < 1 {
				t.Errorf("error %#v", err)
			}
			return
		}
		again, err := Parse("printed.yaml", p.YAML())
		if err != nil || string(again.YAML()) != string(p.YAML()) {
			t.Errorf("%v in\n%s", err, p.YAML())
		}
	})
}

func mustParse(t testing.TB, text string) *Policy {
	t.Helper()
	p, err := Parse("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}
