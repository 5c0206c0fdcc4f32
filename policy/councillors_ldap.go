package policy

import (
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// ldapConfig asks a directory who the councillors are.
type ldapConfig struct {
	URL          string         `yaml:"url"`
	StartTLS     bool           `yaml:"start_tls,omitempty"`
	CAFile       string         `yaml:"ca_file,omitempty"`
	BindDN       string         `yaml:"bind_dn,omitempty"`
	PasswordFile string         `yaml:"password_file,omitempty"`
	Base         string         `yaml:"base"`
	Group        string         `yaml:"group,omitempty"`
	Nested       bool           `yaml:"nested,omitempty"`
	Filter       string         `yaml:"filter,omitempty"`
	Attributes   ldapAttributes `yaml:"attributes,omitempty"`
	Refresh      string         `yaml:"refresh,omitempty"`
}

type ldapAttributes struct {
	Address string `yaml:"address,omitempty"`
	Name    string `yaml:"name,omitempty"`
	Aliases string `yaml:"aliases,omitempty"`
}

// Bounds of the time between two questions to the directory.
const (
	defaultRefresh = 15 * time.Minute
	minRefresh     = time.Minute
	maxRefresh     = 24 * time.Hour
)

// maxDN bounds names, filters and attributes of a directory, in bytes.
const maxDN = 1000

func (v *validator) ldap(c ldapConfig) {
	if c == (ldapConfig{}) {
		return
	}
	const path = "councillors_ldap"
	secure, ok := parseLDAP(c.URL)
	switch {
	case !ok:
		v.add(path+".url", "must be a directory server, written like ldaps://dc1.norreaa.example")
	case !secure && !c.StartTLS:
		v.add(path+".url", "sends a password in the clear; write ldaps://, or add start_tls: true")
	case secure && c.StartTLS:
		v.add(path+".start_tls", "is for ldap://; with ldaps:// all is encrypted from the start: remove it")
	}
	if (c.BindDN == "") != (c.PasswordFile == "") {
		v.add(path, "needs both bind_dn and password_file, or neither for a directory that answers everybody")
	}
	if c.Base == "" {
		v.add(path+".base", "is missing; write where to search, like DC=norreaa,DC=example")
	}
	switch {
	case c.Group == "" && c.Filter == "":
		v.add(path+".group", "is missing; write the group whose members are the councillors, like CN=Byråd,OU=Groups,DC=norreaa,DC=example; or a filter")
	case c.Group != "" && c.Filter != "":
		v.add(path+".filter", "stands beside group; write one of them, such as (&(objectClass=person)(memberOf=GROUP)) as the filter alone")
	case c.Nested && c.Group == "":
		v.add(path+".nested", "is about a group; remove it, or write group instead of filter")
	case c.Filter != "" && (!strings.HasPrefix(c.Filter, "(") || !strings.HasSuffix(c.Filter, ")")):
		v.add(path+".filter", "must be a filter in brackets (RFC 4515), like (employeeType=councillor)")
	}
	for _, text := range []struct{ key, value string }{{"bind_dn", c.BindDN}, {"password_file", c.PasswordFile}, {"ca_file", c.CAFile},
		{"base", c.Base}, {"group", c.Group}, {"filter", c.Filter}} {
		if len(text.value) > maxDN {
			v.add(path+"."+text.key, "is longer than %d bytes; shorten it", maxDN)
		}
	}
	for _, attribute := range []struct{ key, name string }{{"address", c.Attributes.Address}, {"name", c.Attributes.Name}, {"aliases", c.Attributes.Aliases}} {
		if strings.ContainsFunc(attribute.name, func(r rune) bool {
			return r != '-' && r != ';' && r != '.' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
		}) {
			v.add(path+".attributes."+attribute.key, "is no name of an attribute; write it like mail")
		}
	}
	if c.Refresh != "" {
		if d, err := time.ParseDuration(c.Refresh); err != nil || d < minRefresh || d > maxRefresh {
			v.add(path+".refresh", "must be a time from 1m to 24h, written like 15m")
		}
	}
}

// parseLDAP reads the URL of a directory server; secure is set for ldaps.
func parseLDAP(s string) (secure, ok bool) {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "ldap" && u.Scheme != "ldaps" || u.Hostname() == "" || u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
		return false, false
	}
	return u.Scheme == "ldaps", true
}

// Directory says how a directory is asked who the councillors are (LDAP, RFC 4511).
type Directory struct {
	URL          string // ldap:// or ldaps://
	StartTLS     bool
	CAFile       string // of certificates that vouch for the server, "" for the system's
	BindDN       string // "" for an anonymous question
	PasswordFile string
	Base         string
	Group        string // distinguished name of the group, "" if Filter tells who is meant
	Nested       bool   // members of groups within the group, too (Active Directory alone)
	Filter       string
	// The attributes that hold the address, the name and further addresses.
	Address, Name, Aliases string
	Refresh                time.Duration
}

// Directory is where the policy wants councillors looked up; false if nowhere.
func (p *Policy) Directory() (Directory, bool) {
	c := p.config.CouncillorsLDAP
	if c.URL == "" {
		return Directory{}, false
	}
	d := Directory{
		URL: c.URL, StartTLS: c.StartTLS, CAFile: c.CAFile, BindDN: c.BindDN, PasswordFile: c.PasswordFile,
		Base: c.Base, Group: c.Group, Nested: c.Nested, Filter: c.Filter,
		Address: c.Attributes.Address, Name: c.Attributes.Name, Aliases: c.Attributes.Aliases,
		Refresh: defaultRefresh,
	}
	if c.Attributes == (ldapAttributes{}) {
		d.Name, d.Aliases = "displayName", "proxyAddresses"
	}
	if d.Address == "" {
		d.Address = "mail"
	}
	if refresh, err := time.ParseDuration(c.Refresh); err == nil {
		d.Refresh = refresh
	}
	return d, true
}

// A Member is a councillor as a directory tells of one.
type Member struct {
	Address string
	Name    string
	Aliases []string
}

// String gives a mask, so that no address gets into a log by accident.
func (Member) String() string { return "(member)" }

// Format implements fmt.Formatter: every verb gives the mask.
func (m Member) Format(f fmt.State, _ rune) { io.WriteString(f, m.String()) }

// MarshalText implements encoding.TextMarshaler, for JSON and slog: the mask.
func (m Member) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// WithMembers returns the policy with the members of a directory as councillors beside
// its own. One whom the policy itself knows, by any address, stays who that is and gets
// the addresses that are new. What is no address, or claimed by somebody else, or
// listed as a private mailbox, is left out; left tells how many were left out whole.
func (p *Policy) WithMembers(members []Member) (with *Policy, left int) {
	list := slices.Clone(p.config.Councillors)
	known := holdersOf(list)
	for _, m := range members {
		var free []string // addresses that nobody has
		person := -1
		for _, s := range append([]string{m.Address}, m.Aliases...) {
			a, err := ParseAddress(s)
			if _, private := known.private[a]; err != nil || private {
				continue
			}
			holder, taken := known.own[a]
			switch {
			case !taken:
				free = union(free, []string{s})
			case person < 0 && holder < len(p.councillors):
				person = holder
			}
		}
		switch {
		case person >= 0:
			list[person].Aliases = union(list[person].Aliases, free)
		case len(free) > 0 && len(list) < maxCouncillors:
			person = len(list)
			list = append(list, councillorConfig{Address: free[0], Name: shortName(m.Name), Aliases: free[1:]})
		default:
			left++
			continue
		}
		for _, a := range addresses(free) {
			known.own[a] = person
		}
	}
	return p.withCouncillors(list), left
}

// shortName cuts a name to what an explanation has room for, in one line.
func shortName(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "")), " ")
	for len(s) > maxName {
		_, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
	}
	return s
}

// String names the server alone.
func (d Directory) String() string { return fmt.Sprintf("(directory at %s)", d.URL) }
