package overview

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"

	"councilgate/filter/record"
	"councilgate/policy"
)

// view is what the page names.
type view struct {
	Style        template.CSS
	Municipality string
	Version      string
	Spans        []spanLink
	Period       string
	Now          string
	Since        string // when counts begin, "" if that is before the span
	Health       []health
	Trouble      int // of Health
	Nothing      bool
	Tiles        []tile
	Charts       []chart
	Gaps         []gap
	Others       []fact
	ThisProcess  []fact
	Started      string
}

type spanLink struct {
	Key, Name string
	Current   bool
}

// health is one thing that may be well or not.
type health struct {
	Name  string
	State string // "ok", "look" or "problem", or "off" for what is not wanted
	Text  string
	Hint  string // what to write where, "" for nothing
}

type tile struct{ Name, Value, Unit, Note string }

type gap struct {
	Kind  policy.GapKind
	Means string
	Mails string
}

type fact struct{ Name, Value, Note string }

func newView(r *record.Recorder, f Facts, key string, now time.Time) view {
	s := newSpan(key, now)
	steps := make([]record.Counts, len(s.steps))
	for i, st := range s.steps {
		steps[i] = r.Counts(st.from, st.to)
	}
	all := r.Counts(s.from, s.to)
	status := r.Status()
	v := view{
		Style:        template.CSS(style),
		Municipality: f.Municipality,
		Version:      f.Version,
		Period:       s.period(),
		Now:          now.Format(dayName + " 2006, " + hourName + " MST"),
		Health:       healthOf(f, status, now),
		Nothing:      all.Messages == 0,
		Tiles:        tiles(f, all, now.Sub(latest(s.from, status.Since))),
		Charts:       charts(s, f, steps, all),
		Started:      f.Started.In(now.Location()).Format(dayName + ", " + hourName),
	}
	for _, known := range spans {
		v.Spans = append(v.Spans, spanLink{known.key, known.name, known.key == s.key})
	}
	if status.Since.After(s.steps[0].to) {
		v.Since = status.Since.In(now.Location()).Format(dayName + ", " + hourName)
	}
	for _, h := range v.Health {
		if h.State == "problem" || h.State == "look" {
			v.Trouble++
		}
	}
	for _, kind := range policy.GapKinds() {
		v.Gaps = append(v.Gaps, gap{kind, gapMeanings[kind], thousands(all.Gaps[kind])})
	}
	v.Others = others(all)
	v.ThisProcess = sinceStart(f)
	return v
}

var gapMeanings = map[policy.GapKind]string{
	policy.Unreadable:    "broken, too large or nested too deep",
	policy.Encrypted:     "S/MIME, OpenPGP, an archive with a password",
	policy.Unsupported:   "a document format that is not read",
	policy.InternalError: "a failure of councilgate itself, or no time left",
}

// tiles gives the numbers that the page begins with; they have been counted for so
// long.
func tiles(f Facts, all record.Counts, counted time.Duration) []tile {
	list := []tile{
		mailTile("Judged", all.Messages, rate(all.Messages, counted)+"from councillors; mail of others passes unread and is not counted"),
		mailTile("Refused", all.Actions[policy.Reject], share(all.Actions[policy.Reject], all.Messages)),
	}
	if n := all.WouldBe.Total(); n > 0 || f.Observing || len(f.Observed) > 0 {
		list = append(list, mailTile("Would be refused", n, share(n, all.Messages)+", but for shadow mode"))
	}
	list = append(list,
		mailTile("Tagged", all.Actions[policy.Tag], share(all.Actions[policy.Tag], all.Messages)),
		mailTile("Put off", all.Actions[policy.TempFail], "could not be judged; the mail server tries again"))
	p95 := tile{"Time to verdict", "–", "", "no mail yet"}
	if took, ok := all.Inspection.Quantile(0.95); ok {
		p95 = tile{"Time to verdict", roundMs(took), "ms", "95 % of mails are judged within this"}
	}
	return append(list, p95)
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// rate tells how many mails came in an hour, where there were some hours.
func rate(n int, in time.Duration) string {
	if n == 0 || in < 2*time.Hour {
		return ""
	}
	return fmt.Sprintf("%.1f an hour, ", float64(n)/in.Hours())
}

func mailTile(name string, n int, note string) tile {
	value, unit, _ := strings.Cut(mails(n), " ")
	return tile{name, value, unit, note}
}

// share tells a part in percent.
func share(part, whole int) string {
	if whole == 0 {
		return "no mail was judged"
	}
	percent := 100 * float64(part) / float64(whole)
	switch {
	case part == 0:
		return "none of those judged"
	case percent < 0.1:
		return "less than 0.1 % of those judged"
	case percent < 10:
		return fmt.Sprintf("%.1f %% of those judged", percent)
	}
	return fmt.Sprintf("%.0f %% of those judged", percent)
}

// others gives what else the span has.
func others(all record.Counts) []fact {
	return []fact{
		{"Mails of mass mailings", thousands(all.Mailing), "sent when a mailing had gone beyond its limit"},
		{"Override codes accepted", thousands(all.Overrides[policy.OverrideAccepted]), "a councillor lifted a refusal"},
		{"Override codes not accepted", thousands(all.Overrides[policy.OverrideExpired] + all.Overrides[policy.OverrideUsed] + all.Overrides[policy.OverrideForeign]), "expired, used before, or of another mail"},
	}
}

// sinceStart gives what only this process knows.
func sinceStart(f Facts) []fact {
	list := []fact{
		{"Mass mailings without a reason", thousands(f.MassMailings.Others), "whole mailings that have ended"},
		{"Mass mailings with a reason", thousands(f.MassMailings.Justified), "whole mailings that have ended"},
		{"Mailbox rules that send all mail on", thousands(f.ForwardRules), "found by what they sent to somebody outside"},
	}
	for _, n := range f.Notices {
		list = append(list, fact{"Notices to councillors: " + n.Name, thousands(n.Count), "mails about refusals"})
	}
	return list
}

func mails(n int) string {
	if n == 1 {
		return "1 mail"
	}
	return thousands(n) + " mails"
}

// thousands writes a number with a comma after each three digits.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
