// Package explain puts a verdict into the councillor's words and language: the
// reply that SMTP gives, the notice by mail, and the help pages. It names kinds of
// data and places, never a value, and no address but those that the policy itself
// gives for the purpose.
//
// The words stand in one file per language under texts.
package explain

import (
	"slices"
	"strings"

	"councilgate/policy"
)

// Reply is what the mail server tells the sender. The zero Reply is that of a
// mail that passes.
type Reply struct {
	Code     int      // SMTP reply code, 550 or 451
	Enhanced string   // enhanced status code (RFC 3463)
	Lines    []string // at most six lines of whole sentences; the first alone carries the message
}

// For gives the reply to a verdict. reference is the name under which the mail
// is found in the log, "" for none. Where unicode is false, the text is spelled
// in ASCII, as SMTP demands without SMTPUTF8 (RFC 6531).
//
// Every line is shorter than 480 bytes and free of control characters.
func For(p *policy.Policy, v policy.Verdict, reference string, unicode bool) Reply {
	return reply(p, v, textName(p, v), reference, unicode)
}

// Again gives the reply to an automatic answer whose sender was told why it is
// refused not long ago: the same, but short.
func Again(p *policy.Policy, v policy.Verdict, reference string, unicode bool) Reply {
	return reply(p, v, "again", reference, unicode)
}

func reply(p *policy.Policy, v policy.Verdict, text, reference string, unicode bool) Reply {
	var r Reply
	switch v.Action {
	case policy.Reject:
		r = Reply{Code: 550, Enhanced: "5.7.1"}
	case policy.TempFail:
		r = Reply{Code: 451, Enhanced: "4.7.1"}
	default:
		return r
	}
	language := p.Language(v.Sender.Councillor)
	c := catalogOf(language)
	r.Lines = c.lines(text, c.view(p, v, language, plainReference(reference)))
	if !unicode {
		for i, line := range r.Lines {
			r.Lines[i] = ASCII(language, line)
		}
	}
	return r
}

// textName names the text for a verdict that stops a mail.
func textName(p *policy.Policy, v policy.Verdict) string {
	switch {
	case v.Action == policy.TempFail:
		return "tempfail"
	case v.Override != "" && v.Overridable:
		return "override " + string(v.Override)
	case v.Forward.Everything && slices.Contains(v.Hits, policy.RuleHit{Rule: policy.PrivateForward, Action: policy.Reject}):
		return "rule private-forward, everything" // whatever else is wrong, this is what to mend
	case v.Rule == policy.PrivateForward && !slices.Contains([]string{"", "registered"}, v.Forward.Kind()):
		return "rule private-forward, " + v.Forward.Kind()
	case v.Rule != "" && v.Automatic && len(v.Refused()) > 0:
		return "automatic"
	case v.Rule != "":
		return "rule " + string(v.Rule)
	}
	for _, g := range v.Gaps {
		if p.OnGap(g.Kind) == policy.Reject {
			return "gap " + string(g.Kind)
		}
	}
	return "gap " + string(policy.InternalError)
}

// plainReference cuts a reference down to what a mail server's queue id is made
// of.
func plainReference(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '-', r == '_':
			return r
		}
		return -1
	}, s)
	return s[:min(len(s), 40)]
}
