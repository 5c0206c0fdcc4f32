package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"time"

	"councilgate/filter"
	"councilgate/filter/doctor"
	"councilgate/policy"
)

const doctorUsage = `usage: councilgate doctor [flags]

Examines an installation as its own client, and says for each failure how to mend it.
It reads the policy, connects to the milter socket as Postfix would, compares
Postfix's settings with the policy, and has the running councilgate judge a mail for
each rule; these are counted apart, and nothing is ever sent. Give -policy, -milter
and -http as councilgate serve has them; without, they are those of the packages.

As root it tries with the rights of the users concerned; as anybody else it looks at
permissions. The environment's MAIL_CONFIG names the directory of another Postfix.
The exit status is 0 if all is well, warnings included, 1 if something failed, 2 if
nothing could be examined.

`

// Where the packages put things.
const (
	packagedPolicy = "/etc/councilgate/policy.yaml"
	packagedSocket = "/var/spool/postfix/councilgate/milter.sock"
)

// Exit statuses of doctor.
const (
	statusWell   = 0
	statusFailed = 1
	statusNotRun = 2
)

// doctorOptions is what the command line of doctor asks for.
type doctorOptions struct {
	policy  string
	milter  address
	http    address
	postfix bool
	json    bool
	connect bool // do no more than connect to the milter socket
}

// examine is the command doctor.
func examine(args []string, _ io.Reader, stdout, stderr io.Writer) int {
	opts, err := parseDoctor(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return statusWell
	}
	if err != nil {
		return statusNotRun
	}
	ctx := context.Background()
	if opts.connect {
		if err := doctor.Connect(ctx, doctor.Address{Network: opts.milter.network, Addr: opts.milter.addr}); err != nil {
			fmt.Fprintln(stderr, err)
			return statusFailed
		}
		return statusWell
	}
	results := doctor.Examine(ctx, opts.installation())
	if opts.json {
		err = printResultsJSON(stdout, results)
	} else {
		err = printResults(stdout, results)
	}
	if err != nil {
		fmt.Fprintf(stderr, "councilgate doctor: %v\n", err)
		return statusNotRun
	}
	for _, r := range results {
		if r.State == doctor.Failure {
			return statusFailed
		}
	}
	return statusWell
}

// parseDoctor reads the command line. It has told the user of an error that it
// returns.
func parseDoctor(args []string, stderr io.Writer) (doctorOptions, error) {
	opts := doctorOptions{
		milter: address{"unix", packagedSocket},
		http:   address{"tcp", "127.0.0.1:9810"},
	}
	flags := newFlags("doctor", doctorUsage, stderr)
	flags.StringVar(&opts.policy, "policy", packagedPolicy, "policy `FILE`; an empty one stands for the policy of a demonstration municipality")
	flags.TextVar(&opts.milter, "milter", opts.milter, "where councilgate listens for the mail server, `ADDR`")
	flags.TextVar(&opts.http, "http", opts.http, "where councilgate serves /metrics, `ADDR`")
	flags.BoolVar(&opts.postfix, "postfix", true, "examine Postfix's settings, too, if there is a Postfix; -postfix=false for a mail server elsewhere")
	flags.BoolVar(&opts.json, "json", false, "print the results as a JSON array")
	flags.BoolVar(&opts.connect, "connect", false, "only connect to -milter, with the rights of this user: doctor runs itself so as user postfix")
	if err := flags.Parse(args); err != nil {
		return opts, err
	}
	if flags.NArg() > 0 {
		err := fmt.Errorf("unexpected argument %q: everything is set by flags, see councilgate doctor -h", flags.Arg(0))
		fmt.Fprintf(stderr, "councilgate doctor: %v\n", err)
		return opts, err
	}
	return opts, nil
}

// installation gathers what is to be examined.
func (opts doctorOptions) installation() doctor.Installation {
	limits := filter.DefaultLimits()
	build, revision := filter.BuildInfo(), "unknown"
	for _, s := range build.Settings {
		if s.Key == "vcs.revision" {
			revision = s.Value
		}
	}
	in := doctor.Installation{
		PolicyFile: opts.policy,
		Milter:     doctor.Address{Network: opts.milter.network, Addr: opts.milter.addr},
		HTTP:       doctor.Address{Network: opts.http.network, Addr: opts.http.addr},
		Connect:    []string{"/proc/self/exe", "doctor", "-connect", "-milter", opts.milter.String()},
		Limits: doctor.Limits{
			Connections: limits.Connections,
			Message:     limits.Message,
			Held:        limits.Held,
			Answer:      limits.Inspection + limits.Overrun,
		},
		Version:  build.Main.Version,
		Revision: revision,
		Postfix:  opts.postfix,
		Now:      time.Now(),
	}
	if in.Policy, in.PolicyErr = loadPolicy(opts.policy); in.PolicyErr != nil {
		in.Policy = nil
		return in
	}
	if with, err := loadWithMembers(opts.policy); err == nil {
		in.Policy = with
	} else {
		in.DirectoryErr = err
	}
	in.Files = namedFiles(in.Policy)
	in.Judge = judgeAs(in.Policy)
	in.PingState = pingState(in.Policy)
	return in
}

// namedFiles lists the files that a policy names.
func namedFiles(p *policy.Policy) []doctor.File {
	state := p.State()
	directory, _ := p.Directory()
	files := []doctor.File{
		{Key: "override_key_file", Path: p.OverrideKeyFile(), Secret: true},
		{Key: "dkim.key_file", Path: p.DKIM().KeyFile, Secret: true},
		{Key: "councillors_file", Path: p.CouncillorsFile()},
		{Key: "councillors_ldap.password_file", Path: directory.PasswordFile, Secret: true},
		{Key: "councillors_ldap.ca_file", Path: directory.CAFile},
		{Key: "state_files.password", Path: state.Password, Secret: true},
		{Key: "state_files.key", Path: state.Key, Secret: true},
		{Key: "state_files.ca", Path: state.CA},
	}
	for _, path := range p.ListFiles() {
		files = append(files, doctor.File{Key: "list_files", Path: path})
	}
	named := files[:0]
	for _, f := range files {
		if f.Path != "" {
			named = append(named, f)
		}
	}
	return named
}

// judgeAs judges mails by a policy, each by itself, with the code that serve runs.
func judgeAs(p *policy.Policy) func(context.Context, doctor.Mail) policy.Verdict {
	inspector := filter.NewInspector()
	return func(ctx context.Context, m doctor.Mail) policy.Verdict {
		return inspector.Judge(ctx, p, filter.Envelope{Login: m.Login, From: m.From, Recipients: m.To}, m.Raw).Verdict
	}
}

// pingState asks the shared state of a policy, with the password and the certificates
// that the policy names; nil if there is none.
func pingState(p *policy.Policy) func(context.Context) error {
	state := p.State()
	if state.URL == "" {
		return nil
	}
	return func(ctx context.Context) error {
		store, _, err := openState(state)
		if err != nil {
			return err
		}
		defer store.Close()
		return store.Ping(ctx)
	}
}

// printResultsJSON prints the results as one array.
func printResultsJSON(w io.Writer, results []doctor.Result) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(results)
}

// printResults prints the results for people, a line each, with its mend below.
func printResults(w io.Writer, results []doctor.Result) error {
	shown := map[doctor.State]string{doctor.OK: "ok", doctor.Warning: "WARNING", doctor.Failure: "FAILURE"}
	count := make(map[doctor.State]int)
	for _, r := range results {
		count[r.State]++
		if _, err := fmt.Fprintf(w, "%-8s %-8s %s\n", shown[r.State], r.Check, r.Message); err != nil {
			return err
		}
		if r.Mend != "" {
			if _, err := fmt.Fprintf(w, "%17s → %s\n", "", r.Mend); err != nil {
				return err
			}
		}
	}
	_, err := fmt.Fprintf(w, "\n%d well, %s, %s.\n", count[doctor.OK], number(count[doctor.Warning], "warning"), number(count[doctor.Failure], "failure"))
	return err
}

// number gives "1 warning", "2 warnings".
func number(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
