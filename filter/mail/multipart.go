package mail

import (
	"bytes"
	"slices"
	"strings"
)

// span is a piece of the body of a multipart.
type span struct {
	data []byte
	part bool // a body part; else preamble or epilogue, which anybody can read though few programs show it
}

// splitMultipart cuts a body at its delimiter lines (RFC 2046, section 5.1.1).
// A closing delimiter does not end it: what follows is epilogue until the next
// delimiter. Without any delimiter all is preamble.
func splitMultipart(body []byte, boundary string) []span {
	var spans []span
	delimiter := []byte("--" + boundary)
	part := false
	start, from := 0, 0
	for {
		i := bytes.Index(body[from:], delimiter)
		if i < 0 {
			return append(spans, span{body[start:], part})
		}
		i += from
		from = i + len(delimiter)
		if i > 0 && body[i-1] != '\n' {
			continue
		}
		line, rest := cutLine(body[i:])
		tail := bytes.TrimSpace(line[len(delimiter):])
		closing := string(tail) == "--"
		if len(tail) > 0 && !closing {
			continue // the delimiter of another multipart, whose boundary begins alike
		}
		spans = append(spans, span{dropLineEnd(body[start:i]), part})
		part = !closing
		start = len(body) - len(rest)
		from = start
	}
}

// dropLineEnd drops the line end before a delimiter, which belongs to it.
func dropLineEnd(data []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(data, []byte("\n")), []byte("\r"))
}

// guessBoundary finds a boundary in a text that should have none: the first line
// that begins with "--" and is followed by a Content-* field. Thus a multipart
// is read whose boundary was lost, or was declared wrongly, or whose own
// Content-Type was.
func guessBoundary(body []byte) (boundary string, ok bool) {
	for from := 0; ; {
		i := bytes.Index(body[from:], []byte("--"))
		if i < 0 {
			return "", false
		}
		i += from
		from = i + 1
		if i > 0 && body[i-1] != '\n' {
			continue
		}
		line, rest := cutLine(body[i:])
		from = max(from, len(body)-len(rest)-1)
		boundary := bytes.TrimSpace(line[2:])
		if name, _, isField := cutField(firstLine(rest)); len(boundary) > 0 && isField && isContent(name) {
			return string(boundary), true
		}
	}
}

func firstLine(data []byte) []byte {
	line, _ := cutLine(data)
	return line
}

// isPreamble tells the notices that programs write before the first part for
// readers without MIME.
func isPreamble(data []byte) bool {
	const longest = 200
	if len(data) > longest {
		return false
	}
	return slices.Contains(preambles, strings.Join(strings.Fields(string(data)), " "))
}

var preambles = []string{
	"This is a multi-part message in MIME format.",
	"This is a multi-part message in MIME format",
	"This is a multipart message in MIME format.",
	"This is a multipart message in MIME format",
	"This is a MIME-encapsulated message.",
	"This is a MIME-encapsulated message",
	"This is a cryptographically signed message in MIME format.",
	"This is an OpenPGP/MIME signed message (RFC 4880 and 3156)",
	"This is an OpenPGP/MIME encrypted message (RFC 4880 and 3156)",
}
