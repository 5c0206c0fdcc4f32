package doctor

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
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
