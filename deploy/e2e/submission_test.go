package e2e

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/smtp"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const password = "correct horse"

// dovecot stands in for Dovecot's login service: one password for everybody. See
// Dovecot's "Authentication Protocol v1.2".
func dovecot(t *testing.T, socket string) {
	t.Helper()
	ln, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	if err := os.Chmod(socket, 0o666); err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go answerLogins(c)
		}
	}()
}

func answerLogins(c net.Conn) {
	defer c.Close()
	fmt.Fprintf(c, "VERSION\t1\t1\nMECH\tPLAIN\tplaintext\nSPID\t1\nCUID\t1\nCOOKIE\t0\nDONE\n")
	for lines := bufio.NewScanner(c); lines.Scan(); {
		fields := strings.Split(lines.Text(), "\t") // AUTH id PLAIN service=smtp ... resp=...
		if fields[0] != "AUTH" {
			continue
		}
		response, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(fields[len(fields)-1], "resp="))
		plain := bytes.Split(response, []byte{0}) // RFC 4616
		if len(plain) == 3 && string(plain[2]) == password {
			fmt.Fprintf(c, "OK\t%s\tuser=%s\n", fields[1], plain[1])
		} else {
			fmt.Fprintf(c, "FAIL\t%s\n", fields[1])
		}
	}
}

// certificate makes a key and a certificate for it, in files that a mail server reads.
func certificate(t *testing.T, dir, name string) (pair tls.Certificate, certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		Subject:      pkix.Name{CommonName: name},
		DNSNames:     []string{name},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(dir, name+".pem"), filepath.Join(dir, name+".key")
	err = errors.Join(
		os.WriteFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644),
		os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600))
	if err != nil {
		t.Fatal(err)
	}
	pair, err = tls.X509KeyPair(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))
	if err != nil {
		t.Fatal(err)
	}
	return pair, certFile, keyFile
}

// fingerprint is how Postfix knows a certificate.
func fingerprint(c tls.Certificate) string {
	sum := sha256.Sum256(c.Certificate[0])
	return strings.ReplaceAll(fmt.Sprintf("% X", sum[:]), " ", ":")
}

// trusting is the settings of a mail program that does not look at the certificate.
func trusting(own ...tls.Certificate) *tls.Config {
	return &tls.Config{InsecureSkipVerify: true, Certificates: own}
}

// program sends a mail as a mail program does: it logs in with a password.
func program(t *testing.T, c *smtp.Client, login, from string, to []string, m letter) error {
	t.Helper()
	defer c.Close()
	if login != "" {
		if err := c.Auth(smtp.PlainAuth("", login, password, "127.0.0.1")); err != nil {
			return err
		}
	}
	return hand(c, from, to, m)
}

// hand hands a mail to a server.
func hand(c *smtp.Client, from string, to []string, m letter) error {
	if err := c.Mail(from); err != nil {
		return err
	}
	for _, rcpt := range to {
		if err := c.Rcpt(rcpt); err != nil {
			return err
		}
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(m.raw); err != nil {
		return err
	}
	return w.Close()
}

// startTLS opens a session that is encrypted from STARTTLS on.
func startTLS(t *testing.T, addr string, config *tls.Config) *smtp.Client {
	t.Helper()
	c, err := smtp.Dial(addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.StartTLS(config); err != nil {
		t.Fatal(err)
	}
	return c
}

// code is the SMTP code of a refusal, 250 for none.
func code(t *testing.T, err error) int {
	t.Helper()
	if err == nil {
		return 250
	}
	refusal, ok := errors.AsType[*textproto.Error](err)
	if !ok {
		t.Fatalf("no reply: %v", err)
	}
	return refusal.Code
}

// Councillors log in, by either port, and are judged by the login.
func TestSubmissionServer(t *testing.T) {
	s := onStage(t)
	dir := tempDir(t)
	_, cert, key := certificate(t, dir, "mx.norreaa.example")
	sh := s.startShape(t, []string{"submission", "notice"}, "", map[string]string{
		"/etc/ssl/certs/mail.pem":        cert,
		"/etc/ssl/private/mail.key":      key,
		"hash:/etc/postfix/sender_login": "inline:{ {" + councillor + " = " + councillor + "} }",
	})
	dovecot(t, filepath.Join(sh.postfix.Dir, "queue/private/auth"))

	ports := map[string]func(*testing.T) *smtp.Client{
		"submission": func(t *testing.T) *smtp.Client { return startTLS(t, sh.ports["submission"], trusting()) },
		"submissions": func(t *testing.T) *smtp.Client {
			conn, err := tls.Dial("tcp", sh.ports["submissions"], trusting())
			if err != nil {
				t.Fatal(err)
			}
			c, err := smtp.NewClient(conn, "127.0.0.1")
			if err != nil {
				t.Fatal(err)
			}
			return c
		},
	}
	for port, dial := range ports {
		t.Run(port, func(t *testing.T) {
			good, bad := compose(harmless), compose(sensitive)
			if got := code(t, program(t, dial(t), councillor, councillor, []string{citizen}, good)); got != 250 {
				t.Errorf("a harmless mail: %d", got)
			}
			sh.wantDelivered(t, good)
			if got := code(t, program(t, dial(t), councillor, councillor, []string{citizen}, bad)); got != 550 {
				t.Errorf("a sensitive mail: %d", got)
			}
			// The login goes before everything that the mail says.
			alias := compose(sensitive, "From: Nobody <kassen@norreaa.example>")
			if got := code(t, program(t, dial(t), councillor, councillor, []string{citizen}, alias)); got != 550 {
				t.Errorf("a sensitive mail in another name: %d", got)
			}
			if got := code(t, program(t, dial(t), "kari.lunde@norreaa.example", councillor, []string{citizen}, compose(harmless))); got != 553 {
				t.Errorf("a mail from somebody else's address: %d", got)
			}
			if got := code(t, program(t, dial(t), "", councillor, []string{citizen}, compose(harmless))); got/100 != 5 {
				t.Errorf("a mail without a login: %d", got)
			}
		})
	}
	t.Run("sendmail", func(t *testing.T) {
		m := compose(sensitive)
		if err := sh.postfix.Sendmail(councillor, bytes.NewReader(m.raw), citizen); err != nil {
			t.Fatal(err)
		}
		if n := len(sh.delivered(t, m)); n != 0 {
			t.Errorf("passed unjudged, %d times", n)
		}
	})
	t.Run("notices", func(t *testing.T) {
		// Of the words that are refused, which a notice may repeat.
		m := compose(sensitive)
		wantCode(t, sh.submit(t, "127.0.0.1:10587", councillor, []string{citizen}, m), "250")
		sh.wantDelivered(t, m)
	})
	t.Run("doctor", func(t *testing.T) { sh.healthy(t) })
}
