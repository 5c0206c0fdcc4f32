package policy

import "testing"

func TestPrivateForward(t *testing.T) {
	outside, private := rcpts("x@else.example"), rcpts("anneholm72@gmail.com")
	lookalike := rcpts("anne.holm@live.dk")
	like := func(c Confidence) []Lookalike { return []Lookalike{{lookalike[0], c}} }
	carried := []Place{Forwarded}
	tests := []struct {
		name string
		e    Evidence
		want Confidence // 0 if the rule does not apply
	}{
		{"registered", Evidence{Recipients: private, Carried: carried}, Certain},
		{"registered, nothing carried", Evidence{Recipients: private}, 0},
		{"registered, redirect", Evidence{Recipients: private, Forward: Forward{Redirect: Strong}}, Strong},
		{"registered, perhaps a redirect", Evidence{Recipients: private, Forward: Forward{Redirect: Possible}}, Possible},
		{"registered, circular", Evidence{Recipients: private, Carried: carried, Forward: Forward{Circular: true}}, 0},
		{"look-alike", Evidence{Recipients: lookalike, Carried: carried, Forward: Forward{Lookalikes: like(Strong)}}, Strong},
		{"look-alike alone", Evidence{Recipients: lookalike, Forward: Forward{Lookalikes: like(Strong)}}, Possible},
		{"weak look-alike", Evidence{Recipients: lookalike, Carried: carried, Forward: Forward{Lookalikes: like(Possible)}}, Possible},
		{"look-alike, answered", Evidence{Recipients: lookalike, Carried: carried, Forward: Forward{Lookalikes: like(Strong), Answered: rcpts("Anne.Holm+x@live.dk")}}, 0},
		{"look-alike, another answered", Evidence{Recipients: lookalike, Carried: carried, Forward: Forward{Lookalikes: like(Strong), Answered: outside}}, Strong},
		{"registered, answered", Evidence{Recipients: private, Carried: carried, Forward: Forward{Answered: private}}, Certain},
		{"everything to a private mailbox", Evidence{Recipients: rcpts("x@gmail.com"), Carried: carried, Forward: Forward{Collectors: rcpts("x@gmail.com")}}, Strong},
		{"everything to a firm", Evidence{Recipients: outside, Carried: carried, Forward: Forward{Collectors: outside}}, Possible},
		{"everything to the secure route", Evidence{Recipients: rcpts("x@sikkerpost.example"), Carried: carried, Forward: Forward{Collectors: rcpts("x@sikkerpost.example")}}, 0},
		{"outside", Evidence{Recipients: outside, Carried: carried}, 0},
	}
	p := mustParse(t, decidePolicy)
	for _, tt := range tests {
		tt.e.Sender = anne(t, p)
		v := p.Decide(tt.e)
		if v.Forward.Private != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, v.Forward.Private, tt.want)
		}
		var action Action
		switch {
		case tt.want >= Strong:
			action = Reject
		case tt.want > 0:
			action = Observe
		}
		var got Action
		for _, h := range v.Hits {
			got = h.Action
		}
		if got != action || len(v.Hits) > 1 {
			t.Errorf("%s: hits %v, want %v", tt.name, v.Hits, action)
		}
	}
}

func TestForwardKind(t *testing.T) {
	for want, f := range map[string]ForwardVerdict{
		"":           {Redirected: true, Everything: true},
		"registered": {Private: Certain},
		"look-alike": {Private: Possible},
		"redirect":   {Private: Certain, Redirected: true},
		"everything": {Private: Strong, Redirected: true, Everything: true},
	} {
		if got := f.Kind(); got != want {
			t.Errorf("%v: %q, want %q", f, got, want)
		}
	}
}
