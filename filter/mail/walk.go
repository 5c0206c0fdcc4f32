package mail

import (
	"bytes"
	"strconv"
	"strings"

	"councilgate/policy"
)

// walker takes one message apart.
type walker struct {
	limits   Limits
	message  *Message
	nodes    int // of Limits.Parts
	text     int // of Limits.Text
	unpacked int // of Limits.Unpacked
}

// node is where the walker stands.
type node struct {
	section  string // of a message: what its parts' numbers begin with
	depth    int
	archives int
	attached bool
	sealed   bool // inside a multipart/encrypted
}

// part gives the place of the n-th part below a multipart.
func (n node) part(i int) node {
	if n.section != "" {
		n.section += "."
	}
	n.section += strconv.Itoa(i)
	return n
}

// topLevel drops what may stand before the header of a message: a byte order
// mark, blank lines, and the "From " line of a mailbox file.
func topLevel(raw []byte) []byte {
	if bytes.IndexByte(raw, '\n') < 0 {
		raw = bytes.ReplaceAll(raw, []byte("\r"), []byte("\n"))
	}
	raw = bytes.TrimLeft(bytes.TrimPrefix(raw, []byte("\ufeff")), "\r\n")
	line, rest := cutLine(raw)
	if bytes.HasPrefix(bytes.TrimPrefix(line, []byte(">")), []byte("From ")) && beginsWithField(rest) {
		return rest
	}
	return raw
}

// enter counts a node and tells whether it is to be read. What lies too deep is
// given as it stands, undecoded.
func (w *walker) enter(raw []byte, n node) bool {
	w.nodes++
	switch {
	case w.nodes > w.limits.Parts:
		w.gap(policy.Unreadable, "", TooManyParts)
		return false
	case n.depth > w.limits.Depth:
		w.gap(policy.Unreadable, n.section, TooDeep)
		w.emit(Text{Part: n.section, Type: Plain, Attached: n.attached}, utf8Bytes(raw, ""))
		return false
	}
	return true
}

// readMessage reads a message and returns its header fields.
func (w *walker) readMessage(raw []byte, n node) fields {
	if !w.enter(raw, n) {
		return nil
	}
	h := readHead(raw, false, w.limits)
	if n.attached {
		for _, name := range []string{"Subject", "Comments", "Keywords"} {
			for _, value := range h.fields.all(name) {
				w.field(decodeField(value), n)
			}
		}
	}
	w.readEntity(h, n, true, "text/plain")
	return h.fields
}

// readPart reads a body part. fallback is its type if it does not say.
func (w *walker) readPart(raw []byte, n node, fallback string) {
	if w.enter(raw, n) {
		w.readEntity(readHead(raw, true, w.limits), n, false, fallback)
	}
}

// readEntity reads what a message and a body part have in common.
func (w *walker) readEntity(h head, n node, message bool, fallback string) {
	if h.overlong {
		w.gap(policy.Unreadable, n.section, TooLarge)
	}
	contentType := h.contentType(fallback)
	multipart := strings.HasPrefix(contentType.value, "multipart/")
	if message && !multipart {
		n = n.part(1)
	}
	w.readText(h.stray, claim{media: "text/plain"}, n)
	if multipart {
		body := decodeTransfer(h.body, h.fields.get("Content-Transfer-Encoding"))
		w.readMultipart(body.data, contentType, n)
		w.readText(body.foreign, claim{media: "text/plain"}, n)
		return
	}
	w.readLeaf(h, contentType, n)
}

// contentType gives the type of a body. One that makes no sense is the fallback
// (RFC 2045, section 5.2).
func (h head) contentType(fallback string) parameterized {
	p := parseParameterized(h.fields.get("Content-Type"))
	if strings.HasPrefix(p.value, "text") && !strings.Contains(p.value, "/") {
		p.value = "text/plain"
	}
	if major, minor, ok := strings.Cut(p.value, "/"); !ok || major == "" || minor == "" {
		p.value = fallback
	}
	return p
}

// readMultipart reads the parts of a multipart, and the text round them.
func (w *walker) readMultipart(body []byte, contentType parameterized, n node) {
	fallback := "text/plain"
	switch contentType.value {
	case "multipart/digest":
		fallback = "message/rfc822"
	case "multipart/encrypted":
		n.sealed = true
		w.gap(policy.Encrypted, n.section, sealedBy(contentType))
	}
	w.readParts(body, contentType.params["boundary"], n, fallback)
}

// sealedBy names what encrypted a multipart (RFC 1847, section 2.2).
func sealedBy(contentType parameterized) string {
	if strings.Contains(strings.ToLower(contentType.params["protocol"]), "pgp") {
		return PGP
	}
	return SMIME
}

// readParts reads the parts between the delimiters of a boundary.
func (w *walker) readParts(body []byte, boundary string, n node, fallback string) {
	spans := []span{{data: body}}
	if boundary != "" {
		spans = splitMultipart(body, boundary)
	}
	n.depth++
	i := 0
	for _, s := range spans {
		switch {
		case s.part:
			i++
			w.readPart(s.data, n.part(i), fallback)
		case !isPreamble(s.data):
			w.readText(s.data, claim{media: "text/plain"}, n)
		}
	}
}

// readLeaf reads a part that has no parts of its own.
func (w *walker) readLeaf(h head, contentType parameterized, n node) {
	disposition := parseParameterized(h.fields.get("Content-Disposition"))
	c := newClaim(contentType, disposition)
	if !c.isSMIME() { // whose file is the whole mail
		n.attached = n.attached || disposition.value == "attachment" || c.name != "" || strings.HasPrefix(c.media, "message/")
		w.field(c.name, n)
	}
	if description := decodeField(h.fields.get("Content-Description")); n.attached && description != c.name {
		w.field(description, n)
	}
	switch c.media {
	case "message/partial":
		w.gap(policy.Unreadable, n.section, Partial)
	case "message/external-body":
		w.gap(policy.Unreadable, n.section, External)
	}
	encoding := h.fields.get("Content-Transfer-Encoding")
	if c.isMedia() && isPlainMedia(h.body, encoding) {
		return
	}
	body := decodeTransfer(h.body, encoding)
	if isBlank(body.data) && !isBlank(h.body) {
		w.gap(policy.Unreadable, n.section, Broken)
	}
	w.readContent(better(body, c), c, n)
	w.readText(body.foreign, claim{media: "text/plain"}, n)
}

// better picks the reading of a damaged body that makes sense.
func better(body decoded, c claim) []byte {
	if body.other != nil && c.isText() && !looksLikeText(body.data) {
		return body.other
	}
	return body.data
}

// field gives a line of text that is no body.
func (w *walker) field(value string, n node) {
	w.emit(Text{Part: n.section, Type: Field, Attached: n.attached}, []byte(value))
}

// emit gives a text, as far as the limit allows. body is UTF-8.
func (w *walker) emit(t Text, body []byte) {
	if left := w.limits.Text - w.text; len(body) > left && !isBlank(body) {
		w.gap(policy.Unreadable, t.Part, TooLarge)
		body = bytes.ToValidUTF8(body[:left], nil)
	}
	if isBlank(body) {
		return
	}
	w.text += len(body)
	t.Body = unixLines(body)
	w.message.Texts = append(w.message.Texts, t)
}
