package main

import "testing"

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
