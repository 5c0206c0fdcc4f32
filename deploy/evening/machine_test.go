package evening

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"councilgate/deploy/rig"
)

// A machine is Debian with a systemd, a network and processes of its own; see the
// script boot. It dies with us.
type machine struct {
	dir    string // where it is mounted, for itself alone
	cgroup string
	init   *exec.Cmd
	ended  chan error
}

// namespaces are those that boot wants to be its own.
const namespaces = syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWNET | syscall.CLONE_NEWIPC | syscall.CLONE_NEWUTS

// bootable tells why no machine can be booted here, or nil.
func bootable() error {
	if os.Geteuid() != 0 {
		return errors.New("a machine needs root")
	}
	if err := rig.Installed("/lib/systemd/systemd", "dbus-daemon", "ip", "unshare", "nsenter", "postfix", "smtp-sink", "curl"); err != nil {
		return err
	}
	_, err := cgroups()
	return err
}

// errForbidden is why a container without the rights of an administrator, such as
// Docker's, cannot boot a machine, whatever is installed in it.
var errForbidden = errors.New("namespaces and mounts are not allowed here")

// permitted tells whether the kernel lets us do what boot does.
func permitted() error {
	try := exec.Command("sh", "-c", "mount --make-rprivate / && mount -t tmpfs memory /mnt")
	try.SysProcAttr = &syscall.SysProcAttr{Cloneflags: namespaces}
	if out, err := try.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %v %s", errForbidden, err, bytes.TrimSpace(out))
	}
	return nil
}

// cgroups returns where cgroups of version 2 are mounted.
func cgroups() (string, error) {
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(mounts)) {
		if fields := strings.Fields(line); len(fields) > 2 && fields[2] == "cgroup2" {
			return fields[1], nil
		}
	}
	return "", errors.New("no cgroups of version 2 are mounted")
}

// boot starts a machine and returns when its basic services run.
func boot() (*machine, error) {
	dir, err := os.MkdirTemp("", "councilgate-evening-")
	if err != nil {
		return nil, err
	}
	top, err := cgroups()
	if err != nil {
		return nil, err
	}
	m := &machine{dir: dir, cgroup: filepath.Join(top, filepath.Base(dir)), ended: make(chan error, 1)}
	if err := os.Mkdir(m.cgroup, 0o755); err != nil {
		return nil, errors.Join(err, os.Remove(dir))
	}
	var said bytes.Buffer
	m.init = exec.Command("./boot", m.dir, m.cgroup)
	m.init.Stdout, m.init.Stderr = &said, &said
	// Its first process is our child: the kernel ends it if we die, and with it all
	// others.
	m.init.SysProcAttr = &syscall.SysProcAttr{Cloneflags: namespaces, Setsid: true, Pdeathsig: syscall.SIGKILL}
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // that we die means to the kernel that this thread does
		defer runtime.UnlockOSThread()
		err := m.init.Start()
		started <- err
		if err == nil {
			m.ended <- m.init.Wait()
		}
	}()
	if err := <-started; err != nil {
		return nil, errors.Join(err, m.remove())
	}
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		select {
		case err := <-m.ended:
			return nil, errors.Join(fmt.Errorf("boot: %v\n%s", err, &said), m.remove())
		default:
		}
		if _, err := m.run("systemctl is-active --quiet evening.target"); err == nil {
			return m, nil
		}
		if time.Now().After(deadline) {
			return nil, errors.Join(errors.New("boot: it does not come up"), m.halt())
		}
	}
}

// patience is how long anything may take that only a failure makes take so long.
const patience = 60 * time.Second

// command is a shell script to run in the machine.
func (m *machine) command(script string) *exec.Cmd {
	cmd := exec.Command("nsenter", "--target", strconv.Itoa(m.init.Process.Pid), "--mount", "--pid", "--net", "--ipc", "--uts", "--cgroup",
		"--root", "bash", "-e", "-c", "cd /root\n"+script)
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LANG=C.UTF-8", "TERM=dumb", "SYSTEMD_PAGER=", "DEBIAN_FRONTEND=noninteractive"}
	return cmd
}

// run runs a script and returns what it printed, on either channel.
func (m *machine) run(script string) (string, error) {
	out, err := m.command(script).CombinedOutput()
	return string(out), err
}

// path is where we see a file of the machine.
func (m *machine) path(file string) string {
	return filepath.Join("/proc", strconv.Itoa(m.init.Process.Pid), "root", file)
}

// inside runs f where connections are those of the machine's network.
func (m *machine) inside(f func() error) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // for good: the thread ends with this function
		done <- func() error {
			net, err := os.Open(fmt.Sprintf("/proc/%d/ns/net", m.init.Process.Pid))
			if err != nil {
				return err
			}
			defer net.Close()
			if err := unix.Setns(int(net.Fd()), unix.CLONE_NEWNET); err != nil {
				return err
			}
			return f()
		}()
	}()
	return <-done
}

// halt ends the machine and all its processes.
func (m *machine) halt() error {
	if err := m.init.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-m.ended
	return m.remove()
}

// remove removes what is left of a machine that has ended.
func (m *machine) remove() error {
	var groups []string
	err := filepath.WalkDir(m.cgroup, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			groups = append(groups, path)
		}
		return err
	})
	if err != nil {
		return err
	}
	for deadline := time.Now().Add(patience); len(groups) > 0; {
		last := groups[len(groups)-1] // the innermost
		switch err := os.Remove(last); {
		case err == nil || errors.Is(err, fs.ErrNotExist):
			groups = groups[:len(groups)-1]
		case errors.Is(err, syscall.EBUSY) && time.Now().Before(deadline):
			time.Sleep(5 * time.Millisecond) // its processes are ending
		default:
			return err
		}
	}
	return os.Remove(m.dir)
}
