package doctor

import (
	"context"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// identity looks whether anybody can write the header field in which an upstream server
// says whose mail it is: on a port that every client may use, cleanup(8) must remove it.
func (x *postfixCheck) identity(ctx context.Context) {
	if x.Policy == nil || x.Policy.TrustedIdentity() == "" {
		return
	}
	field := x.Policy.TrustedIdentity()
	for _, j := range x.judged {
		if x.guarded(j.service) || x.removes(ctx, j.service, field) {
			continue
		}
		x.fail(checkPostfix, "give "+j.name+" a cleanup service of its own that removes the field, as deploy/postfix/relay shows: "+
			"-o cleanup_service_name=untrusted, with header_checks = regexp:{ {/^"+field+":/ IGNORE} }",
			"Whoever hands in mail by %s can write the field %s, which the policy believes to tell whose mail it is.", j.name, field)
	}
}

// guarded reports whether a port turns away clients that it does not know.
func (x *postfixCheck) guarded(s service) bool {
	return s.program == "smtpd" && slices.Contains(words(x.get(s, "smtpd_client_restrictions")), "reject")
}

// removes reports whether the cleanup service of a port removes a header field, or
// refuses mail that has it.
func (x *postfixCheck) removes(ctx context.Context, s service, field string) bool {
	name := x.get(s, "cleanup_service_name")
	i := slices.IndexFunc(x.cleanups, func(c service) bool { return c.name == name })
	if i < 0 {
		return false
	}
	for _, table := range tables(x.get(x.cleanups[i], "header_checks")) {
		action, _, _ := strings.Cut(strings.ToUpper(lookUp(ctx, table, field+": x")), " ") // and a text
		if slices.Contains([]string{"IGNORE", "STRIP", "REJECT", "DISCARD"}, action) {
			return true
		}
	}
	return false
}

// tables cuts a list of lookup tables apart; an inline one is in braces.
func tables(list string) []string {
	var all []string
	depth := 0
	for _, word := range words(list) {
		if depth > 0 {
			all[len(all)-1] += " " + word
		} else {
			all = append(all, word)
		}
		depth += strings.Count(word, "{") - strings.Count(word, "}")
	}
	return all
}

// lookUp asks postmap(1) what a table says, "" if nothing.
func lookUp(ctx context.Context, table, key string) string {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "postmap", "-q", key, table).Output()
	if err != nil { // there is no such key, or no such table
		return ""
	}
	return strings.TrimSpace(string(out))
}
