package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"councilgate/filter"
	"councilgate/filter/mailbox"
	"councilgate/filter/mailing"
	"councilgate/policy"
)

// Exit statuses of check.
const (
	statusPassed   = 0 // accepted or tagged
	statusRefused  = 1
	statusUnjudged = 2
)

const checkUsage = `usage: councilgate check [-policy FILE] -from ADDR -to ADDR[,ADDR...] [flags] FILE...
       councilgate check [-policy FILE] [flags] -summary [-maildir DIR]... [-mbox FILE]... [FILE...]

Judges mails in files as serve would, and prints the verdicts. FILE - is standard
input. Several files that are one mailing count together. The exit status is 0 if
all mails are accepted or tagged, 1 if one is refused, 2 if one could not be judged.

With -summary, judges whole mailboxes, such as a councillor's Sent folder, and prints
how many mails would be refused, by rule and category, once the policy is enforced.
Nothing of any mail is shown. The sender is the one in From and the recipients are
those in To, Cc and Bcc, unless -from and -to say otherwise. Mails that are not sent
by councillors are counted apart. Each mail is judged alone, so that a mailing in
several pieces is not put together. An interrupt prints what was judged so far.

`

// checkOptions is what the command line of check asks for.
type checkOptions struct {
	policy   string      // file, "" for the demonstration policy
	rule     policy.Rule // the only one to judge by, "" for all
	envelope filter.Envelope
	json     bool
	segments bool
	files    []string

	summary   bool
	boxes     []namedBox
	fromGiven bool
}

// check judges mails offline.
func check(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	opts, err := parseCheck(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return statusPassed
	}
	if err != nil {
		return statusUnjudged
	}
	p, err := loadWithMembers(opts.policy)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return statusUnjudged
	}
	if opts.rule != "" {
		p = p.Only(opts.rule)
	}
	if opts.summary {
		return checkSummary(opts, p, stdout, stderr)
	}
	printResult := printText
	if opts.json {
		printResult = printJSON
	}
	inspector := filter.NewInspector()
	inspector.Mailings = mailing.New(mailing.Config{Limits: mailing.DefaultLimits()})
	defer inspector.Mailings.Close()
	status := statusPassed
	for _, file := range opts.files {
		raw, err := readMail(file, stdin)
		var judgement filter.Judgement
		if err == nil {
			judgement, err = judge(inspector, p, opts.envelope, raw)
		}
		if err == nil {
			err = printResult(stdout, newResult(file, p, judgement, opts.segments))
		}
		if err != nil {
			fmt.Fprintf(stderr, "councilgate check: %s: %v\n", file, err)
			status = statusUnjudged
			continue
		}
		status = max(status, statusOf(judgement.Verdict.Action))
	}
	return status
}

// parseCheck reads the command line. It has told the user of an error that it
// returns.
func parseCheck(args []string, stderr io.Writer) (checkOptions, error) {
	var opts checkOptions
	flags := newFlags("check", checkUsage, stderr)
	flags.StringVar(&opts.policy, "policy", "", "policy `FILE`; without it, the policy of a demonstration municipality")
	flags.Func("from", "envelope sender `ADDR`; an empty one is that of a bounce", func(s string) error {
		opts.envelope.From, opts.fromGiven = bareAddress(s), true
		return nil
	})
	flags.Func("to", "envelope recipients `ADDR[,ADDR...]`, or @FILE with one a line; may be given several times", func(s string) error {
		list, err := readRecipients(s)
		opts.envelope.Recipients = append(opts.envelope.Recipients, list...)
		return err
	})
	flags.StringVar(&opts.envelope.Login, "auth", "", "`LOGIN` of the sender at the mail server")
	flags.Func("rule", "judge by this `RULE` alone, and let gaps pass", func(s string) error {
		opts.rule = policy.Rule(s)
		if !slices.Contains(policy.Rules(), opts.rule) {
			return fmt.Errorf("no such rule; the rules are %v", policy.Rules())
		}
		return nil
	})
	flags.BoolVar(&opts.json, "json", false, "print each verdict as a JSON object on one line")
	flags.BoolVar(&opts.segments, "segments", false, "print the text as well, cut into places, and where each finding stands in it")
	flags.BoolVar(&opts.summary, "summary", false, "judge whole mailboxes and print numbers alone")
	flags.Func("maildir", "with -summary: judge the mails of the Maildir `DIR`, its subfolders included; may be given several times", func(dir string) error {
		opts.boxes = append(opts.boxes, namedBox{dir, mailbox.Maildir(dir)})
		return nil
	})
	flags.Func("mbox", "with -summary: judge the mails of the mbox `FILE`; may be given several times", func(file string) error {
		opts.boxes = append(opts.boxes, namedBox{file, mailbox.Mbox(file)})
		return nil
	})
	if err := flags.Parse(args); err != nil {
		return opts, err
	}
	opts.files = flags.Args()
	missing := ""
	switch {
	case opts.summary && opts.segments:
		missing = "either -summary, which shows nothing of a mail, or -segments"
	case opts.summary && slices.Contains(opts.files, "-"):
		missing = "a FILE or a mailbox to -summary, which does not read standard input"
	case opts.summary && len(opts.boxes)+len(opts.files) == 0:
		missing = "-maildir DIR or -mbox FILE: the mailbox to judge"
	case opts.summary:
		return opts, nil
	case len(opts.boxes) > 0:
		missing = "-summary with -maildir and -mbox: of a whole mailbox, numbers alone are shown"
	case !opts.fromGiven:
		missing = "-from ADDR: the sender of the mail"
	case len(opts.envelope.Recipients) == 0:
		missing = "-to ADDR: the recipients of the mail"
	case len(opts.files) == 0:
		missing = "FILE: the mail, or - for standard input"
	default:
		return opts, nil
	}
	fmt.Fprintf(stderr, "councilgate check: give %s; see councilgate check -h\n", missing)
	return opts, errors.New("incomplete command line")
}

// maxRecipientFile bounds a file of recipients, in bytes.
const maxRecipientFile = 16 << 20

// readRecipients reads the value of -to.
func readRecipients(value string) ([]string, error) {
	list := splitAddresses(value)
	if file, ok := strings.CutPrefix(value, "@"); ok {
		data, err := readFile(file, maxRecipientFile)
		if err != nil {
			return nil, err
		}
		list = strings.Split(string(data), "\n")
	}
	var recipients []string
	for _, s := range list {
		if s = bareAddress(s); s != "" {
			recipients = append(recipients, s)
		}
	}
	return recipients, nil
}

// splitAddresses cuts a list at its commas, except those in quotes.
func splitAddresses(s string) []string {
	var list []string
	start, quoted := 0, false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case s[i] == '\\' && quoted:
			i++
		case s[i] == ',' && !quoted:
			list = append(list, s[start:i])
			start = i + 1
		}
	}
	return append(list, s[start:])
}

// bareAddress takes space and angle brackets off an address.
func bareAddress(s string) string {
	s = strings.TrimSpace(s)
	if strings.HasPrefix(s, "<") && strings.HasSuffix(s, ">") {
		s = s[1 : len(s)-1]
	}
	return s
}

// readMail reads one mail; the file - is standard input.
func readMail(file string, stdin io.Reader) ([]byte, error) {
	limit := int64(filter.DefaultLimits().Message)
	if file == "-" {
		return readBounded(stdin, limit)
	}
	return readFile(file, limit)
}

func readFile(file string, limit int64) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, errors.Unwrap(err) // the caller names the file
	}
	defer f.Close()
	return readBounded(f, limit)
}

func readBounded(r io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("larger than %d MiB", limit>>20)
	}
	return data, err
}

// judge judges one mail within the time that serve gives it.
func judge(inspector *filter.Inspector, p *policy.Policy, envelope filter.Envelope, raw []byte) (j filter.Judgement, err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("an internal error; please report it, with a mail that shows it if you may")
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), filter.DefaultLimits().Inspection)
	defer cancel()
	return inspector.Judge(ctx, p, envelope, raw), nil
}

// statusOf is the exit status for a mail.
func statusOf(action policy.Action) int {
	switch action {
	case policy.Reject:
		return statusRefused
	case policy.TempFail:
		return statusUnjudged
	default:
		return statusPassed
	}
}
