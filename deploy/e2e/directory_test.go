package e2e

import (
	"crypto/tls"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"councilgate/deploy/rig"
)

const directoryPolicy = `internal: [norreaa.example]
councillors_ldap:
  url: URL
  start_tls: true
  ca_file: DIR/ca.pem
  bind_dn: "cn=admin,dc=norreaa,dc=example"
  password_file: DIR/password
  base: "dc=norreaa,dc=example"
  group: "cn=councillors,dc=norreaa,dc=example"
`

// Councillors come from a directory: councilgate waits for its first answer, takes up
// changes, and keeps the last answer while it does not answer.
func TestDirectory(t *testing.T) {
	s := onStage(t)
	rig.Need(t, rig.SlapdAvailable())
	slapd, err := rig.NewSlapd(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { slapd.Stop() })
	if err := slapd.Start(); err != nil {
		t.Fatal(err)
	}
	conn, err := ldap.DialURL(slapd.TLSURL, ldap.DialWithTLSConfig(&tls.Config{InsecureSkipVerify: true}))
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Bind(slapd.Admin, slapd.Password); err != nil {
		t.Fatal(err)
	}
	add := func(dn string, attributes map[string][]string) {
		t.Helper()
		request := ldap.NewAddRequest(dn, nil)
		for name, values := range attributes {
			request.Attribute(name, values)
		}
		if err := conn.Add(request); err != nil {
			t.Fatal(err)
		}
	}
	add(slapd.Base, map[string][]string{"objectClass": {"organization", "dcObject"}, "o": {"x"}, "dc": {"norreaa"}})
	for uid, mail := range map[string]string{"anne": councillor, "kasse": staff} {
		add("uid="+uid+","+slapd.Base, map[string][]string{"objectClass": {"inetOrgPerson"}, "mail": {mail}, "sn": {uid}, "cn": {uid}})
	}
	add("cn=councillors,"+slapd.Base, map[string][]string{"objectClass": {"groupOfNames"}, "member": {"uid=anne," + slapd.Base}})

	ca, err := os.ReadFile(slapd.CA)
	if err != nil {
		t.Fatal(err)
	}
	dir := files(t, map[string]string{
		"policy.yaml": strings.Replace(directoryPolicy, "URL", slapd.URL, 1),
		"ca.pem":      string(ca),
		"password":    slapd.Password + "\n",
	})
	d := s.startSpare(t, filepath.Join(dir, "policy.yaml"))
	judge := func(what, from, code string) {
		t.Helper()
		m := compose(sensitive, "From: "+from)
		if got := s.submit(t, spare, from, from, []string{citizen}, m).Code(); got != code {
			t.Errorf("%s: code %s, want %s", what, got, code)
		}
	}
	refresh := func(what string, metricName string, want float64) {
		t.Helper()
		if err := d.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		waitFor(t, what, func() bool { return metric(t, d, metricName) == want })
	}
	judge("a councillor", councillor, "550")
	judge("staff", staff, "250")
	if metric(t, d, "councilgate_ldap_up") != 1 || metric(t, d, "councilgate_ldap_last_refresh_timestamp_seconds") == 0 {
		t.Error("the metrics do not tell that the directory answers")
	}

	change := ldap.NewModifyRequest("cn=councillors,"+slapd.Base, nil)
	change.Add("member", []string{"uid=kasse," + slapd.Base})
	if err := conn.Modify(change); err != nil {
		t.Fatal(err)
	}
	conn.Close()
	refresh("a member added", "councilgate_ldap_councillors", 2)
	waitFor(t, "the new councillor judged", func() bool {
		return s.submit(t, spare, staff, staff, []string{citizen}, compose(sensitive, "From: "+staff)).Code() == "550"
	})

	if err := slapd.Stop(); err != nil {
		t.Fatal(err)
	}
	refresh("an outage", "councilgate_ldap_up", 0)
	judge("a councillor, in an outage", councillor, "550")
	judge("the new one, in an outage", staff, "550")
	judge("a stranger, in an outage", "kantinen@norreaa.example", "250")
	if metric(t, d, "councilgate_policy_last_reload_successful") != 1 {
		t.Error("an outage is told as a broken policy")
	}

	// While the directory is down, another councilgate does not listen, so that Postfix
	// gives no mail through unjudged; it starts when the directory is back.
	if err := d.Stop(); err != nil {
		t.Fatal(err)
	}
	started := make(chan *rig.Daemon, 1)
	log := filepath.Join(t.TempDir(), "log")
	go func() {
		d, err := rig.StartDaemon(s.program, filepath.Join(dir, "policy.yaml"), "unix:"+s.postfix.Socket("spare.sock"), log)
		if err != nil {
			t.Error(err)
		}
		started <- d
	}()
	waitFor(t, "the first question", func() bool {
		text, _ := os.ReadFile(log)
		return strings.Contains(string(text), "does not answer yet")
	})
	judge("a councillor, before the first answer", councillor, "451")
	if err := slapd.Start(); err != nil {
		t.Fatal(err)
	}
	if d = <-started; d == nil {
		t.FailNow()
	}
	t.Cleanup(d.Kill)
	judge("a councillor, after the outage", councillor, "550")

	if err := os.WriteFile(filepath.Join(dir, "password"), []byte("wrong"), 0o644); err != nil {
		t.Fatal(err)
	}
	refresh("a wrong password", "councilgate_ldap_up", 0)
	judge("a councillor, with a wrong password", councillor, "550")
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "cannot sign in as bind_dn: wrong name or password") {
		t.Errorf("the log does not tell of the password: %s", text)
	}
	for _, secret := range []string{councillor, staff, slapd.Password, "anne"} {
		if strings.Contains(string(text), secret) {
			t.Errorf("the log tells %q: %s", secret, text)
		}
	}
}
