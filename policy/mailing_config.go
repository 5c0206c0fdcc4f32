package policy

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode"
)

// listsConfig is the lists of known size, in the order of the file.
type listsConfig []listConfig

type listConfig struct {
	Address string
	Size    int
}

// MarshalYAML writes the lists as the policy file has them.
func (c listsConfig) MarshalYAML() (any, error) {
	sizes := make(map[string]int, len(c))
	for _, l := range c {
		sizes[l.Address] = l.Size
	}
	return sizes, nil
}

type stateFilesConfig struct {
	Password string `yaml:"password,omitempty"`
	Key      string `yaml:"key,omitempty"`
	CA       string `yaml:"ca,omitempty"`
}

type dkimConfig struct {
	Domain   string `yaml:"domain,omitempty"`
	Selector string `yaml:"selector,omitempty"`
	KeyFile  string `yaml:"key_file,omitempty"`
}

// Bounds of what a policy may ask for.
const (
	maxListSize = 1_000_000
	minWindow   = time.Second
	maxWindow   = 24 * time.Hour
	maxPrefix   = 40 // bytes of a subject prefix
)

// mailings checks all that is about mass mailings but the rule's action and limit.
func (v *validator) mailings(c *config) {
	v.lists(c.Lists)
	for i, file := range c.ListFiles {
		if file == "" {
			v.add(fmt.Sprintf("list_files[%d]", i), "name a file, like /etc/aliases")
		}
	}
	v.massMailing(c.Rules.MassMailing)
	v.state(c.State, c.StateFiles)
	v.dkim(c.DKIM)
}

func (v *validator) lists(list listsConfig) {
	known := make(map[Address]bool)
	for i, l := range list {
		path := fmt.Sprintf("lists[%d]", i)
		a, ok := v.address(path, l.Address)
		switch {
		case ok && known[a]:
			v.add(path, "is listed twice; remove one")
		case l.Size < 1 || l.Size > maxListSize:
			v.add(path, "must have the number of its people behind it, from 1 to %d, like alle@norreaa.example: 640", maxListSize)
		}
		known[a] = true
	}
}

func (v *validator) massMailing(c massMailingConfig) {
	window, err := time.ParseDuration(c.Window)
	if err != nil || window < minWindow || window > maxWindow {
		v.add("rules.mass-mailing.window", "must be a time from 1s to 24h, written like 1h or 90m")
	}
	if len(c.SubjectPrefix) > maxPrefix || strings.ContainsFunc(c.SubjectPrefix, unicode.IsControl) {
		v.add("rules.mass-mailing.subject_prefix", "must be a few words in one line, like [Massutskick], of %d bytes at most", maxPrefix)
	}
}

var databaseNumber = regexp.MustCompile(`^/?$|^/[0-9]{1,5}$`)

func (v *validator) state(state string, files stateFilesConfig) {
	if state == "" {
		if files != (stateFilesConfig{}) {
			v.add("state_files", "belongs to a shared state; name it by state, like redis://valkey.norreaa.example, or remove this")
		}
		return
	}
	u, err := url.Parse(state)
	if err != nil || u.Scheme != "redis" && u.Scheme != "rediss" || u.Hostname() == "" || !databaseNumber.MatchString(u.Path) || u.RawQuery != "" {
		v.add("state", "must be the URL of a Redis or Valkey server, like redis://valkey.norreaa.example:6379, or rediss:// for TLS")
		return
	}
	if _, given := u.User.Password(); given {
		v.add("state", "holds a password; write it into a file and name that by state_files: {password: FILE}")
	}
	if files.Key == "" {
		v.missing("state_files.key", "name a file with 16 random bytes or more, the same on every gateway; openssl rand -base64 32 makes one")
	}
	if files.CA != "" && u.Scheme != "rediss" {
		v.add("state_files.ca", "is for TLS; write rediss:// in state, or remove this")
	}
}

var dkimSelector = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]{0,61}[A-Za-z0-9])?$`)

func (v *validator) dkim(c dkimConfig) {
	if c == (dkimConfig{}) {
		return
	}
	if c.Domain == "" {
		v.missing("dkim.domain", "write the domain that signs, like norreaa.example")
	} else {
		v.domain("dkim.domain", c.Domain)
	}
	if !dkimSelector.MatchString(c.Selector) {
		v.add("dkim.selector", "must be the name below _domainkey at which DNS has the public key, like councilgate")
	}
	if c.KeyFile == "" {
		v.missing("dkim.key_file", "name the file of the private key, in PEM")
	}
}
