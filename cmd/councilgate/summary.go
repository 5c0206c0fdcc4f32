package main

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"

	"councilgate/filter"
	"councilgate/filter/mail"
	"councilgate/filter/mailbox"
	"councilgate/policy"
)

// A summary is what check -summary tells of whole mailboxes: numbers, and words from
// closed lists. Neither a mail nor its file is named, since people name files after
// what is in them. The JSON fields are a promise to other programs.
type summary struct {
	Messages int         `json:"messages"`
	Mode     policy.Mode `json:"mode"` // of the policy; the outcomes are those of enforce
	// Judged, Others and Unread are all messages. Others were sent by somebody who is
	// no councillor: what has come in, and what others sent from the house.
	Judged int `json:"judged"`
	Others int `json:"other_senders"`
	Unread int `json:"unread"`
	// Accepted to TempFail are all that were judged.
	Accepted int `json:"accepted"`
	Tagged   int `json:"tagged"`
	Refused  int `json:"refused"`
	TempFail int `json:"tempfail"`
	// RefusedBy counts each refused message once, by the rule that decides.
	RefusedBy     []ruleCount   `json:"refused_by"`
	ObservedBy    []ruleCount   `json:"observed_by"` // what a rule notes in a message that passes
	RefusedForGap int           `json:"refused_for_gap"`
	UnreadBecause []unreadCount `json:"unread_because"`
	Interrupted   bool          `json:"interrupted"`
	status        int           // exit status
}

// ruleCount counts messages of one rule, and those of each category among them; a
// message may have several.
type ruleCount struct {
	Rule       policy.Rule     `json:"rule"`
	Messages   int             `json:"messages"`
	Categories []categoryCount `json:"categories"`
}

type categoryCount struct {
	Category policy.Category `json:"category"`
	Messages int             `json:"messages"`
}

type unreadCount struct {
	Reason   string `json:"reason"`
	Messages int    `json:"messages"`
}

// Why a mail of a mailbox was not judged, beside the errors of package mailbox.
var (
	errNoSender     = errors.New("no-sender")
	errNoRecipients = errors.New("no-recipients")
	errInternal     = errors.New("internal-error")
)

// unreadReasons lists why a mail was not judged, in the order of the summary.
var unreadReasons = []error{mailbox.ErrTooLarge, mailbox.ErrFile, mailbox.ErrGone, errNoSender, errNoRecipients, errInternal}

func newSummary(p *policy.Policy) *summary {
	s := &summary{Mode: policy.ModeEnforce}
	if p.Observing() {
		s.Mode = policy.ModeObserve
	}
	for _, r := range policy.Rules() {
		counts := ruleCount{Rule: r}
		for _, c := range policy.Categories() {
			counts.Categories = append(counts.Categories, categoryCount{Category: c})
		}
		s.RefusedBy = append(s.RefusedBy, counts)
		counts.Categories = slices.Clone(counts.Categories)
		s.ObservedBy = append(s.ObservedBy, counts)
	}
	for _, reason := range unreadReasons {
		s.UnreadBecause = append(s.UnreadBecause, unreadCount{Reason: reason.Error()})
	}
	return s
}

// unread counts a message that was not judged.
func (s *summary) unread(reason error) {
	s.Messages++
	s.Unread++
	for i, known := range unreadReasons {
		if errors.Is(reason, known) {
			s.UnreadBecause[i].Messages++
		}
	}
	s.status = statusUnjudged
}

// judged counts a message with its verdict.
func (s *summary) judged(j filter.Judgement) {
	s.Messages++
	v := j.Verdict
	// A mailbox also holds what came in. It bears the marks of delivery to the
	// councillor, which is what a redirect goes by.
	if !j.Judged || v.Sender.Proof == "redirect" {
		s.Others++
		return
	}
	s.Judged++
	s.status = max(s.status, statusOf(v.Action))
	full := policy.Outcome{Action: v.Action, Rule: v.Rule}
	if v.Would != (policy.Outcome{}) {
		full = v.Would
	}
	switch full.Action {
	case policy.Reject:
		s.Refused++
		if full.Rule == "" {
			s.RefusedForGap++
		}
	case policy.TempFail:
		s.TempFail++
	case policy.Tag:
		s.Tagged++
	default:
		s.Accepted++
	}
	for i, r := range policy.Rules() {
		if full.Action == policy.Reject && full.Rule == r {
			s.RefusedBy[i].add(v.Findings, policy.Strong)
		}
		observed := slices.Contains(v.Hits, policy.RuleHit{Rule: r, Action: policy.Observe}) && !slices.Contains(v.Overridden, r)
		if full.Action < policy.Reject && observed {
			s.ObservedBy[i].add(v.Findings, policy.Possible)
		}
	}
}

// add counts a message with what was found in it for the rule.
func (c *ruleCount) add(findings []policy.Finding, least policy.Confidence) {
	c.Messages++
	for i := range c.Categories {
		if slices.ContainsFunc(findings, func(f policy.Finding) bool {
			return f.Rule == c.Rule && f.Exception == 0 && f.Confidence >= least && f.Category == c.Categories[i].Category
		}) {
			c.Categories[i].Messages++
		}
	}
}

// A summarizer judges whole mailboxes.
type summarizer struct {
	policy    *policy.Policy
	inspector *filter.Inspector
	envelope  filter.Envelope // what the command line says of all mails
	fromGiven bool
	boxError  func(name string, err error) // tells of a mailbox that cannot be read
	progress  func(bytes int64)            // called after each mail
}

// largeMail is the size, in bytes, beyond which mails are judged one at a time:
// judging takes several times the memory of a mail.
const largeMail = 4 << 20

// run judges the mails of the boxes on all cores, until ctx ends.
func (z *summarizer) run(ctx context.Context, boxes []namedBox) *summary {
	var mu sync.Mutex
	s := newSummary(z.policy)
	mails := make(chan mailbox.Mail)
	large := make(chan struct{}, 1)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for m := range mails {
				j, err := z.judge(m)
				mu.Lock()
				if err != nil {
					s.unread(err)
				} else {
					s.judged(j)
				}
				z.progress(m.Size)
				mu.Unlock()
				if m.Large {
					<-large
				}
			}
		})
	}
	limits := mailbox.Limits{
		Mail:  int64(filter.DefaultLimits().Message),
		Large: largeMail,
		Turn:  func() { large <- struct{}{} },
	}
	broken := false
	for _, box := range boxes {
		err := box.Each(limits, func(m mailbox.Mail) bool {
			select {
			case mails <- m:
				return ctx.Err() == nil
			case <-ctx.Done():
				return false
			}
		})
		if err != nil {
			z.boxError(box.name, err)
			broken = true
		}
		if ctx.Err() != nil {
			break
		}
	}
	close(mails)
	workers.Wait()
	s.Interrupted = ctx.Err() != nil
	if broken || s.Interrupted {
		s.status = statusUnjudged
	}
	return s
}

// judge judges one mail of a mailbox as serve would at the time it was sent. Who
// sent it and who got it is what its header says, as far as the command line does
// not. Each mail is judged alone: a mailbox does not tell which were one mailing.
func (z *summarizer) judge(m mailbox.Mail) (j filter.Judgement, err error) {
	defer func() {
		if recover() != nil {
			err = errInternal
		}
	}()
	if m.Err != nil {
		return j, m.Err
	}
	env := z.envelope
	header := mail.ParseHeader(m.Raw, mail.DefaultLimits())
	if !z.fromGiven {
		if len(header.From) == 0 {
			return j, errNoSender
		}
		env.From = header.From[0]
	}
	if len(env.Recipients) == 0 {
		for _, to := range header.Mailboxes("To", "Cc", "Bcc") {
			env.Recipients = append(env.Recipients, to.Address)
		}
	}
	if len(env.Recipients) == 0 {
		return j, errNoRecipients
	}
	if j, err = judge(z.inspector, z.policy, env, m.Raw); err != nil {
		return j, errInternal
	}
	return j, nil
}
