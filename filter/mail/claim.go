package mail

import (
	"bytes"
	"strings"
)

// claim is what a part says of its content. It is a hint: programs send PDF as
// application/octet-stream and text as image/png.
type claim struct {
	media         string // type and subtype, "" for a file that has only a name
	charset       string
	name          string // of the file
	flowed, delSp bool
}

func newClaim(contentType, disposition parameterized) claim {
	c := claim{
		media:   contentType.value,
		charset: contentType.params["charset"],
		name:    disposition.params["filename"],
	}
	if c.name == "" {
		c.name = contentType.params["name"]
	}
	if c.media == "text/plain" {
		c.flowed = strings.EqualFold(contentType.params["format"], "flowed")
		c.delSp = c.flowed && strings.EqualFold(contentType.params["delsp"], "yes")
	}
	return c
}

// isMessage tells an attached message, or the header of one.
func (c claim) isMessage() bool {
	switch c.media {
	case "message/rfc822", "message/global", "message/news", "message/global-headers", "message/rfc822-headers", "text/rfc822-headers":
		return true
	}
	return false
}

// isText tells what is text whatever its bytes look like.
func (c claim) isText() bool {
	return strings.HasPrefix(c.media, "text/") || strings.HasPrefix(c.media, "message/")
}

// isMedia tells pictures, sound, films and fonts, which councilgate does not
// read and which are no gap.
func (c claim) isMedia() bool {
	switch major, _, _ := strings.Cut(c.media, "/"); major {
	case "image", "audio", "video", "font":
		return true
	}
	return false
}

// isSignature tells signatures and keys.
func (c claim) isSignature() bool {
	switch c.media {
	case "application/pgp-signature", "application/pgp-keys", "application/pkcs7-signature", "application/x-pkcs7-signature":
		return true
	}
	return false
}

// isSMIME tells an S/MIME entity (RFC 8551, section 3.2).
func (c claim) isSMIME() bool {
	return c.media == "application/pkcs7-mime" || c.media == "application/x-pkcs7-mime" || c.hasExtension(".p7m")
}

func (c claim) hasExtension(extensions ...string) bool {
	name := strings.ToLower(c.name)
	for _, extension := range extensions {
		if strings.HasSuffix(name, extension) {
			return true
		}
	}
	return false
}

// textType tells HTML from other text. A type that says which is believed; of
// everything else what begins like markup is read as markup.
func (c claim) textType(data []byte) Type {
	switch {
	case strings.Contains(c.media, "html"): // text/html, text/x-amp-html, application/xhtml+xml
		return HTML
	case strings.HasPrefix(c.media, "text/"):
		return Plain
	case c.hasExtension(".htm", ".html"):
		return HTML
	}
	start := bytes.TrimSpace(data)
	if len(start) > 2 && start[0] == '<' && (start[1] == '!' || start[1] == '?' || isNameByte(start[1])) {
		return HTML
	}
	return Plain
}
