package policy

import (
	"net"
	"net/url"
	"strconv"
	"strings"
)

// noticeConfig asks for a mail to the councillor about each refusal.
type noticeConfig struct {
	Via     string `yaml:"via"`
	From    string `yaml:"from"`
	PerHour int    `yaml:"per_hour,omitempty"`
}

// Bounds of the notices that one councillor gets within an hour.
const (
	defaultNoticesPerHour = 6
	maxNoticesPerHour     = 60
)

// maxHelpURL bounds the address of the help pages, in bytes, so that an SMTP
// reply can hold it.
const maxHelpURL = 80

func (v *validator) notice(n noticeConfig) {
	if n == (noticeConfig{}) {
		return
	}
	if _, ok := parseVia(n.Via); !ok {
		v.add("notice.via", "must be the mail server's port that takes notices, written like smtp://127.0.0.1:10587")
	}
	a, ok := v.contact("notice.from", n.From)
	if ok && !v.within["internal"] && !v.internal.contain(a.Domain) {
		v.add("notice.from", "lies outside the house; name an address in an internal domain")
	}
	if n.PerHour < 0 || n.PerHour > maxNoticesPerHour {
		v.add("notice.per_hour", "must be how many notices a councillor gets within an hour at most, from 1 to %d", maxNoticesPerHour)
	}
}

// parseVia reads smtp://host:port.
func parseVia(s string) (hostport string, ok bool) {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "smtp" || u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" {
		return "", false
	}
	host, port, err := net.SplitHostPort(u.Host)
	if n, portErr := strconv.Atoi(port); err != nil || host == "" || portErr != nil || n < 1 || n > 65535 {
		return "", false
	}
	return u.Host, true
}

// Notice says how councillors are told of a refusal by mail.
type Notice struct {
	Via     string // host:port of the SMTP server
	From    Address
	PerHour int // to one councillor
}

// Notice gives the settings of notices; false if there are to be none.
func (p *Policy) Notice() (Notice, bool) {
	c := p.config.Notice
	via, ok := parseVia(c.Via)
	if !ok {
		return Notice{}, false
	}
	n := Notice{Via: via, From: address(c.From), PerHour: c.PerHour}
	if n.PerHour == 0 {
		n.PerHour = defaultNoticesPerHour
	}
	return n, true
}

func (v *validator) helpURL(s string) {
	if s == "" {
		return
	}
	u, err := url.Parse(s)
	plain := !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`"<>\^{|}`+"`", r) })
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || !plain || !strings.HasSuffix(s, "/") {
		v.add("help_url", "must be where the help pages lie, written like https://mail.norreaa.example/help/ with the slash at the end")
	} else if len(s) > maxHelpURL {
		v.add("help_url", "is longer than %d bytes; a reply has no room for it", maxHelpURL)
	}
}

// HelpURL is where councillors find the help pages, with a slash at the end, ""
// if the policy does not tell.
func (p *Policy) HelpURL() string { return p.config.HelpURL }
