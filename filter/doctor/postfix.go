package doctor

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"councilgate/policy"
)

// reload follows a change of Postfix's settings.
const reload = " && postfix reload"

// examinePostfix compares Postfix's settings with the policy.
func examinePostfix(ctx context.Context, r *report, in Installation) {
	if _, err := exec.LookPath("postconf"); err != nil {
		r.ok(checkPostfix, "There is no Postfix on this machine: its settings were not looked at.")
		return
	}
	m, err := readPostfix(ctx)
	if err != nil {
		r.fail(checkPostfix, "postfix check", "postconf cannot read Postfix's settings: %v.", err)
		return
	}
	x := postfixCheck{report: r, Installation: in, mta: m}
	x.coverage()
	if len(x.judged) == 0 {
		return
	}
	before := len(r.results)
	x.whenDown()
	x.timeouts()
	x.protocol()
	x.reinjection()
	x.order()
	x.aliases()
	x.size()
	x.signing()
	x.identity(ctx)
	if len(r.results) == before {
		r.ok(checkPostfix, "Postfix's settings agree with the policy.")
	}
}

// postfixCheck is one look at a Postfix.
type postfixCheck struct {
	*report
	Installation
	*mta
	judged []judged
}

// judged is a service whose mail the daemon sees.
type judged struct {
	service
	milters []milterSetting
	ours    int // index into milters
}

func (j judged) milter() milterSetting { return j.milters[j.ours] }

// coverage tells whose mail is judged and whose is not.
func (x *postfixCheck) coverage() {
	var seen, unseen []string
	var unjudged []service
	var astray byMend
	for _, s := range x.services {
		milters := x.mta.milters(s)
		if ours := slices.IndexFunc(milters, func(one milterSetting) bool { return x.listens(s, one.address, x.Milter) }); ours >= 0 {
			x.judged = append(x.judged, judged{s, milters, ours})
			seen = append(seen, s.name)
			continue
		}
		unseen = append(unseen, s.name)
		i := slices.IndexFunc(milters, x.named)
		if i < 0 {
			unjudged = append(unjudged, s)
			continue
		}
		at := milters[i].address
		_, path, _ := strings.Cut(at, ":")
		if _, err := os.Stat(x.realPath(s, path)); err != nil { // else it is another daemon's
			astray.add(x.realPath(s, path), x.set(s, strings.Replace(x.value(s), at, x.spelled(x.Milter), 1)), s.name)
		}
	}
	for _, a := range astray {
		x.fail(checkPostfix, a.mend, "Postfix looks for councilgate at %s, where it is not, to judge mail by %s.", a.value, strings.Join(a.services, ", "))
	}
	switch {
	case len(x.judged) == 0 && len(astray) > 0:
		return
	case len(x.judged) == 0:
		x.fail(checkPostfix, fmt.Sprintf("postconf -e 'smtpd_milters = %s' 'non_smtpd_milters = $smtpd_milters'%s", x.spelled(x.Milter), reload),
			"Postfix shows no mail to councilgate: neither smtpd_milters nor non_smtpd_milters names %s.", x.spelled(x.Milter))
		return
	case len(unseen) == 0:
		x.ok(checkPostfix, "All mail is judged: by %s.", strings.Join(seen, ", "))
	default:
		x.ok(checkPostfix, "Mail by %s is judged; by %s it is not.", strings.Join(seen, ", "), strings.Join(unseen, ", "))
	}
	for _, s := range unjudged {
		x.passes(s)
	}
}

// byMend gathers services that are wrong in the same way and mended at once.
type byMend []struct {
	value, mend string
	services    []string
}

func (b *byMend) add(value, mend, service string) {
	for i := range *b {
		if one := &(*b)[i]; one.value == value && one.mend == mend {
			one.services = append(one.services, service)
			return
		}
	}
	*b = append(*b, struct {
		value, mend string
		services    []string
	}{value, mend, []string{service}})
}

// named reports whether a milter's address is a socket that is named after
// councilgate.
func (x *postfixCheck) named(one milterSetting) bool {
	family, path, _ := strings.Cut(one.address, ":")
	return family != "inet" && strings.Contains(path, "councilgate") && x.Milter.Network == "unix"
}

// passes tells of a service whose mail ought to be judged, and passes unjudged.
func (x *postfixCheck) passes(s service) {
	switch {
	case s.program == "pickup":
		x.warn(checkPostfix, "postconf -e 'non_smtpd_milters = $smtpd_milters'"+reload,
			"Mail that programs of this machine hand in with sendmail, such as web mail, passes unjudged.")
	case x.get(s, "smtpd_sasl_auth_enable") == "yes" && !reinjects(s):
		mend := x.set(s, strings.TrimSpace(x.spelled(x.Milter)+" "+x.get(s, "smtpd_milters")))
		if options := words(x.get(s, "receive_override_options")); slices.Contains(options, "no_milters") {
			mend = "take no_milters out of receive_override_options: postconf -P '" + s.id() + "/receive_override_options=" + strings.Join(slices.DeleteFunc(options, func(o string) bool { return o == "no_milters" }), ",") + "'" + reload
		}
		x.warn(checkPostfix, mend, "Postfix's %s takes logins, and its mail passes unjudged.", s.name)
	}
}

// value is the setting that lists the milters of a service.
func (x *postfixCheck) value(s service) string {
	if s.program == "pickup" {
		return x.main["non_smtpd_milters"]
	}
	return x.get(s, "smtpd_milters")
}

// set is the command that sets the milters of a service.
func (x *postfixCheck) set(s service, value string) string {
	switch _, own := s.own["smtpd_milters"]; {
	case s.program == "pickup":
		return fmt.Sprintf("postconf -e 'non_smtpd_milters = %s'%s", value, reload)
	case own:
		return fmt.Sprintf("postconf -P '%s/smtpd_milters=%s'%s", s.id(), value, reload)
	}
	return fmt.Sprintf("postconf -e 'smtpd_milters = %s'%s", value, reload)
}

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
