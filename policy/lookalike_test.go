package policy

import (
	"strings"
	"testing"
)

func TestLikeness(t *testing.T) {
	anne := Councillor{Name: "Anne Marie Holm", Address: Address{"amh", "norreaa.example"}, Private: []Address{{"klatremusen", "gmail.com"}}}
	bjorn := Councillor{Name: "Björn-Åke Sjöström", Address: Address{"bas", "norreaa.example"}}
	nameless := Councillor{Address: Address{"lise.kjaer", "norreaa.example"}}
	short := Councillor{Name: "Bo Li", Address: Address{"bo", "norreaa.example"}}
	many := Councillor{Name: "Anna Britta Carla Dorthe Ebba Friis", Address: Address{"a", "norreaa.example"}}
	tests := []struct {
		c    Councillor
		text string
		want Confidence
	}{
		{anne, "annemarieholm", Strong},
		{anne, "anne.m.holm", Strong},
		{anne, "amholm", Strong},
		{anne, "holm.a", Strong},
		{anne, "am.holm1972", Strong},
		{anne, "marie_holm", Strong},
		{anne, "annemarie", Strong},
		{anne, "holm-privat", Possible},
		{anne, "anne", Possible},
		{anne, "klatremusen2", Strong},
		{anne, "Holm, Anne", Strong},
		{anne, "Anne Holm (privat)", Strong},
		{anne, "amh", Possible},
		{anne, "anneholmgaard", 0},
		{anne, "lone.holm", 0},
		{anne, "", 0},
		{anne, "1972", 0},
		{anne, strings.Repeat("anneholm", 1000), 0},
		{bjorn, "bjorn.sjostrom", Strong},
		{bjorn, "bjoern.sjoestroem", Strong},
		{bjorn, "BJÖRN SJÖSTRÖM", Strong},
		{bjorn, "bjo\u0308rnsjo\u0308stro\u0308m", Strong},
		{bjorn, "ake.sjostrom", Strong},
		{bjorn, "aakesjostrom", Strong},
		{nameless, "lisekjær", Strong},
		{nameless, "l.kjaer", Strong},
		{short, "bo.li", Possible},
		{short, "li", 0},
		{many, "anna.friis", Strong},
		{many, "abcfriis", Strong},
	}
	for _, tt := range tests {
		if got := newLikeness(tt.c).of(tt.text); got != tt.want {
			t.Errorf("%s: %q is %v, want %v", tt.c.Name, tt.text, got, tt.want)
		}
	}
}

// The list of providers is there, and what it holds are domains as addresses have
// them.
func TestProviders(t *testing.T) {
	p := mustParse(t, "internal: [norreaa.example]\nprivate_providers: [fiber.example]\n")
	for domain, want := range map[string]bool{
		"gmail.com": true, "stofanet.dk": true, "telia.com": true, "online.no": true, "outlook.dk": true,
		"fiber.example": true, "post.fiber.example": true, "firma.gmail.com": false, "norreaa.example": false, "": false,
	} {
		if got := p.atPrivateProvider(Address{"x", domain}); got != want {
			t.Errorf("%s: %v", domain, got)
		}
	}
	if n := len(privateProviders()); n < 10_000 {
		t.Errorf("%d providers", n)
	}
	for domain := range privateProviders() {
		if d, err := parseDomain(domain); err != nil || d != domain {
			t.Errorf("%q is no domain", domain)
		}
	}
}

func FuzzLikeness(f *testing.F) {
	f.Add("Anne Holm", "anne.holm72")
	f.Add("Åse Ö. Æbelø", "a\u030ase")
	f.Fuzz(func(t *testing.T, name, text string) {
		l := newLikeness(Councillor{Name: name})
		if len(l) > 1000 {
			t.Errorf("%d spellings", len(l))
		}
		l.of(text)
	})
}
