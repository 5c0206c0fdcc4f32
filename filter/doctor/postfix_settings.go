package doctor

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"councilgate/policy"
)

// setting gives what holds for the daemon in a service: the milter's own setting,
// else that of the service.
func (x *postfixCheck) setting(j judged, own, parameter string) (value, mend string) {
	if value, ok := j.milter().own[own]; ok {
		return value, "where the milters are listed, for councilgate: " + own + "=%s"
	}
	if value, ok := j.own[parameter]; ok {
		return value, "postconf -P '" + j.id() + "/" + parameter + "=%s'" + reload
	}
	return x.main[parameter], "postconf -e '" + parameter + " = %s'" + reload
}

// eachSetting calls f once for each value of a setting that holds for the daemon,
// with the services where it does.
func (x *postfixCheck) eachSetting(own, parameter string, f func(value, mend, services string)) {
	var places byMend
	for _, j := range x.judged {
		value, mend := x.setting(j, own, parameter)
		places.add(value, mend, j.name)
	}
	for _, at := range places {
		f(at.value, at.mend, strings.Join(at.services, ", "))
	}
}

// fill puts a value into a mend that wants one.
func fill(mend, value string) string { return strings.Replace(mend, "%s", value, 1) }

// whenDown compares what Postfix does while councilgate is down with what the policy
// wants then.
func (x *postfixCheck) whenDown() {
	if x.Policy == nil {
		return
	}
	wants := x.Policy.OnGap(policy.InternalError)
	says := fmt.Sprintf("on_gap.internal_error is %s", wants)
	if x.Policy.Observing() {
		wants, says = policy.Accept, "it is in shadow mode"
	}
	x.eachSetting("default_action", "milter_default_action", func(value, mend, services string) {
		switch {
		case value == "quarantine":
			x.fail(checkPostfix, fill(mend, wants.String()), "While councilgate is down, mail by %s is held, where the administration can read it: milter_default_action is quarantine.", services)
		case value == wants.String():
		case value == "accept":
			x.fail(checkPostfix, fill(mend, wants.String()), "While councilgate is down, mail by %s passes unjudged: milter_default_action is accept, while by the policy %s.", services, says)
		case value == "reject" || wants == policy.Accept:
			x.warn(checkPostfix, fill(mend, wants.String()), "While councilgate is down, no mail by %s passes: milter_default_action is %s, while by the policy %s.", services, value, says)
		}
	})
}

// timeouts compares how long Postfix waits with how long councilgate may take.
func (x *postfixCheck) timeouts() {
	for _, t := range []struct {
		own, parameter string
		least          time.Duration
		why            string
	}{
		{"connect_timeout", "milter_connect_timeout", 5 * time.Second, "a busy machine may take longer to answer"},
		{"command_timeout", "milter_command_timeout", 5 * time.Second, "a busy machine may take longer to answer"},
		{"content_timeout", "milter_content_timeout", x.Limits.Answer + 5*time.Second, fmt.Sprintf("councilgate may take %v for a large mail", x.Limits.Answer)},
	} {
		x.eachSetting(t.own, t.parameter, func(value, mend, services string) {
			if d, err := seconds(value); err == nil && d < t.least {
				x.fail(checkPostfix, fill(mend, x.usual(t.parameter)), "Postfix waits %v at %s (%s), and %s.", d, services, t.parameter, t.why)
			}
		})
	}
}

// usual gives Postfix's own value of a timeout.
func (x *postfixCheck) usual(parameter string) string {
	if parameter == "milter_content_timeout" {
		return "300s"
	}
	return "30s"
}

// protocol looks at what the conversation with milters needs.
func (x *postfixCheck) protocol() {
	x.eachSetting("protocol", "milter_protocol", func(value, mend, services string) {
		if version := words(value); len(version) == 0 || version[0] != "6" {
			x.fail(checkPostfix, fill(mend, "6"), "At %s, milter_protocol is %s; councilgate wants 6, without which mail waits for answers that never come.", services, value)
		}
	})
	for _, j := range x.judged {
		if j.program == "smtpd" && x.get(j.service, "milter_macro_daemon_name") == "" {
			x.warn(checkPostfix, "postconf -e 'milter_macro_daemon_name = $myhostname'"+reload, "milter_macro_daemon_name is empty at %s: a signer behind councilgate cannot tell the port, and a login may be taken for that of the mail before.", j.name)
		}
		if j.program == "smtpd" && x.get(j.service, "smtpd_milter_maps") != "" {
			x.warn(checkPostfix, "postconf smtpd_milter_maps", "smtpd_milter_maps is set at %s: clients whom it gives other milters pass unjudged.", j.name)
		}
		if j.program == "smtpd" && x.get(j.service, "smtpd_proxy_filter") != "" {
			x.fail(checkPostfix, "use content_filter instead of smtpd_proxy_filter on that port, as deploy/postfix/filter shows",
				"At %s mail goes through smtpd_proxy_filter, so that Postfix shows councilgate no text: it passes unjudged.", j.name)
		}
	}
}

// reinjects reports whether a service takes mail back from a content filter: it
// switches the filter off.
func reinjects(s service) bool {
	filter, set := s.own["content_filter"]
	return set && filter == ""
}

// reinjection looks for mail that is judged twice: before a content filter and when it
// hands mail back.
func (x *postfixCheck) reinjection() {
	filters := slices.ContainsFunc(x.judged, func(j judged) bool { return x.get(j.service, "content_filter") != "" })
	if !filters {
		return
	}
	for _, j := range x.judged {
		if j.program == "smtpd" && reinjects(j.service) {
			options := append(words(x.get(j.service, "receive_override_options")), "no_milters")
			x.fail(checkPostfix, fmt.Sprintf("postconf -P '%s/receive_override_options=%s'%s", j.id(), strings.Join(options, ","), reload),
				"Mail that the content filter hands back to %s is judged a second time, then without a login.", j.name)
		}
	}
}

// order looks for a signer that comes before councilgate.
func (x *postfixCheck) order() {
	for _, j := range x.judged {
		for i, one := range j.milters[:j.ours] {
			if !signs(one.address) {
				continue
			}
			list := make([]string, 0, len(j.milters))
			for n, m := range j.milters {
				if n != i {
					list = append(list, m.text)
				}
			}
			mend := x.set(j.service, strings.Join(slices.Insert(list, j.ours, one.text), ", "))
			message := "At %s, %s comes before councilgate: if it signs mail, a tag or a change of the subject breaks its signatures."
			if x.Policy != nil && x.Policy.CountsMassMailings() && !x.Policy.Observing() && x.Policy.DKIM().Domain == "" {
				x.fail(checkPostfix, mend, message, j.name, one.address)
			} else {
				x.warn(checkPostfix, mend, message, j.name, one.address)
			}
		}
	}
}

// signs reports whether a milter is one that usually signs: by its name, or by the
// port that it has in Debian.
func signs(address string) bool {
	address = strings.ToLower(address)
	return strings.Contains(address, "dkim") || strings.Contains(address, "rspamd") ||
		strings.HasPrefix(address, "inet:") && (strings.HasSuffix(address, ":8891") || strings.HasSuffix(address, ":11332"))
}

// aliases tells of lists that Postfix expands after councilgate has judged.
func (x *postfixCheck) aliases() {
	var files []string
	if x.Policy != nil {
		files = x.Policy.ListFiles()
	}
	for _, table := range words(x.main["virtual_alias_maps"]) {
		kind, path, _ := strings.Cut(table, ":")
		if slices.Contains(files, path) {
			continue
		}
		mend := "list the large ones in the policy: lists: {alle@YOUR-DOMAIN: 640}"
		if slices.Contains([]string{"hash", "btree", "lmdb", "cdb", "dbm", "texthash"}, kind) {
			mend = "in the policy: list_files: [" + strings.Join(append(slices.Clone(files), path), ", ") + "]"
		}
		x.warn(checkPostfix, mend, "Postfix expands %s after councilgate has judged: it counts a list as one person, and does not see members outside the house.", table)
	}
	for _, parameter := range []string{"always_bcc", "recipient_bcc_maps"} {
		if x.main[parameter] != "" {
			x.warn(checkPostfix, "postconf "+parameter, "%s adds recipients whom councilgate does not see.", parameter)
		}
	}
}

// size compares the largest mail that Postfix takes with the largest that is read.
func (x *postfixCheck) size() {
	limit, err := strconv.ParseInt(x.main["message_size_limit"], 10, 64)
	if err != nil || limit > 0 && limit <= int64(x.Limits.Message) {
		return
	}
	what := fmt.Sprintf("mails of %d MiB", limit>>20)
	if limit == 0 {
		what = "mails of any size"
	}
	follows := ""
	if x.Policy != nil {
		follows = fmt.Sprintf(", for which the policy says on_gap.unreadable: %s", x.Policy.OnGap(policy.Unreadable))
	}
	x.warn(checkPostfix, fmt.Sprintf("postconf -e message_size_limit=%d%s", x.Limits.Message, reload),
		"Postfix takes %s; councilgate reads up to %d MiB, and larger ones are unreadable%s.", what, x.Limits.Message>>20, follows)
}

// signing looks at what signatures of councilgate's own need.
func (x *postfixCheck) signing() {
	if x.Policy != nil && x.Policy.DKIM().Domain != "" && x.main["disable_mime_output_conversion"] != "yes" {
		x.fail(checkPostfix, "postconf -e disable_mime_output_conversion=yes"+reload,
			"Postfix may convert a mail after councilgate has signed it, which breaks the signature.")
	}
}
