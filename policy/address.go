package policy

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// Bounds of an address, in bytes. RFC 5321, section 4.5.3.1, allows 64 and 255;
// rewritten senders (SRS, VERP) exceed the first.
const (
	maxAddress = 1024 // as written, with quotes
	maxLocal   = 256
)

// Address is a mail address in the form in which mail systems compare it: local
// part without quotes and folded to lower case, domain in lower-case ASCII
// (IDNA). Two spellings of one mailbox are equal Addresses.
//
// Formatting, logging or marshalling an Address gives "(address)". Text gives
// the address itself.
type Address struct {
	Local  string
	Domain string
}

// errAddress holds no part of the address, since errors are logged.
var errAddress = errors.New("not a mail address of the form name@domain")

// ParseAddress reads an addr-spec as it stands in an SMTP envelope or header
// field, without angle brackets: user@domain, "quoted user"@domain, an IDN
// domain in either spelling, an address literal, or any of them behind the
// obsolete source route of RFC 5321, appendix C. Its error never shows s.
func ParseAddress(s string) (Address, error) {
	if len(s) > maxAddress || !utf8.ValidString(s) {
		return Address{}, errAddress
	}
	if strings.HasPrefix(s, "@") {
		_, s, _ = strings.Cut(s, ":")
	}
	local, domain, ok := cutLocal(s)
	if !ok {
		return Address{}, errAddress
	}
	local = strings.ToLower(local)
	if local == "" || len(local) > maxLocal || strings.ContainsFunc(local, unicode.IsControl) {
		return Address{}, errAddress
	}
	domain, err := parseDomain(domain)
	if err != nil {
		return Address{}, errAddress
	}
	return Address{Local: local, Domain: domain}, nil
}

// cutLocal splits an addr-spec at the @ behind its local part, which loses its
// quotes (RFC 5322, section 3.4.1).
func cutLocal(s string) (local, domain string, ok bool) {
	if !strings.HasPrefix(s, `"`) {
		local, domain, ok = strings.Cut(s, "@")
		return local, domain, ok && !strings.ContainsAny(local, " \"(),:;<>[\\]")
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '"':
			domain, ok = strings.CutPrefix(s[i+1:], "@")
			return b.String(), domain, ok
		case '\\':
			i++
			if i == len(s) {
				return "", "", false
			}
		}
		b.WriteByte(s[i])
	}
	return "", "", false
}

// domainProfile maps a domain as a mail system does before it asks DNS, but
// lets underscores pass, since they occur.
var domainProfile = idna.New(idna.MapForLookup(), idna.Transitional(false),
	idna.VerifyDNSLength(true), idna.StrictDomainName(false))

// parseDomain gives the lower-case ASCII form of a domain or address literal.
func parseDomain(s string) (string, error) {
	if strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") && len(s) <= len("[IPv6:]")+45 {
		if strings.ContainsFunc(s[1:len(s)-1], func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '[' || r == ']' }) {
			return "", errAddress
		}
		return strings.ToLower(s), nil
	}
	s, err := domainProfile.ToASCII(s)
	s = strings.TrimSuffix(s, ".") // the root
	if err != nil || s == "" || strings.HasSuffix(s, ".") || strings.ContainsFunc(s, func(r rune) bool { return !domainRune(r) }) {
		return "", errAddress
	}
	return s, nil
}

func domainRune(r rune) bool {
	return 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || r == '-' || r == '.' || r == '_'
}

// Text gives the address as it is written in a mail. Only what is meant to be
// read by the sender or the operator may use it.
func (a Address) Text() string {
	local := a.Local
	if strings.ContainsAny(local, " \"(),:;<>@[\\]") {
		local = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(local) + `"`
	}
	return local + "@" + a.Domain
}

const addressMask = "(address)"

// String gives a mask, so that no address gets into a log by accident.
func (a Address) String() string { return addressMask }

// Format implements fmt.Formatter: every verb gives the mask.
func (a Address) Format(f fmt.State, _ rune) { io.WriteString(f, addressMask) }

// MarshalText implements encoding.TextMarshaler, for JSON and slog: the mask.
func (a Address) MarshalText() ([]byte, error) { return []byte(addressMask), nil }
