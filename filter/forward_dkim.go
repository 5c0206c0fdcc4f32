package filter

import (
	"bytes"
	"context"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-msgauth/dkim"
)

// Resolver looks up DNS TXT records; *net.Resolver is one.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
}

// Signatures verifies DKIM signatures (RFC 6376) by which a mail's author can be told
// from whoever sends it on. A nil *Signatures verifies none. It is safe for
// concurrent use.
type Signatures struct {
	resolver Resolver
	timeout  time.Duration // of all lookups for one message

	mu   sync.Mutex
	keys map[string]txtRecord // by name
}

// txtRecord is an answer of the DNS, kept for a while.
type txtRecord struct {
	values  []string
	err     error
	expires time.Time
}

const (
	maxKeys       = 1000
	keyLifetime   = time.Hour       // the library does not show the record's own
	errorLifetime = 5 * time.Minute // of a name that is not there, or a server that is not
)

// NewSignatures returns a Signatures that asks resolver for keys, for timeout at most
// for one message.
func NewSignatures(resolver Resolver, timeout time.Duration) *Signatures {
	return &Signatures{resolver: resolver, timeout: timeout, keys: make(map[string]txtRecord)}
}

// Prove reports whether a message bears a valid signature of a domain, or one above
// or below it, so that it is what that domain sent, word for word.
func (s *Signatures) Prove(ctx context.Context, raw []byte, domain string) bool {
	if s == nil || domain == "" {
		return false
	}
	header, body, ok := onlySignature(raw, domain)
	if !ok {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	// One signature alone, since the library verifies several in goroutines of its
	// own, where a panic could not be caught.
	results, _ := dkim.VerifyWithOptions(io.MultiReader(bytes.NewReader(header), bytes.NewReader(body)), &dkim.VerifyOptions{
		LookupTXT:        func(name string) ([]string, error) { return s.lookup(ctx, name) },
		MaxVerifications: 1,
	})
	return len(results) == 1 && results[0].Err == nil && related(strings.ToLower(results[0].Domain), domain)
}

// lookup asks the resolver, unless the answer is known.
func (s *Signatures) lookup(ctx context.Context, name string) ([]string, error) {
	name = strings.ToLower(name)
	s.mu.Lock()
	record, known := s.keys[name]
	s.mu.Unlock()
	now := time.Now()
	if known && now.Before(record.expires) {
		return record.values, record.err
	}
	values, err := s.resolver.LookupTXT(ctx, name)
	record = txtRecord{values, err, now.Add(keyLifetime)}
	if err != nil {
		record.expires = now.Add(errorLifetime)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.keys) >= maxKeys {
		clear(s.keys) // a thousand lookups in an hour are cheap
	}
	s.keys[name] = record
	return values, err
}

// onlySignature cuts a message into header and body and drops every DKIM-Signature
// field but the topmost of a domain. It reports false if there is none.
func onlySignature(raw []byte, domain string) (header, body []byte, ok bool) {
	var field []byte
	keep := func() {
		name, value, _ := bytes.Cut(field, []byte(":"))
		if strings.EqualFold(string(bytes.TrimSpace(name)), "DKIM-Signature") {
			if ok || !related(signingDomain(string(value)), domain) {
				return
			}
			ok = true
		}
		header = append(header, field...)
	}
	rest := raw
	for len(rest) > 0 {
		end := bytes.IndexByte(rest, '\n') + 1
		if end == 0 {
			end = len(rest)
		}
		line := rest[:end]
		if len(bytes.TrimRight(line, "\r\n")) == 0 {
			break
		}
		if line[0] != ' ' && line[0] != '\t' {
			keep()
			field = nil
		}
		field = append(field, line...)
		rest = rest[end:]
	}
	keep()
	return header, rest, ok
}
