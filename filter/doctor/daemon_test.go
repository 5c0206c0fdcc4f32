package doctor_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"councilgate/filter/doctor"
)

// A sound installation, whose probes end as its policy promises.
func TestSound(t *testing.T) {
	for _, tt := range []struct {
		name, policy string
		says         []string // of the probes
	}{
		{"all rules", ours, []string{
			"A harmless mail to a citizen: accept",
			"An identification number that stays in the house: accept",
			"A reply that quotes an identification number: reject (quoted-sensitive)",
			"A mail in which the councillor writes an identification number: reject (own-sensitive)",
			"A citizen's letter on its way to a councillor's private mailbox: reject (private-forward)",
			"A mail to 101 citizens: tag (mass-mailing)",
			"A mail that asks a citizen for an identification number: accept (solicits-sensitive, which is only counted)",
		}},
		{"shadow mode", ours + "mode: observe\n", []string{
			"accept (own-sensitive, in shadow mode; it would be reject)",
			"accept (mass-mailing, in shadow mode; it would be tag)",
		}},
		{"a rule in shadow mode", ours + "rules: {mass-mailing: {mode: observe}}\n", []string{
			"reject (own-sensitive)",
			"accept (mass-mailing, in shadow mode; it would be tag)",
		}},
		{"other actions", ours + "rules: {own-sensitive: {action: accept}, mass-mailing: {action: reject, above: 3}, solicits-sensitive: {action: reject}}\n", []string{
			"The rule own-sensitive is off",
			"A mail to 4 citizens: reject (mass-mailing)",
			"A mail that asks a citizen for an identification number: reject (solicits-sensitive)",
		}},
		{"everybody's mail", "internal: [birkholm.dk]\n", []string{
			"reject (quoted-sensitive)",
			"The rule private-forward was not probed",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			found := install(t, tt.policy).examine()
			for _, r := range found {
				if r.State == doctor.Failure {
					t.Errorf("%+v", r)
				}
			}
			found.want(t, "milter", doctor.OK, "councilgate answers", "")
			found.want(t, "http", doctor.OK, "The daemon runs this very version", "")
			found.want(t, "probe", doctor.OK, "The probes were counted as such", "")
			for _, text := range tt.says {
				found.want(t, "probe", doctor.OK, text, "")
			}
		})
	}
}

func TestProbesFindADifference(t *testing.T) {
	t.Run("another policy in force", func(t *testing.T) {
		s := install(t, ours)
		s.Policy = parse(t, ours+"rules: {own-sensitive: {action: observe}}\n")
		s.examine().want(t, "probe", doctor.Failure, "councillor writes an identification number: the daemon's answer is reject, the policy on disk wants accept", "systemctl reload")
	})
	t.Run("an exception that is too wide", func(t *testing.T) {
		s := install(t, ours+"rules: {own-sensitive: {action: reject, except: [{categories: [national-id], reason: agreed, until: 2999-01-01}]}}\n")
		s.examine().want(t, "probe", doctor.Warning, "is not caught by own-sensitive", "councilgate policy")
	})
	t.Run("two daemons", func(t *testing.T) {
		s, other := install(t, ours), install(t, ours)
		s.HTTP = other.HTTP
		s.examine().want(t, "probe", doctor.Failure, "are of different daemons", "ps -C councilgate")
	})
}

// negotiates answers a milter's negotiation as one that wants every answer.
func negotiates(c net.Conn) {
	defer c.Close()
	offer := make([]byte, 17)
	if _, err := c.Read(offer); err != nil {
		return
	}
	answer := binary.BigEndian.AppendUint32(nil, 13)
	answer = append(answer, 'O')
	answer = append(answer, make([]byte, 12)...)
	c.Write(answer)
}

func TestSocket(t *testing.T) {
	listen := func(t *testing.T, path string, serve func(net.Conn)) {
		ln, err := net.Listen("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { ln.Close() })
		go func() {
			for {
				c, err := ln.Accept()
				if err != nil {
					return
				}
				go serve(c)
			}
		}()
	}
	for _, tt := range []struct {
		name       string
		harm       func(t *testing.T, path string)
		says, mend string
	}{
		{"no directory", func(t *testing.T, path string) { os.Remove(filepath.Dir(path)) }, "no directory", "install -d -o councilgate -g postfix -m 2750"},
		{"no socket", func(*testing.T, string) {}, "There is no socket", "systemctl restart"},
		{"a file", func(t *testing.T, path string) { writeFile(t, path, "", 0o644) }, "is a file that is no socket", "rm "},
		{"left behind", func(t *testing.T, path string) {
			ln, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
			if err != nil {
				t.Fatal(err)
			}
			ln.SetUnlinkOnClose(false)
			ln.Close()
		}, "Nobody listens", "systemctl restart"},
		{"no milter", func(t *testing.T, path string) { listen(t, path, func(c net.Conn) { c.Close() }) }, "does not speak the milter protocol", "socket of its own"},
		{"another milter", func(t *testing.T, path string) { listen(t, path, negotiates) }, "that is not councilgate", "socket of its own"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := filepath.Join(tempDir(t), "sub")
			if err := os.Mkdir(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, "milter.sock")
			tt.harm(t, path)
			s := site{Installation: doctor.Installation{Milter: doctor.Address{Network: "unix", Addr: path}, Policy: parse(t, ours), HTTP: doctor.Address{Network: "tcp", Addr: "127.0.0.1:1"}, Now: now}}
			found := s.examine()
			found.want(t, "milter", doctor.Failure, tt.says, tt.mend)
			if len(found.of("probe")) > 0 {
				t.Errorf("probed nevertheless: %+v", found.of("probe"))
			}
		})
	}
	t.Run("refused port", func(t *testing.T) {
		s := site{Installation: doctor.Installation{Milter: doctor.Address{Network: "tcp", Addr: "127.0.0.1:1"}, Policy: parse(t, ours), HTTP: doctor.Address{Network: "tcp", Addr: "127.0.0.1:1"}, Now: now}}
		s.examine().want(t, "milter", doctor.Failure, "Nobody listens at inet:127.0.0.1:1", "systemctl restart")
	})
}

// Postfix's processes are kept out by a mode, a group or a directory; a child tries
// it as user postfix.
func TestPostfixRights(t *testing.T) {
	asRoot(t)
	u, err := user.Lookup("postfix")
	if err != nil {
		t.Fatal(err)
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name       string
		change     func(socket, dir string) error
		state      doctor.State
		says, mend string
	}{
		{"everybody may", func(string, string) error { return nil }, doctor.OK, "reaches it, too", ""},
		{"the group may", func(socket, dir string) error {
			return errors.Join(os.Chown(socket, 0, gid), os.Chmod(socket, 0o660), os.Chown(dir, 0, gid), os.Chmod(dir, 0o2750))
		}, doctor.OK, "reaches it, too", ""},
		{"wrong mode", func(socket, dir string) error { return os.Chmod(socket, 0o600) }, doctor.Failure, "mode 0600, which keeps user postfix out", "-socket-group postfix"},
		{"wrong group", func(socket, dir string) error { return os.Chmod(socket, 0o660) }, doctor.Failure, "root:root with mode 0660", "-socket-group postfix"},
		{"closed directory", func(socket, dir string) error { return os.Chmod(dir, 0o700) }, doctor.Failure, "mode 0700, which keeps user postfix out", "chgrp postfix"},
		{"closed above", func(socket, dir string) error { return os.Chmod(filepath.Dir(dir), 0o700) }, doctor.Failure, "mode 0700, which keeps user postfix out", "chmod o+x"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := install(t, ours)
			dir := filepath.Join(tempDir(t), "below")
			if err := os.Mkdir(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			socket := filepath.Join(dir, "milter.sock")
			if err := os.Rename(s.Milter.Addr, socket); err != nil { // a socket can be moved
				t.Fatal(err)
			}
			s.Milter.Addr = socket
			// The child is not this program: that it may write is what connecting takes.
			s.Connect = []string{"test", "-w", socket}
			if err := tt.change(socket, dir); err != nil {
				t.Fatal(err)
			}
			s.examine().want(t, "milter", tt.state, tt.says, tt.mend)
		})
	}
}

func TestPages(t *testing.T) {
	handler := func(f http.HandlerFunc) func(*testing.T, *site) {
		return func(t *testing.T, s *site) {
			server := httptest.NewServer(f)
			t.Cleanup(server.Close)
			s.HTTP.Addr = strings.TrimPrefix(server.URL, "http://")
		}
	}
	for _, tt := range []struct {
		name       string
		harm       func(*testing.T, *site)
		state      doctor.State
		says, mend string
	}{
		{"refused", func(t *testing.T, s *site) { s.HTTP.Addr = "127.0.0.1:1" }, doctor.Failure, "Nobody listens at http://127.0.0.1:1", "systemctl restart"},
		{"another server", handler(http.NotFound), doctor.Failure, "answers /healthz by 404", "-http"},
		{"other metrics", handler(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "up 1") }), doctor.Failure, "not those of councilgate", "journalctl"},
		{"a password", handler(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "", http.StatusUnauthorized) }), doctor.OK, "want a password", ""},
		{"not ready", func(t *testing.T, s *site) {
			inner := s.pages.Config.Handler
			handler(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/readyz" {
					http.Error(w, "", http.StatusServiceUnavailable)
					return
				}
				inner.ServeHTTP(w, r)
			})(t, s)
		}, doctor.Failure, "not ready for mail", "journalctl"},
		{"a certificate", func(t *testing.T, s *site) {
			server := httptest.NewTLSServer(s.pages.Config.Handler)
			t.Cleanup(server.Close)
			s.HTTP.Addr = strings.TrimPrefix(server.URL, "https://")
		}, doctor.OK, "this very version", ""},
		{"a unix socket", func(t *testing.T, s *site) {
			s.HTTP = doctor.Address{Network: "unix", Addr: filepath.Join(tempDir(t), "http.sock")}
			ln, err := net.Listen("unix", s.HTTP.Addr)
			if err != nil {
				t.Fatal(err)
			}
			server := &http.Server{Handler: s.pages.Config.Handler}
			go server.Serve(ln)
			t.Cleanup(func() { server.Close() })
		}, doctor.OK, "this very version", ""},
		{"no unix socket", func(t *testing.T, s *site) {
			s.HTTP = doctor.Address{Network: "unix", Addr: "/nowhere"}
		}, doctor.Failure, "Nobody listens at unix:/nowhere", "systemctl restart"},
		{"refused reload", func(t *testing.T, s *site) { s.metrics.LoadFailed() }, doctor.Failure, "refused a policy", "councilgate policy"},
		{"another version", func(t *testing.T, s *site) { s.Version = "9.9.9" }, doctor.Warning, "the program on disk is 9.9.9", "restart"},
		{"newer on disk", func(t *testing.T, s *site) {
			later := time.Now().Add(time.Second)
			if err := os.Chtimes(s.PolicyFile, later, later); err != nil {
				t.Fatal(err)
			}
		}, doctor.Warning, "has changed since the daemon loaded its policy", "reload"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := install(t, ours)
			tt.harm(t, s)
			s.examine().want(t, "http", tt.state, tt.says, tt.mend)
		})
	}
}

func TestFiles(t *testing.T) {
	s := install(t, ours) // its daemon is this process
	dir := tempDir(t)
	key := filepath.Join(dir, "key")
	s.Files = []doctor.File{{Key: "dkim.key_file", Path: key, Secret: true}}
	s.examine().want(t, "files", doctor.Failure, "dkim.key_file) cannot be found", "ls -l")
	writeFile(t, key, "", 0o644)
	s.examine().want(t, "files", doctor.Warning, "every user of this machine can read", "chmod o-r")
	writeFile(t, key, "", 0o640)
	s.examine().want(t, "files", doctor.OK, "can read all files", "")

	// A daemon that runs as somebody else.
	asRoot(t)
	s.Milter.Addr = listenAsPostfix(t)
	s.examine().want(t, "files", doctor.Failure, "which runs as user postfix, cannot read", "chgrp postfix "+key)
}

func TestAround(t *testing.T) {
	const ldap = "councillors_ldap: {url: \"ldaps://dc.birkholm.dk\", base: \"DC=birkholm\", group: \"CN=council\"}\n"
	refused := func(context.Context) error { return errors.New("connection refused") }
	port := func(t *testing.T, greeting string) string {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { ln.Close() })
		go func() {
			for c, err := ln.Accept(); err == nil; c, err = ln.Accept() {
				fmt.Fprintf(c, "%s\r\n", greeting)
				c.Close()
			}
		}()
		return ln.Addr().String()
	}
	via := func(addr string) string {
		return "notice: {via: \"smtp://" + addr + "\", from: post@birkholm.dk}\n"
	}
	for _, tt := range []struct {
		name, policy string
		harm         func(*doctor.Installation)
		check        string
		state        doctor.State
		says, mend   string
	}{
		{"the state answers", "", func(in *doctor.Installation) { in.PingState = func(context.Context) error { return nil } }, "state", doctor.OK, "answers", ""},
		{"the state is down", "", func(in *doctor.Installation) { in.PingState = refused }, "state", doctor.Failure, "does not answer, so that each gateway counts", "valkey"},
		{"notices are taken", via(port(t, "220 mx ESMTP")), nil, "notice", doctor.OK, "ready to take notices", ""},
		{"notices are refused", via(port(t, "554 no")), nil, "notice", doctor.Failure, `greets with "554 no"`, "master.cf"},
		{"no port for notices", via("127.0.0.1:1"), nil, "notice", doctor.Failure, "connection refused", "master.cf"},
		{"the directory answers", ldap, nil, "directory", doctor.OK, "there are 1", ""},
		{"the directory is down", ldap, func(in *doctor.Installation) { in.DirectoryErr = refused(context.Background()) }, "directory", doctor.Failure, "connection refused", "councillors_ldap"},
		{"a record", "record: " + tempDir(t) + "/record.jsonl\nrecord_megabytes: 1\n", nil, "record", doctor.OK, "has its directory, and room", ""},
		{"no directory for the record", "record: /nowhere/record.jsonl\n", nil, "record", doctor.Failure, "no directory /nowhere", "install -d -o councilgate"},
		{"before its time", "", func(in *doctor.Installation) { in.Now = now.AddDate(-1, 0, 0) }, "clock", doctor.Failure, "before councilgate was written", "timedatectl"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := doctor.Installation{Policy: parse(t, ours+tt.policy), HTTP: doctor.Address{Network: "tcp", Addr: "127.0.0.1:1"}, Now: now}
			if tt.harm != nil {
				tt.harm(&in)
			}
			findings(doctor.Examine(context.Background(), in)).want(t, tt.check, tt.state, tt.says, tt.mend)
		})
	}
}

// A mail cannot be compared by a policy that does not know all councillors.
func TestProbesWantTheDirectory(t *testing.T) {
	s := install(t, ours)
	s.DirectoryErr = errors.New("connection refused")
	s.examine().want(t, "probe", doctor.Warning, "not known whose mail is judged", "directory")
}

// Too few files, and too little memory.
func TestLimits(t *testing.T) {
	s := install(t, ours)
	s.Limits.Connections = 1 << 30
	s.examine().want(t, "limits", doctor.Failure, "files, and needs", "LimitNOFILE=")
	s.Limits.Connections, s.Limits.Held = 1, 1<<50
	s.examine().want(t, "limits", doctor.Warning, "councilgate may need", "MemoryMax=")
}
