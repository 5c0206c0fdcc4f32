package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
)

// showPolicy validates a policy and prints what is in force, defaults filled in.
// The output is a policy file itself.
func showPolicy(args []string, _ io.Reader, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("policy", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, `usage: councilgate policy [-policy FILE]

Validates a policy and prints what is in force, defaults filled in. The exit
status is 0, or 2 if the policy is wrong.

`)
		flags.PrintDefaults()
	}
	file := flags.String("policy", "", "policy `FILE`; without it, the policy of a demonstration municipality")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2
	}
	if flags.NArg() > 0 {
		fmt.Fprintln(stderr, "councilgate policy: unexpected argument; name the file with -policy FILE")
		return 2
	}
	p, err := loadPolicy(*file)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 2
	}
	if *file == "" {
		fmt.Fprintln(stdout, "# The built-in policy of a demonstration municipality; use your own with -policy FILE.")
	} else {
		fmt.Fprintf(stdout, "# In force by %q, which is right.\n", *file)
	}
	stdout.Write(p.YAML())
	return 0
}
