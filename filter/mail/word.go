package mail

import "strings"

// decodeField decodes an unstructured header field: encoded words (RFC 2047)
// wherever they stand, and bare 8-bit bytes. Neighbouring words of one charset
// are joined before they are decoded, since many programs split inside a
// character.
func decodeField(s string) string {
	var out strings.Builder
	var pending []byte // the bytes of words not yet decoded
	var charset string
	flush := func() {
		out.WriteString(toUTF8(pending, charset))
		pending = pending[:0]
	}
	inWords := false
	for {
		start := strings.Index(s, "=?")
		if start < 0 {
			break
		}
		word, rest, ok := cutWord(s[start:])
		if !ok {
			flush()
			inWords = false
			out.WriteString(toUTF8([]byte(s[:start+2]), ""))
			s = s[start+2:]
			continue
		}
		if between := s[:start]; !inWords || strings.TrimSpace(between) != "" {
			flush()
			out.WriteString(toUTF8([]byte(between), ""))
		}
		if word.charset != charset {
			flush()
			charset = word.charset
		}
		pending = append(pending, word.data...)
		inWords = true
		s = rest
	}
	flush()
	out.WriteString(toUTF8([]byte(s), ""))
	return out.String()
}

// encodedWord is an encoded word whose transfer encoding has been undone.
type encodedWord struct {
	charset string
	data    []byte
}

// What is looked for in an encoded word is looked for this far only, so that a
// field full of beginnings takes no more than its share of time. RFC 2047 allows
// 75 characters; programs that cannot split write whole subjects.
const (
	longestCharset = 40
	longestWord    = 4096
)

// cutWord cuts the encoded word at the start of s. A word without its end mark
// goes up to the next blank.
func cutWord(s string) (word encodedWord, rest string, ok bool) {
	head := s[2:min(len(s), 2+longestCharset)]
	end := strings.IndexByte(head, '?')
	if end <= 0 || strings.ContainsAny(head[:end], " \t") || len(head) < end+3 || head[end+2] != '?' {
		return word, "", false
	}
	charset, _, _ := strings.Cut(head[:end], "*") // RFC 2231, section 5: a language may follow
	encoding, text := head[end+1], s[2+end+3:]
	if i := strings.Index(text[:min(len(text), longestWord)], "?="); i >= 0 {
		text, rest = text[:i], text[i+2:]
	} else if i := strings.IndexAny(text, " \t"); i >= 0 {
		text, rest = text[:i], text[i:]
	}
	word.charset = strings.ToLower(charset)
	switch encoding {
	case 'B', 'b':
		word.data = decodeBase64([]byte(text)).data
	case 'Q', 'q':
		word.data = appendUnescaped(nil, strings.ReplaceAll(text, "_", " "), '=')
	default:
		return word, "", false
	}
	return word, rest, true
}
