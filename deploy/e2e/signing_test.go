package e2e

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	"councilgate/deploy/rig"
)

// signingKey makes a key for a signer that runs as user postfix, and gives its file
// and its record in DNS.
func signingKey(t *testing.T, dir string) (file, record string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(dir, "mail.private")
	block := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	if err := os.WriteFile(file, block, 0o600); err != nil {
		t.Fatal(err)
	}
	return file, "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(public)
}

// startSigner runs a milter until the test ends it by a signal, and returns when it
// listens.
func startSigner(t *testing.T, end syscall.Signal, addr, program string, args ...string) {
	t.Helper()
	rig.Need(t, rig.Installed(program))
	var said bytes.Buffer
	cmd := exec.Command(program, args...)
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// Its workers, too.
		_ = syscall.Kill(-cmd.Process.Pid, end)
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("%s: %s", program, &said)
		}
	})
	waitFor(t, program+" to listen", func() bool {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			return false
		}
		c.Close()
		return true
	})
}

// startRspamd starts an rspamd that does nothing but sign: Debian's configuration, with
// all modules but those for DKIM switched off.
func startRspamd(t *testing.T, dir, key string, port int) {
	t.Helper()
	const modules = "/etc/rspamd/modules.d"
	list, err := os.ReadDir(modules)
	rig.Need(t, err)
	const off = "enabled = false;\n"
	files := map[string]string{
		"tlds": "example\n",
		"local.d/dkim_signing.conf": strings.Replace(readPiece(t, "signing", "dkim_signing.conf"),
			"/var/lib/rspamd/dkim/mail.private", key, 1),
		"local.d/worker-proxy.inc": fmt.Sprintf("bind_socket = \"127.0.0.1:%d\";\nmilter = yes;\ncount = 1;\n"+
			"upstream \"local\" { default = yes; self_scan = yes; }\n", port),
		"local.d/worker-normal.inc":     off,
		"local.d/worker-controller.inc": off,
		"local.d/logging.inc":           "type = \"console\";\nlevel = \"warning\";\n",
		// It asks no name server, and compiles nothing beforehand, which takes long.
		"local.d/options.inc": "dns { nameserver = [\"127.0.0.1:1\"]; timeout = 0.1s; retransmits = 1; }\n" +
			"disable_hyperscan = true;\nurl_tld = \"" + dir + "/tlds\";\n",
	}
	for _, module := range list {
		if name := module.Name(); name != "dkim.conf" && name != "dkim_signing.conf" {
			files["local.d/"+name] = off
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "local.d"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	startSigner(t, syscall.SIGTERM, fmt.Sprintf("127.0.0.1:%d", port), "rspamd", "-i", "-f", "-c", "/etc/rspamd/rspamd.conf",
		"--var=LOCAL_CONFDIR="+dir, "--var=DBDIR="+dir, "--var=RUNDIR="+dir, "--var=LOGDIR="+dir)
}

// valid reports whether the one signature of a delivered mail is valid.
func valid(t *testing.T, d rig.Delivered, record string) bool {
	t.Helper()
	verifications, err := dkim.VerifyWithOptions(bytes.NewReader(bytes.ReplaceAll(d.Raw, []byte("\n"), []byte("\r\n"))), &dkim.VerifyOptions{
		LookupTXT: func(string) ([]string, error) { return []string{record}, nil },
	})
	if err != nil || len(verifications) != 1 {
		t.Fatalf("%d signatures, %v", len(verifications), err)
	}
	return verifications[0].Err == nil
}

// A mass mailing, as councilgate leaves it, bears a valid signature if the signer comes
// after councilgate, and a broken one if it comes before.
func TestSigning(t *testing.T) {
	s := onStage(t)
	dir := tempDir(t)
	key, record := signingKey(t, dir)

	signers := map[string]func(t *testing.T, port int){
		"opendkim": func(t *testing.T, port int) {
			conf := strings.NewReplacer("inet:8891@", fmt.Sprintf("inet:%d@", port), "/etc/dkimkeys/mail.private", key).
				Replace(readPiece(t, "signing", "opendkim.conf"))
			file := filepath.Join(dir, "opendkim.conf")
			if err := os.WriteFile(file, []byte(conf), 0o644); err != nil {
				t.Fatal(err)
			}
			// It takes five seconds to end in good order.
			startSigner(t, syscall.SIGKILL, fmt.Sprintf("127.0.0.1:%d", port), "opendkim", "-f", "-x", file)
		},
		"rspamd": func(t *testing.T, port int) { startRspamd(t, dir, key, port) },
	}
	orders := []struct {
		name, order string
		valid       bool
	}{
		{"councilgate, signer", "$councilgate, $signer", true},
		{"signer, councilgate", "$signer, $councilgate", false},
	}
	for name, start := range signers {
		t.Run(name, func(t *testing.T) {
			port, err := rig.FreePort()
			if err != nil {
				t.Fatal(err)
			}
			start(t, port)
			for _, o := range orders {
				t.Run(o.name, func(t *testing.T) {
					sh := s.startShape(t, []string{"signing"}, "", map[string]string{
						"inet:127.0.0.1:8891":   fmt.Sprintf("inet:127.0.0.1:%d", port),
						"$councilgate, $signer": o.order,
					})
					// councilgate takes the reason out of the subject, and adds its tag.
					mailing := compose(harmless, "Subject: Invitation [begrundelse: valgkampen]")
					wantCode(t, sh.submit(t, "smtp", councillor, rig.Citizens(101), mailing), "250")
					got := sh.wantDelivered(t, mailing)
					if tag := got.Header.Get("X-Mass-Mailing"); tag == "" {
						t.Error("no tag")
					}
					if subject := got.Header.Get("Subject"); subject != "Invitation" {
						t.Errorf("Subject: %q", subject)
					}
					if ok := valid(t, got, record); ok != o.valid {
						t.Errorf("the signature of a mass mailing is valid: %v", ok)
					}
					// A mail that passes as it is verifies in either order.
					plain := compose(harmless)
					wantCode(t, sh.submit(t, "smtp", councillor, []string{citizen}, plain), "250")
					if !valid(t, sh.wantDelivered(t, plain), record) {
						t.Error("the signature of a mail that councilgate left as it was is broken")
					}
					wantCode(t, sh.submit(t, "smtp", councillor, []string{citizen}, compose(sensitive)), "550")
				})
			}
		})
	}
}
