package record

import (
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strconv"
	"time"

	"councilgate/policy"
)

// An Entry is what is recorded of one verdict.
type Entry struct {
	Hour   time.Time // in which the mail was judged; Add fills it in
	Action policy.Action
	Rule   policy.Rule // that caused the action, "" if none did
	// Would is what would have happened were nothing in shadow mode, if that is
	// stronger than Action; else its zero value.
	Would policy.Outcome
	// Categories lists those of the findings that are sure enough to refuse a mail
	// and that no exception covers, each once, in their fixed order.
	Categories []policy.Category
	Gaps       []policy.GapKind // each once, in their fixed order
	Recipients policy.Recipients
	Took       time.Duration
	// Mailing is how many people the mass mailing had reached that the mail belongs
	// to, 0 if it belongs to none.
	Mailing  int
	Override policy.OverrideState // "" for a mail without a code
}

// A line is an entry as it is written.
type line struct {
	Time       time.Time            `json:"time"` // the hour, in UTC
	Action     string               `json:"action"`
	Rule       policy.Rule          `json:"rule,omitempty"`
	Would      *would               `json:"would,omitempty"`
	Categories []policy.Category    `json:"categories,omitempty"`
	Gaps       []policy.GapKind     `json:"gaps,omitempty"`
	Recipients policy.Recipients    `json:"recipients"`
	Ms         float64              `json:"ms"`
	Mailing    int                  `json:"mass_mailing,omitempty"`
	Override   policy.OverrideState `json:"override,omitempty"`
	Councillor string               `json:"councillor,omitempty"`
}

type would struct {
	Action string      `json:"action"`
	Rule   policy.Rule `json:"rule,omitempty"`
}

func newLine(e Entry, pseudonym string) line {
	l := line{
		Time:       e.Hour,
		Action:     e.Action.String(),
		Rule:       e.Rule,
		Categories: e.Categories,
		Gaps:       e.Gaps,
		Recipients: e.Recipients,
		Ms:         twoDigits(e.Took),
		Mailing:    e.Mailing,
		Override:   e.Override,
		Councillor: pseudonym,
	}
	if e.Would != (policy.Outcome{}) {
		l.Would = &would{e.Would.Action.String(), e.Would.Rule}
	}
	return l
}

// twoDigits gives a time in milliseconds with two significant digits.
func twoDigits(d time.Duration) float64 {
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(float64(d)/float64(time.Millisecond), 'g', 2, 64), 64)
	return rounded
}

// encode gives the line with its end.
func (l line) encode() []byte {
	data, _ := json.Marshal(l) // of words, times and finite numbers
	return append(data, '\n')
}

// maxLine bounds a line that is read, in bytes. None that is written is as long.
const maxLine = 4096

var errBroken = errors.New("no line of a record")

// parse reads a line without its end. What is there must be from the closed lists; a
// key that is not known is one of a later version, and left alone.
func parse(data []byte) (Entry, error) {
	var l line
	if err := json.Unmarshal(data, &l); err != nil {
		return Entry{}, errBroken // without the text of the line
	}
	e := Entry{
		Hour:       l.Time.UTC().Truncate(time.Hour),
		Rule:       l.Rule,
		Categories: l.Categories,
		Gaps:       l.Gaps,
		Recipients: l.Recipients,
		Mailing:    l.Mailing,
		Override:   l.Override,
	}
	var err error
	if e.Action, err = parseAction(l.Action); err != nil {
		return Entry{}, err
	}
	if l.Would != nil {
		e.Would.Rule = l.Would.Rule
		if e.Would.Action, err = parseAction(l.Would.Action); err != nil {
			return Entry{}, err
		}
	}
	if l.Ms < 0 || l.Ms > float64(math.MaxInt64)/float64(time.Millisecond)/2 {
		return Entry{}, errBroken
	}
	e.Took = time.Duration(l.Ms * float64(time.Millisecond))
	if !e.known() {
		return Entry{}, errBroken
	}
	return e, nil
}

func parseAction(s string) (policy.Action, error) {
	for a := policy.Accept; a <= policy.TempFail; a++ {
		if a.String() == s {
			return a, nil
		}
	}
	return 0, errBroken
}

// known reports whether all words of an entry are from the closed lists, and each is
// there once.
func (e Entry) known() bool {
	rule := func(r policy.Rule) bool { return r == "" || slices.Contains(policy.Rules(), r) }
	return rule(e.Rule) && rule(e.Would.Rule) && inOrder(e.Categories, policy.Categories()) &&
		inOrder(e.Gaps, policy.GapKinds()) && (e.Override == "" || slices.Contains(policy.OverrideStates(), e.Override))
}

// inOrder reports whether some is a part of all, in its order.
func inOrder[T comparable](some, all []T) bool {
	for _, one := range some {
		at := slices.Index(all, one)
		if at < 0 {
			return false
		}
		all = all[at+1:]
	}
	return true
}
