package main

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"councilgate/deploy/rig"
)

// style wraps text in a terminal's colour, if there is a terminal that wants it
// (no-color.org).
func style(code, text string) string {
	info, err := os.Stdout.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 || os.Getenv("NO_COLOR") != "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

const (
	bold   = "1"
	faint  = "2"
	red    = "1;31"
	green  = "1;32"
	yellow = "1;33"
)

func printScene(n int, scene rig.Scene, s shown) {
	fmt.Printf("\n%2d  %s\n", n, style(bold, scene.Shows))
	fmt.Printf("    %s\n", style(faint, route(scene)))
	switch s.outcome {
	case rig.Passed:
		fmt.Printf("    %s\n", style(green, "delivered"))
	case rig.Tagged:
		fmt.Printf("    %s  X-Mass-Mailing: %s\n", style(yellow, "delivered with a tag"), s.tag)
	case rig.Refused, rig.Later:
		fmt.Printf("    %s  (%s)\n", style(red, string(s.outcome)), s.reply.Code())
		for _, line := range s.reply.Text() {
			fmt.Printf("    | %s\n", wrap(line, 76, "\n    |   "))
		}
	}
	if s.outcome != scene.Expect {
		fmt.Printf("    %s\n", style(red, "The guidelines demand: "+string(scene.Expect)))
	}
}

// wrap breaks a line between words, so that no piece is longer than width where
// that can be helped.
func wrap(line string, width int, newline string) string {
	var b strings.Builder
	column := 0
	for i, word := range strings.Fields(line) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case column+1+n > width:
			b.WriteString(newline)
			column = 0
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += n
	}
	return b.String()
}

// route tells from whom to whom a mail goes.
func route(scene rig.Scene) string {
	from := cmp.Or(scene.From, "nobody (null sender)")
	if scene.Login == "" && scene.From != "" {
		from += " (no login)"
	}
	if scene.Citizens > 0 {
		return fmt.Sprintf("%s to %d recipients", from, len(scene.To))
	}
	return from + " to " + strings.Join(scene.To, ", ")
}

// printMoved prints the counters that the trial moved, without the buckets and
// sums of histograms.
func printMoved(before, after map[string]float64) {
	fmt.Printf("\n%s\n", style(bold, "Metrics that moved"))
	for _, name := range slices.Sorted(maps.Keys(after)) {
		moved := after[name] - before[name]
		ours := strings.HasPrefix(name, "councilgate_") && !strings.Contains(name, "_bucket{") && !strings.HasSuffix(name, "_sum")
		if ours && moved != 0 {
			fmt.Printf("    %+4g  %s\n", moved, name)
		}
	}
}

// printPlaces tells where to look and what to do while everything keeps running.
func printPlaces(postfix *rig.Postfix, sink *rig.Sink, daemon *rig.Daemon, policyFile string) {
	smtp := postfix.Addr("smtp")
	fmt.Printf("\n%s\n", style(bold, "Still running, until Ctrl-C"))
	fmt.Printf("    SMTP             %s\n", smtp)
	fmt.Printf("    overview         http://%s/\n", daemon.HTTP)
	fmt.Printf("    metrics          http://%s/metrics\n", daemon.HTTP)
	fmt.Printf("    councilgate log  %s\n", daemon.Log)
	fmt.Printf("    Postfix log      %s\n", postfix.Maillog())
	fmt.Printf("    delivered mail   %s\n", sink.Dir)
	fmt.Printf("    policy           %s\n", policyFile)
	fmt.Printf("    after a change   kill -HUP %d\n", daemon.PID())
	fmt.Printf("    send one more    curl -v smtp://%s --mail-from anne.holm@norreaa.example \\\n", smtp)
	fmt.Printf("                       --mail-rcpt someone@post.example -T %s/reply-quoting-cpr.eml\n", scenesDir)
}
