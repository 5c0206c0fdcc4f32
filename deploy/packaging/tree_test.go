package packaging

import (
	"bufio"
	"errors"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A tree is a Debian of its own in a directory, with no more than the essential: no
// systemd, no Postfix.
type tree string

// newTree copies a tree that debootstrap(8) makes once and that stays in the user's
// cache.
func newTree(t *testing.T) tree {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir() // without a home
	}
	master := filepath.Join(cache, "councilgate", "bookworm-minbase")
	if _, err := os.Stat(master); errors.Is(err, fs.ErrNotExist) {
		unfinished := master + ".unfinished"
		if err := errors.Join(os.RemoveAll(unfinished), os.MkdirAll(unfinished, 0o755)); err != nil {
			t.Fatal(err)
		}
		output(t, "debootstrap", "--variant=minbase", "bookworm", unfinished)
		if err := os.Rename(unfinished, master); err != nil {
			t.Fatal(err)
		}
	}
	root := filepath.Join(t.TempDir(), "root")
	output(t, "cp", "-a", "--reflink=auto", master, root)
	return tree(root)
}

// path is where a file of the tree is.
func (r tree) path(file string) string { return filepath.Join(string(r), file) }

// command is a command to run in the tree.
func (r tree) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Path = name // inside the tree
	cmd.Err = nil
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: string(r)}
	return cmd
}

// run runs a command that must succeed, and returns what it prints.
func (r tree) run(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := r.command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// install puts a package into the tree and installs it, in the way that unattended
// upgrades do.
func (r tree) install(t *testing.T, deb string) string {
	t.Helper()
	output(t, "cp", deb, r.path("tmp/package.deb"))
	defer os.Remove(r.path("tmp/package.deb"))
	return r.run(t, "/usr/bin/dpkg", "--force-confdef", "--force-confold", "-i", "/tmp/package.deb")
}

// files are the paths in the tree that are not dpkg's own book-keeping, sorted.
func (r tree) files(t *testing.T) []string {
	t.Helper()
	var list []string
	err := filepath.WalkDir(string(r), func(path string, _ fs.DirEntry, err error) error {
		path = strings.TrimPrefix(path, string(r))
		if path == "/var/lib/dpkg" || path == "/var/log" {
			return fs.SkipDir
		}
		list = append(list, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(list)
	return list
}

// upgrade is a package of the next version, which brings another policy.
func upgrade(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	root := filepath.Join(dir, "root")
	output(t, "dpkg-deb", "-R", deb, root)
	output(t, "sed", "-i", "s/^Version: .*/Version: 99.0.0-1/", filepath.Join(root, "DEBIAN/control"))
	output(t, "sed", "-i", "$a # A word about the next version.", filepath.Join(root, "etc/councilgate/policy.yaml"))
	next := filepath.Join(dir, "next.deb")
	output(t, "dpkg-deb", "-Znone", "-b", root, next)
	return next
}

func (r tree) wantAccess(t *testing.T, file, want string) {
	t.Helper()
	if got := strings.TrimSpace(r.run(t, "/usr/bin/stat", "--format", "%A %U:%G", file)); got != want {
		t.Errorf("%s is %s, want %s", file, got, want)
	}
}

// TestLife: install, use, upgrade, remove and purge on a Debian without systemd and
// Postfix.
func TestLife(t *testing.T) {
	root := newTree(t)
	before := root.files(t)

	said := root.install(t, deb)
	if want := "once Postfix is installed: systemctl restart councilgate"; !strings.Contains(said, want) {
		t.Errorf("no %q in %s", want, said)
	}
	root.wantAccess(t, "/etc/councilgate", "drwxr-x--- root:councilgate")
	root.wantAccess(t, "/etc/councilgate/policy.yaml", "-rw-r----- root:councilgate")
	root.wantAccess(t, "/var/spool/postfix/councilgate", "drwxr-s--- councilgate:councilgate")
	if got := root.run(t, "/usr/bin/getent", "passwd", "councilgate"); !strings.HasSuffix(got, ":/nonexistent:/usr/sbin/nologin\n") {
		t.Errorf("user %s", got)
	}

	// Postfix comes, and the service starts.
	root.run(t, "/usr/sbin/groupadd", "--system", "postfix")
	root.run(t, "/usr/lib/councilgate/socket-directory")
	root.wantAccess(t, "/var/spool/postfix/councilgate", "drwxr-s--- councilgate:postfix")
	root.serve(t)

	// The operator's policy stays as it is, also with another one in the package.
	policy := root.path("etc/councilgate/policy.yaml")
	output(t, "sed", "-i", "s/^municipality: .*/municipality: Sønderå/", policy)
	output(t, "chmod", "0600", policy)
	own, err := os.ReadFile(policy)
	if err != nil {
		t.Fatal(err)
	}
	root.install(t, upgrade(t))
	if got, err := os.ReadFile(policy); err != nil || string(got) != string(own) {
		t.Errorf("the upgrade changed the policy: %v", err)
	}
	root.wantAccess(t, "/etc/councilgate/policy.yaml", "-rw------- root:councilgate")

	root.run(t, "/usr/bin/dpkg", "-r", "councilgate")
	if got, err := os.ReadFile(policy); err != nil || string(got) != string(own) {
		t.Errorf("the removal took the policy along: %v", err)
	}
	if _, err := os.Stat(root.path("usr/bin/councilgate")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the program is still there: %v", err)
	}

	// What the operator and the filter have put there goes, too; the user stays.
	for _, file := range []string{"etc/councilgate/override.key", "var/lib/councilgate/record.jsonl"} {
		output(t, "install", "-D", "/dev/null", root.path(file))
	}
	root.run(t, "/usr/bin/dpkg", "-P", "councilgate")
	after := slices.DeleteFunc(root.files(t), func(path string) bool {
		_, found := slices.BinarySearch(before, path)
		return found || strings.HasPrefix(path, "/etc/") && strings.HasSuffix(path, "-") // of passwd(5) and the like
	})
	if len(after) > 0 {
		t.Errorf("the purge leaves %v", after)
	}
	if status := root.run(t, "/usr/bin/dpkg-query", "-f", "${Package}\n", "-W"); strings.Contains(status, "councilgate") {
		t.Error("dpkg still knows the package")
	}
	root.run(t, "/usr/bin/getent", "passwd", "councilgate")
}

// TestLifeRPM: the same for the .rpm, as far as its scripts go.
func TestLifeRPM(t *testing.T) {
	root := newTree(t)
	before := root.files(t)
	root.run(t, "/usr/sbin/groupadd", "--system", "postfix")
	output(t, "rpm", "--root", string(root), "--install", rpm)
	root.wantAccess(t, "/etc/councilgate", "drwxr-x--- root:councilgate")
	root.wantAccess(t, "/etc/councilgate/policy.yaml", "-rw-r----- root:councilgate")
	root.wantAccess(t, "/var/spool/postfix/councilgate", "drwxr-s--- councilgate:postfix")

	policy := root.path("etc/councilgate/policy.yaml")
	output(t, "sed", "-i", "s/^municipality: .*/municipality: Sønderå/", policy)
	own, err := os.ReadFile(policy)
	if err != nil {
		t.Fatal(err)
	}
	output(t, "rpm", "--root", string(root), "--upgrade", "--replacepkgs", rpm)
	if got, err := os.ReadFile(policy); err != nil || string(got) != string(own) {
		t.Errorf("the upgrade changed the policy: %v", err)
	}
	root.wantAccess(t, "/etc/councilgate", "drwxr-x--- root:councilgate")

	output(t, "rpm", "--root", string(root), "--erase", "councilgate")
	left := slices.DeleteFunc(root.files(t), func(path string) bool {
		_, found := slices.BinarySearch(before, path)
		return found || strings.HasPrefix(path, "/var/lib/rpm") || strings.HasPrefix(path, "/root/.rpmdb") || strings.HasPrefix(path, "/etc/") && strings.HasSuffix(path, "-")
	})
	// rpm keeps what somebody has edited, under another name, and directories that
	// belong to systemd, fish and zsh, if they are there.
	if want := []string{"/etc/councilgate", "/etc/councilgate/policy.yaml.rpmsave", "/usr/lib/sysusers.d",
		"/usr/share/fish", "/usr/share/fish/vendor_completions.d", "/usr/share/zsh", "/usr/share/zsh/site-functions"}; !slices.Equal(left, want) {
		t.Errorf("the removal leaves %v, want %v", left, want)
	}
}

// serve runs the service's program as its user, sees it ready and its socket in the
// hands of Postfix, and stops it.
func (r tree) serve(t *testing.T) {
	t.Helper()
	notify, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: r.path("tmp/notify"), Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer notify.Close()
	output(t, "chmod", "0666", r.path("tmp/notify"))

	cmd := r.command("/usr/bin/councilgate", "serve", "-policy", "/etc/councilgate/policy.yaml",
		"-milter", "unix:/var/spool/postfix/councilgate/milter.sock", "-http", "inet:127.0.0.1:0")
	cmd.Env = append(cmd.Env, "NOTIFY_SOCKET=/tmp/notify")
	cmd.SysProcAttr.Credential = r.user(t, "councilgate")
	var log strings.Builder
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	for _, want := range []string{"FDSTORE=1\n", "READY=1\nSTATUS=shadow mode; 0 mails", "STOPPING=1\n"} {
		told := make([]byte, 1<<10)
		notify.SetReadDeadline(time.Now().Add(10 * time.Second))
		n, err := notify.Read(told)
		if err != nil || !strings.HasPrefix(string(told[:n]), want) {
			t.Fatalf("the service tells %q, %v; want %q\n%s", told[:n], err, want, &log)
		}
		if strings.HasPrefix(want, "READY") {
			r.wantAccess(t, "/var/spool/postfix/councilgate/milter.sock", "srw-rw---- councilgate:postfix")
			cmd.Process.Signal(syscall.SIGTERM)
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("the service ended: %v\n%s", err, &log)
	}
	os.Remove(r.path("tmp/notify"))
}

// user is who a user of the tree is.
func (r tree) user(t *testing.T, name string) *syscall.Credential {
	t.Helper()
	file, err := os.Open(r.path("etc/passwd"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if fields := strings.Split(lines.Text(), ":"); len(fields) > 3 && fields[0] == name {
			uid, err1 := strconv.ParseUint(fields[2], 10, 32)
			gid, err2 := strconv.ParseUint(fields[3], 10, 32)
			if err := errors.Join(err1, err2); err != nil {
				t.Fatal(err)
			}
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		}
	}
	t.Fatalf("no user %s in the tree", name)
	return nil
}
