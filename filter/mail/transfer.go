package mail

import (
	"bytes"
	"encoding/base64"
	"strings"
)

// decoded is a body whose transfer encoding has been undone.
type decoded struct {
	data []byte
	// other is another reading of a damaged body, nil if there is only one.
	other []byte
	// foreign are the lines of the body that the encoding cannot have made.
	foreign []byte
}

// decodeTransfer undoes a transfer encoding (RFC 2045, section 6), whose name
// may be misspelt. An unknown encoding is none: what is encoded all the same is
// found later, in the text.
func decodeTransfer(body []byte, encoding string) decoded {
	name := strings.Map(letterOrDigit, strings.ToLower(encoding))
	switch {
	case strings.Contains(name, "base64"):
		return decodeBase64(body)
	case strings.Contains(name, "quoted"), strings.Contains(name, "printable"):
		return decoded{data: decodeQuotedPrintable(body)}
	case strings.Contains(name, "uu"):
		if file, _, ok := cutUUEncoded(body); ok {
			return decoded{data: file.data}
		}
	}
	return decoded{data: body}
}

func letterOrDigit(r rune) rune {
	if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' {
		return r
	}
	return -1
}

// decodeBase64 decodes a body of base64. In a damaged one, data is what RFC 2045
// says: every character outside the alphabet is ignored. That reading is lost
// from the point where a character is missing; other begins anew with every
// clean line.
func decodeBase64(body []byte) decoded {
	data := make([]byte, base64.StdEncoding.DecodedLen(len(body)))
	if n, err := base64.StdEncoding.Decode(data, body); err == nil {
		return decoded{data: data[:n]}
	}
	var d decoded
	var stream, quantum base64Decoder
	stream.out = data[:0]
	for rest := body; len(rest) > 0; {
		var line []byte
		line, rest = cutLine(rest)
		stream.write(line)
		switch foreign := foreignBytes(line); {
		case foreign == 0:
			quantum.write(line)
			quantum.flush()
		case foreign*10 > len(line):
			d.foreign = append(append(d.foreign, line...), '\n')
		}
	}
	stream.flush()
	d.data = stream.out
	if !bytes.Equal(quantum.out, d.data) {
		d.other = quantum.out
	}
	return d
}

// base64Decoder decodes base64 with anything in between. Padding ends a run, and
// another may follow, as where encoded files were joined.
type base64Decoder struct {
	out  []byte
	bits uint32
	n    int // characters in bits, 0 to 3
}

func (d *base64Decoder) write(encoded []byte) {
	for _, c := range encoded {
		v := base64Value[c]
		switch {
		case v < 64:
			d.bits = d.bits<<6 | uint32(v)
			if d.n++; d.n == 4 {
				d.out = append(d.out, byte(d.bits>>16), byte(d.bits>>8), byte(d.bits))
				d.bits, d.n = 0, 0
			}
		case c == '=':
			d.flush()
		}
	}
}

// flush ends a run whose padding may be missing.
func (d *base64Decoder) flush() {
	switch d.n {
	case 2:
		d.out = append(d.out, byte(d.bits>>4))
	case 3:
		d.out = append(d.out, byte(d.bits>>10), byte(d.bits>>2))
	}
	d.bits, d.n = 0, 0
}

// base64Value gives the value of a character, 255 if it is not in the alphabet.
var base64Value = func() (table [256]byte) {
	for i := range table {
		table[i] = 255
	}
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	for i, c := range []byte(alphabet) {
		table[c] = byte(i)
	}
	return table
}()

// foreignBytes counts the bytes of a line that base64 does not use. Blanks at
// its end do not count.
func foreignBytes(line []byte) int {
	n := 0
	for _, c := range bytes.TrimSpace(line) {
		if base64Value[c] == 255 && c != '=' {
			n++
		}
	}
	return n
}

// decodeQuotedPrintable decodes a body of quoted-printable (RFC 2045, section
// 6.7). What is no escape stands for itself.
func decodeQuotedPrintable(body []byte) []byte {
	out := make([]byte, 0, len(body))
	for {
		i := bytes.IndexByte(body, '=')
		if i < 0 {
			return append(out, body...)
		}
		out = append(out, body[:i]...)
		body = body[i+1:]
		if len(body) >= 2 {
			if hi, lo := unhex(body[0]), unhex(body[1]); hi >= 0 && lo >= 0 {
				out = append(out, byte(hi<<4|lo))
				body = body[2:]
				continue
			}
		}
		if n, soft := softBreak(body); soft {
			body = body[n:]
			continue
		}
		out = append(out, '=')
	}
}

// softBreak gives the length of a soft line break whose "=" is gone already:
// blanks and a line end, or the end of the body.
func softBreak(s []byte) (n int, ok bool) {
	for n < len(s) && (s[n] == ' ' || s[n] == '\t') {
		n++
	}
	switch rest := s[n:]; {
	case len(rest) == 0:
		return n, true
	case rest[0] == '\n':
		return n + 1, true
	case rest[0] == '\r' && len(rest) > 1 && rest[1] == '\n':
		return n + 2, true
	}
	return 0, false
}

// uuFile is a file encoded by uuencode (POSIX, "uuencode - encode a binary file").
type uuFile struct {
	name string
	data []byte
}

// cutUUEncoded finds the first file encoded by uuencode, in either of its two
// alphabets, and what follows it.
func cutUUEncoded(body []byte) (file uuFile, rest []byte, ok bool) {
	for rest = body; len(rest) > 0; {
		var line []byte
		line, rest = cutLine(rest)
		name, base64, found := uuBegin(line)
		if !found {
			continue
		}
		file.name = name
		var decoder base64Decoder
		for len(rest) > 0 {
			line, rest = cutLine(rest)
			switch {
			case string(line) == "end", string(line) == "====":
				file.data = append(file.data, decoder.out...)
				return file, rest, true
			case base64:
				decoder.write(line)
			default:
				file.data = appendUULine(file.data, line)
			}
		}
		file.data = append(file.data, decoder.out...)
		return file, nil, true
	}
	return uuFile{}, nil, false
}

// uuBegin reads the line "begin 644 name" or "begin-base64 644 name".
func uuBegin(line []byte) (name string, base64, ok bool) {
	if !bytes.HasPrefix(line, []byte("begin")) {
		return "", false, false
	}
	words := strings.SplitN(string(line), " ", 3)
	if len(words) != 3 || len(words[1]) < 3 || strings.Trim(words[1], "01234567") != "" {
		return "", false, false
	}
	return words[2], words[0] == "begin-base64", words[0] == "begin" || words[0] == "begin-base64"
}

// appendUULine decodes a line: a length, then groups of four characters for
// three bytes. Blanks at its end may have been lost on the way.
func appendUULine(dst, line []byte) []byte {
	if len(line) == 0 {
		return dst
	}
	length := int(line[0]-' ') & 63
	at := func(i int) byte {
		if i < len(line) {
			return (line[i] - ' ') & 63
		}
		return 0
	}
	for i := 1; length > 0; i += 4 {
		a, b, c, d := at(i), at(i+1), at(i+2), at(i+3)
		group := [3]byte{a<<2 | b>>4, b<<4 | c>>2, c<<6 | d}
		n := min(length, 3)
		dst = append(dst, group[:n]...)
		length -= n
	}
	return dst
}
