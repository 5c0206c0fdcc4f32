package overview

import (
	"fmt"
	"strings"
)

// A strip is a row of a plot: one category over time.
type strip struct {
	Name  string
	Y     string // of the name
	Base  string // of the line that the cells stand on
	Cells []cell
	Total string
}

type cell struct{ Title, X, Y, W, H string }

const (
	stripLeft   = 108 // room for the names
	stripRight  = 56  // and for the totals
	stripHeight = 20
)

// bands are what counts by category are told in.
var bands = []struct {
	from int
	name string
}{{1, "1–4"}, {5, "5–9"}, {10, "10–19"}, {20, "20–49"}, {50, "50–99"}, {100, "100–199"}, {200, "200–499"}, {500, "500 or more"}}

// band gives the number of a count's band, from 1, and its name; 0 for nothing.
func band(n int) (level int, name string) {
	name = "0"
	for i, b := range bands {
		if n >= b.from {
			level, name = i+1, b.name
		}
	}
	return level, name
}

// highestCell is the band from which on a cell is as high as it gets.
const highestCell = 5

// Heights gives the heights of the cells with their bands, for the legend.
func (c chart) Heights() (list []cellBand) {
	for i, b := range bands[:highestCell] {
		name := b.name
		if i == highestCell-1 {
			name = fmt.Sprintf("%d or more", b.from)
		}
		h := cellHeight(i + 1)
		list = append(list, cellBand{name, coordinate(stripHeight - 3 - h), coordinate(h)})
	}
	return list
}

type cellBand struct{ Name, Y, H string }

func cellHeight(level int) float64 {
	return float64(min(level, highestCell)) * (stripHeight - 3) / highestCell
}

// strips fills in a chart that has a row for each series, and shows bands alone.
func (c *chart) strips(s span, list []series, unit string) {
	total := 0
	for _, one := range list {
		total += one.Total
	}
	if total == 0 {
		return
	}
	c.Empty = ""
	c.Height = len(list)*stripHeight + plotTop + plotBottom
	width := (plotWidth - stripLeft - stripRight) / float64(len(s.steps))
	c.Table = table{Caption: c.Title + ", " + unit + " by " + strings.ToLower(s.unit), Head: []string{s.unit}}
	c.Table.Foot.Name = "Total"
	rows := make([]tableRow, len(s.steps))
	for i, st := range s.steps {
		rows[i].Name = st.name
		if st.mark != "" {
			c.Marks = append(c.Marks, axisMark{coordinate(stripLeft + width*(float64(i)+0.5)), st.mark, "middle"})
		}
	}
	for i, one := range list {
		base := float64(plotTop + (i+1)*stripHeight)
		_, sum := band(one.Total)
		row := strip{Name: one.Name, Y: coordinate(base - 3), Base: coordinate(base), Total: sum}
		for j, n := range one.Counts {
			level, name := band(n)
			rows[j].Cells = append(rows[j].Cells, name)
			if level == 0 {
				continue
			}
			h := cellHeight(level)
			row.Cells = append(row.Cells, cell{
				Title: s.steps[j].name + ": " + one.Name + " " + name,
				X:     coordinate(stripLeft + width*(float64(j)+0.1)), W: coordinate(width * 0.8),
				Y: coordinate(base - h), H: coordinate(h),
			})
		}
		c.Strips = append(c.Strips, row)
		c.Table.Head = append(c.Table.Head, one.Name)
		c.Table.Foot.Cells = append(c.Table.Foot.Cells, sum)
	}
	c.Table.Rows = rows
}
