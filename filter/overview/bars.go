package overview

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The plots have a small canvas, so that what is written on them can be read on a
// phone, too.
const (
	plotWidth  = 360
	plotHeight = 190
	plotLeft   = 50 // room for the numbers of the axis
	plotRight  = 4
	plotTop    = 10
	plotBottom = 22

	// fewest is what the axis of counts reaches at least: one mail is to look like one.
	fewest = 4
)

// A series is one kind of thing that is counted, step by step.
type series struct {
	Key    string // of its pattern on the page
	Name   string
	Counts []int
	Total  int
}

func newSeries(key, name string, counts []int) series {
	s := series{Key: key, Name: name, Counts: counts}
	for _, n := range counts {
		s.Total += n
	}
	return s
}

// stack fills in a chart of bars: a bar for each step, a piece for each series.
func (c *chart) stack(s span, list []series, unit string) {
	sums := make([]int, len(s.steps))
	total := 0
	for _, one := range list {
		for i, n := range one.Counts {
			sums[i] += n
		}
		total += one.Total
		c.Legend = append(c.Legend, legendEntry{one.Key, one.Name, thousands(one.Total)})
	}
	if total == 0 {
		return
	}
	c.Empty = ""
	a := newCounts(max(slices.Max(sums), fewest))
	c.Grid = a.grid()
	c.Marks = marks(s)
	width := stepWidth(s)
	for i, st := range s.steps {
		if sums[i] == 0 {
			continue
		}
		b := bar{X: coordinate(plotLeft + width*float64(i) + width*0.1), W: coordinate(width * 0.8)}
		var parts []string
		below := 0
		for _, one := range list {
			n := one.Counts[i]
			if n == 0 {
				continue
			}
			top, bottom := a.y(below+n), a.y(below)
			b.Pieces = append(b.Pieces, piece{one.Key, coordinate(top), coordinate(bottom - top)})
			below += n
			parts = append(parts, one.Name+" "+thousands(n))
		}
		b.Title = fmt.Sprintf("%s: %s", st.name, strings.Join(parts, ", "))
		c.Bars = append(c.Bars, b)
	}
	c.Table = table{Caption: c.Title + ", " + unit + " by " + strings.ToLower(s.unit), Head: []string{s.unit}}
	c.Table.Foot.Name = "Total"
	for _, one := range list {
		c.Table.Head = append(c.Table.Head, one.Name)
		c.Table.Foot.Cells = append(c.Table.Foot.Cells, thousands(one.Total))
	}
	c.Table.Head = append(c.Table.Head, "All")
	c.Table.Foot.Cells = append(c.Table.Foot.Cells, thousands(total))
	for i, st := range s.steps {
		row := tableRow{Name: st.name}
		for _, one := range list {
			row.Cells = append(row.Cells, thousands(one.Counts[i]))
		}
		c.Table.Rows = append(c.Table.Rows, tableRow{st.name, append(row.Cells, thousands(sums[i]))})
	}
}

func stepWidth(s span) float64 {
	return (plotWidth - plotLeft - plotRight) / float64(len(s.steps))
}

// marks gives the words below the steps of a plot.
func marks(s span) (list []axisMark) {
	width := stepWidth(s)
	for i, st := range s.steps {
		if st.mark == "" {
			continue
		}
		x, anchor := plotLeft+width*(float64(i)+0.5), "middle"
		switch {
		case x < plotLeft+16:
			x, anchor = plotLeft, "start"
		case x > plotWidth-20:
			x, anchor = plotWidth-plotRight, "end"
		}
		list = append(list, axisMark{coordinate(x), st.mark, anchor})
	}
	return list
}

// coordinate writes a length on the canvas.
func coordinate(x float64) string { return strconv.FormatFloat(x, 'f', 2, 64) }
