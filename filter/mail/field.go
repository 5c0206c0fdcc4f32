package mail

import (
	"bytes"
	"strings"
)

// field is a header field as it stands in the message: folded and encoded.
type field struct{ name, value []byte }

// fields are the fields of one header, topmost first.
type fields []field

// get returns the first field of a name, unfolded, "" if there is none.
func (fs fields) get(name string) string {
	for _, f := range fs {
		if strings.EqualFold(string(f.name), name) {
			return unfold(f.value)
		}
	}
	return ""
}

// all returns every field of a name, unfolded, topmost first.
func (fs fields) all(name string) []string {
	var values []string
	for _, f := range fs {
		if strings.EqualFold(string(f.name), name) {
			values = append(values, unfold(f.value))
		}
	}
	return values
}

var lineEnds = strings.NewReplacer("\r", "", "\n", "")

// unfold joins the lines of a field's value (RFC 5322, section 2.2.3).
func unfold(value []byte) string {
	return lineEnds.Replace(string(bytes.TrimSpace(value)))
}

// head is a header and what follows it.
type head struct {
	fields   fields
	stray    []byte // lines inside the header that are none of its fields
	body     []byte
	overlong bool // fields beyond the limits were left out
}

// readHead cuts a header from its body. A line that cannot be a field is kept
// as stray when fields follow, and begins the body when none do: the blank line
// was forgotten. In a body part (RFC 2045, section 3) only the Content-* fields
// mean anything, so every other line there is stray text, for a part that
// begins without a header must not lose its first lines.
func readHead(raw []byte, part bool, limits Limits) head {
	const (
		none    = iota // the previous line is stray, or there is none
		kept           // it belongs to the last field
		dropped        // it belongs to a field that was left out
	)
	var (
		h      head
		before = none
		value  int  // offset of the last field's value
		sure   bool // a field is known to follow the first stray line
	)
	for rest := raw; len(rest) > 0; {
		line, next := cutLine(rest)
		offset := len(raw) - len(rest)
		rest = next
		if len(line) == 0 || isBlank(line) && !beginsWithField(next) {
			h.body = next
			return h
		}
		name, v, isField := cutField(line)
		switch {
		case isBlank(line):
			before = dropped
		case before != none && (line[0] == ' ' || line[0] == '\t'):
			if before == kept {
				h.fields[len(h.fields)-1].value = raw[value : offset+len(line)]
			}
		case before == kept && !isField && continuesParameters(h.fields[len(h.fields)-1].value, line):
			h.fields[len(h.fields)-1].value = raw[value : offset+len(line)]
		case isField && (len(h.fields) == limits.Fields || offset > limits.Header):
			h.overlong = true
			before = dropped
		case isField && (!part || isContent(name)):
			value = offset + len(line) - len(v)
			h.fields = append(h.fields, field{name, v})
			before = kept
		case isField && isTrace(name):
			before = dropped
		default:
			if !sure && !fieldFollows(next, part) {
				h.body = raw[offset:]
				return h
			}
			sure = true
			h.stray = append(append(h.stray, line...), '\n')
			before = none
		}
	}
	return h
}

func isBlank(line []byte) bool { return len(bytes.TrimSpace(line)) == 0 }

// cutLine cuts the first line, without its end.
func cutLine(data []byte) (line, rest []byte) {
	i := bytes.IndexByte(data, '\n')
	if i < 0 {
		return bytes.TrimSuffix(data, []byte("\r")), nil
	}
	return bytes.TrimSuffix(data[:i], []byte("\r")), data[i+1:]
}

// cutField cuts a header line into name and value. A Content-* field is also
// known without its colon.
func cutField(line []byte) (name, value []byte, ok bool) {
	n := 0
	for n < len(line) && isNameByte(line[n]) {
		n++
	}
	name, value = line[:n], bytes.TrimLeft(line[n:], " \t")
	if n == 0 {
		return nil, nil, false
	}
	if len(value) > 0 && value[0] == ':' {
		return name, value[1:], true
	}
	return name, value, isContent(name) && len(value) > 0
}

// isNameByte tells the characters of the field names that are in use; RFC 5322
// allows more, but in them prose is more likely than a field.
func isNameByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_' || c == '.'
}

func isContent(name []byte) bool { return hasPrefixFold(name, "Content-") }

// isTrace tells the fields that programs leave in body parts without meaning.
func isTrace(name []byte) bool {
	return hasPrefixFold(name, "X-") || strings.EqualFold(string(name), "MIME-Version")
}

func hasPrefixFold(s []byte, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(string(s[:len(prefix)]), prefix)
}

// continuesParameters tells a line with a parameter of the field before it, whose
// indentation was lost.
func continuesParameters(value, line []byte) bool {
	return bytes.HasSuffix(bytes.TrimSpace(value), []byte(";")) && bytes.IndexByte(line, '=') > 0
}

// beginsWithField tells whether the first line is a header field.
func beginsWithField(data []byte) bool {
	_, _, ok := cutField(firstLine(data))
	return ok
}

// fieldFollows tells whether a header field stands before the next blank line.
func fieldFollows(data []byte, part bool) bool {
	for len(data) > 0 {
		line, next := cutLine(data)
		if len(line) == 0 {
			return false
		}
		if name, _, ok := cutField(line); ok && (!part || isContent(name)) {
			return true
		}
		data = next
	}
	return false
}
