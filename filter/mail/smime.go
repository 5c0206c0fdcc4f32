package mail

import (
	"bytes"

	"councilgate/policy"
)

// The content types of CMS, as DER object identifiers.
var (
	oidData             = []byte{0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x01}
	oidSignedData       = []byte{0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02}
	oidEnvelopedData    = []byte{0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x03}
	oidAuthEnvelopedCMS = []byte{0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x01, 0x17}
)

// readCMS reads an S/MIME entity (RFC 5652). Of signed data the content is read
// and no signature is checked. It tells whether data was CMS at all.
func (w *walker) readCMS(data []byte, n node) bool {
	info, _, ok := berElement(data)
	if !ok || info.tag != tagSequence {
		return false
	}
	kind, rest, ok := berElement(info.content)
	if !ok || kind.tag != tagOID {
		return false
	}
	switch {
	case bytes.Equal(kind.content, oidSignedData):
		content, ok := signedContent(rest)
		if !ok {
			w.gap(policy.Unreadable, n.section, Broken)
			return true
		}
		n.depth++
		w.readPart(content, n, "text/plain")
	case bytes.Equal(kind.content, oidEnvelopedData), bytes.Equal(kind.content, oidAuthEnvelopedCMS):
		w.gap(policy.Encrypted, n.section, SMIME)
	default:
		w.gap(policy.Unsupported, n.section, SMIME)
	}
	return true
}

// signedContent digs out what was signed: [0] { SignedData { version,
// digestAlgorithms, EncapsulatedContentInfo { type, [0] { OCTET STRING }}}}.
func signedContent(wrapped []byte) (content []byte, ok bool) {
	explicit, _, ok0 := berElement(wrapped)
	signed, _, ok1 := berElement(explicit.content)
	_, afterVersion, ok2 := berElement(signed.content)
	_, afterAlgorithms, ok3 := berElement(afterVersion)
	encapsulated, _, ok4 := berElement(afterAlgorithms)
	kind, afterKind, ok5 := berElement(encapsulated.content)
	inner, _, ok6 := berElement(afterKind)
	octets, _, ok7 := berElement(inner.content)
	if !(ok0 && ok1 && ok2 && ok3 && ok4 && ok5 && ok6 && ok7) || !bytes.Equal(kind.content, oidData) {
		return nil, false
	}
	if octets.tag == tagOctetString {
		return octets.content, true
	}
	if octets.tag != tagOctetString|constructed {
		return nil, false
	}
	for rest := octets.content; len(rest) > 0; {
		var chunk ber
		if chunk, rest, ok = berElement(rest); !ok || chunk.tag != tagOctetString {
			return nil, false
		}
		content = append(content, chunk.content...)
	}
	return content, true
}

const (
	constructed    = 0x20
	tagOctetString = 0x04
	tagOID         = 0x06
	tagSequence    = 0x10 | constructed
)

// ber is an element of BER (X.690), in which streaming programs write CMS.
type ber struct {
	tag     byte
	content []byte
}

// berElement cuts the first element. One of indefinite length takes as its
// content all up to its end mark, without it.
func berElement(data []byte) (e ber, rest []byte, ok bool) {
	header, length, ok := berHeader(data)
	if !ok {
		return ber{}, nil, false
	}
	body := data[header:]
	if length >= 0 {
		if length > len(body) {
			return ber{}, nil, false
		}
		return ber{data[0], body[:length]}, body[length:], true
	}
	end, ok := berEnd(body)
	if !ok {
		return ber{}, nil, false
	}
	return ber{data[0], body[:end]}, body[end+2:], true
}

// berHeader reads tag and length; the length is -1 if indefinite. Tags of more
// than a byte do not occur in CMS.
func berHeader(data []byte) (header, length int, ok bool) {
	if len(data) < 2 || data[0]&0x1F == 0x1F {
		return 0, 0, false
	}
	first := data[1]
	switch n := int(first & 0x7F); {
	case first < 0x80:
		return 2, int(first), true
	case n == 0:
		return 2, -1, data[0]&constructed != 0
	case n > 4 || len(data) < 2+n:
		return 0, 0, false
	default:
		for _, c := range data[2 : 2+n] {
			length = length<<8 | int(c)
		}
		return 2 + n, length, true
	}
}

// berEnd finds the end mark of an element of indefinite length, in one pass over
// the elements inside it.
func berEnd(body []byte) (end int, ok bool) {
	open := 1
	for at := 0; at+1 < len(body); {
		if body[at] == 0 && body[at+1] == 0 {
			if open--; open == 0 {
				return at, true
			}
			at += 2
			continue
		}
		header, length, ok := berHeader(body[at:])
		if !ok || length > len(body)-at-header {
			return 0, false
		}
		if length < 0 {
			open++
			length = 0
		}
		at += header + length
	}
	return 0, false
}
