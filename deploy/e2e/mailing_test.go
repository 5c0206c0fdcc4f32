package e2e

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"mime"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	"councilgate/deploy/rig"
)

// mailingPolicy is a policy with one councillor; more is added per test.
const mailingPolicy = `internal: [norreaa.example]
councillors:
  - address: anne.holm@norreaa.example
    name: Anne Holm
`

// files writes files that the user postfix can read into a directory of the test's
// own, and returns that.
func files(t *testing.T, contents map[string]string) string {
	t.Helper()
	dir := tempDir(t)
	for name, text := range contents {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(strings.ReplaceAll(text, "DIR", dir)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// builtinPolicy returns the text of the built-in policy.
func builtinPolicy(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(policy)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// amended returns a policy with a piece of it, which must be there, in other words.
func amended(t *testing.T, policy, old, new string) string {
	t.Helper()
	if !strings.Contains(policy, old) {
		t.Fatal("the policy has another shape than this test thinks")
	}
	return strings.Replace(policy, old, new, 1)
}

// gateway is a Postfix with a councilgate of its own.
type gateway struct {
	postfix *rig.Postfix
	daemon  *rig.Daemon
}

// startGateway starts a gateway that delivers to the shared sink.
func (s *stage) startGateway(t *testing.T, policy string) *gateway {
	t.Helper()
	dir := files(t, nil)
	milter := rig.MilterSocket("gateway.sock")
	p, err := rig.StartPostfix(dir, s.sink.Transport(), milter, rig.Service{Name: submission, Milter: milter})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Stop(); err != nil {
			t.Error(err)
		}
	})
	return &gateway{p, s.start(t, policy, "unix:"+p.Socket("gateway.sock"))}
}

// send submits a mail and returns the tag with which it was delivered to the first
// of its recipients.
func (g *gateway) send(t *testing.T, s *stage, m letter, to []string) string {
	t.Helper()
	reply, err := rig.Submit(g.postfix.Addr(submission), councillor, councillor, to, m.raw)
	if err != nil {
		t.Fatal(err)
	}
	wantCode(t, reply, "250")
	if err := g.postfix.Settled(); err != nil {
		t.Fatal(err)
	}
	copies, err := s.sink.Delivered("Message-Id", m.id)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range copies {
		if slices.ContainsFunc(d.To, func(rcpt string) bool { return strings.Contains(rcpt, to[0]) }) {
			return d.Header.Get("X-Mass-Mailing")
		}
	}
	t.Fatalf("not delivered to the first of %d recipients", len(to))
	return ""
}

// redisServer is a Redis server of the test's own, without persistence.
type redisServer struct {
	addr string
	dir  string
	cmd  *exec.Cmd
}

const redisPassword = "a password for the tests"

func newRedisServer(t *testing.T) *redisServer {
	t.Helper()
	rig.Need(t, rig.Installed("redis-server"))
	port, err := rig.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	r := &redisServer{addr: fmt.Sprintf("127.0.0.1:%d", port), dir: t.TempDir()}
	r.start(t)
	t.Cleanup(func() { r.kill(t) })
	return r
}

// start runs the server and waits until it takes connections.
func (r *redisServer) start(t *testing.T) {
	t.Helper()
	_, port, _ := net.SplitHostPort(r.addr)
	r.cmd = exec.Command("redis-server", "--bind", "127.0.0.1", "--port", port, "--dir", r.dir,
		"--save", "", "--appendonly", "no", "--requirepass", redisPassword)
	r.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "redis-server to listen", func() bool {
		c, err := net.Dial("tcp", r.addr)
		if err != nil {
			return false
		}
		c.Close()
		return true
	})
}

// kill ends the server at once; it forgets everything.
func (r *redisServer) kill(t *testing.T) {
	t.Helper()
	if r.cmd == nil {
		return
	}
	if err := r.cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = r.cmd.Wait() // ended by our signal, it cannot end well
	r.cmd = nil
}

// Two gateways, each behind a Postfix of its own, count one mailing together: the
// transaction that reaches the 101st person is tagged, and all later ones. When the
// state is killed each counts alone, and no mail is refused for it; when it is back,
// empty, they count together again what they know.
func TestTwoGateways(t *testing.T) {
	s := onStage(t)
	redis := newRedisServer(t)
	dir := files(t, map[string]string{
		"policy.yaml": mailingPolicy + "state: redis://" + redis.addr + "/3\nstate_files: {password: DIR/password, key: DIR/key}\n",
		"password":    redisPassword + "\n",
		"key":         "the same sixteen bytes, or more, on both gateways\n",
	})
	a := s.startGateway(t, filepath.Join(dir, "policy.yaml"))
	b := s.startGateway(t, filepath.Join(dir, "policy.yaml"))
	all := rig.Citizens(300)
	want := func(g *gateway, m letter, first, end int, tag string) {
		t.Helper()
		if got := g.send(t, s, m, all[first:end]); got != tag {
			t.Errorf("citizens %d to %d: tag %q, want %q", first, end, got, tag)
		}
	}

	split := compose(harmless, "Subject: Sommerfest")
	want(a, split, 0, 60, "")
	want(b, split, 60, 100, "")
	if got := b.send(t, s, split, []string{strings.ToUpper(all[0])}); got != "" {
		t.Errorf("one of the hundred in capitals: tag %q", got)
	}
	want(a, split, 100, 101, "recipients=101; limit=100")
	want(b, split, 101, 106, "recipients=106; limit=100")

	// One mail for each, with its own Message-ID and name.
	for i := range 101 {
		m := compose(fmt.Sprintf("Kære borger nr. %d,\n\nhermed inviteres du til høring.\n", i), "Subject: Høring")
		g, tag := a, ""
		if i%2 == 1 {
			g = b
		}
		if i == 100 {
			tag = "recipients=101; limit=100"
		}
		want(g, m, i, i+1, tag)
	}

	underWay := compose(harmless, "Subject: Under vejs")
	want(a, underWay, 0, 60, "")
	want(b, underWay, 60, 90, "")
	redis.kill(t)
	alone := compose(harmless, "Subject: Alene")
	want(a, alone, 0, 60, "")
	want(b, alone, 60, 101, "")
	want(a, alone, 101, 142, "recipients=101; limit=100")
	want(a, underWay, 90, 98, "")
	for _, g := range []*gateway{a, b} {
		if up := metric(t, g.daemon, "councilgate_mailing_state_up"); up != 0 {
			t.Errorf("state up: %v, want 0", up)
		}
		log, err := os.ReadFile(g.daemon.Log)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(log), "counting alone"); n != 1 {
			t.Errorf("%d lines on the state that is down, want one:\n%s", n, log)
		}
		for _, secret := range []string{"citizen-", "Sommerfest", redisPassword} {
			if strings.Contains(string(log), secret) {
				t.Errorf("the log tells %q:\n%s", secret, log)
			}
		}
	}

	redis.start(t)
	for _, g := range []*gateway{a, b} {
		waitFor(t, "the state to be back", func() bool { return metric(t, g.daemon, "councilgate_mailing_state_up") == 1 })
	}
	want(b, underWay, 98, 99, "") // B tells of its 31
	want(a, underWay, 99, 100, "")
	want(a, underWay, 100, 101, "recipients=101; limit=100")
}

// When the window of a mailing closes, one of the gateways that share it counts it,
// with all whom it has reached.
func TestMailingCountedOnce(t *testing.T) {
	s := onStage(t)
	redis := newRedisServer(t)
	dir := files(t, map[string]string{
		"policy.yaml": mailingPolicy + "rules:\n  mass-mailing: {window: 10s}\n" +
			"state: redis://" + redis.addr + "\nstate_files: {password: DIR/password, key: DIR/key}\n",
		"password": redisPassword,
		"key":      "the same sixteen bytes, or more, on both gateways",
	})
	a := s.startGateway(t, filepath.Join(dir, "policy.yaml"))
	b := s.startGateway(t, filepath.Join(dir, "policy.yaml"))
	all := rig.Citizens(150)
	first, last := compose(harmless, "Subject: Først"), compose(harmless, "Subject: Sidst")
	for _, m := range []letter{first, last} {
		a.send(t, s, m, all[:60])
		b.send(t, s, m, all[60:120])
		if tag := a.send(t, s, m, all[120:]); tag != "recipients=150; limit=100" {
			t.Errorf("tag %q", tag)
		}
	}
	// Both gateways know of both mailings; when the second is counted, whoever else
	// would have counted the first has had its chance.
	counted := func(name string) float64 { return metric(t, a.daemon, name) + metric(t, b.daemon, name) }
	waitFor(t, "the mailings to be counted", func() bool { return counted(`councilgate_mass_mailings_total{justified="no"}`) >= 2 })
	if n, people := counted("councilgate_mass_mailing_recipients_count"), counted("councilgate_mass_mailing_recipients_sum"); n != 2 || people != 300 {
		t.Errorf("%v mailings to %v people, want 2 to 300", n, people)
	}
}

// A list is as many people as its file says, read again when it changes. Postfix
// reads the same file and delivers to them all.
func TestListFile(t *testing.T) {
	s := onStage(t)
	members := func(n int) string {
		return "alle@norreaa.example nord@norreaa.example, syd@norreaa.example, citizen-001@post.example\n" +
			"nord@norreaa.example " + strings.Join(rig.Citizens(60), ", ") + "\n" +
			"syd@norreaa.example\n\t" + strings.Join(rig.Citizens(n)[60:], ",\n\t") + "\n"
	}
	dir := files(t, map[string]string{
		"policy.yaml": mailingPolicy + "lists: {eksterne@norreaa.example: 101}\nlist_files: [DIR/virtual]\n",
		"virtual":     members(100),
	})
	g := s.startGateway(t, filepath.Join(dir, "policy.yaml"))
	for _, command := range [][]string{
		{"postconf", "-c", filepath.Join(g.postfix.Dir, "conf"), "-e", "virtual_alias_maps=texthash:" + dir + "/virtual", "virtual_alias_domains=norreaa.example"},
		{"postfix", "-c", filepath.Join(g.postfix.Dir, "conf"), "reload"},
	} {
		if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", command, err, out)
		}
	}
	send := func(to ...string) (tag string, people int) {
		t.Helper()
		m := compose(harmless, "Subject: Til alle")
		reply, err := rig.Submit(g.postfix.Addr(submission), councillor, councillor, to, m.raw)
		if err != nil {
			t.Fatal(err)
		}
		wantCode(t, reply, "250")
		if err := g.postfix.Settled(); err != nil {
			t.Fatal(err)
		}
		copies := s.delivered(t, m)
		for _, d := range copies {
			people += len(d.To)
			tag = d.Header.Get("X-Mass-Mailing")
		}
		return tag, people
	}
	wantSent := func(tag string, people int, to ...string) {
		t.Helper()
		if gotTag, gotPeople := send(to...); gotTag != tag || gotPeople != people {
			t.Errorf("%d people got tag %q, want %d and %q", gotPeople, gotTag, people, tag)
		}
	}
	waitFor(t, "Postfix to know the list", func() bool {
		_, people := send("alle@norreaa.example")
		return people == 100
	})
	wantSent("", 100, "alle@norreaa.example")
	// Postfix delivers a second copy to the member who is named beside the list.
	wantSent("", 101, "alle@norreaa.example", "ALLE@norreaa.example", "citizen-007@post.example")

	reloads := metric(t, g.daemon, "councilgate_policy_last_reload_timestamp_seconds")
	if err := os.WriteFile(filepath.Join(dir, "virtual"), []byte(members(101)), 0o644); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the list to be read again", func() bool {
		return metric(t, g.daemon, "councilgate_policy_last_reload_timestamp_seconds") != reloads
	})
	if tag, _ := send("alle@norreaa.example"); tag != "recipients=101; limit=100" {
		t.Errorf("a list of 101: tag %q", tag)
	}

	// The list is internal by its name alone.
	reply, err := rig.Submit(g.postfix.Addr(submission), councillor, councillor, []string{"alle@norreaa.example"}, compose(sensitive).raw)
	if err != nil {
		t.Fatal(err)
	}
	wantCode(t, reply, "550")
}

// A mass mailing for a reason: the marker goes, the tag says so, the subject bears
// the prefix, and since the sender's signature does not survive that, a new one is
// there and holds. When the window has closed the mailing is counted.
func TestJustifiedMailing(t *testing.T) {
	s := onStage(t)
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := files(t, map[string]string{
		"policy.yaml": mailingPolicy + "rules:\n  mass-mailing: {window: 1s, subject_prefix: \"[Masseudsendelse]\"}\n" +
			"dkim: {domain: norreaa.example, selector: cg, key_file: DIR/key.pem}\n",
		"key.pem": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
	})
	d := s.startSpare(t, filepath.Join(dir, "policy.yaml"))

	m := compose(harmless, "Subject: =?utf-8?q?H=C3=B8ring?= [begrundelse: fristen =?utf-8?q?udl=C3=B8ber?=] om parken", "Date: Mon, 9 Mar 2026 11:02:00 +0100")
	signed := sign(t, private, m)
	got := s.wantDelivered(t, s.submit(t, spare, councillor, councillor, rig.Citizens(101), signed), signed)
	if subject := decodeSubject(t, got); subject != "[Masseudsendelse] Høring om parken" {
		t.Errorf("subject %q", subject)
	}
	if tag := got.Header.Get("X-Mass-Mailing"); tag != "recipients=101; limit=100; justified=yes" {
		t.Errorf("tag %q", tag)
	}
	verify(t, s, m.id, public)

	// What is not changed keeps its signature.
	untouched := sign(t, private, compose(harmless, "Date: Mon, 9 Mar 2026 11:02:00 +0100"))
	got = s.wantDelivered(t, s.submit(t, spare, councillor, councillor, []string{citizen}, untouched), untouched)
	if !strings.Contains(strings.Join(got.Header["Dkim-Signature"], ""), "s=client") {
		t.Errorf("signatures %q", got.Header["Dkim-Signature"])
	}
	verify(t, s, untouched.id, public)

	waitFor(t, "the mailing to be counted", func() bool {
		return metric(t, d, `councilgate_mass_mailings_total{justified="yes"}`) == 1
	})
	if sum := metric(t, d, "councilgate_mass_mailing_recipients_sum"); sum != 101 {
		t.Errorf("size %v, want 101", sum)
	}
	if n := metric(t, d, `councilgate_mass_mailings_total{justified="no"}`); n != 0 {
		t.Errorf("%v mailings without a reason", n)
	}
}

func decodeSubject(t *testing.T, d rig.Delivered) string {
	t.Helper()
	subject, err := new(mime.WordDecoder).DecodeHeader(d.Header.Get("Subject"))
	if err != nil {
		t.Fatal(err)
	}
	return subject
}

// sign signs a mail as the mail program of a councillor might.
func sign(t *testing.T, key ed25519.PrivateKey, m letter) letter {
	t.Helper()
	var signed bytes.Buffer
	raw := bytes.ReplaceAll(bytes.ReplaceAll(m.raw, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
	err := dkim.Sign(&signed, bytes.NewReader(raw), &dkim.SignOptions{
		Domain: "norreaa.example", Selector: "client", Signer: key,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed,
		HeaderKeys: []string{"From", "Subject", "Date"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return letter{id: m.id, raw: signed.Bytes()}
}

// verify checks that a mail as the next hop got it has one signature, and that it
// holds.
func verify(t *testing.T, s *stage, id string, key ed25519.PublicKey) {
	t.Helper()
	entries, err := os.ReadDir(s.sink.Dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		raw, err := os.ReadFile(filepath.Join(s.sink.Dir, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(raw, []byte(id)) {
			continue
		}
		raw = bytes.ReplaceAll(bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
		verifications, err := dkim.VerifyWithOptions(bytes.NewReader(raw), &dkim.VerifyOptions{LookupTXT: func(string) ([]string, error) {
			return []string{"v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(key)}, nil
		}})
		if err != nil || len(verifications) != 1 || verifications[0].Err != nil {
			t.Errorf("%d signatures, %v: %v", len(verifications), err, verifications)
		}
		return
	}
	t.Error("the mail is not there")
}
