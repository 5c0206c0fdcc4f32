package mailing

import (
	"regexp"
	"strings"
	"unicode"
)

// Mail merge writes a mail for each recipient. What differs between them is the
// recipient's name behind the greeting, addresses, and the parameters of links;
// white space and letter case differ where mail systems wrapped or re-encoded a
// text. The rest tells that it is one mailing.

// maxBody is as much of a text as is looked at, in bytes.
const maxBody = 64 << 10

var (
	// linkParameters are what follows ? or # in a link.
	linkParameters = regexp.MustCompile(`(https?://[^\s<>"?#]*)[?#][^\s<>"]*`)
	mailAddress    = regexp.MustCompile(`[^\s<>"():;,@]+@[^\s<>"():;,@]+`)
	replyPrefix    = regexp.MustCompile(`^\s*(?:(?:re|sv|svar|vs|fw|fwd|vb|videresendt)(?:\[\d+\])?\s*:\s*)+`)
	paragraphEnd   = regexp.MustCompile(`\n[ \t\r]*\n`)
	blockEnd       = regexp.MustCompile(`(?i)<(?:br|/p|/div|/h[1-6]|/tr|/li)\b[^>]*>`)
	markup         = regexp.MustCompile(`(?si)<(?:style|script|head)\b.*?</(?:style|script|head)>|<[^>]*>`)
)

// normalSubject is a subject as all mails of a mailing have it.
func normalSubject(s string) string {
	s, _ = Justification(s)
	s = strings.ToLower(limit(s))
	return normalText(replyPrefix.ReplaceAllString(s, ""))
}

// normalBody is a text as all mails of a mailing have it.
func normalBody(s string) string {
	return normalText(withoutGreeting(strings.ToLower(limit(s))))
}

func limit(s string) string { return s[:min(len(s), maxBody)] }

// normalText is a text in lower case without what is personal in links and
// addresses, its words separated by single spaces.
func normalText(s string) string {
	if strings.Contains(s, "://") {
		s = linkParameters.ReplaceAllString(s, "$1")
	}
	if strings.Contains(s, "@") {
		s = mailAddress.ReplaceAllString(s, "@")
	}
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || !unicode.IsPrint(r) // zero-width spaces and the like
	}), " ")
}

// greetings begin the line that names the recipient, in Danish, Swedish,
// Norwegian and English.
var greetings = map[string]bool{
	"hej": true, "hejsa": true, "hei": true, "hallo": true, "hallå": true, "hello": true, "hi": true, "dear": true,
	"kære": true, "kjære": true, "kära": true, "käre": true, "bästa": true, "bäste": true,
	"goddag": true, "godmorgen": true, "godmorgon": true, "tjena": true, "til": true, "till": true, "to": true,
}

// maxGreeting bounds a greeting with its name, in bytes.
const maxGreeting = 100

// withoutGreeting cuts a greeting with the name behind it from a text in lower case:
// up to the mark that ends it, or to the end of the paragraph. Where neither is near
// the greeting stays: "hej alle sammen og velkommen ..." is the same for everybody
// anyway.
func withoutGreeting(s string) string {
	s = strings.TrimSpace(s)
	first := s
	if end := strings.IndexFunc(s, func(r rune) bool { return !unicode.IsLetter(r) }); end >= 0 {
		first = s[:end]
	}
	if !greetings[first] {
		return s
	}
	head := s[:min(len(s), maxGreeting)]
	if end := paragraphEnd.FindStringIndex(head); end != nil {
		head = head[:end[1]]
	}
	// A full stop may belong to the name: "Kære hr. Skov, ...".
	for _, marks := range []string{",!:", ".?"} {
		if end := strings.IndexAny(head, marks); end >= 0 {
			return s[end+1:]
		}
	}
	if len(head) < maxGreeting && len(head) < len(s) {
		return s[len(head):]
	}
	return s
}

// BodyText chooses from a mail's texts the one to tell its mailing by: the first
// plain one, else the first of HTML, without its markup.
func BodyText(plain, html []string) string {
	for _, s := range plain {
		if strings.TrimSpace(s) != "" {
			return s
		}
	}
	for _, s := range html {
		s = blockEnd.ReplaceAllString(limit(s), "\n\n")
		if s = markup.ReplaceAllString(s, " "); strings.TrimSpace(s) != "" {
			return s
		}
	}
	return ""
}
