package mail

import "strings"

// Subjects decodes the Subject fields of a header, one by one, topmost first.
func Subjects(header []byte) []string {
	var subjects []string
	for _, value := range readHead(header, false, DefaultLimits()).fields.all("Subject") {
		subjects = append(subjects, strings.TrimSpace(decodeField(value)))
	}
	return subjects
}
