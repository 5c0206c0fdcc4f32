package policy

import "testing"

func TestMailbox(t *testing.T) {
	tests := []struct{ address, want string }{
		{"anne.holm72+x@gmail.com", "anneholm72@gmail.com"},
		{"A.nne@GoogleMail.com", "anne@gmail.com"},
		{"an.ne+x@telia.com", "an.ne@telia.com"},
		{"+anne@telia.com", "+anne@telia.com"},
		{"anne@me.com", "anne@icloud.com"},
		{"a-n_n.e@protonmail.com", "anne@proton.me"},
		{"tag@anne.fastmail.com", "anne@fastmail.com"},
		{"anne%gmail.com@relay.example", "anne@gmail.com"},
		{"gmail.com!anne@relay.example", "anne@gmail.com"},
		{`"anne@gmail.com"@relay.example`, "anne@gmail.com"},
		{"a.example!b.example!anne@c.example", "anne@b.example"},
		{"a.example!b.example!c.example!d.example!e.example!anne@f.example", "e.example!anne@d.example"},
		{"wow!@relay.example", "wow!@relay.example"},
		{"100%@relay.example", "100%@relay.example"},
		{"%gmail.com@relay.example", "%gmail.com@relay.example"},
	}
	for _, tt := range tests {
		a, err := ParseAddress(tt.address)
		if err != nil {
			t.Fatalf("%s: %v", tt.address, err)
		}
		if got := mailbox(a).Text(); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.address, got, tt.want)
		}
	}
}

// Whatever the address, the mailbox of a mailbox is itself.
func FuzzMailbox(f *testing.F) {
	f.Add("anne.holm+x%gmail.com@relay.example")
	f.Add("a!b!c!d!e!f!g@x.fastmail.com")
	f.Fuzz(func(t *testing.T, s string) {
		a, err := ParseAddress(s)
		if err != nil {
			return
		}
		// Routes are followed for a few hops alone.
		for range 10 {
			a = routed(a)
		}
		if once := mailbox(a); mailbox(once) != once && routed(once) == once {
			t.Errorf("%q, then %q", once.Text(), mailbox(once).Text())
		}
	})
}

func TestOwns(t *testing.T) {
	p := mustParse(t, senderPolicy)
	s, _ := p.Sender(Identity{Envelope: "anne.holm@norreaa.example"})
	tests := []struct {
		text           string
		owns, resident bool
	}{
		{"anne.holm@norreaa.example", true, true},
		{"Anne.Holm+x@NORREAA.example", true, true},
		{"ah@norreaa.example", true, true},
		{"anne@party.example", true, true},
		{"anneholm72+x@googlemail.com", true, false},
		{"bo@raad.norreaa.example", false, false},
		{"not an address", false, false},
	}
	for _, tt := range tests {
		if owns, resident := s.Councillor.Owns(tt.text), s.Councillor.Resides(tt.text); owns != tt.owns || resident != tt.resident {
			t.Errorf("%s: owns %v, resides %v", tt.text, owns, resident)
		}
	}
}
