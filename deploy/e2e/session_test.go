package e2e

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"unicode"

	"councilgate/deploy/rig"
)

// do sends commands and checks the code of each reply.
func do(t *testing.T, c *rig.Client, commandsAndCodes ...string) {
	t.Helper()
	for i := 0; i < len(commandsAndCodes); i += 2 {
		reply, err := c.Do(commandsAndCodes[i])
		if err != nil {
			t.Fatal(err)
		}
		wantCode(t, reply, commandsAndCodes[i+1])
	}
}

// send submits a mail in an open session.
func send(t *testing.T, c *rig.Client, from string, to []string, m letter) rig.Reply {
	t.Helper()
	reply, err := c.Send(from, to, m.raw)
	if err != nil {
		t.Fatal(err)
	}
	return reply
}

// What one mail of a session leaves behind must not colour the next.
func TestSeveralMailsInOneSession(t *testing.T) {
	s := onStage(t)
	c := s.dial(t, submission, councillor)
	bad, good, many, last := compose(sensitive), compose(harmless), compose(harmless), compose(sensitive)
	s.wantRefused(t, send(t, c, councillor, []string{citizen}, bad), bad)
	s.wantDelivered(t, send(t, c, councillor, []string{citizen}, good), good)
	if got := s.wantDelivered(t, send(t, c, councillor, rig.Citizens(101), many), many); got.Header.Get("X-Mass-Mailing") == "" {
		t.Error("101 recipients without a tag")
	}
	s.wantRefused(t, send(t, c, councillor, []string{citizen}, last), last)
}

func TestRSET(t *testing.T) {
	s := onStage(t)
	c := s.dial(t, submission, councillor)
	do(t, c, "MAIL FROM:<"+councillor+">", "250")
	for _, rcpt := range rig.Citizens(101) {
		do(t, c, "RCPT TO:<"+rcpt+">", "250")
	}
	do(t, c, "RSET", "250", "RSET", "250")
	m := compose(harmless)
	got := s.wantDelivered(t, send(t, c, councillor, []string{citizen}, m), m)
	if tag := got.Header.Get("X-Mass-Mailing"); tag != "" {
		t.Errorf("recipients before RSET were counted: %q", tag)
	}
}

// The client hangs up in the middle of the mail.
func TestAbortedData(t *testing.T) {
	s := onStage(t)
	c := s.dial(t, submission, councillor)
	do(t, c, "MAIL FROM:<"+councillor+">", "250", "RCPT TO:<"+citizen+">", "250", "DATA", "354")
	aborted := compose(harmless)
	if _, err := c.Write(aborted.raw); err != nil {
		t.Fatal(err)
	}
	c.Close()
	next := compose(sensitive)
	s.wantRefused(t, s.submit(t, submission, councillor, councillor, []string{citizen}, next), next)
	if n := len(s.delivered(t, aborted)); n != 0 {
		t.Errorf("the aborted mail was delivered %d times", n)
	}
}

// Recipients that Postfix refuses do not count, and do not end the mail.
func TestRejectedRecipients(t *testing.T) {
	s := onStage(t)
	for _, m := range []letter{compose(harmless), compose(sensitive)} {
		c := s.dial(t, submission, councillor)
		do(t, c, "MAIL FROM:<"+councillor+">", "250", "RCPT TO:<nobody@refused.example>", "550",
			"RCPT TO:<"+citizen+">", "250", "RCPT TO:<nobody@refused.example>", "550", "DATA", "354")
		reply, err := c.Data(m.raw)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(m.raw, []byte(cprNumber)) {
			s.wantRefused(t, reply, m)
		} else if got := s.wantDelivered(t, reply, m); len(got.To) != 1 {
			t.Errorf("delivered to %q", got.To)
		}
	}
}

func TestPipelining(t *testing.T) {
	s := onStage(t)
	c := s.dial(t, submission, councillor)
	for _, m := range []letter{compose(harmless), compose(sensitive), compose(harmless)} {
		if _, err := c.Write([]byte("MAIL FROM:<" + councillor + ">\r\nRCPT TO:<" + citizen + ">\r\nRCPT TO:<" + staff + ">\r\nDATA\r\n")); err != nil {
			t.Fatal(err)
		}
		for _, code := range []string{"250", "250", "250", "354"} {
			reply, err := c.Read()
			if err != nil {
				t.Fatal(err)
			}
			wantCode(t, reply, code)
		}
		reply, err := c.Data(m.raw)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(m.raw, []byte(cprNumber)) {
			s.wantRefused(t, reply, m)
		} else {
			s.wantDelivered(t, reply, m)
		}
	}
}

// BDAT (RFC 3030) brings a mail in pieces, without a final dot.
func TestBDAT(t *testing.T) {
	s := onStage(t)
	c := s.dial(t, submission, councillor)
	m := compose(sensitive)
	half := len(m.raw) / 2
	do(t, c, "MAIL FROM:<"+councillor+">", "250", "RCPT TO:<"+citizen+">", "250")
	var reply rig.Reply
	for i, piece := range [][]byte{m.raw[:half], m.raw[half:]} {
		command := fmt.Sprintf("BDAT %d", len(piece))
		if i == 1 {
			command += " LAST"
		}
		if _, err := c.Write(append([]byte(command+"\r\n"), piece...)); err != nil {
			t.Fatal(err)
		}
		var err error
		if reply, err = c.Read(); err != nil {
			t.Fatal(err)
		}
	}
	s.wantRefused(t, reply, m)
}

// A client that speaks SMTPUTF8 (RFC 6531) reads the refusal in its true letters; the
// next mail of the session, sent without, gets ASCII again.
func TestSMTPUTF8(t *testing.T) {
	s := onStage(t)
	c := s.dial(t, submission, councillor)
	for _, parameter := range []string{" SMTPUTF8", ""} {
		m := compose(sensitive)
		do(t, c, "MAIL FROM:<"+councillor+">"+parameter, "250", "RCPT TO:<"+citizen+">", "250", "DATA", "354")
		reply, err := c.Data(m.raw)
		if err != nil {
			t.Fatal(err)
		}
		s.wantRefused(t, reply, m)
		ascii := strings.IndexFunc(string(reply), func(r rune) bool { return r > unicode.MaxASCII }) < 0
		if ascii != (parameter == "") {
			t.Errorf("MAIL with %q: ASCII alone is %v: %q", parameter, ascii, reply)
		}
	}
}

// Who is judged: by login, else by a trusted Authentication-Results field, else by
// envelope, else by From; nobody else, and never a bounce.
func TestSender(t *testing.T) {
	s := onStage(t)
	for _, c := range []struct {
		name, login, from string
		header            string // the From field
		refused           bool
	}{
		{"login", councillor, staff, "From: " + staff, true},
		{"login in capitals", strings.ToUpper(councillor), staff, "From: " + staff, true},
		{"login of an alias", "ah@norreaa.example", staff, "From: " + staff, true},
		{"envelope", "", councillor, "From: " + staff, true},
		{"envelope, alias in capitals", "", "AH@Norreaa.Example", "From: " + staff, true},
		{"From field", "", staff, "From: Anne Holm <" + councillor + ">", true},
		{"trusted Authentication-Results", "", staff, "From: " + staff + "\r\nAuthentication-Results: mx.norreaa.example; auth=pass smtp.auth=" + councillor, true},
		{"anybody's Authentication-Results", "", staff, "From: " + staff + "\r\nAuthentication-Results: mx.else.example; auth=pass smtp.auth=" + councillor, false},
		{"null sender", "", "", "From: Anne Holm <" + councillor + ">", false},
		{"not a councillor", staff, staff, "From: " + staff, false},
		{"not a councillor, no login", "", staff, "From: " + staff, false},
		{"a citizen", "", citizen, "From: " + citizen, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := compose(sensitive, c.header)
			reply := s.submit(t, submission, c.login, c.from, []string{citizen}, m)
			if c.refused {
				s.wantRefused(t, reply, m)
			} else {
				s.wantDelivered(t, reply, m)
			}
		})
	}
}

// A mail without a From field is judged by its envelope.
func TestNoFrom(t *testing.T) {
	s := onStage(t)
	for _, body := range []string{harmless, sensitive} {
		m := compose(body)
		m.raw = bytes.Replace(m.raw, []byte("From: "), []byte("X-Not-From: "), 1)
		reply := s.submit(t, submission, "", councillor, []string{citizen}, m)
		if body == sensitive {
			s.wantRefused(t, reply, m)
		} else {
			s.wantDelivered(t, reply, m)
		}
	}
}

// A mail is refused whole: one recipient outside is enough, none is needed for the
// administration.
func TestRecipients(t *testing.T) {
	s := onStage(t)
	for _, c := range []struct {
		name    string
		to      []string
		body    string
		refused bool
	}{
		{"internal", []string{staff}, sensitive, false},
		{"internal, domain in capitals", []string{"kassen@NORREAA.EXAMPLE"}, sensitive, false},
		{"internal subdomain", []string{"kassen@post.norreaa.example"}, sensitive, false},
		{"secure", []string{"birthe@sikkerpost.example"}, sensitive, false},
		{"a domain that only looks internal", []string{"kassen@falsknorreaa.example"}, sensitive, true},
		{"internal and outside", []string{staff, citizen}, sensitive, true},
		{"private, own text", []string{private}, harmless, false},
		{"private, forwarded letter", []string{private}, forwarded, true},
		{"private in capitals, forwarded letter", []string{"AnneHolm72@GMAIL.com"}, forwarded, true},
		{"internal, forwarded letter", []string{staff}, forwarded, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := compose(c.body)
			reply := s.submit(t, submission, councillor, councillor, c.to, m)
			if c.refused {
				s.wantRefused(t, reply, m)
			} else {
				s.wantDelivered(t, reply, m)
			}
		})
	}
}

// A program on the mail server itself submits with sendmail(1). There nobody is
// left to read a reply, so Postfix sends a bounce.
func TestSendmail(t *testing.T) {
	s := onStage(t)
	good, bad := compose(harmless), compose(sensitive)
	for _, m := range []letter{good, bad} {
		if err := s.postfix.Sendmail(councillor, bytes.NewReader(m.raw), citizen); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(s.delivered(t, good)); n != 1 {
		t.Errorf("the harmless mail was delivered %d times, want once", n)
	}
	if n := len(s.delivered(t, bad)); n != 0 {
		t.Errorf("the sensitive mail was delivered %d times", n)
	}
	bounces, err := s.sink.Delivered("Subject", "Undelivered Mail Returned to Sender")
	if err != nil {
		t.Fatal(err)
	}
	told := false
	for _, bounce := range bounces {
		// The bounce brings the mail back, so it may hold anything.
		told = told || bytes.Contains(bounce.Body, []byte(bad.id)) && len(bounce.To) == 1 && bounce.To[0] == councillor
	}
	if !told {
		t.Error("the councillor got no bounce for the sensitive mail")
	}
}

func TestTCP(t *testing.T) {
	s := onStage(t)
	s.start(t, "", s.tcpAddr)
	c := s.dial(t, tcp, councillor)
	for _, body := range []string{harmless, sensitive, harmless} {
		m := compose(body)
		reply := send(t, c, councillor, []string{citizen}, m)
		if body == sensitive {
			s.wantRefused(t, reply, m)
		} else {
			s.wantDelivered(t, reply, m)
		}
	}
}
