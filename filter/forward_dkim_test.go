package filter

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"

	"councilgate/policy"
)

// fakeResolver is a DNS of TXT records. It counts what it is asked.
type fakeResolver struct {
	records map[string]string
	asked   int
	hang    bool // until the context ends
}

func (r *fakeResolver) LookupTXT(ctx context.Context, name string) ([]string, error) {
	r.asked++
	if r.hang {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if txt, ok := r.records[name]; ok {
		return []string{txt}, nil
	}
	return nil, errors.New("no such name")
}

// citizensMail is a citizen's mail that bears a signature of the citizen's provider,
// and the DNS that has its key.
func citizensMail(t *testing.T, signer string) ([]byte, *fakeResolver) {
	t.Helper()
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	mail := "From: Ole Krogh <ole.krogh@post.example>\r\nTo: byraadet@norreaa.example\r\nSubject: Larm\r\n" +
		"Message-ID: <1@post.example>\r\n\r\nDer er larm hver nat.\r\n"
	var signed bytes.Buffer
	err := dkim.Sign(&signed, strings.NewReader(mail), &dkim.SignOptions{Domain: signer, Selector: "s", Signer: key})
	if err != nil {
		t.Fatal(err)
	}
	public := base64.StdEncoding.EncodeToString(key.Public().(ed25519.PublicKey))
	return signed.Bytes(), &fakeResolver{records: map[string]string{"s._domainkey." + signer: "v=DKIM1; k=ed25519; p=" + public}}
}

func TestSignatures(t *testing.T) {
	const provider = "post.example"
	good, dns := citizensMail(t, provider)
	sub, subDNS := citizensMail(t, "mail.post.example")
	other, otherDNS := citizensMail(t, "else.example")
	first := []byte("DKIM-Signature: v=1; d=else.example;\r\n\ts=x; b=AAAA\r\n")
	tests := []struct {
		name string
		mail []byte
		dns  *fakeResolver
		want bool
	}{
		{"signed", good, dns, true},
		{"signed by a subdomain", sub, subDNS, true},
		{"signed by another domain", other, otherDNS, false},
		{"another signature above", append(first, good...), dns, true},
		{"fields added above", append([]byte("Delivered-To: x@norreaa.example\r\n"), good...), dns, true},
		{"text added below", append(good[:len(good):len(good)], "Hilsen Anne\r\n"...), dns, false},
		{"no key", good, &fakeResolver{}, false},
		{"not signed", []byte("From: x@post.example\r\n\r\nx\r\n"), dns, false},
		{"broken signature", []byte("DKIM-Signature: d=post.example\r\n\r\nx\r\n"), dns, false},
		{"empty", nil, dns, false},
	}
	for _, tt := range tests {
		if got := NewSignatures(tt.dns, time.Minute).Prove(t.Context(), tt.mail, provider); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
	var off *Signatures
	if off.Prove(t.Context(), good, provider) {
		t.Error("proved without a resolver")
	}
}

func TestSignaturesCache(t *testing.T) {
	mail, dns := citizensMail(t, "post.example")
	s := NewSignatures(dns, time.Minute)
	for range 3 {
		s.Prove(t.Context(), mail, "post.example")
	}
	if dns.asked != 1 {
		t.Errorf("asked %d times for one key", dns.asked)
	}
	for n := range 2 * maxKeys {
		s.lookup(t.Context(), string(rune('a'+n%26))+strings.Repeat("x", n))
	}
	if len(s.keys) > maxKeys {
		t.Errorf("%d keys kept", len(s.keys))
	}
}

// A DNS that does not answer costs the time given and no more, and proves nothing.
func TestSignaturesDeadline(t *testing.T) {
	mail, dns := citizensMail(t, "post.example")
	dns.hang = true
	if NewSignatures(dns, time.Millisecond).Prove(t.Context(), mail, "post.example") {
		t.Error("proved without an answer")
	}
}

// A signature that is verified refuses what would be observed without.
func TestSignatureDecides(t *testing.T) {
	mail, dns := citizensMail(t, "post.example")
	p := policy.Default()
	env := Envelope{From: "anne.holm@norreaa.example", Recipients: []string{"anneholm72@gmail.com"}}
	inspector := NewInspector()
	observed := func(h policy.RuleHit) bool { return h.Rule == policy.PrivateForward && h.Action == policy.Observe }
	if v := inspector.Judge(t.Context(), p, env, mail).Verdict; v.Action != policy.Accept || !slices.ContainsFunc(v.Hits, observed) {
		t.Errorf("without DNS: %v, hits %v", v.Action, v.Hits)
	}
	inspector.Signatures = NewSignatures(dns, time.Minute)
	if v := inspector.Judge(t.Context(), p, env, mail).Verdict; v.Action != policy.Reject || v.Forward.Private != policy.Certain {
		t.Errorf("with DNS: %v, %v", v.Action, v.Forward)
	}
}
