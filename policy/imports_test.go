package policy_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// source is a file of this module that is no test, and what it imports.
type source struct {
	path    string // from the root, with slashes: "filter/session.go"
	imports []string
}

func sources(t *testing.T) []source {
	t.Helper()
	const root = ".."
	var list []source
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() {
			if name == "testdata" || strings.HasPrefix(name, ".") && name != ".." {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		path, err = filepath.Rel(root, path)
		if err != nil {
			return err
		}
		s := source{path: filepath.ToSlash(path)}
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			s.imports = append(s.imports, imported)
		}
		list = append(list, s)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func (s source) in(dir string) bool { return strings.HasPrefix(s.path, dir+"/") }

func standard(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return !strings.Contains(first, ".") && first != "councilgate"
}

// Imports run one way, cmd to filter to policy, so that what is decided can be
// tested without mail, and mail without a mail server.
func TestImportsRunOneWay(t *testing.T) {
	files := sources(t)
	for _, room := range []string{"cmd", "filter", "policy"} {
		if !slices.ContainsFunc(files, func(s source) bool { return s.in(room) }) {
			t.Fatalf("no files in %s: does the test look in the right place?", room)
		}
	}
	for _, s := range files {
		for _, imported := range s.imports {
			switch {
			case strings.HasPrefix(imported, "councilgate/cmd"):
				t.Errorf("%s imports %s: cmd is for wiring alone", s.path, imported)
			case s.in("policy") && strings.HasPrefix(imported, "councilgate/") && !strings.HasPrefix(imported, "councilgate/policy"):
				t.Errorf("%s imports %s: policy knows nothing of mail", s.path, imported)
			case s.in("policy") && !standard(imported) && !strings.HasPrefix(imported, "councilgate/") &&
				imported != "gopkg.in/yaml.v3" && imported != "golang.org/x/net/idna":
				t.Errorf("%s imports %s: policy needs the standard library, yaml and idna alone", s.path, imported)
			case s.in("filter") && strings.Count(s.path, "/") > 1 && imported == "councilgate/filter":
				t.Errorf("%s imports %s: parsing knows nothing of the session", s.path, imported)
			}
		}
	}
}

// A library that could be exchanged is known to few files.
func TestLibrariesStayInTheirFiles(t *testing.T) {
	tests := []struct {
		library string
		files   int    // at most
		in      string // what the path of such a file begins with
	}{
		{"github.com/emersion/go-milter", 1, "filter/milter.go"},
		{"github.com/emersion/go-msgauth/authres", 1, "filter/"},
		{"github.com/emersion/go-msgauth/dkim", 2, "filter/"}, // one signs, one verifies
		{"github.com/redis/go-redis", 1, "filter/mailing/redis.go"},
		{"github.com/prometheus/client_golang", 4, "filter/metrics"}, // the metrics, those of shadow mode, of the record, of the directory
		{"github.com/go-ldap/ldap", 1, "filter/directory/"},
		{"github.com/prometheus/exporter-toolkit", 1, "cmd/councilgate/"},
		{"gopkg.in/yaml.v3", 1, "policy/"},
	}
	files := sources(t)
	for _, tt := range tests {
		var users []string
		for _, s := range files {
			if slices.ContainsFunc(s.imports, func(imported string) bool {
				return imported == tt.library || strings.HasPrefix(imported, tt.library+"/")
			}) {
				users = append(users, s.path)
			}
		}
		if len(users) > tt.files || slices.ContainsFunc(users, func(path string) bool { return !strings.HasPrefix(path, tt.in) }) {
			t.Errorf("%s is imported by %v, at most %d files in %s may", tt.library, users, tt.files, tt.in)
		}
	}
}
