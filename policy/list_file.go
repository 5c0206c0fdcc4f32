package policy

import (
	"fmt"
	"path/filepath"
	"strings"
)

// Bounds of all list files together.
const (
	maxListBytes   = 64 << 20
	maxListMembers = 500_000
	maxListFiles   = 1000 // those that :include: names among them
)

// WithLists returns the policy with the members of lists as its list files have
// them: the source text of Postfix's alias and virtual tables, aliases(5) and
// virtual(5). read reads a file, and is asked for the files that :include: names,
// too.
//
// What Postfix would skip is skipped. A name without domain is one at the first of
// the internal domains; as a list it is known in all of them. A catch-all
// (@norreaa.example) is no list, since mail to it goes to one mailbox for each name.
// The error names the file, and nothing of what it holds.
func (p *Policy) WithLists(read func(file string) ([]byte, error)) (*Policy, error) {
	with := *p
	with.lists.members = make(map[Address][]Address)
	with.lists.local = make(map[string][]Address)
	r := listReader{policy: &with, read: read}
	for _, file := range p.ListFiles() {
		if err := r.table(file); err != nil {
			return nil, err
		}
	}
	return &with, nil
}

// listReader reads list files into a policy.
type listReader struct {
	policy  *Policy // a copy that nobody else knows yet
	read    func(file string) ([]byte, error)
	files   int
	bytes   int
	members int
}

// open reads a file within the bounds.
func (r *listReader) open(file string) (string, error) {
	if r.files++; r.files > maxListFiles {
		return "", fmt.Errorf("list file %s: more than %d files, those that :include: names among them", file, maxListFiles)
	}
	data, err := r.read(file)
	if err != nil {
		return "", fmt.Errorf("list file: %w", err)
	}
	if r.bytes += len(data); r.bytes > maxListBytes {
		return "", fmt.Errorf("list file %s: more than %d MiB in all list files", file, maxListBytes>>20)
	}
	return string(data), nil
}

// table reads an alias or virtual table.
func (r *listReader) table(file string) error {
	text, err := r.open(file)
	if err != nil {
		return err
	}
	for _, line := range logicalLines(text) {
		key, targets := cutEntry(line)
		members, err := r.targets(file, targets, true)
		if err != nil {
			return err
		}
		if len(members) == 0 {
			continue
		}
		lists := r.policy.lists
		if a, err := ParseAddress(key); err == nil {
			lists.members[a] = append(lists.members[a], members...)
		} else if a, ok := r.name(key); ok {
			lists.local[a.Local] = append(lists.local[a.Local], members...)
		}
	}
	return nil
}

// targets reads what stands behind the key of an entry, or in a file that
// :include: names.
func (r *listReader) targets(file, text string, include bool) ([]Address, error) {
	var members []Address
	for _, target := range splitTargets(text) {
		included, isInclude := strings.CutPrefix(target, ":include:")
		switch {
		case isInclude && include:
			if !filepath.IsAbs(included) {
				included = filepath.Join(filepath.Dir(file), included)
			}
			text, err := r.open(included)
			if err != nil {
				return nil, err
			}
			more, err := r.targets(included, strings.Join(logicalLines(text), "\n"), false)
			if err != nil {
				return nil, err
			}
			members = append(members, more...)
		case isInclude:
			// A file that names files: local(8) takes it, but not we, so that files
			// cannot name each other without end.
		default:
			if a, ok := r.target(target); ok {
				members = append(members, a)
				r.members++
			}
		}
		if r.members > maxListMembers {
			return nil, fmt.Errorf("list file %s: more than %d members in all list files", file, maxListMembers)
		}
	}
	return members, nil
}

// target reads one target. A command or a file is a mailbox like any other.
func (r *listReader) target(s string) (Address, bool) {
	if strings.HasPrefix(s, "|") || strings.HasPrefix(s, "/") {
		return Address{Local: s}, true
	}
	s = strings.TrimPrefix(s, `\`) // not to be looked up again
	if a, err := ParseAddress(s); err == nil {
		return a, true
	}
	return r.name(s)
}

// name reads a name without domain.
func (r *listReader) name(s string) (Address, bool) {
	if s == "" || strings.Contains(s, "@") {
		return Address{}, false
	}
	if strings.ContainsAny(s, " \t") {
		s = `"` + s + `"`
	}
	a, err := ParseAddress(s + "@" + r.policy.config.Internal[0])
	return a, err == nil
}

// logicalLines joins the lines of entries and drops comments: a line that begins
// with white space continues the one before; empty lines and comments do not
// interrupt it.
func logicalLines(text string) []string {
	var lines []string
	for line := range strings.Lines(text) {
		bare := strings.TrimSpace(line)
		switch {
		case bare == "" || bare[0] == '#':
		case (line[0] == ' ' || line[0] == '\t') && len(lines) > 0:
			lines[len(lines)-1] += " " + bare
		default:
			lines = append(lines, bare)
		}
	}
	return lines
}

// cutEntry cuts the key, without quotes and the colon that aliases(5) has behind
// it, from its targets.
func cutEntry(line string) (key, targets string) {
	if strings.HasPrefix(line, `"`) {
		key, targets, _ = strings.Cut(line[1:], `"`)
		if strings.HasPrefix(targets, "@") { // "quoted name"@domain
			domain, rest, _ := strings.Cut(targets, " ")
			key, targets = `"`+key+`"`+domain, rest
		}
	} else if i := strings.IndexAny(line, ": \t"); i >= 0 {
		key, targets = line[:i], line[i:]
	}
	targets = strings.TrimPrefix(strings.TrimSpace(targets), ":")
	return key, targets
}

// splitTargets cuts targets at commas and white space outside of quotes. Of
// "Anne Holm <anne@norreaa.example>" it keeps the address; quotes round a whole
// target fall away.
func splitTargets(s string) []string {
	var targets []string
	for _, item := range cutOutsideQuotes(s, ",\n") {
		if i := strings.LastIndexByte(item, '<'); i >= 0 && strings.HasSuffix(strings.TrimSpace(item), ">") {
			targets = append(targets, strings.Trim(strings.TrimSpace(item[i:]), "<>"))
			continue
		}
		for _, word := range cutOutsideQuotes(item, " \t") {
			if len(word) > 1 && word[0] == '"' && strings.IndexByte(word[1:], '"') == len(word)-2 {
				word = word[1 : len(word)-1]
			}
			if word != "" {
				targets = append(targets, word)
			}
		}
	}
	return targets
}

// cutOutsideQuotes cuts a text at every separator that stands in no quotes.
func cutOutsideQuotes(s, separators string) []string {
	var pieces []string
	start, quoted := 0, false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && quoted:
			i++
		case s[i] == '"':
			quoted = !quoted
		case !quoted && strings.IndexByte(separators, s[i]) >= 0:
			pieces = append(pieces, s[start:i])
			start = i + 1
		}
	}
	return append(pieces, s[start:])
}
