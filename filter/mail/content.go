package mail

import (
	"bytes"
	"net/http"
	"strings"
	"unicode/utf8"

	"councilgate/policy"
)

// form is a file format, recognised by its first bytes.
type form int

const (
	unknownForm form = iota
	zipForm
	rtfForm
	pdfForm
	oleForm
	tnefForm
	archiveForm
)

var magics = []struct {
	prefix string
	form   form
}{
	{"PK\x03\x04", zipForm},
	{"PK\x05\x06", zipForm}, // without entries
	{`{\rtf`, rtfForm},
	{"%PDF-", pdfForm},
	{"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", oleForm},
	{"\x78\x9F\x3E\x22", tnefForm},
	{"7z\xBC\xAF\x27\x1C", archiveForm},
	{"Rar!\x1A\x07", archiveForm},
	{"\x1F\x8B", archiveForm},     // gzip
	{"\xFD7zXZ\x00", archiveForm}, // xz
}

func formOf(data []byte) form {
	data = bytes.TrimLeft(data, " \t\r\n")
	for _, m := range magics {
		if bytes.HasPrefix(data, []byte(m.prefix)) {
			return m.form
		}
	}
	return unknownForm
}

// readContent reads a decoded body or file by what it is rather than by what it
// is called.
func (w *walker) readContent(data []byte, c claim, n node) {
	if isBlank(data) || c.isSignature() && isSignatureData(data) {
		return
	}
	if c.isMessage() {
		w.readAttachedMessage(data, n)
		return
	}
	switch formOf(data) {
	case zipForm:
		w.readZip(data, n)
		return
	case rtfForm:
		w.readRTF(data, n)
		return
	case pdfForm:
		w.gap(policy.Unsupported, n.section, PDF)
		return
	case oleForm:
		w.oleGap(data, n)
		return
	case tnefForm:
		w.gap(policy.Unsupported, n.section, TNEF)
		return
	case archiveForm:
		w.gap(policy.Unsupported, n.section, Archive)
		return
	}
	switch {
	case c.isSMIME() && w.readCMS(data, n):
	case (c.hasExtension(".eml", ".mht", ".mhtml") || !c.isText() && resemblesMessage(data)) && looksLikeText(data):
		w.readAttachedMessage(data, n)
	case c.isText() || looksLikeText(data):
		n.attached = n.attached || c.media != "" && !c.isText()
		w.readText(data, c, n)
	case c.isMedia(), isMediaData(data):
		// Nothing to read, and no gap: a picture in a signature is no secret.
	case n.sealed:
		// The gap is that of the multipart/encrypted.
	default:
		w.gap(policy.Unsupported, n.section, Binary)
	}
}

// readAttachedMessage reads a message inside a message.
func (w *walker) readAttachedMessage(data []byte, n node) {
	n.attached = true
	n.depth++
	w.message.Encloses = true
	w.message.Enclosed = append(w.message.Enclosed, newHeader(w.readMessage(topLevel(data), n)))
}

// readText gives a text and what is hidden in it.
func (w *walker) readText(data []byte, c claim, n node) {
	if isBlank(data) {
		return
	}
	if !n.sealed && bytes.Contains(data, []byte("-----BEGIN PGP MESSAGE-----")) {
		w.gap(policy.Encrypted, n.section, PGP)
	}
	if boundary, ok := guessBoundary(data); ok {
		if w.enter(data, n) {
			w.readParts(data, boundary, n, "text/plain")
		}
		return
	}
	t := Text{
		Part:     n.section,
		Type:     c.textType(data),
		Attached: n.attached,
		Flowed:   c.flowed,
		DelSp:    c.delSp,
	}
	charset := c.charset
	if t.Type == HTML && charset == "" {
		charset = metaCharset(data)
	}
	t.Charset = charsetName(charset)
	body := utf8Bytes(data, charset)
	if bytes.HasPrefix(body, []byte("BEGIN:V")) { // VCALENDAR, VCARD
		body = unfoldContentLines(body)
	}
	w.emit(t, body)
	if hasQuotedPrintable(body) {
		w.emit(t, utf8Bytes(decodeQuotedPrintable(data), charset))
	}
	n.depth++
	for rest := body; ; {
		file, next, ok := cutUUEncoded(rest)
		if !ok {
			break
		}
		rest = next
		w.readHidden(file.data, file.name, n)
	}
	for _, run := range base64Runs(body) {
		if looksLikeText(run) || formOf(run) != unknownForm {
			w.readHidden(run, "", n)
		}
	}
}

// readHidden reads what was found encoded inside a text.
func (w *walker) readHidden(data []byte, name string, n node) {
	if !w.enter(data, n) {
		return
	}
	if name != "" {
		n.attached = true
		w.field(decodeField(name), n)
	}
	w.readContent(data, claim{name: name}, n)
}

// looksLikeText tells text from binary data by its control characters: prose
// has next to none, while one byte of nine is one in compressed or encrypted
// data. The whole is looked at, since a file may begin or end like the other.
func looksLikeText(data []byte) bool {
	if byteOrder(data) != nil {
		return true
	}
	left := len(data) / 50
	for _, c := range data {
		if isControl[c] {
			if left--; left < 0 {
				return false
			}
		}
	}
	return true
}

// isControl lists the control characters that no text has.
var isControl = func() (table [256]bool) {
	for c := range 0x20 {
		table[c] = !bytes.ContainsRune([]byte("\t\n\v\f\r\x1b"), rune(c))
	}
	table[0x7F] = true
	return table
}()

// isMediaData tells pictures, sound, films and fonts by their first bytes.
func isMediaData(data []byte) bool {
	return claim{media: http.DetectContentType(data)}.isMedia()
}

// isPlainMedia tells by the first bytes of an encoded body that it is no text or
// document after all, and spares decoding pictures.
func isPlainMedia(body []byte, encoding string) bool {
	const prefix = 4096 // a whole number of base64 groups and lines' ends
	start := decodeTransfer(body[:min(len(body), prefix)], encoding).data
	return formOf(start) == unknownForm && !looksLikeText(start)
}

// isSignatureData tells a signature or key from text that only claims to be one.
func isSignatureData(data []byte) bool {
	return !looksLikeText(data) || bytes.HasPrefix(bytes.TrimSpace(data), []byte("-----BEGIN "))
}

// resemblesMessage tells a message by its header: the first line is a field, and
// among the others are those of every message (RFC 5322, section 3.6).
func resemblesMessage(data []byte) bool {
	const prefix = 64 << 10
	h := readHead(topLevel(data[:min(len(data), prefix)]), false, DefaultLimits())
	if len(h.stray) > 0 || len(h.fields) == 0 {
		return false
	}
	return h.fields.get("From") != "" && (h.fields.get("Date") != "" || h.fields.get("Subject") != "" || h.fields.get("Received") != "")
}

// metaCharset finds the charset that an HTML document declares in itself, "" if
// there is none. The HTML standard looks at the first 1024 bytes; Word writes
// more before it.
func metaCharset(data []byte) string {
	const prefix = 4096
	head := bytes.ToLower(data[:min(len(data), prefix)])
	_, value, ok := bytes.Cut(head, []byte("charset="))
	if !ok {
		return ""
	}
	value = bytes.TrimLeft(value, `"' `)
	if end := bytes.IndexAny(value, `"' />;`); end >= 0 {
		value = value[:end]
	}
	return string(value)
}

// unfoldContentLines joins the folded lines of calendars and business cards and
// undoes the escapes in them (RFC 5545, sections 3.1 and 3.3.11).
func unfoldContentLines(body []byte) []byte {
	return []byte(strings.NewReplacer(
		"\r\n ", "", "\r\n\t", "", "\n ", "", "\n\t", "",
		`\n`, "\n", `\N`, "\n", `\,`, ",", `\;`, ";", `\\`, `\`,
	).Replace(string(body)))
}

// hasQuotedPrintable tells a text that is still quoted-printable, because its
// part says otherwise or was encoded twice: an escaped letter outside ASCII, or
// a soft line break after prose.
func hasQuotedPrintable(text []byte) bool {
	escapes, others := 0, 0
	for rest := text; ; {
		i := bytes.IndexByte(rest, '=')
		if i < 0 || i+2 >= len(rest) {
			return escapes > others
		}
		line := rest[:i]
		_, soft := softBreak(rest[i+1:])
		c, isHex := rest[i+1], unhex(rest[i+1]) >= 0 && unhex(rest[i+2]) >= 0
		switch {
		case isHex && c >= 'C', soft && bytes.IndexByte(line[bytes.LastIndexByte(line, '\n')+1:], ' ') >= 0:
			escapes++
		case !isHex && !soft:
			others++ // quoted-printable writes every equals sign "=3D"; HTML is full of them
		}
		rest = rest[i+1:]
	}
}

// base64Runs decodes the runs of lines in a text that are nothing but base64:
// lines of one length, and a shorter one at the end. Words are base64, too: so a
// run begins with a long line, and counts only if it decodes to UTF-8, or is so
// long that chance is no explanation.
func base64Runs(text []byte) [][]byte {
	const (
		firstLine = 16  // characters
		shortest  = 12  // decoded bytes
		long      = 256 // decoded bytes
	)
	var runs [][]byte
	var decoder base64Decoder
	width := 0 // of the lines of the run, 0 outside
	end := func() {
		decoder.flush()
		if run := decoder.out; len(run) >= long || len(run) >= shortest && utf8.Valid(run) {
			runs = append(runs, run)
		}
		decoder, width = base64Decoder{}, 0
	}
	for rest := text; len(rest) > 0; {
		var line []byte
		line, rest = cutLine(rest)
		line = bytes.TrimSpace(line)
		encoded := len(line) > 0 && isBase64(line)
		if width > 0 && (!encoded || len(line) > width) {
			end()
		}
		if !encoded || width == 0 && len(line) < firstLine {
			continue
		}
		decoder.write(line)
		if len(line) < width || bytes.HasSuffix(line, []byte("=")) {
			end()
		} else {
			width = len(line)
		}
	}
	end()
	return runs
}

func isBase64(line []byte) bool {
	for _, c := range line {
		if base64Value[c] == 255 && c != '=' {
			return false
		}
	}
	return true
}
