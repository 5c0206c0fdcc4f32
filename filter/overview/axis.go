package overview

import (
	"math"
	"strconv"
)

// An axis goes up from 0 in even steps.
type axis struct{ step, end float64 }

// newAxis gives an axis that reaches a value with up to four steps of 1, 2 or 5 times a
// power of ten; of whole numbers if that is asked for.
func newAxis(most float64, whole bool) axis {
	power := math.Pow(10, math.Floor(math.Log10(max(most, 1e-3)))-1)
	for ; ; power *= 10 {
		for _, factor := range []float64{1, 2, 5} {
			step := factor * power
			if whole && step < 1 {
				continue
			}
			if most <= 4*step {
				return axis{step, step * math.Ceil(max(most, step)/step)}
			}
		}
	}
}

// y gives the height of a value on the canvas.
func (a axis) y(value float64) float64 {
	const height = plotHeight - plotTop - plotBottom
	return plotTop + height*(1-value/a.end)
}

// grid gives the lines of an axis, the lowest first.
func (a axis) grid(unit string) (lines []gridLine) {
	for i := 0.0; i*a.step <= a.end*1.001; i++ {
		y := a.y(i * a.step)
		lines = append(lines, gridLine{coordinate(y), coordinate(y + 4), short(i*a.step) + unit})
	}
	return lines
}

// short writes a number of an axis in a few letters.
func short(v float64) string {
	for _, unit := range []struct {
		size float64
		name string
	}{{1e6, "M"}, {1e3, "k"}} {
		if v >= 10*unit.size || v >= unit.size && math.Mod(v, unit.size) == 0 {
			return strconv.FormatFloat(v/unit.size, 'g', 3, 64) + unit.name
		}
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}
