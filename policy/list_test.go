package policy

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
)

// withLists is a policy of Nørreå with list files.
func withLists(t testing.TB, sizes string, files map[string]string) *Policy {
	t.Helper()
	text := "internal: [norreaa.example, skole.example]\nlists: {" + sizes + "}\nlist_files: [/etc/aliases, /etc/virtual]\n"
	p, err := Parse("lists.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	p, err = p.WithLists(func(file string) ([]byte, error) {
		text, ok := files[file]
		if !ok && file != "/etc/aliases" && file != "/etc/virtual" {
			return nil, fs.ErrNotExist
		}
		return []byte(text), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPeople(t *testing.T) {
	tests := []struct {
		name    string
		sizes   string
		aliases string
		virtual string
		include string // of /etc/medlemmer
		to      string
		want    string // addresses separated by commas, with the size of a list behind
	}{
		{name: "no lists", to: "a@post.example b@post.example", want: "a@post.example, b@post.example"},
		{name: "two spellings", to: "a.b@gmail.com ab+x@googlemail.com", want: "ab@gmail.com"},
		{name: "size", sizes: "alle@norreaa.example: 640", to: "Alle@norreaa.example a@post.example", want: "alle@norreaa.example*640, a@post.example"},
		{name: "tagged", sizes: "alle@norreaa.example: 640", aliases: "udvalg: anne\n", to: "alle+x@norreaa.example, alle@norreaa.example, udvalg+y@norreaa.example",
			want: "alle@norreaa.example*640, anne@norreaa.example"},
		{name: "alias", aliases: "alle: anne, berit@post.example,carl\n", to: "alle@norreaa.example",
			want: "anne@norreaa.example, berit@post.example, carl@norreaa.example"},
		{name: "alias in another internal domain", aliases: "alle: anne\n", to: "alle@skole.example", want: "anne@norreaa.example"},
		{name: "no alias outside", aliases: "alle: anne, berit\n", to: "alle@post.example", want: "alle@post.example"},
		{name: "virtual", virtual: "alle@norreaa.example  anne@norreaa.example, berit@post.example\n", to: "alle@norreaa.example",
			want: "anne@norreaa.example, berit@post.example"},
		{name: "separated by blanks", virtual: "alle@norreaa.example a@post.example b@post.example\n", to: "alle@norreaa.example",
			want: "a@post.example, b@post.example"},
		{name: "case and blanks", aliases: "ALLE :  Anne\n", to: "alle@norreaa.example", want: "anne@norreaa.example"},
		{name: "continued, with a comment between", aliases: "alle: anne,\n# nobody: knows\n\n\tberit\n  # carl\n", to: "alle@norreaa.example",
			want: "anne@norreaa.example, berit@norreaa.example"},
		{name: "nested, one member twice", aliases: "alle: nord, syd, anne\nnord: anne, berit\nsyd: berit, carl\n", to: "alle@norreaa.example",
			want: "anne@norreaa.example, berit@norreaa.example, carl@norreaa.example"},
		{name: "in a circle", aliases: "nord: syd, anne\nsyd: nord, berit\n", to: "nord@norreaa.example",
			want: "anne@norreaa.example, berit@norreaa.example"},
		{name: "itself", aliases: "anne: anne, berit\n", to: "anne@norreaa.example", want: "anne@norreaa.example, berit@norreaa.example"},
		{name: "alias of a mailbox", virtual: "ah@norreaa.example anne@norreaa.example\n", to: "ah@norreaa.example anne@norreaa.example", want: "anne@norreaa.example"},
		{name: "size inside", sizes: "syd@norreaa.example: 90", aliases: "alle: anne, syd\n", to: "alle@norreaa.example",
			want: "anne@norreaa.example, syd@norreaa.example*90"},
		{name: "catch-all", virtual: "@norreaa.example post@norreaa.example\n", to: "a@norreaa.example b@norreaa.example",
			want: "a@norreaa.example, b@norreaa.example"},
		{name: "domain of its own line", virtual: "norreaa.example anything\n", to: "a@norreaa.example", want: "a@norreaa.example"},
		{name: "include", aliases: "alle: :include:/etc/medlemmer\n", include: "# members\nanne\nBerit Skov <berit@post.example>\n\ncarl, dorte\n", to: "alle@norreaa.example",
			want: "anne@norreaa.example, berit@post.example, carl@norreaa.example, dorte@norreaa.example"},
		{name: "include beside the table", aliases: "alle: \":include:medlemmer\"\n", include: "anne\n", to: "alle@norreaa.example", want: "anne@norreaa.example"},
		{name: "quotes", aliases: `"alle medlemmer": "berit skov"@post.example, "carl"` + "\n", to: `"alle medlemmer"@norreaa.example`,
			want: `"berit skov"@post.example, carl@norreaa.example`},
		{name: "quoted address as key", virtual: `"alle medlemmer"@norreaa.example a@post.example` + "\n", to: `"alle medlemmer"@norreaa.example`, want: "a@post.example"},
		{name: "command and file", aliases: "alle: \"|/usr/bin/archive --all\", /var/mail/archive, \\anne\n", to: "alle@norreaa.example",
			want: "\"|/usr/bin/archive --all\"@, /var/mail/archive@, anne@norreaa.example"},
		{name: "no member", aliases: "alle:\n", to: "alle@norreaa.example", want: "alle@norreaa.example"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := withLists(t, tt.sizes, map[string]string{"/etc/aliases": tt.aliases, "/etc/virtual": tt.virtual, "/etc/medlemmer": tt.include})
			rcpts := addresses(splitTargets(tt.to))
			var got []string
			for _, person := range p.People(rcpts) {
				s := person.Address.Text()
				if person.Count != 1 {
					s += fmt.Sprintf("*%d", person.Count)
				}
				got = append(got, s)
			}
			slices.Sort(got)
			want := strings.Split(tt.want, ", ")
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("got  %q\nwant %q", got, want)
			}
		})
	}
}

// A file that cannot be had, or too much of it, is an error that names the file.
func TestWithListsErrors(t *testing.T) {
	p, err := Parse("lists.yaml", []byte("internal: [norreaa.example]\nlist_files: [/etc/aliases]\n"))
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		read func(string) ([]byte, error)
		want string
	}{
		"missing": {func(string) ([]byte, error) {
			return nil, &fs.PathError{Op: "open", Path: "/etc/aliases", Err: fs.ErrNotExist}
		},
			"list file: open /etc/aliases: file does not exist"},
		"includes without end": {func(string) ([]byte, error) {
			return []byte(strings.Repeat("secret: :include:/etc/aliases\n", maxListFiles+1)), nil
		}, "list file /etc/aliases: more than 1000 files, those that :include: names among them"},
		"too many members": {func(string) ([]byte, error) {
			return []byte("secret: " + strings.Repeat("secret,", maxListMembers+1)), nil
		}, "list file /etc/aliases: more than 500000 members in all list files"},
		"too large": {func(string) ([]byte, error) { return make([]byte, maxListBytes+1), nil },
			"list file /etc/aliases: more than 64 MiB in all list files"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := p.WithLists(tt.read)
			if err == nil || err.Error() != tt.want {
				t.Errorf("error %v, want %s", err, tt.want)
			}
		})
	}
	if _, err := p.WithLists(func(string) ([]byte, error) { return nil, fs.ErrPermission }); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("the cause is lost: %v", err)
	}
}

// Lists of one policy are not those of another.
func TestWithListsLeavesThePolicy(t *testing.T) {
	p := withLists(t, "", map[string]string{"/etc/aliases": "alle: anne, berit\n"})
	q, err := p.WithLists(func(string) ([]byte, error) { return nil, nil })
	if err != nil {
		t.Fatal(err)
	}
	alle := addresses([]string{"alle@norreaa.example"})
	if n, m := peopleCount(p.People(alle)), peopleCount(q.People(alle)); n != 2 || m != 1 {
		t.Errorf("%d people before and %d after, want 2 and 1", n, m)
	}
}

// A list is inside the house only if its members are.
func TestRecipientsOfLists(t *testing.T) {
	p, err := Parse("lists.yaml", []byte(`internal: [norreaa.example]
secure: [sikkerpost.example]
councillors:
  - {address: anne@norreaa.example, private: [anneholm72@gmail.com]}
lists: {stor@norreaa.example: 500}
list_files: [/etc/aliases]
`))
	if err != nil {
		t.Fatal(err)
	}
	p, err = p.WithLists(func(string) ([]byte, error) {
		return []byte("inde: berit, carl, |archive, x@sikkerpost.example\nude: inde, skov@post.example\n" +
			"hjem: anne, anne.holm72+x@googlemail.com\nomvej: ude\nstor: skov@post.example\n"), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	sender, _ := p.Sender(Identity{Envelope: "anne@norreaa.example"})
	for to, want := range map[string]Recipients{
		"ukendt@norreaa.example": {Total: 1, Internal: 1},
		"inde@norreaa.example":   {Total: 1, Internal: 1},
		"ude@norreaa.example":    {Total: 1, Outside: 1},
		"omvej@norreaa.example":  {Total: 1, Outside: 1},
		"stor@norreaa.example":   {Total: 1, Outside: 1},
		"hjem@norreaa.example":   {Total: 1, Private: 1},
	} {
		if got := p.Recipients(sender, addresses([]string{to})); got != want {
			t.Errorf("%s: %+v, want %+v", to, got, want)
		}
	}
}

func FuzzListFile(f *testing.F) {
	f.Add("alle: anne, berit@post.example,\n\tcarl\n# comment\n", "alle")
	f.Add("alle@norreaa.example a@post.example b@post.example\n@norreaa.example x\n", "alle")
	f.Add(`"a b": "c d"@post.example, "|cmd x", :include:/x, Anne <a@b.example>`, "a b")
	f.Fuzz(func(t *testing.T, text, name string) {
		p, err := Parse("lists.yaml", []byte("internal: [norreaa.example]\nlist_files: [/etc/aliases]\n"))
		if err != nil {
			t.Fatal(err)
		}
		p, err = p.WithLists(func(file string) ([]byte, error) {
			if file == "/etc/aliases" {
				return []byte(text), nil
			}
			return []byte("anne\n"), nil
		})
		if err != nil {
			if strings.Count(text, ":include:") <= maxListFiles {
				t.Fatal(err)
			}
			return
		}
		people := p.People([]Address{{Local: strings.ToLower(name), Domain: "norreaa.example"}})
		seen := make(map[Address]bool)
		for _, person := range people {
			if seen[person.Address] {
				t.Error("somebody counts twice")
			}
			seen[person.Address] = true
		}
	})
}
