package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"

	"councilgate/filter"
	"councilgate/policy"
	"councilgate/policy/explain"
)

// result is the verdict on one mail as check tells it. The JSON fields are a
// promise to other programs.
type result struct {
	File       string            `json:"file"`
	Action     policy.Action     `json:"action"`
	Rule       policy.Rule       `json:"rule"`
	Would      *policy.Outcome   `json:"would,omitempty"` // nil unless shadow mode holds something back
	Rules      []policy.RuleHit  `json:"rules"`
	Findings   []finding         `json:"findings"`
	Gaps       []policy.Gap      `json:"gaps"`
	Recipients policy.Recipients `json:"recipients"`
	Reply      reply             `json:"reply"`
	Headers    []policy.Header   `json:"headers"`
	Segments   *[]segment        `json:"segments,omitempty"` // nil unless asked for
}

type finding struct {
	policy.Finding
	Reason    string `json:"exception_reason,omitempty"` // of the exception that covers it
	*location        // nil unless segments are asked for
}

// location is where in the text of a segment a finding stands: bytes [Start,End).
type location struct {
	Segment int `json:"segment"`
	Start   int `json:"start"`
	End     int `json:"end"`
}

// reply is what SMTP answers to a mail that is stopped; code 0 if it passes.
type reply struct {
	Code     int      `json:"code"`
	Enhanced string   `json:"enhanced"`
	Text     []string `json:"text"`
}

type segment struct {
	Place policy.Place `json:"place"`
	Part  string       `json:"part"`
	Text  string       `json:"text"`
}

// newResult gathers what is to be told. Its lists are empty rather than nil, for
// the sake of JSON.
func newResult(file string, p *policy.Policy, j filter.Judgement, segments bool) result {
	v := j.Verdict
	explained := explain.For(p, v, "", false)
	r := result{
		File:       file,
		Action:     v.Action,
		Rule:       v.Rule,
		Rules:      list(v.Hits),
		Findings:   make([]finding, len(v.Findings)),
		Gaps:       list(v.Gaps),
		Recipients: v.Recipients,
		Reply:      reply{explained.Code, explained.Enhanced, list(explained.Lines)},
		Headers:    list(v.Headers),
	}
	if v.Would != (policy.Outcome{}) {
		r.Would = &v.Would
	}
	for i, f := range v.Findings {
		r.Findings[i].Finding = f
		for _, x := range p.Exceptions() {
			if x.Rule == f.Rule && x.Number == f.Exception {
				r.Findings[i].Reason = x.Reason
			}
		}
		if segments {
			r.Findings[i].location = &location{f.Segment, f.Start, f.End}
		}
	}
	if segments {
		texts := make([]segment, len(j.Segments))
		for i, s := range j.Segments {
			texts[i] = segment{s.Place, s.Part, s.Text}
		}
		r.Segments = &texts
	}
	return r
}

// list makes a nil slice an empty one.
func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

func printJSON(w io.Writer, r result) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(r)
}

// headline tells what happens to a mail.
var headline = map[policy.Action]string{
	policy.Accept:   "accepted",
	policy.Tag:      "accepted with a tag",
	policy.Reject:   "refused",
	policy.TempFail: "not judged, to come again later",
}

func printText(w io.Writer, r result) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", r.File, headline[r.Action])
	if r.Rule != "" {
		fmt.Fprintf(&b, " by %s", r.Rule)
	}
	if r.Would != nil {
		fmt.Fprintf(&b, "; without shadow mode: %s", headline[r.Would.Action])
		if r.Would.Rule != "" {
			fmt.Fprintf(&b, " by %s", r.Would.Rule)
		}
	}
	n := r.Recipients
	fmt.Fprintf(&b, "\n  recipients: %d (%d internal, %d secure, %d private, %d outside)\n", n.Total, n.Internal, n.Secure, n.Private, n.Outside)
	for _, hit := range r.Rules {
		if hit.Would != policy.Accept {
			fmt.Fprintf(&b, "  rule: %s would ask for %s\n", hit.Rule, hit.Would)
			continue
		}
		fmt.Fprintf(&b, "  rule: %s asks for %s\n", hit.Rule, hit.Action)
	}
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "  found: %s (%s), %s%s, %s: %s", f.Category, f.Kind, f.Place, part(f.Part), f.Confidence, f.Mask)
		if f.location != nil {
			fmt.Fprintf(&b, "; segment %d, bytes %d to %d", f.location.Segment, f.location.Start, f.location.End)
		}
		if f.Exception > 0 {
			fmt.Fprintf(&b, "; let pass by exception %d of %s: %s", f.Exception, f.Rule, f.Reason)
		}
		b.WriteByte('\n')
	}
	for _, g := range r.Gaps {
		fmt.Fprintf(&b, "  gap: %s%s: %s\n", g.Kind, part(g.Part), g.Reason)
	}
	for _, h := range r.Headers {
		fmt.Fprintf(&b, "  header: %s: %s\n", h.Name, h.Value)
	}
	for i, line := range r.Reply.Text {
		separator := "-"
		if i == len(r.Reply.Text)-1 {
			separator = " "
		}
		fmt.Fprintf(&b, "  reply: %d%s%s %s\n", r.Reply.Code, separator, r.Reply.Enhanced, line)
	}
	if r.Segments != nil {
		for i, s := range *r.Segments {
			fmt.Fprintf(&b, "  segment %d: %s%s\n", i, s.Place, part(s.Part))
			for line := range strings.Lines(s.Text) {
				fmt.Fprintf(&b, "    | %s\n", strings.Map(printable, strings.TrimSuffix(line, "\n")))
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// part names a part of the message; header fields stand in none.
func part(section string) string {
	if section == "" {
		return ""
	}
	return ", part " + section
}

// printable keeps a mail's text from steering the terminal.
func printable(r rune) rune {
	if r != '\t' && unicode.IsControl(r) {
		return unicode.ReplacementChar
	}
	return r
}
