package overview

import (
	"math"
	"strconv"
	"time"
)

// counts is an axis of counts. It goes up from 0 in even steps.
type counts struct{ step, end int }

// newCounts gives an axis that reaches a count in up to four steps of 1, 2 or 5 times a
// power of ten.
func newCounts(most int) counts {
	for power := 1; ; power *= 10 {
		for _, step := range []int{power, 2 * power, 5 * power} {
			if most <= 4*step {
				return counts{step, max(1, (most+step-1)/step) * step}
			}
		}
	}
}

// y gives the height of a count on the canvas.
func (a counts) y(n int) float64 { return height(float64(n) / float64(a.end)) }

// grid gives the lines of an axis, the lowest first.
func (a counts) grid() (lines []gridLine) {
	for n := 0; n <= a.end; n += a.step {
		lines = append(lines, newGridLine(a.y(n), short(n)))
	}
	return lines
}

// short writes a count of an axis in a few letters.
func short(n int) string {
	for _, unit := range []struct {
		size int
		name string
	}{{1e6, "M"}, {1e3, "k"}} {
		if n >= unit.size {
			return strconv.FormatFloat(float64(n)/float64(unit.size), 'g', 3, 64) + unit.name
		}
	}
	return strconv.Itoa(n)
}

// decades is an axis of times. Each step is ten times the one before, since a mail that
// took long would leave all others on the floor otherwise.
type decades struct{ low, high int } // powers of ten, of milliseconds

func newDecades(least, most time.Duration) decades {
	low := int(math.Floor(math.Log10(milliseconds(max(least, 100*time.Microsecond)))))
	high := int(math.Ceil(math.Log10(milliseconds(max(most, least)))))
	return decades{low, max(high, low+1)}
}

func (a decades) y(d time.Duration) float64 {
	return height((math.Log10(milliseconds(d)) - float64(a.low)) / float64(a.high-a.low))
}

func (a decades) grid() (lines []gridLine) {
	for power := a.low; power <= a.high; power++ {
		d := time.Duration(math.Pow10(power) * float64(time.Millisecond))
		lines = append(lines, newGridLine(a.y(d), unit(d)))
	}
	return lines
}

// unit writes a time of an axis.
func unit(d time.Duration) string {
	if d < time.Second {
		return strconv.FormatFloat(milliseconds(d), 'g', 3, 64) + " ms"
	}
	return strconv.FormatFloat(d.Seconds(), 'g', 3, 64) + " s"
}

// height gives the height on the canvas of a part of an axis, from 0 to 1.
func height(part float64) float64 {
	return plotTop + (plotHeight-plotTop-plotBottom)*(1-min(max(part, 0), 1))
}

func newGridLine(y float64, label string) gridLine {
	return gridLine{coordinate(y), coordinate(y + 4), label}
}
