package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"councilgate/deploy/rig"
)

// shape is a Postfix set up by one of the folders of deploy/postfix, with a
// councilgate at the socket that they name.
type shape struct {
	*stage
	postfix *rig.Postfix
	daemon  *rig.Daemon
	policy  string            // file, "" for the built-in one
	ports   map[string]string // addresses by the names in master.cf: "submission"
}

// service is where master.cf defines a port.
var service = regexp.MustCompile(`(?m)^(\S+)(\s+inet\s)`)

// startShape starts a Postfix with the files of deploy/postfix. They are used as they
// are but for the ports, and for the texts that replace names, as an operator would
// have to put in others.
func (s *stage) startShape(t *testing.T, folders []string, policy string, replace map[string]string) *shape {
	t.Helper()
	dir := tempDir(t)
	sh := &shape{stage: s, policy: policy, ports: make(map[string]string)}
	var piece rig.Piece
	for _, folder := range folders {
		piece.Main += readPiece(t, folder, "main.cf")
		piece.Master += readPiece(t, folder, "master.cf")
	}
	if !service.MatchString(piece.Master) {
		piece.Master += "smtp inet n - y - - smtpd\n" // what Debian's master.cf begins with
	}
	for text, instead := range replace {
		if !strings.Contains(piece.Main+piece.Master, text) {
			t.Fatalf("%v: no %q to replace", folders, text)
		}
		piece.Main = strings.ReplaceAll(piece.Main, text, instead)
		piece.Master = strings.ReplaceAll(piece.Master, text, instead)
	}
	piece.Master = service.ReplaceAllStringFunc(piece.Master, func(line string) string {
		m := service.FindStringSubmatch(line)
		port, err := rig.FreePort()
		if err != nil {
			t.Fatal(err)
		}
		sh.ports[m[1]] = fmt.Sprintf("127.0.0.1:%d", port)
		// All of the loopback, to come from several addresses.
		return fmt.Sprintf("%d%s", port, m[2])
	})
	for name, addr := range sh.ports { // where one piece points to another
		_, port, _ := strings.Cut(addr, ":")
		piece.Main = strings.ReplaceAll(piece.Main, "PORT("+name+")", port)
	}
	var err error
	if sh.postfix, err = rig.StartPostfixWith(dir, s.sink.Transport(), piece); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := sh.postfix.Stop(); err != nil {
			t.Error(err)
		}
	})
	sh.start(t)
	return sh
}

// start starts the shape's councilgate, which Postfix finds where the pieces say.
func (sh *shape) start(t *testing.T) {
	t.Helper()
	sh.daemon = sh.stage.start(t, sh.policy, "unix:"+sh.postfix.Socket("milter.sock"))
}

// readPiece reads a file of deploy/postfix, "" if the folder has none of that name.
func readPiece(t *testing.T, folder, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "deploy/postfix", folder, name))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(text)
}

// submit sends a mail to a port without logging in.
func (sh *shape) submit(t *testing.T, port, from string, to []string, m letter) rig.Reply {
	t.Helper()
	reply, err := rig.Submit(sh.ports[port], "", from, to, m.raw)
	if err != nil {
		t.Fatal(err)
	}
	return reply
}

// delivered returns the copies of a mail that reached the next hop.
func (sh *shape) delivered(t *testing.T, m letter) []rig.Delivered {
	t.Helper()
	if err := sh.postfix.Settled(); err != nil {
		t.Fatal(err)
	}
	copies, err := sh.sink.Delivered("Message-Id", m.id)
	if err != nil {
		t.Fatal(err)
	}
	return copies
}

// wantDelivered checks that a mail arrived once, and returns it.
func (sh *shape) wantDelivered(t *testing.T, m letter) rig.Delivered {
	t.Helper()
	copies := sh.delivered(t, m)
	if len(copies) != 1 {
		t.Fatalf("delivered %d times, want once", len(copies))
	}
	return copies[0]
}

// doctor runs councilgate doctor on the shape.
func (sh *shape) doctor(t *testing.T) (complaints []complaint, all string) {
	t.Helper()
	stage := *sh.stage
	stage.postfix = sh.postfix
	_, complaints, all = stage.doctor(t, "-policy", sh.policy, "-milter", "unix:"+sh.postfix.Socket("milter.sock"), "-http", "inet:"+sh.daemon.HTTP)
	return complaints, all
}

// healthy checks that councilgate doctor finds no failure in the shape.
func (sh *shape) healthy(t *testing.T) {
	t.Helper()
	complaints, _ := sh.doctor(t)
	for _, c := range complaints {
		if c.State == "failure" {
			t.Errorf("doctor: %+v", c)
		}
	}
}

// complains checks that councilgate doctor says something of the shape.
func (sh *shape) complains(t *testing.T, text string) {
	t.Helper()
	if _, all := sh.doctor(t); !strings.Contains(all, text) {
		t.Errorf("doctor does not say %q: %s", text, all)
	}
}
