package mail

import (
	"fmt"
	"strings"
	"testing"
)

// outline writes a message as one line for each text and gap.
func outline(m *Message) string {
	var b strings.Builder
	for _, text := range m.Texts {
		fmt.Fprintf(&b, "%s %s", text.Part, text.Type)
		for _, flag := range []struct {
			on   bool
			name string
		}{{text.Attached, "attached"}, {text.Flowed, "flowed"}, {text.DelSp, "delsp"}} {
			if flag.on {
				b.WriteString(" " + flag.name)
			}
		}
		fmt.Fprintf(&b, ": %s\n", strings.ReplaceAll(strings.TrimSpace(text.Body), "\n", "|"))
	}
	for _, gap := range m.Gaps {
		fmt.Fprintf(&b, "gap %s %q %s\n", gap.Kind, gap.Part, gap.Reason)
	}
	return b.String()
}

// lines joins lines as mail ends them.
func lines(s ...string) string { return strings.Join(s, "\r\n") + "\r\n" }

func TestParse(t *testing.T) {
	tests := []struct {
		name string
		raw  string
		want string
	}{
		{"empty", "", ""},
		{"plain", lines("From: a@post.example", "", "Hej"), "1 plain: Hej\n"},
		{
			"flowed",
			lines("Content-Type: text/plain; format=flowed; delsp=yes", "", "Hej ", "igen"),
			"1 plain flowed delsp: Hej |igen\n",
		},
		{
			"every alternative",
			lines(
				"Content-Type: multipart/alternative; boundary=b", "",
				"--b", "Content-Type: text/plain", "", "en", "--b", "Content-Type: text/html", "", "<p>to</p>", "--b",
				"Content-Type: text/calendar", "", "BEGIN:VCALENDAR", "DESCRIPTION:Mødet om 0707", " 61-4285\\nHilsen", "--b--"),
			"1 plain: en\n2 html: <p>to</p>\n3 plain: BEGIN:VCALENDAR|DESCRIPTION:Mødet om 070761-4285|Hilsen\n",
		},
		{
			"html declares its charset",
			lines("Content-Type: text/html", "", `<meta charset="iso-8859-5">`, "\xbf"),
			"1 html: <meta charset=\"iso-8859-5\">|П\n",
		},
		{
			"nested numbers",
			lines(
				"Content-Type: multipart/mixed; boundary=a", "",
				"--a", "Content-Type: multipart/alternative; boundary=b", "",
				"--b", "", "en", "--b", "", "to", "--b--", "--a", "", "tre", "--a--"),
			"1.1 plain: en\n1.2 plain: to\n2 plain: tre\n",
		},
		{
			"notice for readers without MIME",
			lines("Content-Type: multipart/mixed; boundary=a", "", "This is a multi-part message in MIME format.", "--a", "", "en", "--a--"),
			"1 plain: en\n",
		},
		{
			"text attachment",
			lines(
				"Content-Type: multipart/mixed; boundary=a", "",
				"--a", "", "en", "--a", "Content-Type: text/csv",
				"Content-Disposition: attachment; filename*=utf-8''b%C3%B8rn.csv", "", "navn;nummer", "--a--"),
			"1 plain: en\n2 field attached: børn.csv\n2 plain attached: navn;nummer\n",
		},
		{
			"attached message",
			lines(
				"Content-Type: multipart/mixed; boundary=a", "",
				"--a", "", "en", "--a", "Content-Type: message/rfc822", "",
				"Subject: =?utf-8?Q?Fra_=C3=85se?=", "Content-Type: multipart/mixed; boundary=b", "",
				"--b", "", "to", "--b", "Content-Disposition: inline", "", "tre", "--b--", "--a--"),
			"1 plain: en\n2 field attached: Fra Åse\n2.1 plain attached: to\n2.2 plain attached: tre\n",
		},
		{
			"digest",
			lines(
				"Content-Type: multipart/digest; boundary=a", "",
				"--a", "", "Subject: en", "", "Hej", "--a--"),
			"1 field attached: en\n1.1 plain attached: Hej\n",
		},
		{
			"report",
			lines(
				"Content-Type: multipart/report; report-type=delivery-status; boundary=a", "",
				"--a", "", "Ikke leveret", "--a", "Content-Type: message/delivery-status", "", "Action: failed",
				"--a", "Content-Type: text/rfc822-headers", "", "Subject: Hilsen", "--a--"),
			"1 plain: Ikke leveret\n2 plain attached: Action: failed\n3 field attached: Hilsen\n",
		},
		{
			"message among bytes without a name",
			lines(
				"Content-Type: multipart/mixed; boundary=a", "", "--a", "Content-Type: application/octet-stream", "",
				"From: a@post.example", "Subject: Hej", "", "en", "--a--"),
			"1 field attached: Hej\n1.1 plain attached: en\n",
		},
		{
			"message as text with the name of one",
			lines("Content-Type: text/plain; name=brev.eml", "", "Subject: =?utf-8?Q?M=C3=B8de?=", "", "en"),
			"1 field attached: brev.eml\n1 field attached: Møde\n1.1 plain attached: en\n",
		},
		{
			"drawing",
			lines("Content-Type: image/svg+xml", "", "<svg><text>en</text></svg>"),
			"1 html attached: <svg><text>en</text></svg>\n",
		},
		{
			"signed in clear",
			lines(
				`Content-Type: multipart/signed; protocol="application/pgp-signature"; boundary=a`, "",
				"--a", "", "en", "--a", "Content-Type: application/pgp-signature", "",
				"-----BEGIN PGP SIGNATURE-----", "", "iQEzBAABCAAdFiEE", "-----END PGP SIGNATURE-----", "--a--"),
			"1 plain: en\n",
		},
		{
			"encrypted by OpenPGP",
			lines(
				`Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=a`, "",
				"--a", "Content-Type: application/pgp-encrypted", "", "Version: 1",
				"--a", "Content-Type: application/octet-stream", "", "\x85\x01\x0c\x03\x00\x01\x02\x03", "--a--"),
			"1 plain attached: Version: 1\ngap encrypted \"\" pgp\n",
		},
		{
			"encrypted inside the text",
			lines("", "Hej", "-----BEGIN PGP MESSAGE-----", "", "hQEMA", "-----END PGP MESSAGE-----"),
			"1 plain: Hej|-----BEGIN PGP MESSAGE-----||hQEMA|-----END PGP MESSAGE-----\ngap encrypted \"1\" pgp\n",
		},
		{
			"partial",
			lines(`Content-Type: message/partial; number=2; total=3; id="x@post.example"`, "", "resten"),
			"1 plain attached: resten\ngap unreadable \"1\" partial\n",
		},
		{
			"external body",
			lines("Content-Type: message/external-body; access-type=URL", "", "Content-Type: text/plain"),
			"1 plain attached: Content-Type: text/plain\ngap unreadable \"1\" external\n",
		},
		{
			"picture",
			lines(
				"Content-Type: image/png", "Content-Transfer-Encoding: base64", "Content-Disposition: inline; filename=logo.png", "",
				"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ"),
			"1 field attached: logo.png\n",
		},
		{
			"picture as bytes",
			lines("Content-Type: application/octet-stream", "Content-Transfer-Encoding: base64", "", "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ"),
			"",
		},
		{
			"bytes",
			lines("Content-Type: application/octet-stream", "Content-Transfer-Encoding: base64", "", "AAECAwQFBgcICQoLDA0ODw=="),
			"gap unsupported \"1\" binary\n",
		},
		{
			"PDF",
			lines("Content-Type: application/octet-stream", "", "%PDF-1.7"),
			"gap unsupported \"1\" pdf\n",
		},
		{
			"winmail.dat",
			lines("Content-Type: application/ms-tnef", "Content-Transfer-Encoding: base64", "", "eJ8+IgAA"),
			"gap unsupported \"1\" tnef\n",
		},
		{
			"7z",
			lines("Content-Type: application/x-7z-compressed", "Content-Transfer-Encoding: base64", "", "N3q8ryccAAQ="),
			"gap unsupported \"1\" archive\n",
		},
		{
			"encoding that yields nothing",
			lines("Content-Transfer-Encoding: base64", "", "????"),
			"1 plain: ????\ngap unreadable \"1\" broken\n",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := outline(Parse([]byte(tt.raw), DefaultLimits())); got != tt.want {
				t.Errorf("got\n%swant\n%s", got, tt.want)
			}
		})
	}
}

func TestParse_limits(t *testing.T) {
	multipart := lines("Content-Type: multipart/mixed; boundary=a", "", "--a", "", "en", "--a", "", "to", "--a", "", "tre", "--a--")
	tests := []struct {
		name   string
		raw    string
		change func(*Limits)
		want   string
	}{
		{"parts", multipart, func(l *Limits) { l.Parts = 3 }, "1 plain: en\n2 plain: to\ngap unreadable \"\" too-many-parts\n"},
		{
			"depth", multipart, func(l *Limits) { l.Depth = 0 },
			"1 plain: en\n2 plain: to\n3 plain: tre\n" +
				"gap unreadable \"1\" too-deep\ngap unreadable \"2\" too-deep\ngap unreadable \"3\" too-deep\n",
		},
		{
			"depth of a text in Latin-1", lines("Content-Type: message/rfc822", "", "Hej p\xe5"), func(l *Limits) { l.Depth = 0 },
			"1 plain attached: Hej på\ngap unreadable \"1\" too-deep\n",
		},
		{"text ends inside a character", lines("", "haaå"), func(l *Limits) { l.Text = 4 }, "1 plain: haa\ngap unreadable \"1\" too-large\n"},
		{
			"text of all parts", multipart, func(l *Limits) { l.Text = 5 },
			"1 plain: en\n2 plain: to\n3 plain: t\ngap unreadable \"3\" too-large\n",
		},
		{
			"text used up", multipart, func(l *Limits) { l.Text = 4 },
			"1 plain: en\n2 plain: to\ngap unreadable \"3\" too-large\n",
		},
		{
			"fields", lines("From: a@post.example", "Content-Type: text/html", "", "en"), func(l *Limits) { l.Fields = 1 },
			"1 plain: en\ngap unreadable \"\" too-large\n",
		},
		{
			"header bytes", lines("From: a@post.example", "Content-Type: text/html", "", "en"), func(l *Limits) { l.Header = 10 },
			"1 plain: en\ngap unreadable \"\" too-large\n",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			limits := DefaultLimits()
			tt.change(&limits)
			if got := outline(Parse([]byte(tt.raw), limits)); got != tt.want {
				t.Errorf("got\n%swant\n%s", got, tt.want)
			}
		})
	}
}
