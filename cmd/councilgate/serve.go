package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"councilgate/filter"
	"councilgate/filter/notice"
	"councilgate/filter/record"
	"councilgate/policy"
	"councilgate/policy/explain"
)

// drainTime is how long messages under way may take to finish once the daemon is
// told to stop: longer than any inspection.
const drainTime = 30 * time.Second

const serveUsage = `usage: councilgate serve [flags]

Runs the filter in the foreground, for a mail server that speaks the milter
protocol. SIGHUP reloads the policy, SIGTERM and SIGINT stop the filter once the
messages under way are done; a second one stops it at once.

ADDR is unix:/path or inet:host:port. Prefer a unix socket for Postfix:
  councilgate serve -policy FILE -milter unix:/var/spool/postfix/councilgate/milter.sock -socket-group postfix

`

// serveOptions is what the command line of serve asks for.
type serveOptions struct {
	policy     string // file, "" for the demonstration policy
	watch      bool   // reload it when it changes
	milter     address
	http       address
	httpConfig string // file, "" for pages in clear and without passwords
	socket     socketAccess
	dns        dnsServer
	log        func(io.Writer) *slog.Logger
}

// serve runs the filter until a signal stops it. Its log goes to stderr.
func serve(args []string, _ io.Reader, _, stderr io.Writer) int {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGHUP, syscall.SIGINT, syscall.SIGTERM)
	defer signal.Stop(signals)
	return serveUntil(signals, args, stderr)
}

func serveUntil(signals <-chan os.Signal, args []string, stderr io.Writer) int {
	opts, err := parseServe(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		return 2
	}
	d, err := startDaemon(opts, signals, stderr)
	if err != nil {
		fmt.Fprintf(stderr, "councilgate: %v\n", err)
		return 1
	}
	return d.run(signals)
}

// parseServe reads the command line. It has told the user of an error that it
// returns.
func parseServe(args []string, stderr io.Writer) (serveOptions, error) {
	opts := serveOptions{
		milter: address{"tcp", "127.0.0.1:8899"},
		http:   address{"tcp", "127.0.0.1:9810"},
		socket: socketAccess{mode: 0o660},
	}
	format, level := "text", slog.LevelInfo
	flags := newFlags("serve", serveUsage, stderr)
	flags.StringVar(&opts.policy, "policy", "", "policy `FILE`; without it, the policy of a demonstration municipality")
	flags.BoolVar(&opts.watch, "watch", false, "reload the policy when it or a file that it names changes, as SIGHUP does")
	flags.TextVar(&opts.milter, "milter", opts.milter, "listen for the mail server on `ADDR`")
	flags.TextVar(&opts.http, "http", opts.http, "serve the overview page, /metrics, /healthz, /readyz and /help/ on `ADDR`")
	flags.StringVar(&opts.httpConfig, "http.config", "", "serve all of that, /healthz and /help/ included, with TLS and passwords as `FILE` says, which is a web configuration file of Prometheus' exporters")
	flags.TextVar(&opts.socket.mode, "socket-mode", opts.socket.mode, "permissions of the milter's unix socket, `OCTAL`")
	flags.StringVar(&opts.socket.group, "socket-group", "", "`GROUP` of the milter's unix socket; Postfix connects as group postfix")
	flags.TextVar(&opts.dns, "dns", opts.dns, "verify DKIM signatures of mails that are sent on as they stand, by the DNS server at `HOST:PORT` or the system's; without it no server is asked")
	flags.StringVar(&format, "log", format, "`FORMAT` of the log on standard error: text or json")
	flags.TextVar(&level, "log-level", level, "least `LEVEL` to log: debug, info, warn or error")
	if err := flags.Parse(args); err != nil {
		return opts, err
	}
	fail := func(format string, args ...any) (serveOptions, error) {
		err := fmt.Errorf(format, args...)
		fmt.Fprintf(stderr, "councilgate serve: %v\n", err)
		return opts, err
	}
	if flags.NArg() > 0 {
		return fail("unexpected argument %q: everything is set by flags, see councilgate serve -h", flags.Arg(0))
	}
	if opts.watch && opts.policy == "" {
		return fail("-watch: there is no file to watch without -policy FILE")
	}
	if format != "text" && format != "json" {
		return fail("-log %q: write text or json", format)
	}
	opts.log = func(w io.Writer) *slog.Logger { return newLog(w, format, level) }
	return opts, nil
}

// A daemon is a running filter.
type daemon struct {
	policyFile string
	watching   bool
	log        *slog.Logger
	metrics    *filter.Metrics
	filter     *filter.Server
	policy     *policy.Policy // in force, but for the members
	lists      listStamps     // of its list files
	watch      watcher        // of all files that the policy names
	members    *membership    // councillors of a directory
	mailings   func()         // closes the tracker of mailings
	overrides  *filter.Overrides
	notices    *notice.Sender
	record     *record.Recorder
	pages      *http.Server
	milter     net.Addr
	supervisor supervisor
	failed     chan error // why the filter ended, if not by our doing
}

// startDaemon loads the policy, opens both listeners and serves on them.
func startDaemon(opts serveOptions, signals <-chan os.Signal, stderr io.Writer) (*daemon, error) {
	l, files, err := load(opts.policy)
	if err != nil {
		return nil, err
	}
	states := statesOf(files) // now, since the directory may be waited for
	p := l.policy
	if err := checkHTTPConfig(opts.httpConfig); err != nil {
		return nil, err
	}
	logger := opts.log(stderr)
	// go-milter writes to the standard library's log.
	log.SetFlags(0)
	log.SetOutput(filter.LibraryLog(logger))

	members, err := firstMembers(p, logger, signals)
	if err != nil {
		return nil, err
	}
	manager := supervisor{logger}
	milter, kept, err := manager.listen(opts.milter, opts.socket)
	if err != nil {
		return nil, fmt.Errorf("-milter %s: %w", opts.milter, err)
	}
	pages, err := listen(opts.http)
	if err != nil {
		milter.Close()
		return nil, fmt.Errorf("-http %s: %w", opts.http, err)
	}

	d := &daemon{
		policyFile: opts.policy,
		watching:   opts.watch,
		log:        logger,
		metrics:    filter.NewMetrics(),
		policy:     p,
		lists:      l.lists,
		milter:     milter.Addr(),
		supervisor: manager,
		failed:     make(chan error, 1),
	}
	inspector := filter.NewInspector()
	inspector.Signatures = opts.dns.signatures()
	inspector.Mailings, d.mailings, err = newTracker(p, d.metrics, logger)
	if err != nil {
		milter.Close()
		pages.Close()
		return nil, err
	}
	d.overrides = filter.NewOverrides(l.key)
	inspector.Overrides = d.overrides
	d.notices = notice.NewSender(logger, d.metrics.Noticed, func(message []byte) ([]byte, error) {
		return d.filter.SignNotice(message)
	})
	d.members = newMembership(p, members, d.metrics, logger)
	d.watch.take(states, files)
	d.startRecord(p)
	d.metrics.Loaded(time.Now())
	d.filter = filter.NewServer(filter.Config{
		Judge:   inspector,
		Explain: explain.For,
		Notify:  d.notices.Offer,
		Record:  d.record.Add,
		Metrics: d.metrics,
		Log:     logger,
		Limits:  filter.DefaultLimits(),
	}, d.members.complete(p))
	d.filter.SetSigner(l.signer)
	d.pages = filter.NewHTTPServer(filter.Pages{
		Overview: d.filter.Overview(d.record),
		Help:     d.filter.Help(),
		Metrics:  d.metrics.Handler(),
		Ready:    d.filter.Ready,
	}, logger)

	if opts.policy == "" {
		logger.Warn("no -policy given: serving the built-in policy of a demonstration municipality")
	}
	warnExpired(logger, p, time.Now())
	warnKeyless(logger, p)
	warnObserving(logger, p)
	if opts.milter.exposed() {
		logger.Warn("the milter protocol has no authentication: let only the mail server reach this port", "milter", opts.milter.String())
	}
	if !kept {
		manager.keep(milter)
	}
	go func() { d.failed <- d.filter.Serve(milter) }()
	go d.servePages(pages, opts.httpConfig)
	logger.Info("serving", "milter", address{milter.Addr().Network(), milter.Addr().String()}.String(),
		"http", address{pages.Addr().Network(), pages.Addr().String()}.String(), "policy", opts.policy)
	return d, nil
}

// run serves until a signal or a failure ends it, and returns the exit status.
func (d *daemon) run(signals <-chan os.Signal) int {
	defer d.pages.Close()
	defer d.mailings()
	defer d.closeNotices()
	defer d.closeRecord()
	defer func() { d.members.stop() }() // the one of the last reload
	lists := time.NewTicker(listCheckEvery)
	defer lists.Stop()
	var looks <-chan time.Time // never, unless asked for
	if d.watching {
		ticker := time.NewTicker(watchEvery)
		defer ticker.Stop()
		looks = ticker.C
	}
	stopping := d.supervise()
	defer stopping()
	for {
		select {
		case <-lists.C:
			d.reloadLists()
		case <-looks:
			if d.watch.look() {
				d.reload()
			}
		case members := <-d.members.answers:
			if d.members.answered(members) {
				d.enforce()
			}
		case err := <-d.failed:
			d.log.Error("the milter listener failed", "error", err)
			return 1
		case sig := <-signals:
			if sig != syscall.SIGHUP {
				stopping()
				d.stop(sig, signals)
				return 0
			}
			d.reload()
		}
	}
}

// enforce makes the policy the one that messages are judged by, with the members of a
// directory among its councillors.
func (d *daemon) enforce() { d.filter.SetPolicy(d.members.complete(d.policy)) }

// reload makes the policy file's policy the one in force, unless it is wrong.
func (d *daemon) reload() {
	d.supervisor.reloading()
	defer func() { d.supervisor.ready(d.metrics.Status()) }()
	if d.policyFile == "" {
		d.log.Warn("nothing to reload: serving the built-in policy")
		return
	}
	before := d.watch.states()
	l, files, err := load(d.policyFile)
	d.watch.take(before, files)
	var members func()
	if err == nil {
		members, err = d.members.reload(l.policy)
	}
	if err != nil {
		d.metrics.LoadFailed()
		d.log.Error("policy not reloaded, the one before stays in force", "error", err)
		return
	}
	p := l.policy
	members()
	if p.State() != d.policy.State() {
		d.log.Warn("the shared state of mailings is chosen at start: restart to change it")
	}
	if p.Record() != d.policy.Record() {
		d.log.Warn("the record of verdicts is chosen at start: restart to change it")
	}
	d.policy, d.lists = p, l.lists
	d.enforce()
	d.filter.SetSigner(l.signer)
	d.overrides.SetKey(l.key)
	d.metrics.Loaded(time.Now())
	warnExpired(d.log, p, time.Now())
	warnKeyless(d.log, p)
	warnObserving(d.log, p)
	d.log.Info("policy reloaded", "policy", d.policyFile)
}

// stop ends the filter when the messages under way are done, or at once at a
// second signal to stop.
func (d *daemon) stop(sig os.Signal, signals <-chan os.Signal) {
	d.log.Info("stopping when the messages under way are done", "signal", sig.String())
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- d.filter.Shutdown(ctx) }()
	for {
		select {
		case err := <-done:
			if err != nil {
				d.log.Warn("stopped with messages under way; their senders will try again", "error", err)
				return
			}
			d.log.Info("stopped")
			return
		case sig := <-signals:
			if sig != syscall.SIGHUP {
				cancel()
			}
		}
	}
}

// fileMode is permission bits in octal on the command line.
type fileMode fs.FileMode

// UnmarshalText implements encoding.TextUnmarshaler.
func (m *fileMode) UnmarshalText(text []byte) error {
	n, err := strconv.ParseUint(string(text), 8, 32)
	if err != nil || n > 0o777 {
		return errors.New("write permissions in octal, such as 0660")
	}
	*m = fileMode(n)
	return nil
}

// MarshalText implements encoding.TextMarshaler.
func (m fileMode) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "%04o", uint32(m)), nil }
