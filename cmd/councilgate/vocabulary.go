package main

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"councilgate/filter/sensitive"
	"councilgate/policy"
)

// vocabulary tells the policy what the detector finds.
var vocabulary = policy.Vocabulary{Kinds: sensitive.Kinds, CheckEntry: sensitive.CheckEntry}

// expired lists the exceptions that no longer apply.
func expired(p *policy.Policy, at time.Time) []policy.Exception {
	var list []policy.Exception
	for _, x := range p.Exceptions() {
		if x.Expired(at) {
			list = append(list, x)
		}
	}
	return list
}

// warnExpired logs the exceptions that no longer apply. Their reasons stay out of
// the log, since they may name somebody.
func warnExpired(log *slog.Logger, p *policy.Policy, at time.Time) {
	for _, x := range expired(p, at) {
		log.Warn("an exception has expired and no longer applies; remove it from the policy, or give it another day",
			"rule", string(x.Rule), "exception", x.Number, "until", x.Until)
	}
}

// notes are comments on a policy: which exceptions have expired, and what is built
// in, for whoever writes the next line.
func notes(p *policy.Policy, at time.Time) []byte {
	var b bytes.Buffer
	for _, x := range expired(p, at) {
		fmt.Fprintf(&b, "# Expired: exception %d of %s, which applied until %s. Remove it, or give it another day.\n", x.Number, x.Rule, x.Until)
	}
	if len(p.CPRWithoutCheck()) == 0 {
		fmt.Fprintf(&b, "# cpr_without_check is built in: %s\n", strings.Join(strings.Fields(fmt.Sprint(sensitive.CPRWithoutCheck())), ", "))
	}
	if _, ok := p.Directory(); ok {
		b.WriteString("# The councillors of councillors_ldap are not among those below: serve and check ask the directory.\n")
	}
	b.WriteString("# Kinds of findings, for exceptions:\n")
	for _, c := range policy.Categories() {
		fmt.Fprintf(&b, "#   %s: %s\n", c, strings.Join(sensitive.Kinds(c), ", "))
	}
	return b.Bytes()
}
