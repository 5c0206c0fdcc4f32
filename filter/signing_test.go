package filter

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"
)

const signedBody = "Kære alle\r\n\r\nVi ses.\r\n"

func pkcs8(t *testing.T, key any) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

// verified returns the domains of a mail's signatures, those that do not hold with a
// question mark.
func verified(t *testing.T, record string, mail []byte) []string {
	t.Helper()
	results, err := dkim.VerifyWithOptions(bytes.NewReader(mail), &dkim.VerifyOptions{LookupTXT: func(string) ([]string, error) {
		return []string{record}, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	list := []string{}
	for _, r := range results {
		s := r.Domain
		if r.Err != nil {
			s += "?"
		}
		list = append(list, s)
	}
	slices.Sort(list)
	return list
}

func TestResign(t *testing.T) {
	_, theirs, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	record := func(kind string, public any) string {
		der, ok := public.(ed25519.PublicKey)
		if !ok {
			der, _ = x509.MarshalPKIXPublicKey(public)
		}
		return "v=DKIM1; k=" + kind + "; p=" + base64.StdEncoding.EncodeToString(der)
	}
	keys := map[string]struct {
		pem    []byte
		record string
	}{
		"Ed25519":     {pkcs8(t, theirs), record("ed25519", theirs.Public())},
		"RSA":         {pkcs8(t, rsaKey), record("rsa", rsaKey.Public())},
		"RSA PKCS #1": {pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(rsaKey)}), record("rsa", rsaKey.Public())},
	}
	header := "Received: from x\r\n\tby y\r\nFrom: anne@norreaa.example\r\nSubject: [motiv: x] Hej\r\nTo: a@post.example\r\n"
	subject := edit{index: 1, name: "Subject", value: "Hej\n =?utf-8?q?alle?="}
	tag := edit{name: "X-Mass-Mailing", value: "recipients=101; limit=100"}
	tests := []struct {
		name    string
		by      []string // the domains that have signed the mail
		covered []string
		edits   []edit
		want    []string // the signatures after
	}{
		{"not signed", nil, nil, []edit{subject, tag}, []string{}},
		{"nothing changed", []string{"norreaa.example"}, []string{"From", "Subject"}, nil, []string{"norreaa.example"}},
		{"other field changed", []string{"norreaa.example"}, []string{"From", "To"}, []edit{subject, tag}, []string{"norreaa.example"}},
		{"subject changed", []string{"norreaa.example"}, []string{"From", "Subject"}, []edit{subject, tag}, []string{"norreaa.example"}},
		{"tag forbidden by the signature", []string{"norreaa.example"}, []string{"From", "X-Mass-Mailing"}, []edit{tag}, []string{"norreaa.example"}},
		{"somebody else's", []string{"other.example"}, []string{"From", "Subject"}, []edit{subject}, []string{"norreaa.example", "other.example?"}},
		{"two, one of them ours", []string{"other.example", "norreaa.example"}, []string{"From", "Subject"}, []edit{subject, tag}, []string{"norreaa.example", "other.example?"}},
	}
	for kind, key := range keys {
		signer, err := NewSigner("norreaa.example", "cg", key.pem)
		if err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		for _, tt := range tests {
			t.Run(kind+"/"+tt.name, func(t *testing.T) {
				mail := []byte(header + "\r\n" + signedBody)
				for _, domain := range tt.by {
					var b bytes.Buffer
					err := dkim.Sign(&b, bytes.NewReader(mail), &dkim.SignOptions{
						Domain: domain, Selector: "s", Signer: signer.key, HeaderKeys: tt.covered,
						HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed,
					})
					if err != nil {
						t.Fatal(err)
					}
					mail = b.Bytes()
				}
				end := bytes.Index(mail, []byte("\r\n\r\n")) + 4
				edits, err := signer.resign(mail[:end], mail[end:], tt.edits)
				if err != nil {
					t.Fatal(err)
				}
				after := append(applyEdits(mail[:end], edits), mail[end:]...)
				if got := verified(t, key.record, after); !slices.Equal(got, tt.want) {
					t.Errorf("signatures %q, want %q; the mail:\n%s", got, tt.want, after)
				}
				if n := countFields(after, "DKIM-Signature"); n != len(tt.want) {
					t.Errorf("%d signatures, want %d", n, len(tt.want))
				}
			})
		}
	}
}

// What a signature of ours covers cannot be changed or doubled.
func TestSignatureHolds(t *testing.T) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := NewSigner("norreaa.example", "cg", pkcs8(t, private))
	if err != nil {
		t.Fatal(err)
	}
	header := "From: anne@norreaa.example\r\nSubject: Hej\r\nTo: a@post.example\r\nX-Mass-Mailing: recipients=101; limit=100\r\n"
	value, err := signer.sign([]byte(header+"\r\n"), []byte(signedBody))
	if err != nil {
		t.Fatal(err)
	}
	mail := "DKIM-Signature: " + strings.ReplaceAll(value, "\n", "\r\n") + "\r\n" + header + "\r\n" + signedBody
	record := "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)
	for name, tt := range map[string]struct{ old, new, want string }{
		"untouched":       {"", "", "norreaa.example"},
		"trace above":     {"DKIM", "Received: by z\r\nDKIM", "norreaa.example"},
		"other subject":   {"Subject: Hej", "Subject: Nej", "norreaa.example?"},
		"second From":     {"To: a", "From: x@post.example\r\nTo: a", "norreaa.example?"},
		"tag taken away":  {"X-Mass-Mailing: recipients=101; limit=100\r\n", "", "norreaa.example?"},
		"body":            {"Vi ses.", "Vi ses ikke.", "norreaa.example?"},
		"blanks in lines": {"Vi ses.", "Vi  ses. ", "norreaa.example"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := verified(t, record, []byte(strings.Replace(mail, tt.old, tt.new, 1))); !slices.Equal(got, []string{tt.want}) {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestNewSignerRefuses(t *testing.T) {
	t.Setenv("GODEBUG", "rsa1024min=0") // let the test make a key that is too small
	small, err := rsa.GenerateKey(rand.Reader, 768)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{
		"no PEM":         []byte("secret"),
		"another kind":   pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("secret")}),
		"elliptic curve": pkcs8(t, curve),
		"small RSA":      pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(small)}),
	} {
		if _, err := NewSigner("norreaa.example", "cg", text); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestApplyEdits(t *testing.T) {
	const header = "A: 1\r\nB: 1\r\n folded\r\na: 2\r\nB: 2\r\n\r\n"
	for _, tt := range []struct {
		edits []edit
		want  string
	}{
		{nil, header},
		{[]edit{{name: "C", value: "new"}}, "A: 1\r\nB: 1\r\n folded\r\na: 2\r\nB: 2\r\nC: new\r\n\r\n"},
		{[]edit{{index: 2, name: "A"}, {index: 1, name: "A"}}, "B: 1\r\n folded\r\nB: 2\r\n\r\n"},
		{[]edit{{index: 1, name: "b", value: "x\n y"}}, "A: 1\r\nb: x\r\n y\r\na: 2\r\nB: 2\r\n\r\n"},
		{[]edit{{index: 3, name: "A", value: "nowhere"}}, header},
	} {
		if got := string(applyEdits([]byte(header), tt.edits)); got != tt.want {
			t.Errorf("%v: %q, want %q", tt.edits, got, tt.want)
		}
	}
}

// Whatever a header holds, a signature of it either cannot be made or holds.
func FuzzResign(f *testing.F) {
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		f.Fatal(err)
	}
	signer := &Signer{"norreaa.example", "cg", private}
	f.Add("From: a@b.example\r\nDKIM-Signature: v=1; d=norreaa.example; h=from : subject\r\nSubject: x\r\n", "Hej", "body")
	f.Add("DKIM-Signature: h=subject\r\n\tDKIM-Signature:\r\n:\r\nSubject\r\n", "", "")
	f.Fuzz(func(t *testing.T, header, subject, body string) {
		edits, err := signer.resign([]byte(header+"\r\n"), []byte(body), []edit{{index: 1, name: "Subject", value: subjectValue(subject)}})
		if err == nil && len(edits) == 0 {
			t.Error("the edit is gone")
		}
		for _, e := range edits {
			if strings.ContainsAny(e.name, "\r\n:") || strings.Contains(strings.ReplaceAll(e.value, "\n ", ""), "\n") && e.name != signatureField {
				t.Errorf("an edit that breaks the header: %q", fmt.Sprint(e))
			}
		}
	})
}
