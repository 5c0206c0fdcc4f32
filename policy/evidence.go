// Package policy says what may be sent: pure values in, values out. It reads
// no mail, opens no file and knows nothing of SMTP or Prometheus; whoever has
// the facts of a message (Evidence) gets the judgement (Verdict) from it.
package policy

import (
	"fmt"
	"time"
)

// Category is a kind of personal data that the guidelines keep out of mail. Its
// text is at once policy key, metric label, JSON value and log field.
//
// The list is that of GDPR articles 9(1) and 10, with the national
// identification numbers of article 87.
type Category string

// The categories.
const (
	NationalID       Category = "national-id"
	Health           Category = "health"
	Ethnicity        Category = "ethnicity"
	Sexuality        Category = "sexuality"
	Crime            Category = "crime"
	Politics         Category = "politics"
	Religion         Category = "religion"
	Union            Category = "union"
	GeneticBiometric Category = "genetic-biometric"
)

// Categories lists every category in its fixed order.
func Categories() []Category {
	return []Category{NationalID, Health, Ethnicity, Sexuality, Crime, Politics, Religion, Union, GeneticBiometric}
}

// Place says where in a mail a piece of text stands.
type Place string

// The places.
const (
	Own       Place = "own"       // the councillor wrote it
	Quoted    Place = "quoted"    // a reply carries it
	Forwarded Place = "forwarded" // an inline forward carries it
	Attached  Place = "attached"  // a message or document is attached
	Subject   Place = "subject"   // the Subject field of the mail itself
)

// Places lists every place in its fixed order.
func Places() []Place { return []Place{Own, Quoted, Forwarded, Attached, Subject} }

// Confidence says how sure a finding is. Only Strong and Certain can refuse a
// mail.
type Confidence int

// The confidences, from weak to sure.
const (
	Possible Confidence = iota + 1
	Strong
	Certain
)

var confidenceNames = [...]string{Possible: "possible", Strong: "strong", Certain: "certain"}

// String gives the word used in JSON and logs.
func (c Confidence) String() string {
	if c >= Possible && c <= Certain {
		return confidenceNames[c]
	}
	return fmt.Sprintf("Confidence(%d)", int(c))
}

// MarshalText implements encoding.TextMarshaler.
func (c Confidence) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// Finding is one sensitive thing in one place. It never holds the value that was
// found: Mask tells its kind and length, no more.
type Finding struct {
	// Rule is the rule that this finding speaks for. Decide fills it in.
	Rule       Rule       `json:"rule"`
	Category   Category   `json:"category"`
	Kind       string     `json:"kind"`  // finer than the category, from a closed list: "cpr", "diagnosis"
	Place      Place      `json:"place"` // where the text stands
	Part       string     `json:"part"`  // IMAP section number of the part (RFC 3501, section 6.4.5)
	Confidence Confidence `json:"confidence"`
	Mask       string     `json:"mask"` // "CPR number", "health words (2)"
	// Exception is the number of the exception, among those of the rule, that
	// keeps this finding from causing anything; 0 if none does. Decide fills it in.
	Exception int `json:"exception,omitempty"`
	// Solicits marks a request that somebody send such data, rather than the
	// data itself.
	Solicits bool `json:"-"`
	// Segment, Start and End tell the owner of the mail where to look: bytes
	// [Start,End) of the Segment-th segment's text.
	Segment int `json:"-"`
	Start   int `json:"-"`
	End     int `json:"-"`
}

// speaksFor reports whether a finding counts when a rule is applied.
func (f Finding) speaksFor(r Rule) bool { return f.Rule == r && f.Exception == 0 }

// GapKind says why a part of a mail could not be judged. The same word is the
// key under on_gap in the policy file.
type GapKind string

// The kinds of gaps.
const (
	Unreadable    GapKind = "unreadable"     // broken, too deep, too large, too many parts
	Encrypted     GapKind = "encrypted"      // S/MIME, OpenPGP, an archive with a password
	Unsupported   GapKind = "unsupported"    // a document format that councilgate does not read
	InternalError GapKind = "internal_error" // our own failure: a panic, or the time ran out
)

// GapKinds lists every kind in its fixed order.
func GapKinds() []GapKind { return []GapKind{Unreadable, Encrypted, Unsupported, InternalError} }

// Gap is something that could not be read. It is evidence; the policy says what
// follows.
type Gap struct {
	Kind   GapKind `json:"kind"`
	Part   string  `json:"part"`   // IMAP section number, "" for the whole message
	Reason string  `json:"reason"` // from a closed list: "too-deep", "too-large", "broken", ...
}

// Evidence is everything that a message was found to be, gathered by the filter
// before anything is decided.
type Evidence struct {
	At         time.Time // when the mail is judged; decides what has expired
	Sender     Sender    // who is judged
	Recipients []Address // distinct envelope recipients in the order given
	// Carried lists the places that hold other people's text: Quoted, Forwarded,
	// Attached. Empty for a mail that the councillor wrote from the start.
	Carried []Place
	// Reply is set when the header says that the mail answers or forwards
	// another, so that its Subject may be somebody else's.
	Reply    bool
	Findings []Finding
	Gaps     []Gap
	Forward  Forward // what the mail is as a forward
	// Automatic is set when no person sent the mail: an out-of-office answer or
	// the like (RFC 3834).
	Automatic bool
	// Override is what the code in the subject is worth, if there is one.
	Override OverrideState
	// Mailing is what other messages of the same mailing add to this one.
	Mailing Mailing
}

// CarriesOthers reports whether others' text is in the mail.
func (e *Evidence) CarriesOthers() bool { return len(e.Carried) > 0 }

// SubjectOfOthers reports whether the Subject is taken for others' words: that of a
// mail that answers or forwards another, or carries others' text.
func (e *Evidence) SubjectOfOthers() bool { return e.Reply || e.CarriesOthers() }
