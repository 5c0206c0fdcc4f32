package rig

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// A Slapd is a private directory server of Debian's slapd, with the overlay that keeps
// memberOf and the attribute proxyAddresses of Active Directory. Nobody is answered
// without signing in.
type Slapd struct {
	URL, TLSURL string // ldap:// for StartTLS, ldaps://
	CA          string // file of the certificate that vouches for it
	Admin       string // whom to sign in as
	Password    string
	Base        string
	program     string
	dir         string
	cmd         *exec.Cmd
	done        chan error // receives the end of the process, once
}

// SlapdAvailable tells why a private slapd cannot run here, or nil if it can.
func SlapdAvailable() error {
	return Installed(slapdProgram)
}

const (
	slapdProgram = "/usr/sbin/slapd"
	slapdConfig  = `include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
attributetype ( 1.2.840.113556.1.2.210 NAME 'proxyAddresses' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
objectclass ( 1.3.6.1.4.1.32473.1 NAME 'mailPerson' SUP top AUXILIARY MAY proxyAddresses )
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
pidfile DIR/slapd.pid
disallow bind_anon
require authc
TLSCertificateFile DIR/server.pem
TLSCertificateKeyFile DIR/server.key
TLSCACertificateFile DIR/ca.pem
database mdb
maxsize 16777216
suffix "BASE"
rootdn "ADMIN"
rootpw PASSWORD
directory DIR/db
overlay memberof
`
)

// NewSlapd prepares a directory server in dir, for the name localhost. Start starts it.
func NewSlapd(dir string) (*Slapd, error) {
	s := &Slapd{
		Base: "dc=norreaa,dc=example", Admin: "cn=admin,dc=norreaa,dc=example", Password: "a password for the tests",
		CA: filepath.Join(dir, "ca.pem"), program: filepath.Join(dir, "slapd"), dir: dir,
	}
	for _, url := range []struct {
		scheme string
		into   *string
	}{{"ldap", &s.URL}, {"ldaps", &s.TLSURL}} {
		port, err := FreePort()
		if err != nil {
			return nil, err
		}
		*url.into = fmt.Sprintf("%s://localhost:%d", url.scheme, port)
	}
	if err := os.MkdirAll(filepath.Join(dir, "db"), 0o700); err != nil {
		return nil, err
	}
	if err := writeCertificates(dir); err != nil {
		return nil, err
	}
	config := strings.NewReplacer("DIR", dir, "BASE", s.Base, "ADMIN", s.Admin, "PASSWORD", `"`+s.Password+`"`).Replace(slapdConfig)
	if err := os.WriteFile(filepath.Join(dir, "slapd.conf"), []byte(config), 0o600); err != nil {
		return nil, err
	}
	// Where AppArmor is on, Debian's profile for the path of the program would keep it
	// from our directory.
	return s, copyFile(s.program, slapdProgram, 0o755)
}

// Start starts the server and returns when it answers.
func (s *Slapd) Start() error {
	log, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	s.cmd = exec.Command(s.program, "-d", "0", "-f", filepath.Join(s.dir, "slapd.conf"), "-h", s.URL+" "+s.TLSURL)
	s.cmd.Stdout, s.cmd.Stderr = log, log
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := s.cmd.Start(); err != nil {
		return err
	}
	s.done = make(chan error, 1)
	go func() { s.done <- s.cmd.Wait() }()
	return eventually("slapd to answer", func() (bool, error) {
		select {
		case err := <-s.done:
			s.done <- err
			return false, fmt.Errorf("ended: %v\n%s", err, tail(log.Name(), 20))
		default:
		}
		for _, url := range []string{s.URL, s.TLSURL} {
			_, addr, _ := strings.Cut(url, "//")
			conn, err := net.Dial("tcp", addr)
			if err != nil {
				return false, nil
			}
			conn.Close()
		}
		return true, nil
	})
}

// Stop stops the server; what it stores remains.
func (s *Slapd) Stop() error {
	if s.cmd == nil {
		return nil
	}
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-s.done
	s.cmd = nil
	return nil
}

// writeCertificates writes ca.pem, and server.pem with server.key for localhost.
func writeCertificates(dir string) error {
	now := time.Now()
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	server := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "localhost"}, NotBefore: ca.NotBefore, NotAfter: ca.NotAfter,
		DNSNames: []string{"localhost"}, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	serverKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	caDER, err := x509.CreateCertificate(rand.Reader, ca, ca, caKey.Public(), caKey)
	if err != nil {
		return err
	}
	serverDER, err := x509.CreateCertificate(rand.Reader, server, ca, serverKey.Public(), caKey)
	if err != nil {
		return err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(serverKey)
	if err != nil {
		return err
	}
	for _, file := range []struct {
		name, kind string
		der        []byte
		mode       os.FileMode
	}{{"ca.pem", "CERTIFICATE", caDER, 0o644}, {"server.pem", "CERTIFICATE", serverDER, 0o644}, {"server.key", "PRIVATE KEY", keyDER, 0o600}} {
		text := pem.EncodeToMemory(&pem.Block{Type: file.kind, Bytes: file.der})
		if err := os.WriteFile(filepath.Join(dir, file.name), text, file.mode); err != nil {
			return err
		}
	}
	return nil
}

func copyFile(to, from string, mode os.FileMode) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	if _, err := io.Copy(target, source); err != nil {
		target.Close()
		return err
	}
	return target.Close()
}
