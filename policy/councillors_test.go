package policy

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

const filePolicy = `
internal: [norreaa.example]
secure: [sikkerpost.example]
councillors:
  - address: anne.holm@norreaa.example
    name: Anne Holm
    aliases: [ah@norreaa.example]
    private: [anneholm72@gmail.com]
`

// withFile reads a councillors_file of a name and a text.
func withFile(t *testing.T, name, text string) (*Policy, error) {
	t.Helper()
	p := mustParse(t, filePolicy+"councillors_file: "+name)
	return p.WithCouncillorsFile(func(file string) ([]byte, error) {
		if file != name {
			t.Errorf("asked for %q", file)
		}
		return []byte(text), nil
	})
}

const wantCouncillors = `anne.holm@norreaa.example|Anne Holm|ah@norreaa.example anne@norreaa.example|anneholm72@gmail.com anne@online.no|sv
bo.øst@norreaa.example|Bo Øst||bo@post.example|
carl@norreaa.example||c@norreaa.example cc@norreaa.example||nb
`

func describe(p *Policy) string {
	var b strings.Builder
	text := func(as []Address) string {
		var list []string
		for _, a := range as {
			list = append(list, a.Text())
		}
		return strings.Join(list, " ")
	}
	for _, c := range p.councillors {
		b.WriteString(strings.Join([]string{c.Address.Text(), c.Name, text(c.Aliases), text(c.Private), c.Language}, "|") + "\n")
	}
	return b.String()
}

func TestCouncillorsFile(t *testing.T) {
	windows := func(s string) string {
		return strings.NewReplacer("ø", "\xf8", "Ø", "\xd8").Replace(s)
	}
	const rows = "anne.holm@norreaa.example,Anne Holm,anne@norreaa.example,anne@online.no,sv\n" +
		"bo.øst@norreaa.example,\"Bo Øst\",,bo@post.example,\n" +
		"carl@norreaa.example,,\"c@norreaa.example; cc@norreaa.example\",,NB\n"
	const table = "address,name,aliases,private,language\n" + rows
	semicolons := strings.NewReplacer(",", ";").Replace(table)
	tests := []struct{ name, file, text string }{
		{"YAML", "people.yaml", `
- {address: anne.holm@norreaa.example, aliases: [anne@norreaa.example, AH@norreaa.example], private: [anne@online.no], language: sv}
- address: bo.øst@norreaa.example
  name: Bo Øst
  private: [bo@post.example]
- {address: carl@norreaa.example, aliases: [c@norreaa.example, cc@norreaa.example], language: nb}
`},
		{"CSV", "people.csv", table},
		{"CRLF and a byte order mark", "people.CSV", "\ufeff" + strings.ReplaceAll(table, "\n", "\r\n")},
		{"semicolons and windows-1252", "people.csv", windows(semicolons)},
		{"tabs", "people.csv", strings.ReplaceAll(table, ",", "\t")},
		{"other order and names in capitals", "people.csv", "Language,Address,NAME,Private, Aliases \n" +
			"sv,anne.holm@norreaa.example,Anne Holm,anne@online.no,anne@norreaa.example\n,,,,\n" +
			",bo.øst@norreaa.example,Bo Øst,bo@post.example,\nnb,carl@norreaa.example,,,c@norreaa.example cc@norreaa.example\n"},
	}
	for _, tt := range tests {
		p, err := withFile(t, tt.file, tt.text)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if got := describe(p); got != wantCouncillors {
			t.Errorf("%s:\n%swant\n%s", tt.name, got, wantCouncillors)
		}
		if _, ok := p.Sender(Identity{Envelope: "cc@norreaa.example"}); !ok {
			t.Errorf("%s: an alias of the file is nobody's", tt.name)
		}
		if _, ok := p.Sender(Identity{Envelope: "kassen@norreaa.example"}); ok {
			t.Errorf("%s: everybody is judged", tt.name)
		}
		again, err := Parse("printed.yaml", p.YAML())
		if err != nil {
			t.Errorf("%s: what is printed is no policy: %v", tt.name, err)
			continue
		}
		again, err = again.WithCouncillorsFile(func(string) ([]byte, error) { return []byte(tt.text), nil })
		if err != nil || describe(again) != wantCouncillors {
			t.Errorf("%s: what is printed says something else: %v", tt.name, err)
		}
	}
}

// Every fault names file and line and says what to write, and shows no value.
func TestBrokenCouncillorsFiles(t *testing.T) {
	const head = "address,name,aliases,private,language\n"
	tests := []struct{ name, file, text, want string }{
		{"empty CSV", "p.csv", "", "p.csv:1: the file is empty; begin with the line address,name,aliases,private,language"},
		{"empty YAML", "p.yaml", "# nobody\n", "p.yaml:1: the file is empty; begin with the line - address: anne.holm@YOUR-DOMAIN"},
		{"no row", "p.csv", head, "p.csv:1: lists no councillor; remove councillors_file from the policy if it is not needed"},
		{"no entry", "p.yaml", "[]", "p.yaml:1: lists no councillor; ..."},
		{"no list", "p.yaml", "councillors: []", "p.yaml:1: councillors: must be a list; ..."},
		{"unknown key", "p.yaml", "- {adress: x@norreaa.example}", "p.yaml:1: councillors[0]: unknown key \"adress\"; the keys here are address, name, aliases, private, language"},
		{"unknown column", "p.csv", "address,secret\n", "p.csv:1: the second column has no name of ours; the columns are address, name, aliases, private, language, and others are to be left out of the export"},
		{"column twice", "p.csv", "address,name,Name\n", "p.csv:1: the column name is there twice; keep one of them"},
		{"no address column", "p.csv", "name,language\n", "p.csv:1: there is no column address; ..."},
		{"no header", "p.csv", "secret@norreaa.example,Secret\n", "p.csv:1: the first column has no name of ours; ..."},
		{"too many cells", "p.csv", head + "\nbo@norreaa.example,Bo,b@norreaa.example,secret@post.example,,da\n", "p.csv:3: has 6 cells where the first line names 5 columns; put a cell that holds a separator in quotes"},
		{"broken quotes", "p.csv", head + "bo@norreaa.example,\"sec\"ret,,,\n", `p.csv:2: is no row of a table; put quotes round a whole cell, and write a quote inside as ""`},
		{"UTF-16", "p.csv", "\xff\xfea\x00", "p.csv:1: is UTF-16; save it as CSV UTF-8"},
		{"no address", "p.csv", head + "bo@norreaa.example,,,,\nsecret,,,,\n", "p.csv:3: councillors[1].address: is no mail address; ..."},
		{"address missing", "p.csv", head + ",Secret,,,\n", "p.csv:2: councillors[0].address: is missing; write a mail address"},
		{"language", "p.csv", head + "bo@norreaa.example,,,,secret\n", "p.csv:2: councillors[0].language: must be one of da, sv, nb, en"},
		{"twice", "p.csv", head + "bo@norreaa.example,,,,\nx@norreaa.example,,BO@norreaa.example,,\n", "p.csv:3: councillors[1].aliases[0]: is already councillors[0].address (line 2); ..."},
		{"twice as an alias", "p.csv", head + "bo@norreaa.example,,b@norreaa.example,,\nx@norreaa.example,,B@norreaa.example,,\n", "p.csv:3: councillors[1].aliases[0]: is already councillors[0].aliases[0] (line 2); ..."},
		{"private inside", "p.csv", head + "bo@norreaa.example,,,secret@norreaa.example,\n", "p.csv:2: councillors[0].private[0]: lies inside an internal domain, ..."},
		{"private and secure", "p.csv", head + "bo@norreaa.example,,,secret@sikkerpost.example,\n", "p.csv:2: councillors[0].private[0]: is also a secure route, ..."},
		{"alias of another", "p.yaml", "- address: bo@norreaa.example\n  aliases: [anne.holm@norreaa.example]", "p.yaml:2: councillors[0].aliases[0]: is an address of another councillor in the policy; ..."},
		{"address is an alias", "p.csv", head + "ah@norreaa.example,,,,\n", "p.csv:2: councillors[0].address: is an address of another councillor in the policy; ..."},
		{"address is private", "p.csv", head + "anneholm72@gmail.com,,,,\n", "p.csv:2: councillors[0].address: is a private mailbox in the policy; ..."},
		{"private is an address", "p.csv", "address,private\nbo@post.example,\nx@norreaa.example,anne.holm@norreaa.example\n", "p.csv:3: councillors[1].private[0]: lies inside an internal domain, ..."},
		{"other name", "p.csv", head + "anne.holm@norreaa.example,Anne Secret,,,\n", "p.csv:2: councillors[0].name: differs from what the policy says of this councillor; ..."},
		{"too large", "p.csv", head + strings.Repeat("x", MaxFile), "p.csv:1: is larger than 2 MiB; ..."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := withFile(t, tt.file, tt.text)
			if err == nil || !matches(err.Error(), tt.want) {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
			if err != nil && strings.Contains(strings.ToLower(err.Error()), "secret") {
				t.Error("the message shows a value of the file")
			}
		})
	}

	p := mustParse(t, filePolicy+"councillors_file: p.csv")
	if _, err := p.WithCouncillorsFile(func(string) ([]byte, error) { return nil, errors.New("gone") }); err == nil || !strings.Contains(err.Error(), "councillors_file: gone") {
		t.Errorf("a file that cannot be read: %v", err)
	}
}

// Whatever the file holds, it is a list of councillors or has faults.
func FuzzCouncillorsFile(f *testing.F) {
	f.Add("p.csv", "address;name\r\nbo@norreaa.example;\"B\"\"o\"\r\n")
	f.Add("p.yaml", "- address: bo@norreaa.example\n")
	p, err := Parse("test.yaml", []byte(filePolicy))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, name, text string) {
		q := *p
		c := *p.config
		c.CouncillorsFile = name
		q.config = &c
		with, err := q.WithCouncillorsFile(func(string) ([]byte, error) { return []byte(text), nil })
		if faults, ok := errors.AsType[Faults](err); err != nil && (!ok || len(faults) == 0) {
			t.Errorf("error %v", err)
		}
		if err == nil && name != "" && len(with.councillors) < len(p.councillors) {
			t.Error("a councillor got lost")
		}
	})
}

func TestDirectorySettings(t *testing.T) {
	if _, ok := mustParse(t, "internal: [norreaa.example]").Directory(); ok {
		t.Error("a directory that nobody asked for")
	}
	p := mustParse(t, "internal: [norreaa.example]\ncouncillors_ldap: {url: 'ldaps://dc1.norreaa.example', base: 'DC=x', group: 'CN=y'}")
	want := Directory{URL: "ldaps://dc1.norreaa.example", Base: "DC=x", Group: "CN=y", Address: "mail", Name: "displayName", Aliases: "proxyAddresses", Refresh: 15 * time.Minute}
	if got, ok := p.Directory(); !ok || got != want {
		t.Errorf("got %+v", got)
	}
	p = mustParse(t, "internal: [norreaa.example]\ncouncillors_ldap: {url: 'ldap://dc1:389', start_tls: true, base: 'DC=x', filter: '(a=b)', attributes: {address: mail, aliases: mailAlternateAddress}, refresh: 1h}")
	if got, _ := p.Directory(); got.Name != "" || got.Aliases != "mailAlternateAddress" || got.Refresh != time.Hour || !got.StartTLS {
		t.Errorf("got %+v", got)
	}
}

func TestMemberIsMasked(t *testing.T) {
	m := Member{Address: "secret@norreaa.example", Name: "secret", Aliases: []string{"secret"}}
	text, err := json.Marshal([]Member{m})
	for _, s := range []string{fmt.Sprintf("%v %+v %#v %s %q", m, m, m, m, &m), string(text)} {
		if strings.Contains(s, "secret") || err != nil {
			t.Errorf("%s, %v", s, err)
		}
	}
}

func TestWithMembers(t *testing.T) {
	p := mustParse(t, filePolicy)
	with, left := p.WithMembers([]Member{
		{Address: "Anne.Holm@norreaa.example", Name: "Other", Aliases: []string{"anne@norreaa.example", "ah@norreaa.example"}},
		{Address: "bo@norreaa.example", Name: " Bo\n Øst ", Aliases: []string{"bo@norreaa.example", "b@norreaa.example", "no address", "anneholm72@gmail.com"}},
		{Address: "carl@norreaa.example", Name: strings.Repeat("ø", 60), Aliases: []string{"b@norreaa.example"}},
		{Address: "", Aliases: []string{"dorte@norreaa.example"}},
		{Address: "no address"},
		{Address: "anneholm72@gmail.com"},
	})
	want := []string{
		"anne.holm@norreaa.example|Anne Holm|ah@norreaa.example anne@norreaa.example|anneholm72@gmail.com|",
		"bo@norreaa.example|Bo Øst|b@norreaa.example||",
		"carl@norreaa.example|" + strings.Repeat("ø", 40) + "|||",
		"dorte@norreaa.example||||",
		"",
	}
	if got := strings.Split(describe(with), "\n"); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if left != 2 {
		t.Errorf("%d left out", left)
	}
	if strings.Contains(describe(p), "bo@") {
		t.Error("the policy before has changed")
	}
	many := make([]Member, maxCouncillors+5)
	for i := range many {
		many[i].Address = strings.Repeat("x", i%50) + string(rune('a'+i/50%26)) + string(rune('a'+i/1300)) + "@norreaa.example"
	}
	if with, left := p.WithMembers(many); len(with.councillors) != maxCouncillors || left != 5 { // one is Anne's alias
		t.Errorf("%d councillors, %d left out", len(with.councillors), left)
	}
}
