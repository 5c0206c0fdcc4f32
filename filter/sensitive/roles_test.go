package sensitive

import (
	"testing"
	"testing/fstest"
)

// TestLoadRoles refuses files that would lose words.
func TestLoadRoles(t *testing.T) {
	for _, test := range []struct{ file, fault string }{
		{"# names\n[men]\nJens Åge # and more\n\n[he]\nfar jens\n", ""},
		{"[men]\njens\n[fathers]\nfar\n", "couples.txt:3: unknown section [fathers]"},
		{"jens\n[men]\n", "couples.txt:1: words without a section"},
		{"[men\njens\n", "couples.txt:1: a section ends with ]"},
	} {
		roles, err := loadRoles(fstest.MapFS{"couples.txt": {Data: []byte(test.file)}}, "couples.txt")
		switch {
		case test.fault != "":
			if err == nil || err.Error() != test.fault {
				t.Errorf("%q: %v, want %s", test.file, err, test.fault)
			}
		case err != nil:
			t.Error(err)
		case roles["jens"] != roleMan|roleHe || roles["far"] != roleHe || len(roles) != 3:
			t.Errorf("%q: %v", test.file, roles)
		}
	}
	if _, err := loadRoles(fstest.MapFS{}, "couples.txt"); err == nil {
		t.Error("no file, no error")
	}
}

// A name is a man's or a woman's; one that both bear is left out of the lists.
func TestRolesAgree(t *testing.T) {
	for word, r := range builtin().lexicon.roles {
		if r&roleNames == roleNames {
			t.Errorf("%q is a name of both", word)
		}
	}
}
