package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Every way in which files change makes one reload, once they are at rest.
func TestWatcher(t *testing.T) {
	dir := t.TempDir()
	file, other := filepath.Join(dir, "policy.yaml"), filepath.Join(dir, "people.csv")
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	write(file, "one")
	write(other, "one")
	files := []string{file, other}
	var w watcher
	w.take(nil, files)
	looks := func(what string, want ...bool) {
		t.Helper()
		for i, want := range want {
			if got := w.look(); got != want {
				t.Fatalf("%s: look %d says %v", what, i+1, got)
			}
		}
	}
	loaded := func() { w.take(w.states(), files) }

	looks("nothing changed", false, false)
	write(file, "longer")
	looks("written", false, true)
	looks("not loaded yet", true)
	loaded()
	looks("loaded", false, false)

	write(other, "half a")
	looks("half written", false)
	write(other, "half and whole")
	looks("written to its end", false, true)
	loaded()

	write(filepath.Join(dir, "new"), "longer") // as long as before
	must(os.Chtimes(filepath.Join(dir, "new"), time.Time{}, stateOf(file).ModTime()))
	must(os.Rename(filepath.Join(dir, "new"), file))
	looks("replaced by an editor", false, true)
	loaded()

	must(os.Remove(other))
	looks("removed", false, true)
	loaded()
	looks("still away", false, false)
	write(other, "half and whole")
	looks("back", false, true)
	loaded()

	must(os.Chtimes(other, time.Time{}, time.Unix(1_000_000_000, 0)))
	looks("an older time", false, true)
	loaded()

	// A Kubernetes ConfigMap: policy.yaml -> ..data/policy.yaml, ..data -> ..2026_03_09.
	for _, day := range []string{"..1", "..2"} {
		must(os.Mkdir(filepath.Join(dir, day), 0o755))
		write(filepath.Join(dir, day, "policy.yaml"), "same size")
		must(os.Chtimes(filepath.Join(dir, day, "policy.yaml"), time.Time{}, time.Unix(1_000_000_000, 0)))
	}
	must(os.Symlink("..1", filepath.Join(dir, "..data")))
	must(os.Remove(file))
	must(os.Symlink("..data/policy.yaml", file))
	loaded()
	looks("a link", false, false)
	must(os.Symlink("..2", filepath.Join(dir, "..tmp")))
	must(os.Rename(filepath.Join(dir, "..tmp"), filepath.Join(dir, "..data")))
	looks("the link leads elsewhere", false, true)
	loaded()

	// What changes while it is loaded is seen after.
	before := w.states()
	write(file, "changed meanwhile")
	w.take(before, files)
	looks("changed while it was loaded", false, true)
}

// serve -watch takes a change up by itself, tells of a broken file once, and recovers.
func TestServeWatch(t *testing.T) {
	dir := t.TempDir()
	file, people := filepath.Join(dir, "policy.yaml"), filepath.Join(dir, "people.csv")
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(name+".new", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(name+".new", name); err != nil {
			t.Fatal(err)
		}
	}
	write(file, "internal: [norreaa.example]\ncouncillors_file: people.csv\n")
	write(people, "address\nanne.holm@norreaa.example\n")
	s := startServe(t, "-policy", file, "-watch")
	write(people, "address\nanne.holm@norreaa.example\nanne.holm@norreaa.example\n")
	s.output.await(t, people+":3: councillors[1].address: is already", 1)
	s.wantMetrics(t, "councilgate_policy_last_reload_successful 0")
	write(people, "address\nanne.holm@norreaa.example\nbo@norreaa.example\n")
	s.output.await(t, "policy reloaded", 1)
	if n := strings.Count(s.output.String(), "policy not reloaded"); n != 1 {
		t.Errorf("told %d times: %s", n, s.output)
	}
	s.wantMetrics(t, "councilgate_policy_last_reload_successful 1")
	if strings.Contains(s.output.String(), "anne") {
		t.Errorf("the log tells an address: %s", s.output)
	}
	if got := runCommand("", "serve", "-watch"); got.status != 2 || !strings.Contains(got.stderr, "-policy FILE") {
		t.Errorf("nothing to watch: %+v", got)
	}
}
