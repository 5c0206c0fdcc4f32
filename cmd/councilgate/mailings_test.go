package main

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"councilgate/filter"
	"councilgate/policy"
)

// writeFiles writes files into a directory and returns that; DIR in a text stands
// for it.
func writeFiles(t *testing.T, texts map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range texts {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(strings.ReplaceAll(text, "DIR", dir)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func discarded() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// What a policy names must be there and right before mail is taken; the error tells
// which key, and nothing of a secret.
func TestSecretsOfAPolicy(t *testing.T) {
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	const state = "internal: [norreaa.example]\nstate: rediss://127.0.0.1:1\nstate_files: {key: DIR/key, password: DIR/password, ca: DIR/ca}\n"
	const signing = "internal: [norreaa.example]\ndkim: {domain: norreaa.example, selector: cg, key_file: DIR/dkim}\n"
	for name, tt := range map[string]struct {
		files map[string]string
		want  string // of the error, "" for none
	}{
		"in memory":      {map[string]string{"policy": "internal: [norreaa.example]\n"}, ""},
		"no key":         {map[string]string{"policy": state}, "state_files.key: DIR/key: no such file or directory"},
		"short key":      {map[string]string{"policy": state, "key": "secret\n\n\n\n\n\n\n\n\n\n\n\n"}, "state_files.key: less than 16 bytes; openssl rand -base64 32 makes a key"},
		"no password":    {map[string]string{"policy": state, "key": "a secret of sixteen"}, "state_files.password: DIR/password: no such file or directory"},
		"no certificate": {map[string]string{"policy": state, "key": "a secret of sixteen", "password": "secret", "ca": "secret"}, "state: no certificate in the file of the CA"},
		"no signing key": {map[string]string{"policy": signing}, "dkim.key_file: DIR/dkim: no such file or directory"},
		"bad signing key": {map[string]string{"policy": signing, "dkim": "secret"},
			"dkim.key_file: no private key in PEM"},
		"signing key": {map[string]string{"policy": signing, "dkim": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := writeFiles(t, tt.files)
			p, err := loadPolicy(filepath.Join(dir, "policy"))
			if err != nil {
				t.Fatal(err)
			}
			tracker, stop, err := newTracker(p, filter.NewMetrics(), discarded())
			if err == nil {
				stop()
				_, err = newSigner(p)
			} else if tracker != nil {
				t.Error("a tracker beside an error")
			}
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != strings.ReplaceAll(tt.want, "DIR", dir) {
				t.Errorf("error %q, want %q", got, tt.want)
			}
		})
	}
}

// A list file that changes is read again; one that goes away leaves the lists as they
// are, and is asked for again once it is back.
func TestReloadLists(t *testing.T) {
	dir := writeFiles(t, map[string]string{
		"policy":  "internal: [norreaa.example]\nlist_files: [DIR/aliases]\n",
		"aliases": "alle: anne, :include:DIR/members\n",
		"members": "berit, carl\n",
	})
	p, lists, err := loadWithLists(filepath.Join(dir, "policy"))
	if err != nil {
		t.Fatal(err)
	}
	metrics := filter.NewMetrics()
	d := &daemon{policy: p, lists: lists, log: discarded(), metrics: metrics, filter: filter.NewServer(filter.Config{Metrics: metrics}, p), members: newMembership(p, nil, metrics, discarded())}
	want := func(people int) {
		t.Helper()
		d.reloadLists()
		alle, err := policy.ParseAddress("alle@norreaa.example")
		if err != nil {
			t.Fatal(err)
		}
		if got := len(d.policy.People([]policy.Address{alle})); got != people {
			t.Errorf("%d people, want %d", got, people)
		}
	}
	members := filepath.Join(dir, "members")
	clock := time.Now()
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(members, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		clock = clock.Add(time.Second) // not to depend on the file system's
		if err := os.Chtimes(members, clock, clock); err != nil {
			t.Fatal(err)
		}
	}
	want(3)
	write("berit, dave\nerik")
	want(4)
	if err := os.Remove(members); err != nil {
		t.Fatal(err)
	}
	want(4)
	if d.lists.stale() {
		t.Error("a file that is away is asked for again and again")
	}
	write("berit\n")
	want(2)
}

func TestMissingListFile(t *testing.T) {
	dir := writeFiles(t, map[string]string{"policy": "internal: [norreaa.example]\nlist_files: [DIR/aliases]\n"})
	_, err := loadPolicy(filepath.Join(dir, "policy"))
	if want := "list file: open " + dir + "/aliases: no such file or directory"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}
