package sensitive

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"councilgate/policy"
)

// The letters under testdata/letters were written by people who had not seen the
// detector. seen/ trains it; unseen/ was set aside and only ever counted. See
// testdata/letters/README.md for the format.

// A letter is one text of one writer, with the passages that tell something.
type letter struct {
	id, lang, file string
	place          policy.Place
	text           string
	marks          []mark
}

// A mark is a passage text[start:end] that tells of these categories.
type mark struct {
	start, end int
	categories []policy.Category
}

// single reports that a letter is a single sentence of a file of lines.
func (l *letter) single() bool { return filepath.Ext(l.file) == ".lines" }

// tells reports the categories that a letter tells of.
func (l *letter) tells() (set [numCategories]bool) {
	for _, m := range l.marks {
		for _, c := range m.categories {
			if i := slices.Index(topicCategories, c); i >= 0 {
				set[i] = true
			}
		}
	}
	return set
}

func readLetters(t testing.TB, dir string) []letter {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "testdata", "letters", dir, "*.*"))
	if err != nil {
		t.Fatal(err)
	}
	var all []letter
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		parse := parseLetters
		if filepath.Ext(file) == ".lines" {
			parse = parseLines
		}
		letters, err := parse(filepath.Base(file), string(data))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, letters...)
	}
	return all
}

func parseLetters(file, data string) ([]letter, error) {
	var all []letter
	for _, record := range strings.Split("\n"+data, "\n=== ")[1:] {
		head, body, _ := strings.Cut(record, "\n")
		fields := strings.Fields(head)
		if len(fields) != 3 || fields[1] != "quoted" && fields[1] != "own" {
			return nil, fmt.Errorf("%s: bad heading %q: write \"=== ID PLACE LANG\"", file, head)
		}
		l := letter{id: fields[0], place: policy.Place(fields[1]), lang: fields[2], file: file}
		if err := l.parseMarks(body); err != nil {
			return nil, fmt.Errorf("%s: %s: %v", file, l.id, err)
		}
		all = append(all, l)
	}
	return all, nil
}

// parseLines reads a file of single sentences, "LANG PLACE: TEXT".
func parseLines(file, data string) ([]letter, error) {
	var all []letter
	for i, line := range strings.Split(strings.TrimSpace(data), "\n") {
		head, body, ok := strings.Cut(line, ": ")
		fields := strings.Fields(head)
		if !ok || len(fields) != 2 || fields[1] != "quoted" && fields[1] != "own" {
			return nil, fmt.Errorf("%s:%d: write \"LANG PLACE: TEXT\"", file, i+1)
		}
		l := letter{id: fmt.Sprintf("%s:%d", file, i+1), place: policy.Place(fields[1]), lang: fields[0], file: file}
		if err := l.parseMarks(body); err != nil {
			return nil, fmt.Errorf("%s:%d: %v", file, i+1, err)
		}
		all = append(all, l)
	}
	return all, nil
}

func (l *letter) parseMarks(body string) error {
	var text strings.Builder
	for body != "" {
		before, rest, ok := strings.Cut(body, "{")
		text.WriteString(before)
		if !ok {
			break
		}
		inside, after, ok := strings.Cut(rest, "}")
		if !ok {
			return fmt.Errorf("a mark is not closed")
		}
		list, passage, ok := strings.Cut(inside, ":")
		if !ok {
			return fmt.Errorf("a mark without a category")
		}
		m := mark{start: text.Len()}
		for _, c := range strings.Split(list, ",") {
			c := policy.Category(strings.TrimSpace(c))
			if !slices.Contains(policy.Categories(), c) {
				return fmt.Errorf("unknown category %q", c)
			}
			m.categories = append(m.categories, c)
		}
		text.WriteString(strings.TrimSpace(passage))
		m.end = text.Len()
		l.marks = append(l.marks, m)
		body = after
	}
	l.text = strings.TrimRight(text.String(), "\n")
	return nil
}
