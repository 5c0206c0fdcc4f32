// Package evening walks through the evening on which councilgate is installed: it runs
// the commands of deploy/README.md and deploy/PRIVACY.md, with the built package, on a
// machine of its own with systemd and Postfix, and looks after each step that mail fares
// as the page says.
//
// It wants root, Debian's systemd and postfix, and the right to make namespaces.
// Without the packages it skips, and fails where CI=true is set; in a container that
// may make no namespaces it skips.
package evening

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"councilgate/deploy/rig"
)

const (
	root       = "../.."
	councillor = "anne.holm@solby.example"
	citizen    = "birthe.skov@post.example"
)

func TestEvening(t *testing.T) {
	rig.Need(t, bootable())
	if err := permitted(); err != nil {
		t.Skipf("skipped: %v", err)
	}
	page, err := readDocument("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	privacy, err := readDocument("../PRIVACY.md")
	if err != nil {
		t.Fatal(err)
	}
	e := evening{machine: start(t)}
	e.afternoon(t)

	parts := []struct {
		page  document
		title string
		then  func(*testing.T)
	}{
		{page, "1 Install", e.runsConfined},
		{page, "2 Write the policy", e.mailIsLeftAlone},
		{page, "3 Plug it in", nil},
		{page, "4 Watch in shadow mode", e.nothingIsRefused},
		{page, "5 Switch it on", e.sensitiveMailIsRefused},
		{page, "6 Watch it", e.recordIsKept},
		{privacy, "Check it", nil},
		{page, "7 Change the policy", e.brokenPolicyChangesNothing},
		{page, "Metrics from another machine", e.isScraped},
		{page, "8 Upgrade", e.survivesRestarts},
		{page, "9 Back out", e.mailIsLeftAlone},
	}
	if n := page.toRun() + privacy.toRun(); n != len(parts) {
		t.Errorf("the pages have %d sections with commands, %d are run", n, len(parts))
	}
	// The steps build on one another: the first that fails is the last.
	for _, part := range parts {
		done := t.Run(part.title, func(t *testing.T) {
			follow := func() { part.page.follow(t, e.machine, part.title) }
			if part.title != "8 Upgrade" {
				follow()
			} else if n := e.underLoad(t, follow); n > 0 {
				t.Errorf("%d mails were put off, and the page says that nobody notices", n)
			}
			if part.then != nil {
				part.then(t)
			}
		})
		if !done {
			log, _ := e.run("journalctl --output cat --lines 40")
			t.Fatalf("the end of the journal:\n%s", log)
		}
	}
	e.nothingIsLeft(t)
}

// start boots a machine with what the reader of the page has: the packages, and the
// directory that the page lies in.
func start(t *testing.T) *machine {
	t.Helper()
	packages := t.TempDir()
	if out, err := exec.Command("sh", "-e", "-c", `
		../package 0.9.0 "$1"
		# The next release, as far as dpkg is concerned.
		dpkg-deb --raw-extract "$1"/*.deb "$1/next"
		sed -i 's/^Version: .*/Version: 0.9.1-1/' "$1/next/DEBIAN/control"
		dpkg-deb -Zgzip -z1 --build "$1/next" "$1/councilgate_0.9.1-1_amd64.deb"`, "sh", packages).CombinedOutput(); err != nil {
		t.Fatalf("packages: %v\n%s", err, out)
	}
	m, err := boot()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.halt(); err != nil {
			t.Error(err)
		}
	})
	debs, err := filepath.Glob(filepath.Join(packages, "*.deb"))
	if err != nil || len(debs) != 2 {
		t.Fatalf("%d packages, %v", len(debs), err)
	}
	for _, deb := range debs {
		data, err := os.ReadFile(deb)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(m.path("/root/"+filepath.Base(deb)), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.CopyFS(m.path("/root/prometheus"), os.DirFS("../prometheus")); err != nil {
		t.Fatal(err)
	}
	return m
}

// evening is the municipality's mail server on that evening.
type evening struct {
	*machine
	mails int
}

// do runs a script that has to succeed, and returns what it printed.
func (e *evening) do(t *testing.T, script string) string {
	t.Helper()
	out, err := e.run(script)
	if err != nil {
		t.Fatalf("%s: %v\n%s", script, err, out)
	}
	return out
}

// afternoon sets the machine up as it was before, whatever is on the one that it was made
// from: a Postfix as it comes that hands all mail to the next hop, no councilgate, and a
// councillor's folder of sent mail.
func (e *evening) afternoon(t *testing.T) {
	e.do(t, `
		# The index of all manuals is not what we wait for.
		echo man-db man-db/auto-update boolean false | debconf-set-selections
		dpkg --purge councilgate 2>/dev/null
		if getent passwd councilgate >/dev/null; then userdel councilgate; fi
		cp /usr/share/postfix/master.cf.dist /etc/postfix/master.cf
		echo 'compatibility_level = 3.6' >/etc/postfix/main.cf
		install -d -o postfix /var/sink
		systemd-run --quiet --unit sink --property WorkingDirectory=/var/sink smtp-sink -u postfix -d mail. 127.0.0.1:2525 100
		postconf -e myhostname=mx.solby.example myorigin=solby.example 'relayhost=[127.0.0.1]:2525' \
			mydestination= inet_protocols=ipv4 smtp_dns_support_level=disabled smtpd_peername_lookup=no \
			smtp_destination_recipient_limit=1000
		systemctl start postfix
		echo 127.0.0.1 mx.solby.example >>/etc/hosts
		mkdir -p /var/vmail/anne.holm/.Sent/cur /var/vmail/anne.holm/.Sent/new /var/vmail/anne.holm/.Sent/tmp`)
	quoted := "Kære Birthe, tak for din mail.\n\n> Min datters CPR-nummer er 040788-0315.\n"
	for i, mail := range []string{
		letter(citizen, "SV: Skolen", quoted),
		letter("anneholm72@gmail.com", "VS: Larm", "-----Oprindelig meddelelse-----\nFra: Birthe <"+citizen+">\n"+
			"Sendt: 9. marts 2026 11:02\nTil: Anne Holm <"+councillor+">\nEmne: Larm\n\nKære Anne\n\nDer er larm hver nat.\n"),
		letter(citizen, "SV: Vejen", "Kære Birthe, tak for din mail.\n"),
		letter("borgerservice@solby.example", "VS: Skolen", quoted),
	} {
		file := fmt.Sprintf("/var/vmail/anne.holm/.Sent/cur/%d:2,S", i)
		if err := os.WriteFile(e.path(file), []byte(mail), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// letter is a mail of the councillor without a Message-ID.
func letter(to, subject, body string) string {
	return "From: Anne Holm <" + councillor + ">\nTo: " + to + "\nSubject: " + subject + "\nIn-Reply-To: <1@post.example>\n" +
		"MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n" + body
}

// mail is a letter on its way, and what becomes of it.
type mail struct {
	id   string
	raw  string
	want rig.Outcome
}

// compose makes a mail to the citizen that may leave, or may not.
func (e *evening) compose(refused bool) mail {
	e.mails++
	m := mail{id: fmt.Sprintf("<evening-%d@solby.example>", e.mails), want: rig.Passed}
	body := "Tak for din mail.\n"
	if refused {
		m.want = rig.Refused
		body += "\n> Min datters CPR-nummer er 040788-0315.\n"
	}
	m.raw = "Message-ID: " + m.id + "\n" + letter(citizen, fmt.Sprintf("SV: Brev %d", e.mails), body)
	return m
}

// submit sends a mail through the machine's Postfix.
func (e *evening) submit(m mail) (reply rig.Reply, err error) {
	err = e.inside(func() error {
		reply, err = rig.Submit("127.0.0.1:25", "", councillor, []string{citizen}, []byte(m.raw))
		return err
	})
	return reply, err
}

// fares checks that a mail gets the reply, and arrives or not.
func (e *evening) fares(t *testing.T, sensitive bool, code string) {
	t.Helper()
	m := e.compose(sensitive)
	reply, err := e.submit(m)
	if err != nil || reply.Code() != code {
		t.Fatalf("reply %q, %v, want %s", reply, err, code)
	}
	if want := map[string]int{"250": 1}[code]; len(e.delivered(t)[m.id]) != want {
		t.Errorf("%q and delivered %d times", code, len(e.delivered(t)[m.id]))
	}
}

// delivered returns all mails that reached the next hop, by Message-ID, once Postfix has
// no more to deliver.
func (e *evening) delivered(t *testing.T) map[string][]rig.Delivered {
	t.Helper()
	e.do(t, `for i in $(seq 600); do
			if postqueue -p | grep -q '^Mail queue is empty'; then exit 0; fi
			sleep 0.1
		done; postqueue -p; exit 1`)
	all, err := (&rig.Sink{Dir: e.path("/var/sink")}).ByMessageID()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// runsConfined looks that the daemon is its own user without privileges.
func (e *evening) runsConfined(t *testing.T) {
	out := e.do(t, `pid=$(systemctl show --property MainPID --value councilgate)
		stat --format %U /proc/$pid; grep -E '^(CapEff|NoNewPrivs|Seccomp):' /proc/$pid/status`)
	if got, want := strings.Join(strings.Fields(out), " "), "councilgate CapEff: 0000000000000000 NoNewPrivs: 1 Seccomp: 2"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func (e *evening) mailIsLeftAlone(t *testing.T) { e.fares(t, true, "250") }

func (e *evening) nothingIsRefused(t *testing.T) {
	if n := len(e.delivered(t)["<2@solby.example>"]); n != 1 {
		t.Errorf("the mail of the page was delivered %d times", n)
	}
	e.fares(t, false, "250")
}

func (e *evening) sensitiveMailIsRefused(t *testing.T) {
	if n := len(e.delivered(t)["<2@solby.example>"]); n != 1 {
		t.Errorf("the mail of the page was delivered %d times, once before it was refused", n)
	}
	e.fares(t, true, "550")
	e.fares(t, false, "250")
	// A program on the server itself: Postfix has taken the mail, and returns it.
	m := e.compose(true)
	cmd := e.command("sendmail -i -f " + councillor + " " + citizen)
	cmd.Stdin = strings.NewReader(m.raw)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("sendmail: %v\n%s", err, out)
	}
	if n := len(e.delivered(t)[m.id]); n != 0 {
		t.Errorf("by sendmail it was delivered %d times", n)
	}
}

// recordIsKept looks into the record: verdicts, and nothing of any mail.
func (e *evening) recordIsKept(t *testing.T) {
	record := e.do(t, "cat /var/lib/councilgate/record.jsonl")
	if !strings.Contains(record, `"action":"reject"`) {
		t.Errorf("no refusal in the record: %s", record)
	}
	everything := record + e.do(t, "journalctl --unit councilgate; curl --silent http://127.0.0.1:9810/metrics")
	for _, secret := range []string{"040788", "datter", "anne.holm", "birthe", "Skolen", "Brev", "evening-"} {
		if strings.Contains(everything, secret) {
			t.Errorf("%q is in the record, the journal or the metrics", secret)
		}
	}
}

// brokenPolicyChangesNothing breaks the policy once more, and sends mail.
func (e *evening) brokenPolicyChangesNothing(t *testing.T) {
	e.do(t, "cp -p /etc/councilgate/policy.yaml /root/good.yaml; echo '{' >/etc/councilgate/policy.yaml; ! systemctl reload councilgate")
	e.fares(t, true, "550")
	e.fares(t, false, "250")
	if out := e.do(t, "curl --silent http://127.0.0.1:9810/metrics"); !strings.Contains(out, "\ncouncilgate_policy_last_reload_successful 0\n") {
		t.Error("councilgate_policy_last_reload_successful is not 0")
	}
	// As the page has it for whoever comes when an alert does.
	e.do(t, "journalctl --unit councilgate --since -1h --priority warning | grep 'policy not reloaded'")
	e.do(t, "cp -p /root/good.yaml /etc/councilgate/policy.yaml; systemctl reload councilgate")
}

// isScraped lets Prometheus come with the page's configuration, and nobody without the
// password, and sets the machine back.
func (e *evening) isScraped(t *testing.T) {
	out := e.do(t, `cd /tmp
		curl --silent --output /dev/null --write-out '%{http_code}\n' --cacert /etc/prometheus/councilgate.crt https://mx.solby.example:9810/metrics
		sed -i 's/scrape_interval: 30s/scrape_interval: 1s/' /etc/prometheus/prometheus.yml
		systemd-run --quiet --unit scrape --property User=prometheus --property RuntimeDirectory=scrape \
			prometheus --config.file=/etc/prometheus/prometheus.yml --storage.tsdb.path=/run/scrape --web.listen-address=127.0.0.1:9090
		for i in $(seq 300); do
			up=$(curl --silent 'http://127.0.0.1:9090/api/v1/query?query=sum(councilgate_build_info)') || true
			case $up in *'"1"'*) echo scraped; break ;; esac
			sleep 0.1
		done
		systemctl stop scrape
		sed -i 's/^DAEMON_ARGS=.*/DAEMON_ARGS=""/' /etc/default/councilgate
		rm -r /etc/systemd/system/councilgate.service.d
		systemctl daemon-reload
		systemctl restart councilgate`)
	if out != "401\nscraped\n" {
		t.Errorf("%q", out)
	}
}

// underLoad does something while mail goes through, and returns how many mails were
// asked to come again. No mail is lost, none leaves that must not, and none is delivered
// twice.
func (e *evening) underLoad(t *testing.T, something func()) (putOff int) {
	const senders = 4
	var (
		mu    sync.Mutex
		sent  []mail
		again []mail // answered 4xx
		why   []rig.Reply
		stop  = make(chan struct{})
		group sync.WaitGroup
	)
	send := func() error {
		mu.Lock()
		m := e.compose(e.mails%2 == 0)
		mu.Unlock()
		reply, err := e.submit(m)
		time.Sleep(10 * time.Millisecond) // nobody sends faster
		mu.Lock()
		defer mu.Unlock()
		sent = append(sent, m)
		switch {
		case err != nil:
			return err
		case reply.Class() == '4':
			again = append(again, m)
			why = append(why, reply)
		case (reply.Class() == '5') != (m.want == rig.Refused):
			return fmt.Errorf("a mail to be %s: %q", m.want, reply)
		}
		return nil
	}
	for range senders {
		group.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if err := send(); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	something()
	close(stop)
	group.Wait()
	t.Logf("%d mails, %d of them put off: %q", len(sent), len(again), why)
	if len(again) > 0 {
		warnings, _ := e.run("journalctl --output short-precise | grep -E 'warning|milter-reject: .* 4\\.|systemd.*councilgate' | tail --lines 40")
		t.Log(warnings)
	}

	for _, m := range again {
		if reply, err := e.submit(m); err != nil || (reply.Class() == '5') != (m.want == rig.Refused) || reply.Class() == '4' {
			t.Errorf("a mail to be %s, sent again: %q, %v", m.want, reply, err)
		}
	}
	delivered := e.delivered(t)
	for _, m := range sent {
		if got, want := len(delivered[m.id]), map[rig.Outcome]int{rig.Passed: 1}[m.want]; got != want {
			t.Errorf("a mail to be %s was delivered %d times", m.want, got)
		}
	}
	return len(again)
}

// survivesRestarts restarts councilgate under load, in good order and in none.
func (e *evening) survivesRestarts(t *testing.T) {
	e.underLoad(t, func() {
		e.do(t, `systemctl restart councilgate; sleep 0.5 # of mail
			systemctl kill --signal KILL councilgate
			for i in $(seq 100); do
				if curl --silent --fail http://127.0.0.1:9810/readyz; then sleep 0.5; exit 0; fi
				sleep 0.1
			done; exit 1`)
	})
	e.do(t, "! journalctl --quiet --grep 'Cannot store more fds'") // it has the milter's already
	e.fares(t, true, "550")
}

// nothingIsLeft looks for what the package left behind, but for the rules that the page
// has copied to Prometheus.
func (e *evening) nothingIsLeft(t *testing.T) {
	left := e.do(t, `find /etc /usr /var /run /opt /srv -xdev -name '*councilgate*' ! -path '/etc/prometheus/*'
		systemctl list-units --failed --plain --no-legend`)
	if left != "" {
		t.Errorf("left behind:\n%s", left)
	}
}
