package overview

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"councilgate/filter/record"
	"councilgate/policy"
)

// A chart is a plot with a table of the same numbers.
type chart struct {
	ID      string
	Title   string
	Summary string // one sentence on what is to be seen
	Desc    string // for who does not see the plot
	Empty   string // instead of the plot if there is nothing to see
	Height  int
	Banded  bool // counts are given in bands
	Legend  []legendEntry
	Grid    []gridLine
	Marks   []axisMark
	Bars    []bar
	Strips  []strip
	Lines   []line
	Table   table
}

// MarkY is where the words below a plot stand.
func (c chart) MarkY() string { return strconv.Itoa(c.Height - 6) }

type legendEntry struct{ Key, Name, Total string }

type gridLine struct{ Y, LabelY, Label string }

type axisMark struct{ X, Label, Anchor string }

// A bar stands for a step. Its pieces lie on each other.
type bar struct {
	Title  string // what is read when it is pointed at
	X, W   string
	Pieces []piece
}

type piece struct{ Key, Y, H string }

type table struct {
	Caption string
	Head    []string
	Rows    []tableRow
	Foot    tableRow
}

type tableRow struct {
	Name  string
	Cells []string
}

// noRule is what a refusal is counted under that no rule caused.
const noRule = "unread part"

func charts(s span, f Facts, steps []record.Counts, all record.Counts) []chart {
	list := []chart{refused.byRule(s, steps, all), refused.byCategory(s, steps)}
	if f.Observing || len(f.Observed) > 0 || all.WouldBe.Total() > 0 {
		would := []chart{wouldBe.byRule(s, steps, all), wouldBe.byCategory(s, steps)}
		if f.Observing {
			list = append(would, list...)
		} else {
			list = append(list, would...)
		}
	}
	return append(list, actionsChart(s, steps, all), timesChart(s, steps, all))
}

// A reading is one of the two things that are told of refusals.
type reading struct {
	id    string
	title string
	what  string // happened to a mail
	empty string // if it happened to none
	of    func(record.Counts) record.Reasons
}

var (
	refused = reading{
		id: "refused", title: "Refused", what: "refused", empty: "was refused",
		of: func(c record.Counts) record.Reasons { return c.Refused },
	}
	wouldBe = reading{
		id: "would", title: "Would be refused", what: "would have been refused but for shadow mode", empty: "would have been refused but for shadow mode",
		of: func(c record.Counts) record.Reasons { return c.WouldBe },
	}
)

func (r reading) byRule(s span, steps []record.Counts, all record.Counts) chart {
	c := chart{ID: r.id, Title: r.title + ", by rule", Height: plotHeight, Empty: "No mail " + r.empty + " in this time."}
	var list []series
	for _, rule := range append(policy.Rules(), "") {
		name := cmp.Or(string(rule), noRule)
		one := newSeries(strings.ReplaceAll(name, " ", "-"), name, eachStep(steps, func(c record.Counts) int { return r.of(c).Rules[rule] }))
		if one.Total > 0 {
			list = append(list, one)
		}
	}
	c.stack(s, list, "mails")
	if total := r.of(all).Total(); total > 0 {
		most := slices.MaxFunc(list, func(a, b series) int { return a.Total - b.Total })
		cause := "by " + most.Name
		if most.Name == noRule {
			cause = "because a part could not be read"
		}
		if most.Total < total {
			cause = fmt.Sprintf("most %s (%s)", cause, thousands(most.Total))
		}
		c.Summary = fmt.Sprintf("%s %s, %s.", mails(total), r.what, cause)
		c.Desc = fmt.Sprintf("Stacked bars over %s, one for each %s. %s The table below has all numbers.", s.name, strings.ToLower(s.unit), c.Summary)
	}
	return c
}

func (r reading) byCategory(s span, steps []record.Counts) chart {
	c := chart{ID: r.id + "-categories", Title: r.title + ", by category", Empty: "No mail with sensitive text " + r.empty + " in this time.", Banded: true}
	var list []series
	for _, category := range policy.Categories() {
		list = append(list, newSeries("category", string(category), eachStep(steps, func(c record.Counts) int { return r.of(c).Categories[category] })))
	}
	c.strips(s, list, "mails")
	if c.Empty == "" {
		names, most := mostOften(list)
		c.Summary = fmt.Sprintf("Most often %s: %s mails. A mail counts once for each category found in it.", names, most)
		c.Desc = fmt.Sprintf("A row of bars for each category over %s. Five heights stand for bands of counts. %s The table below has all bands.", s.name, c.Summary)
	}
	return c
}

// mostOften names the categories of the highest band, and the band. Which of them has
// more mails is not to be told.
func mostOften(list []series) (names, most string) {
	highest := 0
	for _, one := range list {
		level, name := band(one.Total)
		switch {
		case level > highest:
			highest, most, names = level, name, one.Name
		case level == highest:
			names += ", " + one.Name
		}
	}
	return names, most
}

// eachStep counts step by step.
func eachStep(steps []record.Counts, count func(record.Counts) int) []int {
	counts := make([]int, len(steps))
	for i := range steps {
		counts[i] = count(steps[i])
	}
	return counts
}

func actionsChart(s span, steps []record.Counts, all record.Counts) chart {
	c := chart{ID: "actions", Title: "Mails, by what became of them", Height: plotHeight, Empty: "No mail was judged in this time."}
	var list []series
	for _, action := range []policy.Action{policy.Accept, policy.Tag, policy.Reject, policy.TempFail} {
		list = append(list, newSeries(action.String(), actionNames[action], eachStep(steps, func(c record.Counts) int { return c.Actions[action] })))
	}
	c.stack(s, list, "mails")
	if all.Messages > 0 {
		c.Summary = mails(all.Messages) + " judged."
		c.Desc = fmt.Sprintf("Stacked bars over %s, one for each %s. %s The table below has all numbers.", s.name, strings.ToLower(s.unit), c.Summary)
	}
	return c
}

var actionNames = map[policy.Action]string{
	policy.Accept:   "passed",
	policy.Tag:      "tagged",
	policy.Reject:   "refused",
	policy.TempFail: "put off",
}

func timesChart(s span, steps []record.Counts, all record.Counts) chart {
	c := chart{ID: "times", Title: "Time to verdict", Height: plotHeight, Empty: "No mail was judged in this time."}
	c.lines(s, steps, all)
	if c.Empty == "" {
		half, _ := all.Inspection.Quantile(0.5)
		p99, _ := all.Inspection.Quantile(0.99)
		c.Summary = fmt.Sprintf("Half of the mails were judged within %s ms, 99 %% within %s ms.", roundMs(half), roundMs(p99))
		c.Desc = fmt.Sprintf("Three lines over %s, on an axis each of whose steps is ten times the one before. %s The table below has all numbers.", s.name, c.Summary)
	}
	return c
}
