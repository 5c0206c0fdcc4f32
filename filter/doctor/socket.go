package doctor

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const (
	// postfixUser is the user that Postfix's processes connect as: its mail_owner,
	// whom nobody renames.
	postfixUser = "postfix"
	// daemonUser is the user that the packages make for the daemon.
	daemonUser = "councilgate"
)

// slow is how long a connection and its negotiation may take before it is told.
const slow = time.Second

// daemon is what was found of the process that listens for the mail server.
type daemon struct {
	answers bool     // to the milter protocol
	account *account // whom it runs as, nil if unknown
	pid     int      // 0 if unknown
}

// examineMilter connects to the daemon, and tries whether Postfix can.
func examineMilter(ctx context.Context, r *report, in Installation) daemon {
	d := findDaemon(ctx, in.Milter)
	if in.Milter.Network == "unix" && !examineSocket(r, in) {
		return d
	}
	began := time.Now()
	c, err := dialMilter(ctx, in.Milter)
	took := time.Since(began).Round(10 * time.Microsecond)
	switch {
	case err == nil:
		c.quit()
		d.answers = true
	case errors.Is(err, fs.ErrPermission):
		r.warn(checkMilter, "sudo councilgate doctor", "This user may not connect to %s, so that the daemon was not tried.", in.Milter)
		return d
	case errors.Is(err, syscall.ECONNREFUSED):
		r.fail(checkMilter, "systemctl restart councilgate", "Nobody listens at %s: councilgate does not run, or was given another -milter.", in.Milter)
		return d
	case errors.Is(err, errNotMilter), errors.Is(err, errNotCouncilgate):
		r.fail(checkMilter, "give each milter a socket of its own: -milter of councilgate serve, and smtpd_milters of Postfix", "At %s, %v.", in.Milter, err)
		return d
	default:
		r.fail(checkMilter, "systemctl restart councilgate", "Cannot connect to %s: %v.", in.Milter, plain(err))
		return d
	}
	if took > slow {
		r.warn(checkMilter, "top", "councilgate takes %v to answer a new connection: the machine is busy.", took)
	} else {
		r.ok(checkMilter, "councilgate answers at %s, within %v.", in.Milter, took)
	}
	if in.Milter.Network == "unix" {
		examineRights(ctx, r, in)
	}
	return d
}

// examineSocket reports whether there is a socket to connect to.
func examineSocket(r *report, in Installation) bool {
	path := in.Milter.Addr
	info, err := os.Stat(path)
	_, dirErr := os.Stat(filepath.Dir(path))
	switch {
	case errors.Is(err, fs.ErrPermission):
		r.warn(checkMilter, "sudo councilgate doctor", "This user may not look into %s, so that the socket was not tried.", filepath.Dir(path))
		return false
	case errors.Is(dirErr, fs.ErrNotExist):
		r.fail(checkMilter, fmt.Sprintf("install -d -o %s -g %s -m 2750 %s && systemctl restart councilgate", daemonUser, postfixUser, filepath.Dir(path)),
			"There is no directory %s for the socket.", filepath.Dir(path))
		return false
	case errors.Is(err, fs.ErrNotExist):
		r.fail(checkMilter, "systemctl restart councilgate", "There is no socket %s: councilgate does not run, or was given another -milter.", path)
		return false
	case err != nil:
		r.fail(checkMilter, "ls -l "+path, "Cannot look at the socket: %v.", plain(err))
		return false
	case info.Mode().Type() != fs.ModeSocket:
		r.fail(checkMilter, fmt.Sprintf("rm %s && systemctl restart councilgate", path), "%s is a file that is no socket.", path)
		return false
	}
	return true
}

// examineRights tries whether Postfix's processes may use the socket: as user postfix
// if this process may become that user, else by the permission bits.
func examineRights(ctx context.Context, r *report, in Installation) {
	postfix, err := lookupAccount(postfixUser)
	if err != nil {
		r.ok(checkMilter, "There is no user %s on this machine: Postfix's rights were not tried.", postfixUser)
		return
	}
	obstacle, err := postfix.obstacle(in.Milter.Addr, toWrite)
	if err != nil {
		r.warn(checkMilter, "sudo councilgate doctor", "Cannot tell Postfix's rights: %v.", plain(err))
		return
	}
	if os.Geteuid() == 0 && len(in.Connect) > 0 {
		if err := runAs(ctx, postfix, in.Connect); err == nil {
			r.ok(checkMilter, "User %s, whom Postfix connects as, reaches it, too.", postfixUser)
			return
		} else if obstacle == nil {
			r.fail(checkMilter, "look for what SELinux or AppArmor denied: journalctl -k | grep -i denied", "User %s, whom Postfix connects as, cannot connect although the permissions allow it: %v.", postfixUser, err)
			return
		}
	}
	if obstacle == nil {
		r.ok(checkMilter, "By its permissions, user %s, whom Postfix connects as, may use it.", postfixUser)
		return
	}
	mend := obstacle.mend(postfix)
	switch obstacle.path {
	case in.Milter.Addr:
		mend = "add -socket-group postfix to councilgate serve, or give the directory the group: chgrp postfix DIR && chmod 2750 DIR, for DIR " +
			filepath.Dir(in.Milter.Addr) + "; then systemctl restart councilgate"
	case filepath.Dir(in.Milter.Addr):
		mend = fmt.Sprintf("chgrp %s %s && chmod 2750 %s && systemctl restart councilgate", postfixUser, obstacle.path, obstacle.path)
	}
	r.fail(checkMilter, mend, "Postfix cannot connect: %v, which keeps user %s out.", obstacle, postfixUser)
}

// runAs runs a command with the rights of an account.
func runAs(ctx context.Context, a account, command []string) error {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.SysProcAttr = a.credential()
	cmd.Dir = "/"
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	err := cmd.Run()
	if said := strings.TrimSpace(stderr.String()); err != nil && said != "" {
		return errors.New(said)
	}
	return err
}

// findDaemon finds the process that listens, and whom it runs as.
func findDaemon(ctx context.Context, a Address) daemon {
	var d daemon
	if a.Network == "unix" {
		if conn, err := net.DialTimeout(a.Network, a.Addr, time.Second); err == nil {
			pid, uid, ok := peer(conn)
			conn.Close()
			if ok && pid != 1 { // systemd, which hands its sockets over
				d.pid = pid
				if account, err := lookupUID(uid); err == nil {
					d.account = &account
				}
				return d
			}
		}
	}
	if account, err := lookupAccount(daemonUser); err == nil {
		d.account = &account
	}
	return d
}

// plain gives what the system says, without the addresses and paths that Go puts
// before it.
func plain(err error) error {
	for {
		switch e := err.(type) {
		case *net.OpError:
			err = e.Err
		case *os.SyscallError:
			err = e.Err
		case *fs.PathError:
			return fmt.Errorf("%s: %w", e.Path, e.Err)
		default:
			return err
		}
	}
}
