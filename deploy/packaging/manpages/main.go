// Command manpages makes councilgate's manual pages, in the language mdoc(7), so that
// they say what the program says.
//
//	manpages PROGRAM POLICY SOURCES DIR
//
// Each file of SOURCES is a page written by hand, and goes to DIR with two lines
// replaced:
//
//	.\" FLAGS COMMAND    by the flags of the command, as "PROGRAM COMMAND -h" has them
//	.\" POLICY           by the keys of the policy file POLICY, as its comments explain them
//
// A command without a page is a failure, and so is a page of an unknown command.
package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

func main() {
	if len(os.Args) != 5 {
		fmt.Fprintln(os.Stderr, "usage: manpages PROGRAM POLICY SOURCES DIR")
		os.Exit(2)
	}
	if err := makePages(os.Args[1], os.Args[2], os.Args[3], os.Args[4]); err != nil {
		fmt.Fprintln(os.Stderr, "manpages:", err)
		os.Exit(1)
	}
}

func makePages(program, policyFile, sources, dir string) error {
	overview, err := help(program, "-h")
	if err != nil {
		return err
	}
	for _, command := range commands(overview) {
		pages, err := filepath.Glob(filepath.Join(sources, "councilgate-"+command+".[18]"))
		if err != nil || len(pages) != 1 {
			return fmt.Errorf("the command %s has no page in %s: write councilgate-%s.1, or .8 if it is for root", command, sources, command)
		}
	}
	policyText, err := os.ReadFile(policyFile)
	if err != nil {
		return err
	}
	pages, err := filepath.Glob(filepath.Join(sources, "*.[158]"))
	if err != nil {
		return err
	}
	for _, page := range pages {
		source, err := os.ReadFile(page)
		if err != nil {
			return err
		}
		var out bytes.Buffer
		for line := range strings.Lines(string(source)) {
			command, isFlags := strings.CutPrefix(line, `.\" FLAGS `)
			switch {
			case isFlags:
				text, err := help(program, strings.TrimSpace(command), "-h")
				if err != nil {
					return fmt.Errorf("%s: %w", page, err)
				}
				out.WriteString(flagList(text))
			case line == ".\\\" POLICY\n":
				out.WriteString(policyKeys(string(policyText)))
			default:
				out.WriteString(line)
			}
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(page)), out.Bytes(), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// help runs the program for what it says of its use.
func help(program string, args ...string) (string, error) {
	out, err := exec.Command(program, args...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", program, strings.Join(args, " "), err, out)
	}
	return string(out), nil
}

var commandLine = regexp.MustCompile(`(?m)^  ([a-z]+) {2,}\S`)

// commands are the names that an overview of the program lists.
func commands(overview string) []string {
	var names []string
	for _, match := range commandLine.FindAllStringSubmatch(overview, -1) {
		names = append(names, match[1])
	}
	return names
}

// flagLine is how package flag begins the description of one; a flag without a value
// and with a short name has its text on the same line.
var flagLine = regexp.MustCompile(`^  -([a-z.-]+)(?: ([^\t]+))?(?:\t(.*))?$`)

// flagList makes a list of the flags that a help text describes.
func flagList(text string) string {
	var b strings.Builder
	open := false
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if match := flagLine.FindStringSubmatch(line); match != nil {
			if !open {
				b.WriteString(".Bl -tag -width Ds\n")
				open = true
			}
			b.WriteString(".It Fl " + match[1])
			if match[2] != "" {
				b.WriteString(" Ar " + escape(match[2]))
			}
			b.WriteByte('\n')
			line = match[3]
		}
		if open && strings.TrimSpace(line) != "" {
			b.WriteString(sentences(strings.TrimSpace(line)))
		}
	}
	if open {
		b.WriteString(".El\n")
	}
	return b.String()
}

// policyKey is a line of a policy, or of an example in its comments, with a key.
var policyKey = regexp.MustCompile(`^(?:#  *)?([a-z][a-z_-]*):`)

// policyKeys makes a section of each block of a policy file: its comments as text,
// tables and examples in them and the policy itself as they stand. A block begins
// after an empty line; its heading is the first key in it.
func policyKeys(text string) string {
	var b strings.Builder
	heading := ""
	for i, block := range strings.Split(text, "\n\n") {
		if i == 0 {
			continue // introduces the file
		}
		for line := range strings.Lines(block) {
			match := policyKey.FindStringSubmatch(line)
			if match == nil {
				continue
			}
			if match[1] != heading {
				heading = match[1]
				fmt.Fprintf(&b, ".Ss %s\n", heading)
			} else {
				b.WriteString(".Pp\n")
			}
			break
		}
		b.WriteString(policyBlock(block))
	}
	return b.String()
}

// policyBlock writes the comments of a block as text, and the rest literally.
func policyBlock(block string) string {
	var b strings.Builder
	before := words
	gap := false // an empty line since the line before
	for line := range strings.Lines(block) {
		kind, text := classify(strings.TrimSuffix(line, "\n"), before == table && !gap)
		if kind == empty {
			gap = true
			continue
		}
		switch {
		case before == words && kind != words:
			b.WriteString(".Bd -literal -offset indent\n")
		case before != words && kind == words:
			b.WriteString(".Ed\n")
		case kind != words && (gap || kind != before):
			b.WriteByte('\n')
		}
		if kind == words {
			b.WriteString(sentences(text))
		} else {
			b.WriteString(escape(text) + "\n")
		}
		before, gap = kind, false
	}
	if before != words {
		b.WriteString(".Ed\n")
	}
	return b.String()
}

// lineKind is what a line of a policy file is.
type lineKind int

const (
	words   lineKind = iota // of a comment
	table                   // in a comment, indented
	example                 // in a comment, indented further
	setting                 // of the policy
	empty
)

// classify gives the kind of a line and what is left of it. In a table, a line that is
// indented further goes on with the one before.
func classify(line string, inTable bool) (lineKind, string) {
	comment, ok := strings.CutPrefix(line, "#")
	if !ok {
		return setting, line
	}
	if comment == "" {
		return empty, ""
	}
	if text, ok := strings.CutPrefix(comment, "     "); ok && !inTable {
		return example, text
	}
	if text, ok := strings.CutPrefix(comment, "   "); ok {
		return table, text
	}
	return words, strings.TrimSpace(comment)
}

// sentenceEnd is where mdoc wants a new line, to set the space between sentences.
var sentenceEnd = regexp.MustCompile(`([.?!]) +([A-Z])`)

// sentences writes text as lines of mdoc.
func sentences(text string) string {
	var b strings.Builder
	for line := range strings.Lines(sentenceEnd.ReplaceAllString(text, "$1\n$2")) {
		b.WriteString(escape(strings.TrimSuffix(line, "\n")) + "\n")
	}
	return b.String()
}

// escape keeps text from being taken for commands of the formatter.
func escape(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "'", `\(aq`, "`", `\(ga`, "-", `\-`, "~", `\(ti`, "^", `\(ha`).Replace(text)
	if strings.HasPrefix(text, ".") {
		text = `\&` + text
	}
	return text
}
