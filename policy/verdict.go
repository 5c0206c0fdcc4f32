package policy

import "fmt"

// Rule names one rule of the guidelines; the same word is policy key, metric
// label, JSON value and log field.
type Rule string

// The rules, in the order in which they are applied.
const (
	QuotedSensitive   Rule = "quoted-sensitive"
	OwnSensitive      Rule = "own-sensitive"
	PrivateForward    Rule = "private-forward"
	MassMailing       Rule = "mass-mailing"
	SolicitsSensitive Rule = "solicits-sensitive"
)

// Rules lists every rule in the order in which they are applied.
func Rules() []Rule {
	return []Rule{QuotedSensitive, OwnSensitive, PrivateForward, MassMailing, SolicitsSensitive}
}

// Action is what happens to a mail, from mild to strict. TempFail stands apart:
// it is the answer for what could not be judged, and outranks the rest, since a
// mail that waits can still be judged.
type Action int

// The actions.
const (
	Accept   Action = iota
	Observe         // count only
	Tag             // add a header
	Reject          // refuse, for good
	TempFail        // come again later
)

var actionNames = [...]string{"accept", "observe", "tag", "reject", "tempfail"}

// String gives the word used in policy, metrics, JSON and logs.
func (a Action) String() string {
	if a >= Accept && a <= TempFail {
		return actionNames[a]
	}
	return fmt.Sprintf("Action(%d)", int(a))
}

// MarshalText implements encoding.TextMarshaler.
func (a Action) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// RuleHit is a rule that applied to a message, and what it asks for.
type RuleHit struct {
	Rule   Rule   `json:"rule"`
	Action Action `json:"action"`
	// Would is what the rule would ask for were it not in shadow mode, where its
	// action is no more than to observe; Accept for all other rules.
	Would Action `json:"would,omitempty"`
}

// Recipients counts the distinct envelope recipients by what they are.
type Recipients struct {
	Total    int `json:"total"`
	Internal int `json:"internal"` // the municipality's own domains
	Secure   int `json:"secure"`   // behind a secure-mail gateway
	Private  int `json:"private"`  // a mailbox of the councillor's own outside the house
	Outside  int `json:"outside"`  // everybody else
}

// Header is a header field to add. Fields of the same name that the mail already
// has are removed first, so that nobody can forge one.
type Header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Verdict is what follows from the evidence. It holds no text of the mail.
type Verdict struct {
	Action Action // accept, tag, reject or tempfail: what happens to the mail
	Rule   Rule   // the rule that caused the action, "" if none did
	// Would is what would have happened were nothing in shadow mode, if that is
	// stronger than Action; else its zero value.
	Would      Outcome
	Hits       []RuleHit
	Findings   []Finding
	Gaps       []Gap
	Recipients Recipients
	Headers    []Header
	// Reached is how many distinct people the mailing has reached by now; members
	// of lists count.
	Reached int
	// SubjectPrefix is to stand before the subject, "" for none.
	SubjectPrefix string
	Sender        Sender // for the language and the words of the explanation
	Forward       ForwardVerdict
	Automatic     bool // as in the Evidence
	// Override is what the code in the subject was worth; Overridden lists the
	// rules that it kept from refusing the mail. Overridable is set when a code
	// may let this mail pass, and OverrideCode is that code if one was made.
	Override     OverrideState
	Overridden   []Rule
	Overridable  bool
	OverrideCode string
}
