package overview

import "time"

// A span is the time that the page tells of, in steps.
type span struct {
	key   string // in the address of the page
	name  string
	unit  string // of a step
	from  time.Time
	to    time.Time
	steps []step
}

// period writes the time from when to when, with its time zone.
func (s span) period() string {
	last := s.steps[len(s.steps)-1]
	if s.unit == "Day" {
		return s.steps[0].name + " to " + last.name + last.from.Format(" 2006 (MST)")
	}
	return s.steps[0].name + " to " + last.to.Format(dayName+", "+hourName+" (MST)")
}

type step struct {
	from, to time.Time
	name     string // for a table
	mark     string // for the axis of a plot, "" for most
}

const (
	dayName  = "Mon 2 Jan"
	hourName = "15:04"
)

// spans are the keys and names of the spans, in their order.
var spans = []struct{ key, name string }{
	{"day", "24 hours"},
	{"week", "7 days"},
	{"month", "30 days"},
}

// newSpan gives the span of a key that ends with the hour or day of now; that of a day
// for a key that it does not know.
func newSpan(key string, now time.Time) span {
	switch key {
	case "week":
		return daysUntil(now, span{key: key, name: spans[1].name}, 7)
	case "month":
		return daysUntil(now, span{key: key, name: spans[2].name}, 30)
	}
	s := span{key: "day", name: spans[0].name, unit: "Hour"}
	s.to = now.Truncate(time.Hour).Add(time.Hour)
	s.from = s.to.Add(-24 * time.Hour)
	for at := s.from; at.Before(s.to); at = at.Add(time.Hour) {
		one := step{from: at, to: at.Add(time.Hour), name: at.Format(dayName + ", " + hourName)}
		if at.Hour()%6 == 0 {
			one.mark = at.Format(hourName)
		}
		s.steps = append(s.steps, one)
	}
	return s
}

// daysUntil fills in the days until now, in whose time zone they begin and end: one may
// have 23 hours, or 25.
func daysUntil(now time.Time, s span, days int) span {
	s.unit = "Day"
	year, month, day := now.Date()
	midnight := func(later int) time.Time {
		return time.Date(year, month, day+later, 0, 0, 0, 0, now.Location())
	}
	for i := 1 - days; i <= 0; i++ {
		at := midnight(i)
		one := step{from: at, to: midnight(i + 1), name: at.Format(dayName)}
		switch {
		case days <= 7:
			one.mark = at.Format("Mon")
		case at.Weekday() == time.Monday:
			one.mark = at.Format("2 Jan")
		}
		s.steps = append(s.steps, one)
	}
	s.from, s.to = midnight(1-days), midnight(1)
	return s
}
