package filter

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"councilgate/filter/quote"
	"councilgate/policy"
)

// An override code is the first 40 bits of an HMAC over what it is bound to: whose
// mail it is, what it was refused for and the words around that, and the time, in
// slots. Whoever has the key can check a code without having kept it. A councillor
// who guesses has one chance in a billion a mail.
const (
	overrideSlot = 15 * time.Minute
	// maxSpent bounds the codes that are remembered as used. Beyond it no code is
	// taken until one of them would have expired.
	maxSpent = 10_000
	// MinOverrideKey is the least length of a key, in bytes.
	MinOverrideKey = 16
)

// codeAlphabet is Crockford's base 32, which has no letters that look like digits.
const codeAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

var codeEncoding = base32.NewEncoding(codeAlphabet).WithPadding(base32.NoPadding)

// Overrides makes override codes and checks them. It is safe for concurrent use.
type Overrides struct {
	now func() time.Time

	mu    sync.Mutex
	key   []byte
	spent map[string]time.Time // code, and until when it would be valid
}

// NewOverrides returns codes by a key of MinOverrideKey bytes or more; with nil it
// makes one, and the codes end with the process.
func NewOverrides(key []byte) *Overrides {
	o := &Overrides{now: time.Now, spent: make(map[string]time.Time)}
	o.SetKey(key)
	return o
}

// SetKey changes the key, unless it is nil and there is one. Codes of the key
// before are worth nothing.
func (o *Overrides) SetKey(key []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if key == nil && o.key == nil {
		key = []byte(rand.Text())
	}
	if key != nil {
		o.key = bytes.Clone(key)
	}
}

// claim is what a code is bound to but for the time.
type claim [sha256.Size]byte

// code makes the code of a claim for a slot of time.
func (o *Overrides) code(c claim, slot int64) string {
	mac := hmac.New(sha256.New, o.key)
	mac.Write(c[:])
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(slot)))
	text := codeEncoding.EncodeToString(mac.Sum(nil)[:5])
	return text[:4] + "-" + text[4:]
}

func slotOf(t time.Time) int64 { return t.Unix() / int64(overrideSlot/time.Second) }

// issue gives the code that is worth something from now on, "" if it was used
// already.
func (o *Overrides) issue(c claim) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	code := o.code(c, slotOf(o.now()))
	if _, used := o.spent[code]; used {
		return ""
	}
	return code
}

// redeem tells what a code is worth for a claim, and uses it up if it is accepted.
func (o *Overrides) redeem(code string, c claim, life time.Duration) policy.OverrideState {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := o.now()
	slot, known := o.slot(code, c, now)
	// A slot has begun when its first code is made, so its last may live one longer.
	valid := time.Unix((slot+1)*int64(overrideSlot/time.Second), 0).Add(life)
	_, used := o.spent[code]
	switch {
	case !known:
		return policy.OverrideForeign
	case used:
		return policy.OverrideUsed
	case now.After(valid):
		return policy.OverrideExpired
	}
	if len(o.spent) >= maxSpent {
		for spent, until := range o.spent {
			if now.After(until) {
				delete(o.spent, spent)
			}
		}
		if len(o.spent) >= maxSpent {
			return policy.OverrideUsed
		}
	}
	o.spent[code] = now.Add(2 * policy.MaxOverrideLife)
	return policy.OverrideAccepted
}

// slot finds the slot of time that a code was made in, as far back as a code that
// has expired can still be told from one that never was.
func (o *Overrides) slot(code string, c claim, now time.Time) (slot int64, ok bool) {
	first := slotOf(now)
	for slot = first; slot >= first-2*int64(policy.MaxOverrideLife/overrideSlot); slot-- {
		if hmac.Equal([]byte(o.code(c, slot)), []byte(code)) {
			return slot, true
		}
	}
	return 0, false
}

// override looks what the code of a refused mail is worth, and gives a new one where
// the mail stays refused.
func (i *Inspector) override(ctx context.Context, p *policy.Policy, e *policy.Evidence, v policy.Verdict, code string, segments []quote.Segment) policy.Verdict {
	c := newClaim(v, segments)
	if code != "" && ctx.Err() == nil {
		e.Override = i.Overrides.redeem(code, c, p.OverrideLife(v))
		v = p.Decide(*e)
	}
	if v.Overridable {
		v.OverrideCode = i.Overrides.issue(c)
	}
	return v
}

// newClaim says whose mail is refused for what. The order in which things were found,
// and how often, does not matter: mail programs send a text twice, in HTML as well.
func newClaim(v policy.Verdict, segments []quote.Segment) claim {
	var things []string
	for _, f := range v.Refused() {
		things = append(things, strings.Join([]string{
			string(f.Rule), string(f.Category), f.Kind, string(f.Place), f.Confidence.String(), surroundings(f, segments),
		}, "\x00"))
	}
	slices.Sort(things)
	h := sha256.New()
	h.Write([]byte(v.Sender.Councillor.Address.Text()))
	for _, thing := range slices.Compact(things) {
		h.Write([]byte{1})
		h.Write([]byte(thing))
	}
	return claim(h.Sum(nil))
}

// surroundingLetters is how much of the text on either side of what was found a code
// is bound to. It is enough to tell one letter from another, and leaves the rest of
// the mail free to change.
const surroundingLetters = 40

// surroundings gives the letters and digits of what was found, and of the text around
// it: white space and quote marks change when a mail is sent again.
func surroundings(f policy.Finding, segments []quote.Segment) string {
	if f.Segment < 0 || f.Segment >= len(segments) {
		return ""
	}
	text := segments[f.Segment].Text
	if f.Start < 0 || f.Start > f.End || f.End > len(text) {
		return ""
	}
	near := 10 * surroundingLetters // in bytes, of which most are letters
	before := letters(text[max(0, f.Start-near):f.Start])
	after := letters(text[f.End:min(len(text), f.End+near)])
	before = before[max(0, len(before)-surroundingLetters):]
	after = after[:min(len(after), surroundingLetters)]
	return string(before) + "\x00" + string(letters(text[f.Start:f.End])) + "\x00" + string(after)
}

func letters(s string) []rune {
	var kept []rune
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			kept = append(kept, unicode.ToLower(r))
		}
	}
	return kept
}

// overrideMark is a code in a subject with its reason. One that is not closed goes to
// the end, so that no reason is sent.
var overrideMark = regexp.MustCompile(`(?i)\[\s*ok[\s:]+([0-9a-z]{4})[\s-]?([0-9a-z]{4})\b[^\]]*(?:\]|$)`)

// cutOverride takes the codes with their reasons out of a subject and gives the first
// code, "" if there is none.
func cutOverride(subject string) (rest, code string) {
	m := overrideMark.FindStringSubmatch(subject)
	if m == nil {
		return subject, ""
	}
	rest = overrideMark.ReplaceAllString(subject, " ")
	return strings.Join(strings.Fields(rest), " "), plainCode(m[1] + "-" + m[2])
}

// plainCode reads a code as people write it: in small letters, with an O for a zero.
func plainCode(s string) string {
	return strings.NewReplacer("O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(s))
}

// takeOverride takes the codes out of the subjects of a mail, so that nothing of a
// reason is judged, and gives the first.
func takeOverride(raw []byte) (rest []byte, code string) {
	end := bytes.Index(raw, []byte("\r\n\r\n"))
	if end < 0 {
		return raw, ""
	}
	end += len("\r\n\r\n")
	edits := subjectEdits(raw[:end], func(subject string) string {
		rest, found := cutOverride(subject)
		if code == "" {
			code = found
		}
		return rest
	})
	if len(edits) == 0 {
		return raw, ""
	}
	return slices.Concat(applyEdits(raw[:end], edits), raw[end:]), code
}
