package policy

import (
	"fmt"
	"io"
)

// Identity is what a message says of its sender, by weight of proof. Addresses
// are as they came; Policy.Sender compares them folded.
type Identity struct {
	Login         string   // SASL login ({auth_authen}), "" if not authenticated
	Trusted       string   // value of the field that Policy.TrustedIdentity names, "" if none
	Authenticated string   // smtp.auth of a trusted Authentication-Results field (RFC 8601), "" if none
	Envelope      string   // MAIL FROM, "" for the null sender
	Sender        []string // addresses of the Sender field: who sent it for those in From
	From          []string // addresses of the From field
	// Forwarders are the mailboxes that passed the mail on, as forwarding marks name
	// them (Resent-From, Delivered-To, X-MS-Exchange-Inbox-Rules-Loop, ...).
	Forwarders []string
	To         []string // addresses of the To and Cc fields; needed where Envelope is an SRS address
	// Answer is set for an answer that a mailbox gave by itself: its null sender is
	// no sign of a bounce.
	Answer bool
}

// String gives a mask, so that no address gets into a log by accident.
func (Identity) String() string { return "(identity)" }

// Format implements fmt.Formatter: every verb gives the mask.
func (id Identity) Format(f fmt.State, _ rune) { io.WriteString(f, id.String()) }

// MarshalText implements encoding.TextMarshaler, for JSON and slog: the mask.
func (id Identity) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// Councillor is an elected person whose mail is judged.
type Councillor struct {
	Address  Address
	Name     string
	Aliases  []Address
	Private  []Address // mailboxes of the councillor's own outside the house
	Language string    // "" for the municipality's
}

// Sender is the councillor whose mail is judged.
type Sender struct {
	Councillor Councillor
	// Proof tells how the councillor was recognised: "login", "trusted-identity",
	// "authentication-results", "envelope", "sender", "from" or "redirect".
	Proof string
	// OtherFrom is set when the From field names another councillor than the one
	// who was recognised.
	OtherFrom bool
}
