// Package doctor examines a councilgate installation as its own client: it asks the
// daemon and the mail server what they do, rather than trusting what was configured.
//
// Nothing that it reports holds an address or the text of a mail. Where a file, a
// socket or a setting is named, the operator wrote it.
package doctor

import (
	"context"
	"fmt"
	"time"

	"councilgate/policy"
)

// State says how a check ended.
type State string

// The states, from well to bad.
const (
	OK      State = "ok"
	Warning State = "warning" // works, and is worth a look
	Failure State = "failure" // does not do what the policy promises
)

// Result is what one check found.
type Result struct {
	Check   string `json:"check"` // what was looked at, from a closed list
	State   State  `json:"state"`
	Message string `json:"message"` // a sentence for the operator
	Mend    string `json:"mend"`    // a command, or a line to write; "" if nothing is to be done
}

// The checks.
const (
	checkPolicy  = "policy"
	checkMembers = "directory"
	checkFiles   = "files"
	checkMilter  = "milter"
	checkProbe   = "probe"
	checkPostfix = "postfix"
	checkHTTP    = "http"
	checkClock   = "clock"
	checkState   = "state"
	checkRecord  = "record"
	checkNotice  = "notice"
	checkLimits  = "limits"
)

// Installation is what to examine.
type Installation struct {
	PolicyFile string         // "" for the built-in policy
	Policy     *policy.Policy // nil if it is wrong
	PolicyErr  error          // and why
	// DirectoryErr tells why the directory of councillors does not answer; Policy then
	// knows those of its files alone.
	DirectoryErr error
	// Files are those that the daemon must be able to read beside its policy.
	Files []File

	Milter Address // where the daemon listens for the mail server
	HTTP   Address // of its pages
	// Connect is the command that tries, with the rights of whoever runs it, to
	// talk to the daemon at Milter.
	Connect []string

	// Judge judges a mail by Policy as the daemon should.
	Judge func(ctx context.Context, m Mail) policy.Verdict
	// PingState asks the shared state whether it answers; nil if there is none.
	PingState func(ctx context.Context) error

	Limits   Limits
	Version  string // of this program
	Revision string

	Postfix bool // look at Postfix's settings, if there is a Postfix
	Now     time.Time
}

// Address is where something listens.
type Address struct {
	Network string // "unix" or "tcp"
	Addr    string
}

// String gives the address as it is written on the command line of serve.
func (a Address) String() string {
	if a.Network == "unix" {
		return "unix:" + a.Addr
	}
	return "inet:" + a.Addr
}

// url is where a browser finds pages there.
func (a Address) url() string {
	if a.Network == "unix" {
		return a.String()
	}
	return "http://" + a.Addr
}

// File is a file that the daemon reads.
type File struct {
	Key    string // the key of the policy that names it
	Path   string
	Secret bool // a key or a password
}

// Limits are those of the daemon that the machine and the mail server must fit.
type Limits struct {
	Connections int           // milter connections at a time
	Message     int           // bytes of one message
	Held        int64         // bytes of all messages in memory
	Answer      time.Duration // the longest that an answer may take
}

// Mail is a mail for the daemon to judge.
type Mail struct {
	Login string
	From  string
	To    []string
	Raw   []byte // with CRLF
}

// Examine runs every check, and returns what they found in the order in which an
// operator wants to read it. It takes a second or two, and a minute at most.
func Examine(ctx context.Context, in Installation) []Result {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	r := &report{}
	examinePolicy(r, in)
	pages := examinePages(ctx, r, in)
	daemon := examineMilter(ctx, r, in)
	examineFiles(ctx, r, in, daemon)
	if daemon.answers {
		examineProbes(ctx, r, in, pages)
	}
	if in.Postfix {
		examinePostfix(ctx, r, in)
	}
	examineDirectory(r, in)
	examineState(ctx, r, in)
	examineRecord(ctx, r, in, daemon)
	examineNotice(ctx, r, in)
	examineClock(r, in)
	examineLimits(r, in, daemon, pages)
	return r.results
}

// report collects results.
type report struct{ results []Result }

func (r *report) add(check string, state State, mend, message string) {
	r.results = append(r.results, Result{check, state, message, mend})
}

func (r *report) ok(check, format string, args ...any) {
	r.add(check, OK, "", fmt.Sprintf(format, args...))
}

func (r *report) warn(check, mend, format string, args ...any) {
	r.add(check, Warning, mend, fmt.Sprintf(format, args...))
}

func (r *report) fail(check, mend, format string, args ...any) {
	r.add(check, Failure, mend, fmt.Sprintf(format, args...))
}
