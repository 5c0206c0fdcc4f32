// Command councilgate inspects the mail that elected councillors send.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// A command is a subcommand. Its run gives the exit status.
type command struct {
	name    string
	summary string
	run     func(args []string, stdin io.Reader, stdout, stderr io.Writer) int
}

func commands() []command {
	return []command{
		{"serve", "run the filter for a mail server", serve},
		{"check", "judge mails in files", check},
		{"policy", "validate a policy and print what is in force", showPolicy},
		{"doctor", "examine an installation, and say how to mend it", examine},
		{"version", "print the version", version},
	}
}

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		usage(stderr)
		return 2
	}
	switch args[0] {
	case "-h", "-help", "--help", "help":
		usage(stdout)
		return 0
	}
	for _, c := range commands() {
		if c.name == args[0] {
			return c.run(args[1:], stdin, stdout, stderr)
		}
	}
	fmt.Fprintf(stderr, "councilgate: there is no command %q\n\n", args[0])
	usage(stderr)
	return 2
}

func usage(w io.Writer) {
	fmt.Fprint(w, `councilgate inspects the mail that elected councillors send.

usage: councilgate COMMAND [flags]

`)
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-8s  %s\n", c.name, c.summary)
	}
	fmt.Fprint(w, `
councilgate COMMAND -h tells more. To try it without any setting up:

  councilgate check -from anne.holm@norreaa.example -to someone@else.example mail.eml
`)
}

// newFlags returns the empty set of a command's flags, which shows the usage of the
// command above them.
func newFlags(command, usage string, stderr io.Writer) *flag.FlagSet {
	flags := flag.NewFlagSet(command, flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, usage)
		flags.PrintDefaults()
	}
	return flags
}
