package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Fault is one thing that is wrong in a policy file. Its message says what to
// write instead; it never shows a value, since faults of a reload are logged.
type Fault struct {
	File    string
	Line    int    // from 1
	Path    string // of the key: "councillors[2].private[0]"; "" for the whole file
	Message string
}

// Error gives "file:line: path: message".
func (f Fault) Error() string {
	if f.Path == "" {
		return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Message)
	}
	return fmt.Sprintf("%s:%d: %s: %s", f.File, f.Line, f.Path, f.Message)
}

// Faults is everything that is wrong in a policy file, in the order of its lines.
type Faults []Fault

// Error gives one fault a line.
func (fs Faults) Error() string {
	lines := make([]string, len(fs))
	for i, f := range fs {
		lines[i] = f.Error()
	}
	return strings.Join(lines, "\n")
}

// faultList gathers faults. It knows in which line each key of the file stands.
type faultList struct {
	file   string
	lines  map[string]int // by path
	list   Faults
	at     map[string]bool // paths with a fault
	within map[string]bool // paths with a fault at or inside them
}

func newFaultList(file string) *faultList {
	return &faultList{
		file:   file,
		lines:  make(map[string]int),
		at:     make(map[string]bool),
		within: make(map[string]bool),
	}
}

// add notes a fault of the key at path, unless one is known. A key that is not
// there is looked for in the line of the nearest one around it.
func (l *faultList) add(path, format string, args ...any) {
	if l.at[path] {
		return
	}
	line := 1
	for p := path; p != ""; p = parentPath(p) {
		if n, ok := l.lines[p]; ok {
			line = n
			break
		}
	}
	l.addLine(line, path, format, args...)
}

// missing notes that the key at path has no value, unless a fault of the group
// around it explains that.
func (l *faultList) missing(path, hint string) {
	if !l.within[parentPath(path)] {
		l.add(path, "is missing; %s", hint)
	}
}

// addLine notes a fault in a line, at path or in the file as a whole.
func (l *faultList) addLine(line int, path, format string, args ...any) {
	l.list = append(l.list, Fault{File: l.file, Line: max(line, 1), Path: path, Message: fmt.Sprintf(format, args...)})
	l.at[path] = true
	for p := path; p != ""; p = parentPath(p) {
		l.within[p] = true
	}
}

// err gives the faults found so far, nil if there are none.
func (l *faultList) err() error {
	if len(l.list) == 0 {
		return nil
	}
	slices.SortStableFunc(l.list, func(a, b Fault) int { return cmp.Compare(a.Line, b.Line) })
	return l.list
}

// parentPath cuts the last key or index off a path.
func parentPath(path string) string {
	return path[:max(strings.LastIndexAny(path, ".["), 0)]
}
