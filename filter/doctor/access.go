package doctor

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// account is a user of this machine, whose rights are asked after.
type account struct {
	name   string
	uid    uint32
	gid    uint32
	groups []uint32 // gid among them
}

// lookupAccount finds a user with the groups that the user's processes have.
func lookupAccount(name string) (account, error) {
	u, err := user.Lookup(name)
	if err != nil {
		return account{}, err
	}
	return newAccount(u)
}

func lookupUID(uid uint32) (account, error) {
	u, err := user.LookupId(strconv.FormatUint(uint64(uid), 10))
	if err != nil {
		return account{}, err
	}
	return newAccount(u)
}

func newAccount(u *user.User) (account, error) {
	ids, err := u.GroupIds()
	if err != nil {
		return account{}, err
	}
	a := account{name: u.Username}
	for _, id := range append([]string{u.Uid, u.Gid}, ids...) {
		n, err := strconv.ParseUint(id, 10, 32)
		if err != nil {
			return account{}, err
		}
		a.groups = append(a.groups, uint32(n))
	}
	a.uid, a.gid, a.groups = a.groups[0], a.groups[1], a.groups[1:]
	return a, nil
}

// credential is the account for a child process.
func (a account) credential() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: a.uid, Gid: a.gid, Groups: a.groups}}
}

// A right is a permission bit of "others", as chmod writes it.
type right fs.FileMode

const (
	toRead   right = 4
	toWrite  right = 2
	toSearch right = 1 // a directory
)

func (r right) String() string {
	switch r {
	case toRead:
		return "r"
	case toWrite:
		return "w"
	}
	return "x"
}

// may reports whether the permission bits of a file give the account a right.
func (a account) may(r right, info fs.FileInfo) bool {
	if a.uid == 0 {
		return true
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return true
	}
	bits := right(info.Mode().Perm())
	switch {
	case stat.Uid == a.uid:
		return bits>>6&r != 0
	case slices.Contains(a.groups, stat.Gid):
		return bits>>3&r != 0
	}
	return bits&r != 0
}

// An obstacle keeps an account from a file.
type obstacle struct {
	path string // the file, or a directory above it
	want right
	info fs.FileInfo
}

// obstacle finds what keeps an account from using a file, nil if nothing does. The
// error is that of this process, which may not look that far itself, or the file's
// absence.
func (a account) obstacle(path string, r right) (*obstacle, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	for i := range path {
		if i > 0 && path[i] != '/' {
			continue
		}
		dir := path[:max(i, 1)]
		info, err := os.Stat(dir)
		if err != nil {
			return nil, err
		}
		if info.IsDir() && !a.may(toSearch, info) {
			return &obstacle{dir, toSearch, info}, nil
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !a.may(r, info) {
		return &obstacle{path, r, info}, nil
	}
	return nil, nil
}

// mend is the command that takes the obstacle away with the least change.
func (o *obstacle) mend(a account) string {
	stat, ok := o.info.Sys().(*syscall.Stat_t)
	switch {
	case ok && stat.Uid == a.uid:
		return fmt.Sprintf("chmod u+%v %s", o.want, o.path)
	case ok && slices.Contains(a.groups, stat.Gid):
		return fmt.Sprintf("chmod g+%v %s", o.want, o.path)
	case o.want == toSearch && !o.own():
		return fmt.Sprintf("chmod o+x %s", o.path)
	}
	group := "GROUP"
	if g, err := user.LookupGroupId(strconv.FormatUint(uint64(a.gid), 10)); err == nil {
		group = g.Name
	}
	return fmt.Sprintf("chgrp %s %s && chmod g+%v %s", group, o.path, o.want, o.path)
}

// own reports whether the path is one that councilgate was installed with, rather
// than a directory of the system.
func (o *obstacle) own() bool { return strings.Contains(filepath.Base(o.path), "councilgate") }

// String tells what stands in the way, with owner, group and mode.
func (o *obstacle) String() string {
	owner, group := "?", "?"
	if stat, ok := o.info.Sys().(*syscall.Stat_t); ok {
		owner, group = strconv.FormatUint(uint64(stat.Uid), 10), strconv.FormatUint(uint64(stat.Gid), 10)
		if u, err := user.LookupId(owner); err == nil {
			owner = u.Username
		}
		if g, err := user.LookupGroupId(group); err == nil {
			group = g.Name
		}
	}
	return fmt.Sprintf("%s belongs to %s:%s with mode %04o", o.path, owner, group, o.info.Mode().Perm())
}

// reads reports whether the account can read a file.
func (a account) reads(ctx context.Context, path string) bool { return a.can(ctx, toRead, path) }

// writes reports whether the account can write to a file, or make one in a directory.
func (a account) writes(ctx context.Context, path string) bool { return a.can(ctx, toWrite, path) }

// can reports whether the account has a right: by trying, if this process may become
// that user, which knows of access lists as well; else by the permission bits.
func (a account) can(ctx context.Context, r right, path string) bool {
	if os.Geteuid() == 0 {
		return runAs(ctx, a, []string{"test", "-" + r.String(), path}) == nil
	}
	o, err := a.obstacle(path, r)
	return err == nil && o == nil
}
