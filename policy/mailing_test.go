package policy

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestMassMailing(t *testing.T) {
	people := func(n int) []Address {
		var list []Address
		for i := range n {
			list = append(list, Address{Local: fmt.Sprint("borger", i), Domain: "post.example"})
		}
		return list
	}
	tests := []struct {
		name    string
		rule    string
		to      []Address
		mailing Mailing
		action  Action
		tag     string
		prefix  string
	}{
		{name: "100", to: people(100), action: Accept},
		{name: "101", to: people(101), action: Tag, tag: "recipients=101; limit=100"},
		{name: "100 with earlier transactions", to: people(10), mailing: Mailing{Reached: 100}, action: Accept},
		{name: "101 with earlier transactions", to: people(1), mailing: Mailing{Reached: 101}, action: Tag, tag: "recipients=101; limit=100"},
		{name: "99 and a spelling of one of them", to: append(people(100), Address{"borger0+x", "post.example"}), action: Accept},
		{name: "list of 100", to: addresses([]string{"hundrede@norreaa.example"}), action: Accept},
		{name: "list of 100 and one more", to: append(addresses([]string{"hundrede@norreaa.example"}), people(1)...), action: Tag, tag: "recipients=101; limit=100"},
		{name: "justified", to: people(101), mailing: Mailing{Justified: true}, action: Tag, tag: "recipients=101; limit=100; justified=yes"},
		{name: "justified for nothing", to: people(100), mailing: Mailing{Justified: true}, action: Accept},
		{name: "prefix", rule: `subject_prefix: "[Massutskick]"`, to: people(101), action: Tag, tag: "recipients=101; limit=100", prefix: "[Massutskick]"},
		{name: "no prefix below the limit", rule: `subject_prefix: "[Massutskick]"`, to: people(100), action: Accept},
		{name: "refused", rule: "action: reject", to: people(101), action: Reject, tag: "recipients=101; limit=100"},
		{name: "not refused with a reason", rule: "action: reject", to: people(101), mailing: Mailing{Justified: true}, action: Tag, tag: "recipients=101; limit=100; justified=yes"},
		{name: "observed", rule: "action: observe", to: people(101), action: Accept},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := Parse("p.yaml", []byte("internal: [norreaa.example]\nlists: {hundrede@norreaa.example: 100}\nrules:\n  mass-mailing: {"+tt.rule+"}\n"))
			if err != nil {
				t.Fatal(err)
			}
			v := p.Decide(Evidence{Recipients: tt.to, Mailing: tt.mailing})
			var tag string
			for _, h := range v.Headers {
				tag += h.Value
			}
			if v.Action != tt.action || tag != tt.tag || v.SubjectPrefix != tt.prefix {
				t.Errorf("%s, tag %q, prefix %q; want %s, %q, %q", v.Action, tag, v.SubjectPrefix, tt.action, tt.tag, tt.prefix)
			}
		})
	}
}

// What a policy says of mailings comes out of it as it went in, and again out of
// what it prints.
func TestMailingConfig(t *testing.T) {
	text := []byte(`internal: [norreaa.example]
lists: {alle@norreaa.example: 640, medlemmer@norreaa.example: 80}
list_files: [/etc/aliases]
rules:
  mass-mailing: {window: 90m}
state: rediss://councilgate@valkey.norreaa.example:6380/2
state_files: {password: /etc/cg/password, key: /etc/cg/key, ca: /etc/cg/ca.pem}
dkim: {domain: norreaa.example, selector: cg2026, key_file: /etc/cg/dkim.pem}
`)
	for range 2 {
		p, err := Parse("p.yaml", text)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := p.State(), (State{"rediss://councilgate@valkey.norreaa.example:6380/2", "/etc/cg/password", "/etc/cg/key", "/etc/cg/ca.pem"}); got != want {
			t.Errorf("state %+v", got)
		}
		if got, want := p.DKIM(), (DKIM{"norreaa.example", "cg2026", "/etc/cg/dkim.pem"}); got != want {
			t.Errorf("DKIM %+v", got)
		}
		if p.MassMailingWindow() != 90*time.Minute || len(p.ListFiles()) != 1 {
			t.Errorf("window %v, list files %v", p.MassMailingWindow(), p.ListFiles())
		}
		if n := peopleCount(p.People(addresses([]string{"alle@norreaa.example", "medlemmer@norreaa.example"}))); n != 720 {
			t.Errorf("lists of %d, want 720", n)
		}
		text = p.YAML()
	}
	if yaml := string(Default().YAML()); strings.Contains(yaml, "dkim") || strings.Contains(yaml, "state") {
		t.Errorf("what is off is printed: %s", yaml)
	}
}
