package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"time"
)

const policyUsage = `usage: councilgate policy [-policy FILE] [-pages DIR]

Validates a policy and prints what is in force, defaults filled in. With -pages,
writes the help pages for councillors instead, for a web server: the policy's
help_url says where it shows them. The exit status is 0, or 2 if the policy is
wrong, 1 if the pages cannot be written.

`

// showPolicy validates a policy and prints what is in force, defaults filled in.
// The output is a policy file itself.
func showPolicy(args []string, _ io.Reader, stdout, stderr io.Writer) int {
	flags := newFlags("policy", policyUsage, stderr)
	file := flags.String("policy", "", "policy `FILE`; without it, the policy of a demonstration municipality")
	pages := flags.String("pages", "", "write the help pages to the folder `DIR`")
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
	if *pages != "" {
		n, err := writePages(p, *pages)
		if err != nil {
			fmt.Fprintf(stderr, "councilgate policy: %v\n", err)
			return 1
		}
		fmt.Fprintf(stdout, "%d pages written below %s; %s leads to the others.\n", n, *pages, filepath.Join(*pages, "index.html"))
		return 0
	}
	if *file == "" {
		fmt.Fprintln(stdout, "# The built-in policy of a demonstration municipality; use your own with -policy FILE.")
	} else {
		fmt.Fprintf(stdout, "# In force by %q, which is right.\n", *file)
	}
	stdout.Write(notes(p, time.Now()))
	stdout.Write(p.YAML())
	return 0
}
