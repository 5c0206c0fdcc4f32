package mail

import (
	"encoding/base64"
	"strings"
	"testing"
)

const prose = "Kære byrådsmedlem, vi bor på Åvej 14 og skriver om støjen, tlf. 12 34 56 78, den 10. marts.\r\n"

// benchmarkMail is a mail with a base64 text of about size encoded bytes.
func benchmarkMail(size int) []byte {
	encoded := base64.StdEncoding.EncodeToString([]byte(strings.Repeat(prose, size*3/4/len(prose))))
	var b strings.Builder
	b.WriteString(lines("From: Åse Ørum <aase@post.example>", "To: anne.holm@norreaa.example", "Subject: =?utf-8?Q?St=C3=B8j?=",
		"Content-Type: multipart/mixed; boundary=b", "", "--b", "Content-Type: text/plain; charset=utf-8", "", "Se vedlagt.",
		"--b", "Content-Type: text/plain; charset=utf-8; name=brev.txt", "Content-Transfer-Encoding: base64", ""))
	for len(encoded) > 76 {
		b.WriteString(encoded[:76] + "\r\n")
		encoded = encoded[76:]
	}
	b.WriteString(encoded + "\r\n--b--\r\n")
	return []byte(b.String())
}

func BenchmarkParse(b *testing.B) {
	var quoted strings.Builder
	quoted.WriteString(lines("From: aase@post.example", "Content-Type: multipart/alternative; boundary=b", ""))
	for _, kind := range []string{"plain", "html"} {
		quoted.WriteString(lines("--b", "Content-Type: text/"+kind+"; charset=utf-8", "Content-Transfer-Encoding: quoted-printable", ""))
		quoted.WriteString(strings.Repeat(strings.NewReplacer("æ", "=C3=A6", "å", "=C3=A5", "Å", "=C3=85", "ø", "=C3=B8").Replace(prose), 20))
	}
	quoted.WriteString("--b--\r\n")
	for _, bench := range []struct {
		name string
		raw  []byte
	}{
		{"4K-quoted-printable", []byte(quoted.String())},
		{"50K-base64", benchmarkMail(50 << 10)},
		{"1M-base64", benchmarkMail(1 << 20)},
		{"1M-open-delimiters", []byte("Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\n", 1<<18))},
		{"1M-boundaries", []byte("\r\n" + strings.Repeat("--x\nContent-Type: a/b\n--y\n", 1<<20/26))},
		{"1M-header-words", []byte("Subject: " + strings.Repeat("=?a?q?", 1<<20/6) + "\r\n\r\n")},
		{"1M-equals", []byte("\r\n" + strings.Repeat("= ", 1<<19))},
		{"1M-angle", []byte("From: " + strings.Repeat("<", 1<<20))},
		{"1M-comments", []byte("From: " + strings.Repeat("(", 1<<20))},
		{"1M-begin", []byte("\r\n" + strings.Repeat("begin 644 x\n", 1<<20/12))},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.SetBytes(int64(len(bench.raw)))
			b.ReportAllocs()
			for b.Loop() {
				Parse(bench.raw, DefaultLimits())
			}
		})
	}
}
