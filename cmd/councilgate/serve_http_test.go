package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// bcrypt hash of "ret-kodeord", of the least cost that there is.
const passwordHash = "$2a$04$xZtHJFvTfrHdjmiPoAqraOrnmJjhVh50GbF9dHJHwDFiFF1Gt0Azy"

// writeCertificate writes a certificate for 127.0.0.1 that vouches for itself, with its
// key, and returns whom to trust.
func writeCertificate(t *testing.T, dir string) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(time.Hour),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{"cert.pem": {Type: "CERTIFICATE", Bytes: der}, "key.pem": {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(certificate)
	return pool
}

// TestServeHTTPConfig: TLS and passwords for everything on the address.
func TestServeHTTPConfig(t *testing.T) {
	const (
		tlsPart   = "tls_server_config: {cert_file: cert.pem, key_file: key.pem}\n"
		usersPart = "basic_auth_users: {vagt: '" + passwordHash + "'}\n"
	)
	tests := []struct {
		name, config, scheme string
		user, password       string
		want                 int
	}{
		{"plain", "", "http", "", "", 200},
		{"plain, with a file that asks for nothing", "{}\n", "http", "", "", 200},
		{"TLS", tlsPart, "https", "", "", 200},
		{"TLS, asked in clear", tlsPart, "http", "", "", 400},
		{"password", usersPart, "http", "vagt", "ret-kodeord", 200},
		{"both", tlsPart + usersPart, "https", "vagt", "ret-kodeord", 200},
		{"wrong password", tlsPart + usersPart, "https", "vagt", "forkert-kodeord", 401},
		{"wrong user", tlsPart + usersPart, "https", "fremmed", "ret-kodeord", 401},
		{"no password", tlsPart + usersPart, "https", "", "", 401},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			trusted := writeCertificate(t, dir)
			var args []string
			if tt.config != "" {
				file := filepath.Join(dir, "web.yaml")
				if err := os.WriteFile(file, []byte(tt.config), 0o600); err != nil {
					t.Fatal(err)
				}
				args = []string{"-http.config", file}
			}
			r := startServe(t, args...)
			transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted}}
			defer transport.CloseIdleConnections()
			client := &http.Client{Transport: transport}
			for _, path := range []string{"/", "/metrics", "/healthz", "/readyz", "/help/", "/favicon.svg"} {
				request, err := http.NewRequest(http.MethodGet, strings.Replace(r.http, "http", tt.scheme, 1)+path, nil)
				if err != nil {
					t.Fatal(err)
				}
				if tt.user != "" {
					request.SetBasicAuth(tt.user, tt.password)
				}
				response, err := client.Do(request)
				if err != nil {
					t.Fatal(err)
				}
				text, _ := io.ReadAll(response.Body)
				response.Body.Close()
				if response.StatusCode != tt.want || tt.want != 200 && bytes.Contains(text, []byte("councilgate_")) {
					t.Errorf("%s: %s %s", path, response.Status, text)
				}
			}
			for _, secret := range []string{"kodeord", "vagt", "fremmed", passwordHash[7:]} {
				if strings.Contains(r.output.String(), secret) {
					t.Errorf("%q is in the log: %s", secret, r.output)
				}
			}
		})
	}
}

// TestServeWrongHTTPConfig: what is wrong is told at start, and no password is.
func TestServeWrongHTTPConfig(t *testing.T) {
	tests := []struct{ config, want string }{
		{"", "no such file"},
		{"tls: {}\n", "field tls not found"},
		{"tls_server_config: {cert_file: cert.pem, key_file: none.pem}\n", "none.pem"},
		{"tls_server_config: {cert_file: cert.pem}\n", "missing one of key or key_file"},
		{"basic_auth_users: {vagt: kodeord}\n", "htpasswd"},
	}
	for _, tt := range tests {
		dir := t.TempDir()
		writeCertificate(t, dir)
		file := filepath.Join(dir, "web.yaml")
		if tt.config != "" {
			if err := os.WriteFile(file, []byte(tt.config), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		defer log.SetOutput(os.Stderr)
		var stderr output
		status := serveUntil(nil, []string{"-http.config", file, "-http", "inet:127.0.0.1:0", "-milter", "inet:127.0.0.1:0"}, &stderr)
		if text := stderr.String(); status != 1 || !strings.Contains(text, "-http.config "+file) || !strings.Contains(text, tt.want) || strings.Contains(text, "kodeord") {
			t.Errorf("%q: status %d, %s; want %q", tt.config, status, text, tt.want)
		}
	}
}
