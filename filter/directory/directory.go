// Package directory asks a directory server who the councillors are, by LDAP (RFC
// 4511), as OpenLDAP and Active Directory speak it. It logs nothing, and its errors
// tell of the server and the settings, never of a person.
package directory

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"

	"councilgate/policy"
)

// Bounds of what a directory may take and send.
const (
	dialTime    = 5 * time.Second
	requestTime = 15 * time.Second // for the answer to one request
	pageSize    = 500              // entries; Active Directory gives 1000 at most
	maxEntries  = 10_000
	maxAliases  = 100     // of one person
	maxPacket   = 4 << 20 // bytes of one entry
)

func init() { ber.MaxPacketLengthBytes = maxPacket }

// nestedMember is Active Directory's matching rule LDAP_MATCHING_RULE_IN_CHAIN, which
// follows groups in groups
// (https://learn.microsoft.com/windows/win32/adsi/search-filter-syntax).
const nestedMember = "1.2.840.113556.1.4.1941"

// Credentials are what the files hold that the settings name.
type Credentials struct {
	Password []byte // of the account to sign in as
	CA       []byte // certificates in PEM; nil for the system's
}

// Lookup asks who the councillors are. An answer that names nobody is an error: more
// likely the question is wrong than the council empty.
func Lookup(ctx context.Context, d policy.Directory, c Credentials) ([]policy.Member, error) {
	conn, config, err := connect(ctx, d, c)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	// Whatever the library waits for ends with the connection.
	defer context.AfterFunc(ctx, func() { conn.Close() })()

	if d.StartTLS {
		if err := conn.StartTLS(config); err != nil {
			return nil, explain("start TLS", err)
		}
	}
	if d.BindDN != "" {
		if err := conn.Bind(d.BindDN, string(c.Password)); err != nil {
			return nil, explain("sign in as bind_dn", err)
		}
	}
	members, err := search(conn, d)
	switch {
	case ctx.Err() != nil:
		return nil, errors.New("the directory did not answer in time")
	case err != nil:
		return nil, err
	case len(members) == 0 && d.Group != "":
		return nil, errors.New("the search found no member of the group; is its name right, and does the directory keep memberOf? Where it does not, use filter instead")
	case len(members) == 0:
		return nil, errors.New("the search found nobody; are base and filter right?")
	}
	return members, nil
}

// connect opens a connection to the server, and gives what makes it an encrypted one:
// the certificate must be good for the server's name.
func connect(ctx context.Context, d policy.Directory, c Credentials) (*ldap.Conn, *tls.Config, error) {
	u, err := url.Parse(d.URL)
	if err != nil {
		return nil, nil, errors.New("url: cannot be read")
	}
	config := &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12}
	if c.CA != nil {
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(c.CA) {
			return nil, nil, errors.New("ca_file: no certificate in PEM")
		}
	}
	dialer := &net.Dialer{Timeout: dialTime}
	if deadline, ok := ctx.Deadline(); ok {
		dialer.Deadline = deadline
	}
	conn, err := ldap.DialURL(d.URL, ldap.DialWithDialer(dialer), ldap.DialWithTLSConfig(config))
	if err != nil {
		return nil, nil, explain("connect", err)
	}
	conn.SetTimeout(requestTime)
	return conn, config, nil
}

// search gathers the members page by page (RFC 2696).
func search(conn *ldap.Conn, d policy.Directory) ([]policy.Member, error) {
	attributes := []string{"objectClass", d.Address}
	for _, name := range []string{d.Name, d.Aliases} {
		if name != "" {
			attributes = append(attributes, name)
		}
	}
	page := ldap.NewControlPaging(pageSize)
	request := ldap.NewSearchRequest(d.Base, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 0,
		int(requestTime/time.Second), false, filter(d), attributes, []ldap.Control{page})
	var members []policy.Member
	for {
		result, err := conn.Search(request)
		if err != nil {
			return nil, explain("search", err)
		}
		if len(members)+len(result.Entries) > maxEntries {
			return nil, fmt.Errorf("the search finds more than %d entries; is the filter right?", maxEntries)
		}
		for _, entry := range result.Entries {
			if m, ok := member(entry, d); ok {
				members = append(members, m)
			}
		}
		next, ok := ldap.FindControl(result.Controls, ldap.ControlTypePaging).(*ldap.ControlPaging)
		if !ok || len(next.Cookie) == 0 {
			return members, nil
		}
		page.SetCookie(next.Cookie)
	}
}

// filter tells the directory who is meant.
func filter(d policy.Directory) string {
	switch {
	case d.Filter != "":
		return d.Filter
	case d.Nested:
		return "(memberOf:" + nestedMember + ":=" + ldap.EscapeFilter(d.Group) + ")"
	}
	return "(memberOf=" + ldap.EscapeFilter(d.Group) + ")"
}

// member reads an entry. One without any address is nobody, and so is a group in the
// group: a mailing list is no councillor.
func member(entry *ldap.Entry, d policy.Directory) (policy.Member, bool) {
	var m policy.Member
	if d.Group != "" && slices.ContainsFunc(entry.GetEqualFoldAttributeValues("objectClass"), isGroup) {
		return m, false
	}
	if d.Name != "" {
		m.Name = entry.GetEqualFoldAttributeValue(d.Name)
	}
	all := entry.GetEqualFoldAttributeValues(d.Address)
	if d.Aliases != "" {
		all = append(all, entry.GetEqualFoldAttributeValues(d.Aliases)...)
	}
	for _, value := range all[:min(len(all), maxAliases)] {
		a := mailAddress(value)
		switch {
		case a == "":
		case m.Address == "":
			m.Address = a
		default:
			m.Aliases = append(m.Aliases, a)
		}
	}
	return m, m.Address != ""
}

// isGroup reports whether an object class is that of groups, in Active Directory (group)
// or by RFC 4519.
func isGroup(class string) bool {
	for _, group := range []string{"group", "groupOfNames", "groupOfUniqueNames"} {
		if strings.EqualFold(class, group) {
			return true
		}
	}
	return false
}

// mailAddress reads a value of proxyAddresses: "SMTP:" goes before the main address and
// "smtp:" before the others; addresses of other systems (X500:, SIP:) are nothing to us.
func mailAddress(value string) string {
	value = strings.TrimSpace(value)
	if scheme, address, ok := strings.Cut(value, ":"); ok {
		if !strings.EqualFold(scheme, "smtp") {
			return ""
		}
		value = address
	}
	if !strings.Contains(value, "@") {
		return ""
	}
	return value
}

// explain says why a step failed. What the server itself says of it is left out: it
// may name somebody.
func explain(step string, err error) error {
	var result *ldap.Error
	if !errors.As(err, &result) {
		return fmt.Errorf("cannot %s: %w", step, err)
	}
	switch result.ResultCode {
	case ldap.ErrorNetwork:
		if result.Err != nil {
			return fmt.Errorf("cannot %s: %w", step, result.Err)
		}
		return fmt.Errorf("cannot %s: the connection broke", step)
	case ldap.LDAPResultInvalidCredentials:
		return fmt.Errorf("cannot %s: wrong name or password", step)
	}
	text := ldap.LDAPResultCodeMap[result.ResultCode]
	if text == "" {
		text = "unknown result"
	}
	return fmt.Errorf("cannot %s: LDAP result %d (%s)", step, result.ResultCode, text)
}
