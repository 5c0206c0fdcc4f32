package filter

import (
	"bytes"
	"mime"
	"strings"

	"councilgate/filter/mailing"
	"councilgate/policy"
)

// maxHeaderValue bounds the value of a field that we add.
const maxHeaderValue = 900

// An edit changes the header of a mail. Index counts the fields of that name from
// 1, as the milter protocol does; 0 adds a field at the end. An empty value
// deletes.
type edit struct {
	index int
	name  string
	value string
}

// headerEdits returns the edits that make the header show the given fields, no
// field of their names but those, and no tag of a mass mailing that the verdict did
// not set: such a field is forged. The reason of one is for us, not for recipients.
func headerEdits(header []byte, fields []policy.Header) []edit {
	names := []string{policy.MassMailingHeader, mailing.JustificationHeader}
	for _, f := range fields {
		if !containsFold(names, f.Name) {
			names = append(names, f.Name)
		}
	}
	var edits []edit
	for _, name := range names {
		// From the last to the first, since each deletion renumbers those behind.
		for i := countFields(header, name); i > 0; i-- {
			edits = append(edits, edit{index: i, name: name})
		}
	}
	for _, f := range fields {
		edits = append(edits, edit{name: f.Name, value: fieldValue(f.Value)})
	}
	return edits
}

func containsFold(names []string, name string) bool {
	for _, n := range names {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}

// countFields counts the fields of a name. A folded line begins with white space
// and so is no field of its own.
func countFields(header []byte, name string) int {
	n := 0
	for line := range bytes.Lines(header) {
		field, _, ok := bytes.Cut(line, []byte(":"))
		if ok && bytes.EqualFold(field, []byte(name)) {
			n++
		}
	}
	return n
}

// fieldValue makes a value fit for a header field: one line, encoded by RFC 2047
// where it is not ASCII.
func fieldValue(s string) string {
	return mime.QEncoding.Encode("utf-8", printable(s, true, maxHeaderValue))
}
