package doctor

import (
	"net"
	"syscall"
)

// peer tells which process listens at the other end of a unix socket, and under
// which user it began to (unix(7), SO_PEERCRED).
func peer(conn net.Conn) (pid int, uid uint32, ok bool) {
	unix, isUnix := conn.(*net.UnixConn)
	if !isUnix {
		return 0, 0, false
	}
	raw, err := unix.SyscallConn()
	if err != nil {
		return 0, 0, false
	}
	var cred *syscall.Ucred
	err = raw.Control(func(fd uintptr) {
		cred, _ = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	})
	if err != nil || cred == nil {
		return 0, 0, false
	}
	return int(cred.Pid), cred.Uid, true
}

// staUnsync is STA_UNSYNC of <sys/timex.h>.
const staUnsync = 0x40

// clockSynchronised reports whether somebody, such as systemd-timesyncd or chrony,
// keeps the clock right (adjtimex(2)); it is what timedatectl shows.
func clockSynchronised() (synchronised, known bool) {
	var t syscall.Timex
	if _, err := syscall.Adjtimex(&t); err != nil {
		return false, false
	}
	return t.Status&staUnsync == 0, true
}

// freeSpace gives what is free to an ordinary user on the disk that holds a
// directory, in bytes.
func freeSpace(dir string) (uint64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return s.Bavail * uint64(s.Bsize), nil
}
