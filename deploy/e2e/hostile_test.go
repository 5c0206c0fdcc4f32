package e2e

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"councilgate/deploy/rig"
)

// memoryBound is the most resident memory that one mail, however hostile, may cost
// councilgate. A mail of 60 MB has to be held whole, and its text decoded.
const memoryBound = 1 << 30

// TestHostileMail sends what no mail program would, and checks the answer and what
// it cost in memory.
func TestHostileMail(t *testing.T) {
	s := onStage(t)
	for _, c := range []struct {
		name string
		mail letter
		to   []string
		code string
		tag  string
	}{
		{"60 MB of text", compose(strings.Repeat(strings.Repeat("ord ", 18)+"\n", 60<<20/73)), []string{citizen}, "550", ""},
		{"60 MB of text, ending in a number", compose(strings.Repeat("ord ord ord\n", 60<<20/12) + sensitive), []string{citizen}, "550", ""},
		{"60 MB attached", attachment(bytes.Repeat([]byte{0, 1, 2, 3}, 11<<20)), []string{citizen}, "250", ""},
		{"5000 recipients", compose(harmless), rig.Citizens(5000), "250", "recipients=5000; limit=100"},
		{"5000 recipients, sensitive", compose(sensitive), rig.Citizens(5000), "550", ""},
		{"200 nested parts", nested(200), []string{citizen}, "550", ""},
		{"a header field of 1 MB", compose(harmless, "X-Long: "+strings.Repeat("lang tekst ", 1<<20/11)), []string{citizen}, "250", ""},
		{"a header field of 1 MB, sensitive", compose(sensitive, "Subject: "+strings.Repeat("lang tekst ", 1<<20/11)), []string{citizen}, "550", ""},
		{"20,000 header fields", compose(sensitive, "X-Field: a"+strings.Repeat("\r\nX-Field: a", 20_000)), []string{citizen}, "550", ""},
		{"cut off within a part", truncated(), []string{citizen}, "550", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := s.daemon.ResetPeakMemory(); err != nil {
				t.Fatal(err)
			}
			reply := s.submit(t, large, councillor, councillor, c.to, c.mail)
			peak, err := s.daemon.PeakMemory()
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%s, with at most %d MB resident", reply.Code(), peak>>20)
			if peak > memoryBound {
				t.Errorf("took %d MB", peak>>20)
			}
			if c.code == "550" {
				s.wantRefused(t, reply, c.mail)
				return
			}
			got := s.wantDelivered(t, reply, c.mail)
			if tag := got.Header.Get("X-Mass-Mailing"); tag != c.tag {
				t.Errorf("X-Mass-Mailing: %q, want %q", tag, c.tag)
			}
		})
	}
}

// Large mails at once are judged or put off, within a bound on memory.
func TestLargeMailsAtOnce(t *testing.T) {
	const mails, bound = 12, 3 << 30
	s := onStage(t)
	if err := s.daemon.ResetPeakMemory(); err != nil {
		t.Fatal(err)
	}
	m := compose(strings.Repeat(strings.Repeat("ord ", 18)+"\n", 60<<20/73))
	var classes [10]atomic.Int32
	var wg sync.WaitGroup
	for range mails {
		wg.Go(func() {
			reply, err := rig.Submit(s.postfix.Addr(submission), councillor, councillor, []string{citizen}, m.raw)
			if class := reply.Class(); err != nil || class == 0 {
				t.Errorf("no answer: %q, %v", reply, err)
			} else {
				classes[class-'0'].Add(1)
			}
		})
	}
	wg.Wait()
	peak, err := s.daemon.PeakMemory()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d mails of 60 MB: %d refused, %d put off, with at most %d MB resident",
		mails, classes[5].Load(), classes[4].Load(), peak>>20)
	if passed := classes[2].Load(); passed > 0 {
		t.Errorf("%d passed, though nobody could read them", passed)
	}
	if peak > bound {
		t.Errorf("took %d MB", peak>>20)
	}
}

// Random bytes in place of a body, and of a whole mail. Postfix makes a mail of
// anything, so the envelope tells the councillor, and there is an answer for good.
func TestRandomMail(t *testing.T) {
	s := onStage(t)
	sizes := []int{0, 1, 1 << 10, 10 << 10, 100 << 10, 1 << 20, 2 << 20}
	for i := range 40 {
		sizes = append(sizes, 100*i)
	}
	for _, n := range sizes {
		for kind, m := range map[string]letter{
			"whole mail":      {raw: noise(n)},
			"text":            compose(string(noise(n))),
			"base64":          compose(string(noise(n)), "Content-Transfer-Encoding: base64"),
			"HTML":            compose(string(noise(n)), "Content-Type: text/html; charset=utf-8"),
			"multipart/mixed": compose(string(noise(n)), "Content-Type: multipart/mixed; boundary=a"),
		} {
			reply := s.submit(t, submission, councillor, councillor, []string{citizen}, m)
			if reply.Class() != '2' && reply.Class() != '5' {
				t.Errorf("%d bytes as %s: %q", n, kind, reply)
			}
		}
	}
}

// noise returns n random bytes, the same in every run.
func noise(n int) []byte {
	random := rand.New(rand.NewPCG(1, uint64(n)))
	bytes := make([]byte, n)
	for i := range bytes {
		bytes[i] = byte(random.Uint32())
	}
	return bytes
}

// attachment is a mail with a file.
func attachment(file []byte) letter {
	var body strings.Builder
	body.WriteString("--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + harmless +
		"\r\n--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=a.bin\r\n" +
		"Content-Transfer-Encoding: base64\r\n\r\n")
	text := base64.StdEncoding.EncodeToString(file)
	for len(text) > 76 {
		body.WriteString(text[:76] + "\r\n")
		text = text[76:]
	}
	body.WriteString(text + "\r\n--b--\r\n")
	return compose(body.String(), "Content-Type: multipart/mixed; boundary=b")
}

// nested is a mail of parts within parts, with something sensitive in the
// innermost.
func nested(depth int) letter {
	var body strings.Builder
	for i := range depth {
		fmt.Fprintf(&body, "--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n", i, i+1)
	}
	fmt.Fprintf(&body, "--b%d\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n%s\r\n", depth, sensitive)
	for i := depth; i >= 0; i-- {
		fmt.Fprintf(&body, "--b%d--\r\n", i)
	}
	return compose(body.String(), "Content-Type: multipart/mixed; boundary=b0")
}

// truncated is a mail that ends in the middle of a base64 part, which had begun
// with something sensitive.
func truncated() letter {
	part := base64.StdEncoding.EncodeToString([]byte(sensitive + sensitive))
	return compose("--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"+part[:len(part)-9],
		"Content-Type: multipart/mixed; boundary=b")
}
