package policy

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed providers.txt
var providerList string

// privateProviders are the domains of providers.txt, at which people have
// mailboxes of their own. Subdomains are not included: the list names those that
// exist, and below some of its domains companies have theirs.
var privateProviders = sync.OnceValue(func() map[string]bool {
	set := make(map[string]bool)
	for line := range strings.Lines(providerList) {
		if !strings.HasPrefix(line, "#") {
			set[strings.TrimSpace(line)] = true
		}
	}
	return set
})

// atPrivateProvider reports whether an address, in the form that mailbox gives,
// lies with a provider of private mailboxes.
func (p *Policy) atPrivateProvider(a Address) bool {
	return privateProviders()[a.Domain] || p.providers.contain(a.Domain)
}
