package rig

import (
	"bufio"
	"net/mail"
	"slices"
	"strings"
	"testing"
)

func TestReadStored(t *testing.T) {
	const stored = "X-Client-Addr: 127.0.0.1\n" +
		"X-Mail-Args: <a@norreaa.example> SIZE=12\n" +
		"X-Rcpt-Args: <b@post.example>\n" +
		"X-Rcpt-Args: <c@post.example> ORCPT=rfc822;c@post.example\n" +
		"Received: from x ([127.0.0.1])\n\tby smtp-sink (smtp-sink)\n" +
		"X-Mass-Mailing: recipients=134; limit=100\n" +
		"Message-ID: <1@norreaa.example>\n\nhej\n"
	d, err := readStored(bufio.NewReader(strings.NewReader(stored)), func(mail.Header) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	if d.From != "a@norreaa.example" || !slices.Equal(d.To, []string{"b@post.example", "c@post.example"}) {
		t.Errorf("envelope: from %q to %q", d.From, d.To)
	}
	if got := d.Header.Get("X-Mass-Mailing"); got != "recipients=134; limit=100" {
		t.Errorf("X-Mass-Mailing: %q", got)
	}
	if string(d.Body) != "hej\n" {
		t.Errorf("body: %q", d.Body)
	}
}
