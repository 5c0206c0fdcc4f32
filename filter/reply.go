package filter

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"councilgate/policy/explain"
)

// tryLater answers for the server when it has no verdict.
var tryLater = explain.Reply{
	Code:     451,
	Enhanced: "4.7.1",
	Lines:    []string{"Service unavailable - try again later"},
}

const (
	maxReplyLines = 20
	maxReplyLine  = 510 // octets of a line without its CRLF (RFC 5321, section 4.5.3.1.5)
)

var enhancedCode = regexp.MustCompile(`^[45]\.[0-9]{1,3}\.[0-9]{1,3}$`)

// valid reports whether mail servers take a reply for what it is. A code of
// another class than 4xx and 5xx would let the mail pass; 421 and 521 end the
// SMTP session (RFC 5321, section 3.8; RFC 7504).
func valid(r explain.Reply) bool {
	class := r.Code / 100
	return (class == 4 || class == 5) && r.Code != 421 && r.Code != 521 &&
		enhancedCode.MatchString(r.Enhanced) && int(r.Enhanced[0]-'0') == class && len(r.Lines) > 0
}

// frameReply puts a reply into the form of the milter protocol's SMFIR_REPLYCODE:
// each line with its codes, joined by CRLF, none after the last. Mail servers
// check the first line at most, so that whatever a later line says would go out
// as it is: each is made here, of printable characters alone, in ASCII unless
// utf8 allows more, and with '%', which mail servers expand, doubled. A reply
// that is not valid becomes tryLater.
func frameReply(r explain.Reply, utf8 bool) string {
	if !valid(r) {
		r = tryLater
	}
	lines := r.Lines[:min(len(r.Lines), maxReplyLines)]
	var b strings.Builder
	for i, line := range lines {
		separator, end := "-", "\r\n"
		if i == len(lines)-1 {
			separator, end = " ", ""
		}
		codes := fmt.Sprintf("%d%s%s ", r.Code, separator, r.Enhanced)
		text := printable(line, utf8, maxReplyLine-len(codes))
		b.WriteString(codes + strings.ReplaceAll(text, "%", "%%") + end)
	}
	return b.String()
}

// printable returns the printable characters of s, in max bytes at most. Others
// become spaces, and those that ASCII does not know question marks unless utf8
// allows them.
func printable(s string, allowUTF8 bool, max int) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case !unicode.IsPrint(r) || r == utf8.RuneError:
			r = ' '
		case r > unicode.MaxASCII && !allowUTF8:
			r = '?'
		}
		if b.Len()+utf8.RuneLen(r) > max {
			break
		}
		b.WriteRune(r)
	}
	return b.String()
}
