// Package rig sets councilgate up with a real Postfix, for trials and tests: a
// private mail server with its own configuration, queue and data, a next hop that
// stores what is delivered, a councilgate process, and a client that shows every
// byte of a reply.
//
// Nothing of the machine is touched outside the rig's directory, and nothing
// outlives the process that set it up. Postfix wants root.
package rig

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Available tells why a private Postfix cannot run here, or nil if it can.
func Available() error {
	if os.Geteuid() != 0 {
		return errors.New("postfix needs root")
	}
	return Installed("postfix", "postconf", "smtp-sink")
}

// TempDir makes a directory that the user postfix can look into.
func TempDir() (string, error) {
	dir, err := os.MkdirTemp("", "councilgate-rig-")
	if err != nil {
		return "", err
	}
	return dir, os.Chmod(dir, 0o755)
}

// Build compiles councilgate from the module at root and returns the path of the
// program in dir. It does without the version control stamp, since git refuses a
// checkout that belongs to another user.
func Build(root, dir string) (string, error) {
	program := filepath.Join(dir, "councilgate")
	build := exec.Command("go", "build", "-buildvcs=false", "-o", program, "./cmd/councilgate")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return program, nil
}

// FreePort returns a loopback port that nobody listens on. Postfix and smtp-sink
// have to be told their ports and cannot choose them.
func FreePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// postfixUser returns the ids that Postfix's processes run under.
func postfixUser() (uid, gid int, err error) {
	u, err := user.Lookup("postfix")
	if err != nil {
		return 0, 0, err
	}
	if uid, err = strconv.Atoi(u.Uid); err != nil {
		return 0, 0, err
	}
	gid, err = strconv.Atoi(u.Gid)
	return uid, gid, err
}

// mkdirPostfix makes a directory that belongs to the user postfix.
func mkdirPostfix(dir string, mode os.FileMode) error {
	uid, gid, err := postfixUser()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, mode); err != nil {
		return err
	}
	return os.Chown(dir, uid, gid)
}

// asPostfix lets a child run under the user postfix. It gets a process group of its
// own, so that Ctrl-C reaches us alone and everything stops in order; and the kernel
// ends it if we die.
func asPostfix(cmd *exec.Cmd) (*exec.Cmd, error) {
	uid, gid, err := postfixUser()
	if err != nil {
		return nil, err
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)},
		Setpgid:    true,
		Pdeathsig:  syscall.SIGKILL,
	}
	return cmd, nil
}

// eventually polls until done says so, for at most a generous time that only a
// failure reaches.
func eventually(what string, done func() (bool, error)) error {
	const patience = 60 * time.Second
	for deadline := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		ok, err := done()
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		if ok {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s: nothing within %v", what, patience)
		}
	}
}

// tail returns the last lines of a file, for an error message.
func tail(path string, lines int) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	all := strings.Split(strings.TrimRight(string(data), "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
