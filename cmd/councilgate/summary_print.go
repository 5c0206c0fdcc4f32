package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"councilgate/policy"
)

func (s *summary) printJSON(w io.Writer) error { return json.NewEncoder(w).Encode(s) }

// unreadText tells people why mails were not judged.
var unreadText = map[string]string{
	"too-large":       "larger than 64 MiB",
	"unreadable-file": "file cannot be read",
	"gone":            "moved meanwhile",
	"no-sender":       "no address in From: give -from ADDR",
	"no-recipients":   "no address in To, Cc or Bcc: give -to ADDR",
	"internal-error":  "internal error: please report it",
}

// printText prints the summary as a table. Lines without any mail are left out,
// but for those that answer the question.
func (s *summary) printText(w io.Writer) error {
	var t table
	t.row(0, "mails", s.Messages)
	t.row(1, "judged", s.Judged)
	t.row(1, "of other senders", s.Others)
	t.row(1, "could not be judged", s.Unread)
	for _, u := range s.UnreadBecause {
		if u.Messages > 0 {
			t.row(2, unreadText[u.Reason], u.Messages)
		}
	}
	t.gap()
	t.share(0, "would be accepted", s.Accepted, s.Judged)
	t.share(0, "would be tagged", s.Tagged, s.Judged)
	if s.TempFail > 0 {
		t.share(0, "would be put off until later", s.TempFail, s.Judged)
	}
	t.share(0, "would be refused", s.Refused, s.Judged)
	t.rules(s.RefusedBy)
	if s.RefusedForGap > 0 {
		t.row(1, "for a part that cannot be read", s.RefusedForGap)
	}
	t.gap()
	var noted table
	if noted.rules(s.ObservedBy); len(noted) > 0 {
		t = append(t, tableRow{name: "noted in mails that pass"})
		t = append(t, noted...)
		t.gap()
	}

	var b bytes.Buffer
	if s.Interrupted {
		fmt.Fprintln(&b, "Interrupted: this is what was judged so far.")
	}
	t.print(&b)
	fmt.Fprintln(&b, "A refused mail counts once by rule, and by each category that was found in it.")
	if s.Mode == policy.ModeObserve {
		fmt.Fprintln(&b, "The policy is in shadow mode (mode: observe): until it is enforced, all of them pass.")
	}
	_, err := w.Write(b.Bytes())
	return err
}

// A table has a name, a number and a share in each row.
type table []tableRow

type tableRow struct{ name, number, share string }

func (t *table) gap() { *t = append(*t, tableRow{}) }

func (t *table) row(indent int, name string, n int) {
	*t = append(*t, tableRow{name: strings.Repeat("  ", indent) + name, number: fmt.Sprint(n)})
}

func (t *table) share(indent int, name string, n, of int) {
	t.row(indent, name, n)
	if of > 0 {
		(*t)[len(*t)-1].share = fmt.Sprintf("%.1f %%", 100*float64(n)/float64(of))
	}
}

func (t *table) rules(counts []ruleCount) {
	for _, c := range counts {
		if c.Messages == 0 {
			continue
		}
		t.row(1, "by "+string(c.Rule), c.Messages)
		for _, category := range c.Categories {
			if category.Messages > 0 {
				t.row(2, string(category.Category), category.Messages)
			}
		}
	}
}

func (t table) print(w io.Writer) {
	names, numbers := 0, 0
	for _, r := range t {
		names = max(names, utf8.RuneCountInString(r.name))
		numbers = max(numbers, len(r.number))
	}
	for _, r := range t {
		line := fmt.Sprintf("%-*s  %*s  %7s", names, r.name, numbers, r.number, r.share)
		fmt.Fprintln(w, strings.TrimRight(line, " "))
	}
}
