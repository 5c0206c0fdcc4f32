package main

import (
	"fmt"
	"io"
	"runtime/debug"

	"councilgate/filter"
)

// version prints what this program was built from.
func version(args []string, _ io.Reader, stdout, stderr io.Writer) int {
	if len(args) > 0 {
		fmt.Fprintln(stderr, "usage: councilgate version")
		return 2
	}
	fmt.Fprintln(stdout, versionLine(filter.BuildInfo()))
	return 0
}

// versionLine gives "councilgate VERSION, GO, revision REVISION (modified)", as
// far as each is known.
func versionLine(info *debug.BuildInfo) string {
	line := "councilgate"
	if info.Main.Version != "" {
		line += " " + info.Main.Version
	}
	if info.GoVersion != "" {
		line += ", " + info.GoVersion
	}
	setting := make(map[string]string)
	for _, s := range info.Settings {
		setting[s.Key] = s.Value
	}
	if revision := setting["vcs.revision"]; revision != "" {
		line += ", revision " + revision
	}
	if setting["vcs.modified"] == "true" {
		line += " (modified)"
	}
	return line
}
