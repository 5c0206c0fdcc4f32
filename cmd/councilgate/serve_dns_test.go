package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"net"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"
	"golang.org/x/net/dns/dnsmessage"
)

func TestDNSServer(t *testing.T) {
	for text, ok := range map[string]bool{
		"": true, "system": true, "127.0.0.1:53": true, "[::1]:53": true, "dns.norreaa.example:53": true,
		"127.0.0.1": false, ":53": false, "127.0.0.1:": false, "System": false,
	} {
		var s dnsServer
		err := s.UnmarshalText([]byte(text))
		if (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
		if ok && (s.signatures() != nil) != (text != "") {
			t.Errorf("%q: signatures are verified or not, the wrong way round", text)
		}
	}
}

// The server that is named is the one that is asked.
func TestDNSServerIsAsked(t *testing.T) {
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	var mail bytes.Buffer
	err := dkim.Sign(&mail, strings.NewReader("From: x@post.example\r\nSubject: y\r\n\r\nz\r\n"),
		&dkim.SignOptions{Domain: "post.example", Selector: "s", Signer: key})
	if err != nil {
		t.Fatal(err)
	}
	txt := "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(key.Public().(ed25519.PublicKey))
	server := dnsServer(serveTXT(t, "s._domainkey.post.example.", txt))
	if !server.signatures().Prove(t.Context(), mail.Bytes(), "post.example") {
		t.Error("not proved")
	}
	other := dnsServer(serveTXT(t, "t._domainkey.post.example.", txt))
	if other.signatures().Prove(t.Context(), mail.Bytes(), "post.example") {
		t.Error("proved without its key")
	}
}

// serveTXT runs a DNS server that has one TXT record, and returns its address.
func serveTXT(t *testing.T, name, txt string) string {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	go func() {
		buf := make([]byte, 512)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(buf[:n]) != nil || len(m.Questions) != 1 {
				continue
			}
			q := m.Questions[0]
			m.Response, m.RCode, m.Additionals = true, dnsmessage.RCodeNameError, nil
			if q.Name.String() == name {
				m.RCode = dnsmessage.RCodeSuccess
				m.Answers = []dnsmessage.Resource{{
					Header: dnsmessage.ResourceHeader{Name: q.Name, Type: dnsmessage.TypeTXT, Class: dnsmessage.ClassINET, TTL: 60},
					Body:   &dnsmessage.TXTResource{TXT: []string{txt}},
				}}
			}
			if answer, err := m.Pack(); err == nil {
				conn.WriteTo(answer, from)
			}
		}
	}()
	return conn.LocalAddr().String()
}
