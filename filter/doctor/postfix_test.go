package doctor_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"councilgate/deploy/rig"
	"councilgate/filter/doctor"
)

// sound is a Postfix whose settings agree with the policy.
const (
	soundMain = `compatibility_level = 3.6
myhostname = mx.birkholm.dk
inet_protocols = ipv4
smtpd_milters = unix:councilgate/milter.sock
non_smtpd_milters = $smtpd_milters
milter_default_action = tempfail
`
	soundMaster = `smtp       inet n - y - - smtpd
submission inet n - y - - smtpd
  -o smtpd_sasl_auth_enable=yes
pickup     unix n - y 60 1 pickup
cleanup    unix n - y - 0 cleanup
`
)

// configure makes an installation with a private config_directory for a Postfix, and
// no daemon: what Postfix is set to do does not depend on it.
func configure(t *testing.T, text, main, master string) *site {
	t.Helper()
	rig.Need(t, rig.Installed("postconf"))
	queue := tempDir(t)
	s := &site{Installation: doctor.Installation{
		Policy:  parse(t, text),
		Milter:  doctor.Address{Network: "unix", Addr: filepath.Join(queue, "councilgate", "milter.sock")},
		HTTP:    doctor.Address{Network: "tcp", Addr: "127.0.0.1:1"},
		Limits:  doctor.Limits{Message: 64 << 20, Answer: 25 * time.Second},
		Postfix: true,
		Now:     now,
	}}
	conf := filepath.Join(queue, "conf")
	for _, dir := range []string{conf, filepath.Dir(s.Milter.Addr)} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	writeFile(t, filepath.Join(conf, "main.cf"), "queue_directory = "+queue+"\n"+strings.ReplaceAll(main, "QUEUE", queue), 0o644)
	writeFile(t, filepath.Join(conf, "master.cf"), master, 0o644)
	// Postfix waits two seconds with a file that may still be written to.
	if err := os.Chtimes(filepath.Join(conf, "main.cf"), time.Time{}, now.AddDate(-1, 0, 0)); err != nil {
		t.Fatal(err)
	}
	t.Setenv("MAIL_CONFIG", conf)
	return s
}

// with gives master.cf with other lines for the services that they name.
func with(master, lines string) string {
	kept, replaced := "", false
	for line := range strings.Lines(master) {
		if !strings.HasPrefix(line, " ") {
			name, _, _ := strings.Cut(line, " ")
			replaced = strings.HasPrefix(lines, name+" ") || strings.Contains(lines, "\n"+name+" ")
		}
		if !replaced {
			kept += line
		}
	}
	return kept + lines
}

func TestPostfix(t *testing.T) {
	const (
		signer   = "inet:localhost:8891"
		reinject = "127.0.0.1:10025 inet n - n - - smtpd\n  -o content_filter=\n"
	)
	for _, tt := range []struct {
		name, policy, main, master string // added to what is sound
		state                      doctor.State
		says, mend                 string
	}{
		{"sound", "", "", "", doctor.OK, "agree with the policy", ""},
		{"all is judged", "", "", "", doctor.OK, "All mail is judged: by smtp, submission, pickup", ""},
		{"no milter", "", "smtpd_milters =\nnon_smtpd_milters =\n", "", doctor.Failure, "shows no mail to councilgate", "postconf -e 'smtpd_milters = unix:councilgate/milter.sock'"},
		{"another socket", "", "smtpd_milters = unix:councilgate/other.sock\nnon_smtpd_milters =\n", "", doctor.Failure, "looks for councilgate at ", "postconf -e 'smtpd_milters = unix:councilgate/milter.sock'"},
		{"the whole path, in a chroot", "", "smtpd_milters = unix:QUEUE/councilgate/milter.sock\nnon_smtpd_milters =\n",
			"", doctor.Failure, "looks for councilgate at ", "unix:councilgate/milter.sock"},
		{"the whole path, in no chroot", "", "smtpd_milters = unix:QUEUE/councilgate/milter.sock\n", "smtp inet n - n - - smtpd\nsubmission inet n - n - - smtpd\npickup unix n - n 60 1 pickup\n",
			doctor.OK, "All mail is judged", ""},
		{"below the chroot", "", "smtpd_milters = unix:/councilgate/milter.sock\n", "", doctor.OK, "All mail is judged", ""},
		{"a port with logins is left out", "", "", "submission inet n - y - - smtpd\n  -o smtpd_sasl_auth_enable=yes\n  -o smtpd_milters=\n",
			doctor.Warning, "submission takes logins, and its mail passes unjudged", "postconf -P 'submission/inet/smtpd_milters=unix:councilgate/milter.sock'"},
		{"switched off on a port", "", "", "submission inet n - y - - smtpd\n  -o smtpd_sasl_auth_enable=yes\n  -o receive_override_options=no_milters\n",
			doctor.Warning, "submission takes logins", "postconf -P 'submission/inet/receive_override_options='"},
		{"sendmail is left out", "", "non_smtpd_milters =\n", "", doctor.Warning, "hand in with sendmail", "non_smtpd_milters = $smtpd_milters"},
		{"passes while down", "", "milter_default_action = accept\n", "", doctor.Failure, "passes unjudged: milter_default_action is accept", "postconf -e 'milter_default_action = tempfail'"},
		{"passes while down, on one port", "", "", "submission inet n - y - - smtpd\n  -o milter_default_action=accept\n",
			doctor.Failure, "mail by submission passes unjudged", "postconf -P 'submission/inet/milter_default_action=tempfail'"},
		{"passes while down, by the milter's own setting", "", "smtpd_milters = { unix:councilgate/milter.sock, default_action = accept }\n", "",
			doctor.Failure, "mail by smtp, submission, pickup passes unjudged", "default_action=tempfail"},
		{"passes while down, as the policy wants", "on_gap: {internal_error: accept}\n", "milter_default_action = accept\n", "", doctor.OK, "agree with the policy", ""},
		{"passes while down, in shadow mode", "mode: observe\n", "milter_default_action = accept\n", "", doctor.OK, "agree with the policy", ""},
		{"waits while down, in shadow mode", "mode: observe\n", "", "", doctor.Warning, "it is in shadow mode", "milter_default_action = accept"},
		{"held while down", "", "milter_default_action = quarantine\n", "", doctor.Failure, "where the administration can read it", "milter_default_action = tempfail"},
		{"refused while down", "", "milter_default_action = reject\n", "", doctor.Warning, "no mail by smtp, submission, pickup passes", "milter_default_action = tempfail"},
		{"impatient", "", "milter_content_timeout = 20s\n", "", doctor.Failure, "Postfix waits 20s", "postconf -e 'milter_content_timeout = 300s'"},
		{"impatient to connect", "", "milter_connect_timeout = 1\n", "", doctor.Failure, "Postfix waits 1s", "milter_connect_timeout = 30s"},
		{"an old protocol", "", "milter_protocol = 2\n", "", doctor.Failure, "milter_protocol is 2", "milter_protocol = 6"},
		{"no daemon name", "", "milter_macro_daemon_name =\n", "smtp inet n - y - - smtpd\n  -o milter_macro_daemon_name=ORIGINATING\n", doctor.Warning, "milter_macro_daemon_name is empty at submission", "milter_macro_daemon_name"},
		{"milters by client", "", "", "smtp inet n - y - - smtpd\n  -o smtpd_milter_maps=inline:{{192.0.2.1=DISABLE}}\n", doctor.Warning, "smtpd_milter_maps is set at smtp", "postconf smtpd_milter_maps"},
		{"a filter before the queue", "", "", "smtp inet n - y - - smtpd\n  -o smtpd_proxy_filter=127.0.0.1:10024\n", doctor.Failure, "At smtp mail goes through smtpd_proxy_filter", "content_filter"},
		{"judged twice", "", "content_filter = scan:[127.0.0.1]:10024\n", reinject, doctor.Failure, "hands back to 127.0.0.1:10025 is judged a second time",
			"postconf -P '127.0.0.1:10025/inet/receive_override_options=no_milters'"},
		{"judged once", "", "content_filter = scan:[127.0.0.1]:10024\n", reinject + "  -o receive_override_options=no_unknown_recipient_checks,no_milters\n", doctor.OK, "agree with the policy", ""},
		{"after the signer", "", "smtpd_milters = " + signer + ", unix:councilgate/milter.sock\nnon_smtpd_milters =\n", "submission inet n - y - - smtpd\n  -o smtpd_milters=\npickup unix n - y 60 1 postfix-pickup\n",
			doctor.Failure, signer + " comes before councilgate", "postconf -e 'smtpd_milters = unix:councilgate/milter.sock, " + signer + "'"},
		{"before the signer", "", "smtpd_milters = unix:councilgate/milter.sock, " + signer + "\n", "", doctor.OK, "agree with the policy", ""},
		{"a list", "", "virtual_alias_maps = hash:/etc/postfix/virtual\n", "", doctor.Warning, "expands hash:/etc/postfix/virtual after", "list_files: [/etc/postfix/virtual]"},
		{"a list that the policy reads", "list_files: [/etc/postfix/virtual]\n", "virtual_alias_maps = hash:/etc/postfix/virtual\n", "", doctor.OK, "agree with the policy", ""},
		{"copies", "", "always_bcc = archive@birkholm.dk\n", "", doctor.Warning, "always_bcc adds recipients", "postconf always_bcc"},
		{"large mails", "", "message_size_limit = 104857600\n", "", doctor.Warning, "takes mails of 100 MiB", "message_size_limit=67108864"},
		{"mails of any size", "", "message_size_limit = 0\n", "", doctor.Warning, "on_gap.unreadable: reject", "message_size_limit=67108864"},
		{"conversion after signing", "dkim: {domain: birkholm.dk, selector: a, key_file: /nowhere}\n", "", "", doctor.Failure, "may convert a mail", "disable_mime_output_conversion=yes"},
		{"a field that anybody can write", "trusted_identity: X-House-Sender\n", "non_smtpd_milters =\nsmtpd_client_restrictions = permit_mynetworks, reject\n",
			"smtp inet n - y - - smtpd\n  -o smtpd_client_restrictions=\n", doctor.Failure, "by smtp can write the field X-House-Sender", "cleanup_service_name=untrusted"},
		{"a field that anybody can write, by sendmail", "trusted_identity: X-House-Sender\n", "smtpd_client_restrictions = permit_mynetworks, reject\n", "",
			doctor.Failure, "by pickup can write", "cleanup_service_name=untrusted"},
		{"a field that is removed", "trusted_identity: X-House-Sender\n", "smtpd_client_restrictions = permit_mynetworks, reject\n",
			"smtp inet n - y - - smtpd\n  -o smtpd_client_restrictions=\n  -o cleanup_service_name=untrusted\npickup unix n - y 60 1 pickup\n  -o cleanup_service_name=untrusted\n" +
				"untrusted unix n - y - 0 cleanup\n  -o { header_checks = regexp:{ {/^Received:/ INFO} }, regexp:{ {/^X-House-Sender:/ IGNORE} } }\n", doctor.OK, "agree with the policy", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			configure(t, ours+tt.policy, soundMain+tt.main, with(soundMaster, tt.master)).examine().want(t, "postfix", tt.state, tt.says, tt.mend)
		})
	}
}

func TestPostfixIsLeftAlone(t *testing.T) {
	s := configure(t, ours, soundMain+"milter_default_action = quarantine\n", soundMaster)
	s.Postfix = false
	if found := s.examine().of("postfix"); len(found) > 0 {
		t.Errorf("looked at all the same: %+v", found)
	}
	s.Postfix = true
	t.Setenv("MAIL_CONFIG", "/nowhere")
	s.examine().want(t, "postfix", doctor.Failure, "postconf cannot read Postfix's settings", "postfix check")
}
