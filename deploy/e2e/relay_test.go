package e2e

import (
	"net"
	"net/smtp"
	"path/filepath"
	"strings"
	"testing"
)

// trustingExchange writes the built-in policy with Exchange's field believed.
func trustingExchange(t *testing.T) string {
	t.Helper()
	text := builtinPolicy(t) + "\ntrusted_identity: X-House-Sender\n"
	return filepath.Join(files(t, map[string]string{"policy.yaml": text}), "policy.yaml")
}

// dialFrom opens an SMTP session from another address of this machine.
func dialFrom(t *testing.T, from, addr string) *smtp.Client {
	t.Helper()
	conn, err := (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}).Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	c, err := smtp.NewClient(conn, "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// Exchange hands over the mail of the house without a login, known by its address or
// by its certificate, and says in a field whose mail it is.
func TestRelayBehindExchange(t *testing.T) {
	s := onStage(t)
	dir := tempDir(t)
	_, cert, key := certificate(t, dir, "mx.norreaa.example")
	exchange, _, _ := certificate(t, dir, "exchange.norreaa.example")
	stranger, _, _ := certificate(t, dir, "stranger.example")
	sh := s.startShape(t, []string{"relay"}, trustingExchange(t), map[string]string{
		"192.0.2.10":                       "127.0.0.2",
		"hash:/etc/postfix/exchange_certs": "inline:{ {" + fingerprint(exchange) + " = exchange} }",
		"/etc/ssl/certs/mail.pem":          cert,
		"/etc/ssl/private/mail.key":        key,
	})
	const shared = "raadet@norreaa.example" // a mailbox that is no councillor's
	anne := "X-House-Sender: " + councillor

	for _, port := range []struct {
		name            string
		ours, strangers func(t *testing.T) *smtp.Client
	}{
		{"by address",
			func(t *testing.T) *smtp.Client { return dialFrom(t, "127.0.0.2", sh.ports["10025"]) },
			func(t *testing.T) *smtp.Client { return dialFrom(t, "127.0.0.3", sh.ports["10025"]) }},
		{"by certificate",
			func(t *testing.T) *smtp.Client { return startTLS(t, sh.ports["10026"], trusting(exchange)) },
			func(t *testing.T) *smtp.Client { return startTLS(t, sh.ports["10026"], trusting(stranger)) }},
	} {
		t.Run(port.name, func(t *testing.T) {
			for _, c := range []struct {
				name, from string
				mail       letter
				code       int
			}{
				{"harmless", councillor, compose(harmless), 250},
				{"sensitive, by the envelope", councillor, compose(sensitive), 550},
				{"sensitive, sent as a shared mailbox", shared, compose(sensitive, "From: "+shared, anne), 550},
				{"somebody else's", shared, compose(sensitive, "From: "+shared), 250},
			} {
				t.Run(c.name, func(t *testing.T) {
					if got := code(t, hand(port.ours(t), c.from, []string{citizen}, c.mail)); got != c.code {
						t.Errorf("%d, want %d", got, c.code)
					}
					if c.code == 250 {
						sh.wantDelivered(t, c.mail)
					}
				})
			}
			t.Run("from elsewhere", func(t *testing.T) {
				if got := code(t, hand(port.strangers(t), councillor, []string{citizen}, compose(harmless))); got != 554 {
					t.Errorf("%d, want 554", got)
				}
			})
		})
	}

	t.Run("the field stays in the house", func(t *testing.T) {
		m := compose(harmless, "From: "+shared, anne)
		if got := code(t, hand(dialFrom(t, "127.0.0.2", sh.ports["10025"]), shared, []string{citizen}, m)); got != 250 {
			t.Fatal(got)
		}
		if field := sh.wantDelivered(t, m).Header.Get("X-House-Sender"); field != "" {
			t.Errorf("went out: %q", field)
		}
	})
	t.Run("the field is not believed elsewhere", func(t *testing.T) {
		m := compose(sensitive, "From: "+shared, anne)
		if err := sh.postfix.Sendmail(shared, strings.NewReader(string(m.raw)), citizen); err != nil {
			t.Fatal(err)
		}
		sh.wantDelivered(t, m)
	})
	t.Run("nobody relays by port 25", func(t *testing.T) {
		wantCode(t, sh.submit(t, "smtp", councillor, []string{citizen}, compose(harmless)), "554")
	})
	t.Run("doctor", func(t *testing.T) { sh.healthy(t) })
}

// A content filter gets each mail after it was judged, and hands it back on a port
// without councilgate. Here it is one that does nothing: the port itself.
func TestContentFilter(t *testing.T) {
	s := onStage(t)
	judged := func(sh *shape) float64 {
		return metric(t, sh.daemon, `councilgate_messages_total{action="accept"}`)
	}
	const filter = "scan:[127.0.0.1]:10024"
	back := "scan:[127.0.0.1]:PORT(127.0.0.1:10027)"

	sh := s.startShape(t, []string{"filter"}, "", map[string]string{filter: back})
	m := compose(harmless)
	wantCode(t, sh.submit(t, "smtp", councillor, []string{citizen}, m), "250")
	got := sh.wantDelivered(t, m)
	if n := len(got.Header["Received"]); n < 2 {
		t.Errorf("the mail did not pass the filter: %d Received fields", n)
	}
	if n := judged(sh); n != 1 {
		t.Errorf("judged %v times, want once", n)
	}
	wantCode(t, sh.submit(t, "smtp", councillor, []string{citizen}, compose(sensitive)), "550")
	sh.healthy(t)

	// A filter before the queue hides the mail from milters.
	hidden := s.startShape(t, []string{"filter"}, "", map[string]string{
		"content_filter = " + filter: "smtpd_proxy_filter = 127.0.0.1:PORT(127.0.0.1:10027)",
		"content_filter=":            "smtpd_proxy_filter=",
	})
	m = compose(sensitive)
	wantCode(t, hidden.submit(t, "smtp", councillor, []string{citizen}, m), "250")
	hidden.wantDelivered(t, m)
	hidden.complains(t, "goes through smtpd_proxy_filter")

	// What no_milters is for.
	twice := s.startShape(t, []string{"filter"}, "", map[string]string{filter: back, ",no_milters": ""})
	m = compose(harmless)
	wantCode(t, twice.submit(t, "smtp", councillor, []string{citizen}, m), "250")
	twice.wantDelivered(t, m)
	if n := judged(twice); n != 2 {
		t.Errorf("without no_milters judged %v times, want 2", n)
	}
	twice.complains(t, "is judged a second time")
}
