package mail

import (
	"sort"
	"strconv"
	"strings"
)

// parameterized is the value of a Content-Type or Content-Disposition field.
type parameterized struct {
	value  string // lower case
	params map[string]string
}

// parseParameterized reads such a field leniently: a missing semicolon, a
// missing quote, blanks round "=", and "=" in an unquoted value are all
// forgiven. Of a parameter that comes twice the first counts. Values of RFC
// 2231 are joined and decoded, and so are encoded words, which RFC 2047 forbids
// here and many programs write.
func parseParameterized(s string) parameterized {
	end := strings.IndexAny(s, "; \t(")
	if end < 0 {
		end = len(s)
	}
	p := parameterized{value: strings.ToLower(s[:end]), params: map[string]string{}}
	sections := map[string][]section{}
	for rest := s[end:]; ; {
		var key, value string
		var ok bool
		if key, value, rest, ok = cutParameter(rest); !ok {
			break
		}
		base, suffix, extended := strings.Cut(key, "*")
		if extended {
			sections[base] = append(sections[base], newSection(suffix, value))
		} else if _, known := p.params[key]; !known {
			p.params[key] = value
		}
	}
	for base, parts := range sections {
		p.params[base] = joinSections(parts)
	}
	for _, name := range []string{"filename", "name"} {
		if value, ok := p.params[name]; ok {
			p.params[name] = decodeField(value)
		}
	}
	return p
}

// cutParameter cuts the next "key=value", key in lower case.
func cutParameter(s string) (key, value, rest string, ok bool) {
	for {
		s = strings.TrimLeft(s, "; \t")
		if s == "" {
			return "", "", "", false
		}
		end := strings.IndexAny(s, "=; \t")
		if end < 0 {
			return "", "", "", false
		}
		key, s = strings.ToLower(s[:end]), strings.TrimLeft(s[end:], " \t")
		if strings.HasPrefix(s, "=") {
			break
		}
	}
	s = strings.TrimLeft(s[1:], " \t")
	if strings.HasPrefix(s, `"`) {
		if value, rest, ok = cutQuoted(s[1:]); ok {
			return key, value, rest, true
		}
		s = s[1:]
	}
	end := strings.IndexAny(s, "; \t")
	if end < 0 {
		end = len(s)
	}
	return key, s[:end], s[end:], true
}

// cutQuoted cuts a quoted string, whose first quote is gone already.
func cutQuoted(s string) (value, rest string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			return b.String(), s[i+1:], true
		case '\\':
			if i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\') {
				i++
			}
		}
		b.WriteByte(s[i])
	}
	return "", "", false
}

// section is a piece of a parameter (RFC 2231, sections 3 and 4).
type section struct {
	number  int
	encoded bool
	value   string
}

func newSection(suffix, value string) section {
	number, encoded := strings.CutSuffix(suffix, "*")
	n, err := strconv.Atoi(number)
	return section{number: n, encoded: encoded || err != nil, value: value}
}

func joinSections(parts []section) string {
	sort.SliceStable(parts, func(i, j int) bool { return parts[i].number < parts[j].number })
	var charset string
	var data []byte
	for i, part := range parts {
		if !part.encoded {
			data = append(data, part.value...)
			continue
		}
		value := part.value
		if i == 0 {
			if c, tagged, ok := strings.Cut(value, "'"); ok {
				charset = c
				_, value, _ = strings.Cut(tagged, "'")
			}
		}
		data = appendUnescaped(data, value, '%')
	}
	return toUTF8(data, charset)
}

// appendUnescaped undoes escapes of two hexadecimal digits after a mark.
func appendUnescaped(dst []byte, s string, mark byte) []byte {
	for i := 0; i < len(s); i++ {
		if s[i] == mark && i+2 < len(s) {
			if hi, lo := unhex(s[i+1]), unhex(s[i+2]); hi >= 0 && lo >= 0 {
				dst = append(dst, byte(hi<<4|lo))
				i += 2
				continue
			}
		}
		dst = append(dst, s[i])
	}
	return dst
}

// unhex gives the value of a hexadecimal digit, -1 if it is none.
func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
