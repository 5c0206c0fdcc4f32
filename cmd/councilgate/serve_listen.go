package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/user"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// An address is where to listen, unix:/path or inet:host:port on the command
// line.
type address struct {
	network string // "unix" or "tcp"
	addr    string
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (a *address) UnmarshalText(text []byte) error {
	family, addr, _ := strings.Cut(string(text), ":")
	switch family {
	case "unix":
		if addr == "" {
			return errors.New("write unix:/path")
		}
		*a = address{"unix", addr}
	case "inet":
		if _, _, err := net.SplitHostPort(addr); err != nil {
			return errors.New("write inet:host:port, such as inet:127.0.0.1:8899 or inet:[::1]:8899")
		}
		*a = address{"tcp", addr}
	default:
		return errors.New("write unix:/path or inet:host:port")
	}
	return nil
}

// MarshalText implements encoding.TextMarshaler.
func (a address) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

func (a address) String() string {
	if a.network == "unix" {
		return "unix:" + a.addr
	}
	return "inet:" + a.addr
}

// exposed reports whether other machines can reach the address.
func (a address) exposed() bool {
	if a.network == "unix" {
		return false
	}
	host, _, _ := net.SplitHostPort(a.addr)
	ip := net.ParseIP(host)
	return host != "localhost" && (ip == nil || !ip.IsLoopback())
}

// socketAccess says who may connect to a unix socket. Connecting takes the
// permission to write.
type socketAccess struct {
	mode  fileMode
	group string // name or number, "" to leave it
}

// listen opens a listener. A unix socket that nobody listens on any more, left by
// a process that was killed, is removed first.
func listen(a address) (net.Listener, error) {
	if a.network == "unix" {
		if err := removeStale(a.addr); err != nil {
			return nil, err
		}
	}
	ln, err := net.Listen(a.network, a.addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, errors.New("another process listens there: stop it, or choose another address")
	}
	return ln, err
}

// listenMilter opens the listener for the mail server.
func listenMilter(a address, access socketAccess) (net.Listener, error) {
	ln, err := listen(a)
	if err != nil || a.network != "unix" {
		return ln, err
	}
	if err := access.apply(a.addr); err != nil {
		ln.Close()
		return nil, err
	}
	return ln, nil
}

func (s socketAccess) apply(path string) error {
	if s.group != "" {
		gid, err := groupID(s.group)
		if err != nil {
			return err
		}
		if err := os.Chown(path, -1, gid); err != nil {
			return fmt.Errorf("cannot give the socket to group %s: %w", s.group, err)
		}
	}
	return os.Chmod(path, fs.FileMode(s.mode))
}

func groupID(group string) (int, error) {
	if gid, err := strconv.Atoi(group); err == nil {
		return gid, nil
	}
	g, err := user.LookupGroup(group)
	if err != nil {
		return 0, fmt.Errorf("-socket-group %s: no such group on this machine", group)
	}
	return strconv.Atoi(g.Gid)
}

// removeStale removes the unix socket at path unless a process listens on it.
func removeStale(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.Mode().Type() != fs.ModeSocket {
		return errors.New("there is a file that is no socket: remove it, or choose another path")
	}
	c, err := net.DialTimeout("unix", path, time.Second)
	if err == nil {
		c.Close()
		return errors.New("another process listens there: stop it, or choose another path")
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return err
	}
	return os.Remove(path)
}
