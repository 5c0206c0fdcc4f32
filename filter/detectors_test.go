package filter

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"councilgate/policy"
)

// wordsPolicy is a policy with what is added to it.
func wordsPolicy(t *testing.T, more string) *policy.Policy {
	t.Helper()
	p, err := policy.Parse("test.yaml", []byte("internal: [proeveby.example]\n"+more))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// judgeText judges a mail of the text that leaves the house.
func judgeText(i *Inspector, p *policy.Policy, text string) policy.Verdict {
	return judgeMail(i, p, "Subject: Re: Hej\r\nIn-Reply-To: <1@else.example>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"+
		"Tak for sidst.\r\n\r\nDen 3. marts 2026 skrev Bente <bente@else.example>:\r\n> "+text+"\r\n")
}

// judgeMail judges a mail that leaves the house; rest is what follows its From.
func judgeMail(i *Inspector, p *policy.Policy, rest string) policy.Verdict {
	raw := "From: ulla@proeveby.example\r\n" + rest
	return i.Judge(context.Background(), p, Envelope{From: "ulla@proeveby.example", Recipients: []string{"bente@else.example"}}, []byte(raw)).Verdict
}

// A message is judged by the words of the policy it began with, whatever is
// loaded meanwhile.
func TestWordsBelongToThePolicy(t *testing.T) {
	const text = "Min søn bor i Trappehuset, og han er ked af det."
	inspector := NewInspector()
	policies := map[policy.Action]*policy.Policy{
		policy.Accept: wordsPolicy(t, ""),
		policy.Reject: wordsPolicy(t, `words: [{category: health, language: da, entry: "telling: trappehuset"}]`),
	}
	var wait sync.WaitGroup
	for want, p := range policies {
		for range 4 {
			wait.Go(func() {
				for range 20 {
					if v := judgeText(inspector, p, text); v.Action != want {
						t.Errorf("%v, want %v: %+v", v.Action, want, v.Findings)
					}
				}
			})
		}
	}
	wait.Wait()
}

// A word that nobody has checked does not let a mail pass unread.
func TestUncheckedWord(t *testing.T) {
	p := wordsPolicy(t, `words: [{category: health, language: da, entry: "*"}]`)
	v := judgeText(NewInspector(), p, "Mit CPR-nummer er 140283-4036.")
	if v.Action != policy.TempFail || len(v.Findings) != 1 || len(v.Gaps) != 1 || v.Gaps[0] != wordsGap {
		t.Errorf("%v, %+v, %+v", v.Action, v.Findings, v.Gaps)
	}
}

func TestExceptionEndsWithItsDay(t *testing.T) {
	const rules = "rules: {quoted-sensitive: {except: [{categories: [national-id], recipients: [else.example], reason: R, until: %s}]}}\n"
	inspector := NewInspector()
	for until, want := range map[string]policy.Action{"2020-01-01": policy.Reject, "9999-12-31": policy.Accept} {
		v := judgeText(inspector, wordsPolicy(t, fmt.Sprintf(rules, until)), "Mit CPR-nummer er 140283-4036.")
		if v.Action != want || len(v.Findings) != 1 {
			t.Errorf("until %s: %v, %+v", until, v.Action, v.Findings)
		}
	}
}

// The subject of a new mail is the councillor's own words, of himself as a rule; that
// of an answer is the citizen's.
func TestWhoseSubject(t *testing.T) {
	inspector, p := NewInspector(), wordsPolicy(t, "")
	for head, want := range map[string]policy.Action{
		"Subject: Jeg har sklerose og er indlagt":                                  policy.Accept,
		"Subject: Re: Jeg har sklerose og er indlagt":                              policy.Reject,
		"Subject: Jeg har sklerose og er indlagt\r\nIn-Reply-To: <1@else.example>": policy.Reject,
		"Subject: Din mor har sklerose og er indlagt":                              policy.Reject,
	} {
		if v := judgeMail(inspector, p, head+"\r\n\r\nRing gerne til mig.\r\n"); v.Action != want {
			t.Errorf("%s: %v, want %v: %+v", head, v.Action, want, v.Findings)
		}
	}
}
