package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"

	"councilgate/filter"
	"councilgate/filter/mailbox"
	"councilgate/policy"
)

// A namedBox is a mailbox as the command line names it.
type namedBox struct {
	name string
	mailbox.Box
}

// checkSummary judges whole mailboxes and prints the summary. An interrupt prints
// what was judged so far; a second one ends the program.
func checkSummary(opts checkOptions, p *policy.Policy, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	context.AfterFunc(ctx, stop)

	boxes := opts.boxes
	for _, file := range opts.files {
		boxes = append(boxes, namedBox{file, mailbox.File(file)})
	}
	step, end := newProgress(stderr, func() (total int64) {
		for _, box := range boxes {
			total += box.Size()
		}
		return total
	})
	z := summarizer{
		policy:    p,
		inspector: filter.NewInspector(),
		envelope:  opts.envelope,
		fromGiven: opts.fromGiven,
		progress:  step,
		boxError: func(name string, err error) {
			fmt.Fprintf(stderr, "councilgate check: %s: %v\n", name, err)
		},
	}
	s := z.run(ctx, boxes)
	end()
	print := s.printText
	if opts.json {
		print = s.printJSON
	}
	if err := print(stdout); err != nil {
		fmt.Fprintf(stderr, "councilgate check: %v\n", err)
		return statusUnjudged
	}
	return s.status
}
