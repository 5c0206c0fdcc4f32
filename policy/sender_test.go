package policy

import "testing"

const senderPolicy = `
internal: [norreaa.example, "nørreå.example"]
councillors:
  - address: anne.holm@norreaa.example
    aliases: [ah@norreaa.example, anne@party.example]
    private: [anneholm72@gmail.com]
  - address: bo@raad.norreaa.example
    aliases: [anne.holm@xn--nrre-toa4i.example]
`

func TestSender(t *testing.T) {
	tests := []struct {
		name      string
		id        Identity
		address   string // "" if nobody is to be found
		proof     string
		otherFrom bool
	}{
		{"login", Identity{Login: "anne.holm@norreaa.example", Envelope: "x@else.example"}, "anne.holm@norreaa.example", "login", false},
		{"login in capitals", Identity{Login: "Anne.Holm", Envelope: "x@else.example"}, "anne.holm@norreaa.example", "login", false},
		{"login is an alias", Identity{Login: "AH", Envelope: "x@else.example"}, "anne.holm@norreaa.example", "login", false},
		{"login in a subdomain", Identity{Login: "bo", Envelope: "x@else.example"}, "bo@raad.norreaa.example", "login", false},
		{"login of an alias outside", Identity{Login: "anne", Envelope: "x@else.example"}, "", "", false},
		{"alias outside in full", Identity{Login: "anne@party.example", Envelope: "x@else.example"}, "anne.holm@norreaa.example", "login", false},
		{"private address is no identity", Identity{Login: "anneholm72@gmail.com", Envelope: "anneholm72@gmail.com"}, "", "", false},
		{"authentication-results", Identity{Authenticated: "ah@norreaa.example", Envelope: "bo@raad.norreaa.example"}, "anne.holm@norreaa.example", "authentication-results", false},
		{"login before authentication-results", Identity{Login: "bo", Authenticated: "ah@norreaa.example", Envelope: "x@else.example"}, "bo@raad.norreaa.example", "login", false},
		{"login of an employee, envelope of a councillor", Identity{Login: "secretary", Envelope: "AH@NORREAA.example"}, "anne.holm@norreaa.example", "envelope", false},
		{"IDN in the other spelling", Identity{Envelope: "anne.holm@NØRREÅ.example"}, "bo@raad.norreaa.example", "envelope", false},
		{"from", Identity{Envelope: "x@else.example", From: []string{"broken", "bo@raad.norreaa.example"}}, "bo@raad.norreaa.example", "from", false},
		{"two councillors in from", Identity{Envelope: "x@else.example", From: []string{"bo@raad.norreaa.example", "ah@norreaa.example"}}, "bo@raad.norreaa.example", "from", true},
		{"from names another councillor", Identity{Login: "anne.holm", Envelope: "x@else.example", From: []string{"bo@raad.norreaa.example"}}, "anne.holm@norreaa.example", "login", true},
		{"from names the same councillor", Identity{Login: "anne.holm", Envelope: "x@else.example", From: []string{"ah@norreaa.example"}}, "anne.holm@norreaa.example", "login", false},
		{"from names a stranger", Identity{Login: "anne.holm", Envelope: "x@else.example", From: []string{"citizen@else.example"}}, "anne.holm@norreaa.example", "login", false},
		{"trusted identity", Identity{Trusted: "AH", Envelope: "group@norreaa.example"}, "anne.holm@norreaa.example", "trusted-identity", false},
		{"login before trusted identity", Identity{Login: "bo", Trusted: "ah@norreaa.example", Envelope: "x@else.example"}, "bo@raad.norreaa.example", "login", false},
		{"trusted identity before authentication-results", Identity{Trusted: "bo", Authenticated: "ah@norreaa.example", Envelope: "x@else.example"}, "bo@raad.norreaa.example", "trusted-identity", false},
		{"a common login, the trusted identity tells", Identity{Login: "exchange", Trusted: "bo", Envelope: "x@else.example"}, "bo@raad.norreaa.example", "trusted-identity", false},
		{"envelope with a tag", Identity{Envelope: "anne.holm+x@norreaa.example"}, "anne.holm@norreaa.example", "envelope", false},
		{"sender before from", Identity{Envelope: "group@norreaa.example", Sender: []string{"ah@norreaa.example"}, From: []string{"bo@raad.norreaa.example"}}, "anne.holm@norreaa.example", "sender", true},
		{"a secretary for a councillor", Identity{Envelope: "secretary@norreaa.example", Sender: []string{"secretary@norreaa.example"}, From: []string{"bo@raad.norreaa.example"}}, "bo@raad.norreaa.example", "from", false},
		{"forwarder", Identity{Envelope: "x@else.example", From: []string{"x@else.example"}, Forwarders: []string{"ah@norreaa.example"}}, "anne.holm@norreaa.example", "redirect", false},
		{"named in To alone", Identity{Envelope: "x@else.example", To: []string{"ah@norreaa.example"}}, "", "", false},
		{"SRS of Exchange", Identity{Envelope: "anne.holm+SRS=ab=XY=else.example=x@norreaa.example"}, "anne.holm@norreaa.example", "envelope", false},
		{"SRS of ours", Identity{Envelope: "SRS0=ab=XY=else.example=x@norreaa.example", To: []string{"y@else.example", "ah@norreaa.example"}}, "anne.holm@norreaa.example", "redirect", false},
		{"SRS of a stranger", Identity{Envelope: "SRS0=ab=XY=else.example=x@stranger.example", To: []string{"ah@norreaa.example"}}, "", "", false},
		{"null sender, forwarded", Identity{Forwarders: []string{"ah@norreaa.example"}}, "", "", false},
		{"null sender", Identity{Login: "anne.holm", From: []string{"ah@norreaa.example"}}, "", "", false},
		{"stranger", Identity{Login: "x", Envelope: "x@norreaa.example", From: []string{"x@norreaa.example"}}, "", "", false},
	}
	p := mustParse(t, senderPolicy)
	for _, tt := range tests {
		s, ok := p.Sender(tt.id)
		if ok != (tt.address != "") {
			t.Errorf("%s: found %v", tt.name, ok)
			continue
		}
		if ok && (s.Councillor.Address.Text() != tt.address || s.Proof != tt.proof || s.OtherFrom != tt.otherFrom) {
			t.Errorf("%s: got %s by %s, other From %v", tt.name, s.Councillor.Address.Text(), s.Proof, s.OtherFrom)
		}
	}
}

func TestSenderWithoutList(t *testing.T) {
	tests := []struct {
		name    string
		id      Identity
		address string
		proof   string
	}{
		{"envelope", Identity{Envelope: "Any.Body@norreaa.example"}, "any.body@norreaa.example", "envelope"},
		{"subdomain", Identity{Envelope: "anybody@skole.norreaa.example"}, "anybody@skole.norreaa.example", "envelope"},
		{"login without domain", Identity{Login: "Anybody", Envelope: "x@else.example"}, "anybody@norreaa.example", "login"},
		{"tag", Identity{Envelope: "anybody+x@norreaa.example"}, "anybody@norreaa.example", "envelope"},
		{"SRS", Identity{Envelope: "SRS0=ab=XY=else.example=x@norreaa.example", To: []string{"anybody@norreaa.example"}}, "anybody@norreaa.example", "redirect"},
		{"outside", Identity{Login: "x@else.example", Envelope: "x@else.example", From: []string{"x@notnorreaa.example"}}, "", ""},
		{"null sender", Identity{From: []string{"anybody@norreaa.example"}}, "", ""},
	}
	p := mustParse(t, "internal: [norreaa.example]")
	for _, tt := range tests {
		s, ok := p.Sender(tt.id)
		if ok != (tt.address != "") || ok && (s.Councillor.Address.Text() != tt.address || s.Proof != tt.proof) {
			t.Errorf("%s: got %s by %q, %v", tt.name, s.Councillor.Address.Text(), s.Proof, ok)
		}
	}
}

func TestIsSRS(t *testing.T) {
	for text, want := range map[string]bool{
		"SRS0=HHH=TT=else.example=x@norreaa.example":       true,
		"srs0+HHH=TT=else.example=x@norreaa.example":       true,
		"SRS1=HHH=b.example==HHH=TT=c.example=x@a.example": true,
		"anne+SRS=ab=XY=else.example=x@norreaa.example":    true,
		"srs0@norreaa.example":                             false,
		"srs0=x@norreaa.example":                           false,
		"srs0-news@norreaa.example":                        false,
		"anne.holm@norreaa.example":                        false,
	} {
		if got := IsSRS(address(text)); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}
