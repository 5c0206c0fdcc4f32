package doctor

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// examineDirectory tells whether the directory of councillors answers.
func examineDirectory(r *report, in Installation) {
	if in.Policy == nil {
		return
	}
	if _, ok := in.Policy.Directory(); !ok {
		return
	}
	if in.DirectoryErr != nil {
		r.fail(checkMembers, "look at councillors_ldap in the policy, and at the directory's own log", "The directory of councillors does not answer, so that those it last named are judged: %v.", plain(in.DirectoryErr))
		return
	}
	r.ok(checkMembers, "The directory of councillors answers; with the policy's own there are %d.", len(in.Policy.Councillors()))
}

// examineRecord looks whether there is room for the record of verdicts.
func examineRecord(ctx context.Context, r *report, in Installation, d daemon) {
	if in.Policy == nil || in.Policy.Record().File == "" {
		return
	}
	record := in.Policy.Record()
	dir := filepath.Dir(record.File)
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrPermission):
		r.warn(checkRecord, "sudo councilgate doctor", "This user may not look into %s, where verdicts are recorded.", dir)
		return
	case err != nil || !info.IsDir():
		r.fail(checkRecord, fmt.Sprintf("install -d -o %s -m 0700 %s", daemonUser, dir), "There is no directory %s for the record of verdicts.", dir)
		return
	case d.account != nil && !d.account.writes(ctx, dir):
		r.fail(checkRecord, fmt.Sprintf("chown %s %s", d.account.name, dir), "councilgate, which runs as user %s, cannot write its record to %s.", d.account.name, dir)
		return
	}
	free, err := freeSpace(dir)
	if need := uint64(record.MaxBytes); err == nil && free < need {
		r.warn(checkRecord, "free space on that disk, or set record_megabytes", "On the disk of the record %d MiB are free, while it may grow to %d MiB.", free>>20, need>>20)
		return
	}
	r.ok(checkRecord, "The record of verdicts has its directory, and room.")
}

// examineState asks the state that gateways share.
func examineState(ctx context.Context, r *report, in Installation) {
	if in.PingState == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := in.PingState(ctx); err != nil {
		r.fail(checkState, "systemctl status redis-server, or valkey-server, where the policy's state is; and look at state_files",
			"The shared state does not answer, so that each gateway counts mailings alone: %v.", plain(err))
		return
	}
	r.ok(checkState, "The shared state of mailings answers.")
}

// examineNotice greets the mail server that takes notices.
func examineNotice(ctx context.Context, r *report, in Installation) {
	if in.Policy == nil {
		return
	}
	n, ok := in.Policy.Notice()
	if !ok {
		return
	}
	if err := greet(ctx, n.Via); err != nil {
		r.fail(checkNotice, "add the port for notices to master.cf, as deploy/postfix shows, and postfix reload",
			"The mail server at %s, which is to take notices, does not: %v.", n.Via, plain(err))
		return
	}
	r.ok(checkNotice, "The mail server at %s is ready to take notices.", n.Via)
}

// greet opens an SMTP session and ends it.
func greet(ctx context.Context, hostport string) error {
	conn, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "tcp", hostport)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return err
	}
	line, err := bufio.NewReaderSize(conn, 1<<10).ReadSlice('\n')
	if err != nil {
		return err
	}
	if !strings.HasPrefix(string(line), "220") {
		return fmt.Errorf("it greets with %q", strings.TrimSpace(string(line)))
	}
	_, err = conn.Write([]byte("QUIT\r\n"))
	return err
}

// firstDay is before any release of councilgate.
var firstDay = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// examineClock looks whether the clock is right: exceptions end by it, and so do
// override codes, mailings and records.
func examineClock(r *report, in Installation) {
	synchronised, known := clockSynchronised()
	switch {
	case in.Now.Before(firstDay):
		r.fail(checkClock, "timedatectl set-ntp true", "The clock says %s, which is before councilgate was written.", in.Now.Format(time.DateOnly))
	case known && !synchronised:
		r.warn(checkClock, "timedatectl set-ntp true", "Nobody keeps the clock of this machine right: exceptions and override codes end by it.")
	case known:
		r.ok(checkClock, "The clock is kept right.")
	}
}

// Files that a daemon needs open at a time beside its connections: the log, the
// pages, lists, a state.
const filesBeside = 56

// memoryBeside is what the daemon needs beside the mails that it holds, in bytes:
// lexicons, texts taken apart, counters.
const memoryBeside = 256 << 20

// examineLimits compares what the daemon may need with what it may have.
func examineLimits(r *report, in Installation, d daemon, p pages) {
	before := len(r.results)
	need := in.Limits.Connections + filesBeside
	if files, ok := p.samples[metricMaxFiles]; ok && int(files) < need {
		r.fail(checkLimits, "LimitNOFILE="+strconv.Itoa(4*need)+" in systemctl edit councilgate",
			"councilgate may open %d files, and needs %d for all its connections.", int(files), need)
	}
	memory := in.Limits.Held + memoryBeside
	if limit, of := memoryLimit(d.pid); limit > 0 && limit < memory {
		r.warn(checkLimits, fmt.Sprintf("MemoryMax=%dM in systemctl edit councilgate, or a larger machine", memory>>20),
			"%s is %d MiB; with many large mails at a time councilgate may need %d MiB.", of, limit>>20, memory>>20)
	}
	if len(r.results) == before && d.answers {
		r.ok(checkLimits, "Open files and memory suffice.")
	}
}

// memoryLimit gives the least that bounds a process's memory, in bytes, and what it
// is; 0 if nothing is known.
func memoryLimit(pid int) (limit int64, of string) {
	if data, err := os.ReadFile("/proc/meminfo"); err == nil {
		for line := range strings.Lines(string(data)) {
			if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "MemTotal:" {
				kB, _ := strconv.ParseInt(fields[1], 10, 64)
				limit, of = kB<<10, "The memory of this machine"
			}
		}
	}
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/cgroup", pid))
	if pid == 0 || err != nil {
		return limit, of
	}
	// cgroups(7): one line "0::/path" for version 2. A limit above holds, too.
	_, path, _ := strings.Cut(strings.TrimSpace(string(data)), "0::")
	for dir := filepath.Join("/sys/fs/cgroup", path); len(dir) >= len("/sys/fs/cgroup"); dir = filepath.Dir(dir) {
		data, err := os.ReadFile(filepath.Join(dir, "memory.max"))
		if err != nil {
			continue
		}
		if bytes, err := strconv.ParseInt(strings.TrimSpace(string(data)), 10, 64); err == nil && (limit == 0 || bytes < limit) {
			limit, of = bytes, "The memory limit of councilgate's service"
		}
	}
	return limit, of
}
