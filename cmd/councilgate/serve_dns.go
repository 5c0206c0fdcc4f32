package main

import (
	"context"
	"fmt"
	"net"
	"time"

	"councilgate/filter"
)

// dnsTimeout bounds what the lookups for one message may take together. Mail servers
// wait for minutes, people do not.
const dnsTimeout = 3 * time.Second

// dnsServer is the value of -dns: a server to ask for the keys of DKIM signatures,
// "system" for those of the machine, "" for none.
type dnsServer string

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *dnsServer) UnmarshalText(text []byte) error {
	if addr := string(text); addr != "" && addr != "system" {
		if host, port, err := net.SplitHostPort(addr); err != nil || host == "" || port == "" {
			return fmt.Errorf("write host:port, like 127.0.0.1:53, or system")
		}
	}
	*s = dnsServer(text)
	return nil
}

// MarshalText implements encoding.TextMarshaler.
func (s dnsServer) MarshalText() ([]byte, error) { return []byte(s), nil }

// signatures returns what verifies DKIM signatures by the server, nil if there is
// none.
func (s dnsServer) signatures() *filter.Signatures {
	switch s {
	case "":
		return nil
	case "system":
		return filter.NewSignatures(net.DefaultResolver, dnsTimeout)
	}
	var dialer net.Dialer
	return filter.NewSignatures(&net.Resolver{
		PreferGo: true,
		Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, network, string(s))
		},
	}, dnsTimeout)
}
