package filter

import (
	"crypto/ed25519"
	"encoding/base64"
	"slices"
	"testing"

	"councilgate/policy"
)

func TestSignNotice(t *testing.T) {
	server := startServer(t, always(policy.Verdict{}))
	const message = "From: post@norreaa.example\r\nTo: anne@norreaa.example\r\nSubject: Hej\r\n\r\nHej\r\n"
	if fields, err := server.SignNotice([]byte(message)); err != nil || len(fields) != 0 {
		t.Errorf("signed without a key: %q, %v", fields, err)
	}
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := NewSigner("norreaa.example", "cg", pkcs8(t, private))
	if err != nil {
		t.Fatal(err)
	}
	server.SetSigner(signer)
	fields, err := server.SignNotice([]byte(message))
	if err != nil {
		t.Fatal(err)
	}
	record := "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)
	if got := verified(t, record, append(fields, message...)); !slices.Equal(got, []string{"norreaa.example"}) {
		t.Errorf("signatures: %v", got)
	}
	if _, err := server.SignNotice([]byte("no mail")); err == nil {
		t.Error("what is no mail is signed")
	}
}
