package overview

import (
	"fmt"
	"math"
	"strings"
	"time"

	"councilgate/filter/record"
)

// A line is a quantile over time.
type line struct {
	Key  string
	Path string
	Dots []dot
}

type dot struct{ Title, Path string }

var quantiles = []struct {
	key, name string
	part      float64
	dot       string // a shape round 0,0
}{
	{"p50", "half of all (p50)", 0.5, "m-2.5 0a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0 -5 0"},
	{"p95", "95 % (p95)", 0.95, "m-2.5 -2.5h5v5h-5z"},
	{"p99", "99 % (p99)", 0.99, "m0 -3l3 5.5h-6z"},
}

// Shape is the shape of the dots of a quantile.
func (e legendEntry) Shape() string {
	for _, q := range quantiles {
		if q.key == e.Key {
			return q.dot
		}
	}
	return ""
}

// lines fills in a chart of the quantiles of inspection times.
func (c *chart) lines(s span, steps []record.Counts, all record.Counts) {
	least, ok := all.Inspection.Quantile(0.5)
	if !ok {
		return
	}
	c.Empty = ""
	most := least
	for _, counts := range steps {
		if p50, ok := counts.Inspection.Quantile(0.5); ok {
			p99, _ := counts.Inspection.Quantile(0.99)
			least, most = min(least, p50), max(most, p99)
		}
	}
	a := newDecades(least, most)
	c.Grid = a.grid()
	c.Marks = marks(s)
	c.Table = table{Caption: c.Title + ", milliseconds by " + strings.ToLower(s.unit), Head: []string{s.unit}, Foot: tableRow{Name: s.name}}
	rows := make([]tableRow, len(s.steps))
	for i, st := range s.steps {
		rows[i].Name = st.name
	}
	width := stepWidth(s)
	for _, q := range quantiles {
		l := line{Key: q.key}
		var path strings.Builder
		pen := "M"
		for i, counts := range steps {
			took, ok := counts.Inspection.Quantile(q.part)
			if !ok {
				rows[i].Cells = append(rows[i].Cells, "–")
				pen = "M"
				continue
			}
			text := roundMs(took)
			rows[i].Cells = append(rows[i].Cells, text)
			x, y := coordinate(plotLeft+width*(float64(i)+0.5)), coordinate(a.y(took))
			fmt.Fprintf(&path, "%s%s %s", pen, x, y)
			pen = "L"
			l.Dots = append(l.Dots, dot{fmt.Sprintf("%s: %s within %s ms", s.steps[i].name, q.name, text), "M" + x + " " + y + q.dot})
		}
		l.Path = path.String()
		c.Lines = append(c.Lines, l)
		took, _ := all.Inspection.Quantile(q.part)
		c.Table.Head = append(c.Table.Head, q.name)
		c.Table.Foot.Cells = append(c.Table.Foot.Cells, roundMs(took))
		c.Legend = append(c.Legend, legendEntry{q.key, q.name, roundMs(took) + " ms"})
	}
	c.Table.Rows = rows
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// roundMs writes a time in milliseconds with about two digits.
func roundMs(d time.Duration) string {
	ms := milliseconds(d)
	if ms < 10 {
		return fmt.Sprintf("%.1f", ms)
	}
	unit := math.Pow(10, math.Floor(math.Log10(ms))-1)
	return thousands(int(math.Round(ms/unit) * unit))
}
