package filter

import (
	"mime"
	"strings"

	"councilgate/filter/mail"
)

const (
	// maxSubject bounds a subject that we rewrite, in bytes. A longer one stays.
	maxSubject = 2000
	// foldAt is the length of a header line beyond which it is folded (RFC 5322,
	// section 2.1.1).
	foldAt = 76
)

// subjectEdits returns the edits that change the subjects of a header, which may be
// several in a broken mail. One that change leaves as it is stays byte for byte.
func subjectEdits(header []byte, change func(subject string) string) []edit {
	var edits []edit
	for i, before := range mail.Subjects(header) {
		if after := change(before); after != before && len(after) <= maxSubject {
			edits = append(edits, edit{index: i + 1, name: "Subject", value: subjectValue(after)})
		}
	}
	return edits
}

// subjectValue writes a subject as the value of its field, encoded by RFC 2047 where
// it is not ASCII. Lines are folded by a bare LF, as the milter protocol wants. An
// edit without value would delete the field, so an empty subject is a space.
func subjectValue(s string) string {
	words := strings.Fields(mime.QEncoding.Encode("utf-8", printable(s, true, maxSubject)))
	if len(words) == 0 {
		return " "
	}
	var b strings.Builder
	line := len("Subject:")
	for i, word := range words {
		switch {
		case i == 0:
		case line+1+len(word) > foldAt:
			b.WriteString("\n ")
			line = 1
		default:
			b.WriteByte(' ')
			line++
		}
		b.WriteString(word)
		line += len(word)
	}
	return b.String()
}
