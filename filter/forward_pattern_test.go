package filter

import (
	"fmt"
	"testing"
	"time"

	"councilgate/policy"
)

var patternCouncillor = policy.Councillor{Address: policy.Address{Local: "anne.holm", Domain: "norreaa.example"}}

func TestForwardPattern(t *testing.T) {
	home := policy.Address{Local: "havfruen", Domain: "gmail.com"}
	type message struct {
		author, id string
		after      time.Duration // the one before
	}
	everything := func(gap time.Duration) []message {
		var list []message
		for n := range 5 {
			list = append(list, message{fmt.Sprintf("citizen%d@post.example", n%3), fmt.Sprint(n), gap})
		}
		return list
	}
	tests := []struct {
		name     string
		messages []message
		found    bool // by the last message
		fresh    int  // in all
	}{
		{"five by three", everything(time.Hour), true, 1},
		{"four", everything(time.Hour)[:4], false, 0},
		{"in a week", everything(40 * time.Hour), false, 0},
		{"by two", []message{{"a", "1", 0}, {"b", "2", 0}, {"a", "3", 0}, {"b", "4", 0}, {"a", "5", 0}, {"b", "6", 0}}, false, 0},
		{"tried again and again", []message{{"a", "1", 0}, {"b", "2", 0}, {"c", "3", 0}, {"c", "3", 0}, {"c", "3", 0}, {"c", "3", 0}}, false, 0},
		{"goes on", append(everything(time.Hour), message{"a", "6", 20 * time.Hour}, message{"a", "7", 20 * time.Hour}), true, 1},
		{"stopped", append(everything(time.Hour), message{"a", "6", 25 * time.Hour}), false, 1},
		{"begins anew", append(append(everything(time.Hour), message{"a", "6", 25 * time.Hour}), everything(time.Hour)...), true, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newForwardLog()
			now := time.Date(2026, 11, 12, 8, 0, 0, 0, time.UTC)
			l.now = func() time.Time { return now }
			var collectors []policy.Address
			sum := 0
			for _, m := range tt.messages {
				now = now.Add(m.after)
				var fresh int
				collectors, fresh = l.note(patternCouncillor, []policy.Address{home}, m.author, m.id)
				sum += fresh
			}
			if (len(collectors) == 1) != tt.found || sum != tt.fresh {
				t.Errorf("collectors %d, found %d times", len(collectors), sum)
			}
			if tt.found && collectors[0] != home {
				t.Error("not the recipient")
			}
		})
	}
}

// What is remembered stays within its bounds, and a pattern found is not lost by
// what comes after it.
func TestForwardPatternBounds(t *testing.T) {
	l := newForwardLog()
	to := func(n int) []policy.Address {
		return []policy.Address{{Local: fmt.Sprint(n), Domain: "else.example"}}
	}
	for n := range maxForwardPairs + 100 {
		l.note(patternCouncillor, to(n), "a", fmt.Sprint(n))
	}
	if len(l.pairs) > maxForwardPairs {
		t.Errorf("%d pairs", len(l.pairs))
	}
	for n := range 1000 {
		l.note(patternCouncillor, to(0), fmt.Sprint("author", n), fmt.Sprint("id", n))
	}
	for pair, list := range l.pairs {
		if len(list) > patternMessages {
			t.Errorf("%d messages of pair %x", len(list), pair)
		}
	}
	many := make([]policy.Address, 5000)
	for n := range many {
		many[n] = to(-n - 1)[0]
	}
	before := len(l.pairs)
	l.note(patternCouncillor, many, "a", "many")
	if grown := len(l.pairs) - before; grown > maxForwardTo {
		t.Errorf("%d pairs for one message", grown)
	}
}
