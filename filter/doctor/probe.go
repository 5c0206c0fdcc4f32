package doctor

import (
	"context"
	"fmt"
	"strings"
	"time"

	"councilgate/policy"
)

// The people of the probes. Nothing is sent to them: a probe ends at the milter
// socket, and domains in .invalid do not exist (RFC 6761, section 6.4).
const (
	probeCitizen = "citizen@probe.invalid"
	probeCrowd   = "citizen-%d@probe.invalid"
)

// probeSecret is a Danish identification number (CPR) that belongs to nobody.
const probeSecret = "040788-0315"

// maxCrowd is the largest number of recipients that a probe tries; the daemon itself
// reads no more of one mail.
const maxCrowd = 10_000

// A probe is a mail whose fate the policy settles.
type probe struct {
	what string      // "a reply that quotes an identification number"
	rule policy.Rule // the rule that is tried, "" if none is to apply
	mail Mail
}

// examineProbes has the daemon judge a mail for each rule, and compares its answers
// with what the policy on disk makes of the same mails.
func examineProbes(ctx context.Context, r *report, in Installation, p pages) {
	if in.Policy == nil {
		r.warn(checkProbe, "mend the policy first", "No probes were sent, since the policy is wrong.")
		return
	}
	if in.DirectoryErr != nil {
		r.warn(checkProbe, "mend the directory first", "No probes were sent, since it is not known whose mail is judged.")
		return
	}
	c, err := dialMilter(ctx, in.Milter)
	if err != nil {
		r.fail(checkProbe, "systemctl restart councilgate", "Cannot connect to %s a second time: %v.", in.Milter, plain(err))
		return
	}
	defer c.quit()
	sent := 0
	for _, one := range probes(in.Policy) {
		if one.rule != "" && in.Policy.Action(one.rule) == policy.Accept {
			r.ok(checkProbe, "The rule %s is off: not probed.", one.rule)
			continue
		}
		if !examineProbe(ctx, r, in, c, one) {
			break
		}
		sent++
	}
	explainUnprobed(r, in.Policy)
	examineCount(r, in, p, sent)
}

// examineProbe reports whether the daemon answered.
func examineProbe(ctx context.Context, r *report, in Installation, c *milterConn, one probe) bool {
	verdict := in.Judge(ctx, one.mail)
	want := promised(verdict.Action)
	got, err := c.judge(one.mail, in.Limits.Answer+10*time.Second)
	switch {
	case err != nil:
		r.fail(checkProbe, "journalctl -u councilgate -n 20", "No answer to %s: %v.", one.what, plain(err))
		return false
	case got.outcome != want:
		r.fail(checkProbe, "systemctl reload councilgate, and if that does not help, systemctl restart councilgate",
			"%s: the daemon's answer is %s, the policy on disk wants %s.", sentence(one.what), got.outcome, want)
	case one.rule != "" && !hit(verdict, one.rule):
		r.warn(checkProbe, "councilgate policy -policy "+in.PolicyFile, "%s is not caught by %s under this policy: is an exception too wide?", sentence(one.what), one.rule)
	default:
		r.ok(checkProbe, "%s: %s%s.", sentence(one.what), got.outcome, because(in.Policy, one.rule, verdict))
	}
	return true
}

// because adds to an answer what an operator may wonder about.
func because(p *policy.Policy, rule policy.Rule, v policy.Verdict) string {
	switch {
	case rule == "":
		return ", as it should be"
	case v.Would.Action > v.Action:
		return fmt.Sprintf(" (%s, in shadow mode; it would be %s)", rule, v.Would.Action)
	case v.Action == policy.Accept:
		return fmt.Sprintf(" (%s, which is only counted)", rule)
	}
	return fmt.Sprintf(" (%s)", rule)
}

// hit reports whether a rule applied.
func hit(v policy.Verdict, rule policy.Rule) bool {
	for _, h := range v.Hits {
		if h.Rule == rule {
			return true
		}
	}
	return false
}

// promised is what becomes of a mail by an action.
func promised(a policy.Action) outcome {
	switch a {
	case policy.Accept, policy.Observe:
		return accepted
	case policy.Tag:
		return tagged
	case policy.Reject:
		return refused
	}
	return waits
}

func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// examineCount compares how many probes the daemon says to have answered with how
// many were sent: the socket and the pages must be of one daemon.
func examineCount(r *report, in Installation, p pages, sent int) {
	if p.samples == nil || sent == 0 {
		return
	}
	now, err := p.metrics()
	if err != nil {
		return
	}
	counted := sum(now, metricProbes) - sum(p.samples, metricProbes)
	if counted < float64(sent) {
		r.fail(checkProbe, "stop the one that was started by hand: ps -C councilgate -o pid,args",
			"%s and %s are of different daemons: the one counted %v of the %d probes that the other answered.", in.Milter, in.HTTP.url(), counted, sent)
		return
	}
	r.ok(checkProbe, "The probes were counted as such (%s) and nowhere else; nothing was sent, and no councillor was told.", metricProbes)
}

// explainUnprobed tells of rules for which there is no probe.
func explainUnprobed(r *report, p *policy.Policy) {
	if _, ok := private(p); !ok && p.Action(policy.PrivateForward) != policy.Accept {
		r.ok(checkProbe, "The rule %s was not probed, since no councillor's private address is listed.", policy.PrivateForward)
	}
	if crowd := p.MassMailingAbove() + 1; crowd > maxCrowd && p.CountsMassMailings() {
		r.ok(checkProbe, "The rule %s was not probed: it begins beyond what one mail can reach.", policy.MassMailing)
	}
}

// probes are the mails to try a policy by.
func probes(p *policy.Policy) []probe {
	sender := author(p)
	list := []probe{
		{"a harmless mail to a citizen", "", compose(sender, []string{probeCitizen}, "Hej\r\n\r\nTak for din mail, jeg tager sagen op.\r\n")},
		{"an identification number that stays in the house", "", compose(sender, []string{sender}, "Hans CPR-nummer er "+probeSecret+".\r\n")},
		{"a reply that quotes an identification number", policy.QuotedSensitive,
			compose(sender, []string{probeCitizen}, "Tak for din mail.\r\n\r\nDen 9. mar. 2026 kl. 20.15 skrev Borger <"+probeCitizen+">:\r\n\r\n> Min søns CPR-nummer er "+probeSecret+".\r\n")},
		{"a mail in which the councillor writes an identification number", policy.OwnSensitive,
			compose(sender, []string{probeCitizen}, "Hans CPR-nummer er "+probeSecret+".\r\n")},
	}
	if c, ok := private(p); ok {
		list = append(list, probe{"a citizen's letter on its way to a councillor's private mailbox", policy.PrivateForward,
			compose(c.Address.Text(), []string{c.Private[0].Text()},
				"-----Oprindelig meddelelse-----\r\nFra: Borger <"+probeCitizen+">\r\nSendt: 9. marts 2026 11:02\r\nTil: "+c.Address.Text()+"\r\nEmne: Larm\r\n\r\nDer er larm hver nat.\r\n")})
	}
	if crowd := p.MassMailingAbove() + 1; crowd <= maxCrowd {
		to := make([]string, crowd)
		for i := range to {
			to[i] = fmt.Sprintf(probeCrowd, i)
		}
		list = append(list, probe{fmt.Sprintf("a mail to %d citizens", crowd), policy.MassMailing,
			compose(sender, to, "Kom til møde på torsdag.\r\n")})
	}
	return append(list, probe{"a mail that asks a citizen for an identification number", policy.SolicitsSensitive,
		compose(sender, []string{probeCitizen}, "Send mig dit CPR-nummer i en mail, så ser jeg på sagen.\r\n")})
}

// author is the sender of the probes: the first councillor, or somebody in the house
// if it is everybody's mail that is judged.
func author(p *policy.Policy) string {
	if list := p.Councillors(); len(list) > 0 {
		return list[0].Address.Text()
	}
	return "councilgate-doctor@" + p.InternalDomains()[0]
}

// private finds a councillor with a private mailbox.
func private(p *policy.Policy) (policy.Councillor, bool) {
	for _, c := range p.Councillors() {
		if len(c.Private) > 0 {
			return c, true
		}
	}
	return policy.Councillor{}, false
}

// compose makes a mail of a sender who is known by the login.
func compose(sender string, to []string, body string) Mail {
	return Mail{Login: sender, From: sender, To: to, Raw: []byte("From: " + sender + "\r\n" +
		"To: " + to[0] + "\r\n" +
		"Subject: councilgate doctor\r\n" +
		"Message-ID: <doctor@probe.invalid>\r\n" +
		"MIME-Version: 1.0\r\n" +
		"Content-Type: text/plain; charset=utf-8\r\n" +
		"Content-Transfer-Encoding: 8bit\r\n\r\n" + body)}
}
