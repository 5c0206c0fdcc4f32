package mail

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/unicode"
)

// toUTF8 decodes text. The label of its charset is only a hint, since programs
// say "us-ascii" or "iso-8859-1" of anything: text that is UTF-8 is UTF-8,
// whatever its label, unless that names a charset whose bytes would look the
// same. Without a usable label it is windows-1252, in which every Western
// European text can be read.
func toUTF8(data []byte, label string) string {
	return string(utf8Bytes(data, label))
}

func utf8Bytes(data []byte, label string) []byte {
	label = cleanLabel(label)
	enc := byteOrder(data)
	if enc == nil && looksASCII(label) {
		enc = lookupCharset(label)
	}
	switch {
	case enc != nil:
	case isUTF7(label):
		return decodeUTF7(data)
	case utf8.Valid(data):
		return bytes.TrimPrefix(data, []byte("\ufeff"))
	case mostlyUTF8(data):
		return decodeMixed(data)
	default:
		enc = lookupCharset(label)
	}
	if enc == nil {
		enc = charmap.Windows1252
	}
	out, err := enc.NewDecoder().Bytes(data)
	if err != nil {
		return decodeMixed(data)
	}
	return out
}

// mostlyUTF8 tells UTF-8 with some damage, or with a piece in another charset,
// from text in another charset where two letters happen to look like UTF-8.
func mostlyUTF8(data []byte) bool {
	valid, invalid := 0, 0
	for len(data) > 0 {
		if data[0] < utf8.RuneSelf {
			data = data[1:]
			continue
		}
		r, size := utf8.DecodeRune(data)
		if r == utf8.RuneError && size == 1 {
			invalid++
		} else {
			valid++
		}
		data = data[size:]
	}
	return valid > invalid
}

// decodeMixed decodes UTF-8, and windows-1252 where it is none.
func decodeMixed(data []byte) []byte {
	out := make([]byte, 0, len(data)+len(data)/8)
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		if r == utf8.RuneError && size == 1 {
			r = charmap.Windows1252.DecodeByte(data[0])
		}
		out = utf8.AppendRune(out, r)
		data = data[size:]
	}
	return out
}

func cleanLabel(label string) string { return strings.ToLower(strings.Trim(label, " \t\"'")) }

func isUTF7(label string) bool { return label == "utf-7" || label == "unicode-1-1-utf-7" }

// looksASCII tells the charsets that spell other characters with ASCII bytes.
func looksASCII(label string) bool {
	return strings.HasPrefix(label, "iso-2022") || strings.HasPrefix(label, "hz-")
}

// lookupCharset finds the charset of text that is not UTF-8 by its label, nil if
// it is unknown. Web labels come first, since there "iso-8859-1" means
// windows-1252, as it does in mail.
func lookupCharset(label string) encoding.Encoding {
	switch enc, name := charset.Lookup(label); {
	case name == "utf-8":
		return nil
	case enc != nil && name != "replacement":
		return enc
	}
	enc, err := ianaindex.MIME.Encoding(label)
	if err != nil {
		return nil
	}
	return enc
}

// charsetName names the charset that a label means, in small letters: "unknown" if
// there is none such, "none" without a label. The label itself may say anything, and
// never comes out.
func charsetName(label string) string {
	label = cleanLabel(label)
	switch {
	case label == "":
		return "none"
	case isUTF7(label):
		return "utf-7"
	}
	enc, _ := ianaindex.MIME.Encoding(label)
	if name, err := ianaindex.MIME.Name(enc); err == nil {
		return strings.ToLower(name)
	}
	if _, name := charset.Lookup(label); name != "" && name != "replacement" {
		return name
	}
	return "unknown"
}

// byteOrder tells UTF-16 by its byte order mark, or by the zero bytes of the
// Latin letters in it; nil if it is something else.
func byteOrder(data []byte) encoding.Encoding {
	switch {
	case bytes.HasPrefix(data, []byte{0xFF, 0xFE}):
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case bytes.HasPrefix(data, []byte{0xFE, 0xFF}):
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	case bytes.IndexByte(data, 0) < 0:
		return nil
	}
	var zeros [2]int
	for i, c := range data {
		if c == 0 {
			zeros[i&1]++
		}
	}
	switch most, few := len(data)/3, len(data)/20; {
	case zeros[1] > most && zeros[0] <= few:
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case zeros[0] > most && zeros[1] <= few:
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	}
	return nil
}

// decodeUTF7 decodes UTF-7 (RFC 2152): base64 of UTF-16 between "+" and "-".
func decodeUTF7(data []byte) []byte {
	var out []byte
	for {
		i := bytes.IndexByte(data, '+')
		if i < 0 {
			return append(out, utf8Bytes(data, "")...)
		}
		out = append(out, utf8Bytes(data[:i], "")...)
		data = data[i+1:]
		n := 0
		for n < len(data) && base64Value[data[n]] < 64 {
			n++
		}
		var decoder base64Decoder
		decoder.write(data[:n])
		decoder.flush()
		if len(decoder.out) < 2 { // "+-" is a plus sign, and so is any other without a character behind it
			out = append(append(out, '+'), data[:n]...)
		} else {
			// An invalid pair decodes to U+FFFD, never to an error.
			runes, _ := unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewDecoder().Bytes(decoder.out[:len(decoder.out)&^1])
			out = append(out, runes...)
		}
		data = bytes.TrimPrefix(data[n:], []byte("-"))
	}
}

// unixLines turns every line end to \n.
func unixLines(data []byte) string {
	if bytes.IndexByte(data, '\r') < 0 {
		return string(data)
	}
	var out strings.Builder
	out.Grow(len(data))
	for {
		i := bytes.IndexByte(data, '\r')
		if i < 0 {
			out.Write(data)
			return out.String()
		}
		out.Write(data[:i])
		out.WriteByte('\n')
		data = bytes.TrimPrefix(data[i+1:], []byte("\n"))
	}
}
