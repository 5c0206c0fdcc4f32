package mailing

import (
	"regexp"
	"strings"
	"unicode"
)

// JustificationHeader names the field by which a councillor may give the reason of
// a mass mailing instead of a marker in the subject.
const JustificationHeader = "X-Mass-Mailing-Reason"

// A marker gives the reason of a mass mailing in its subject: [motiv: ...] in
// Swedish, [begrundelse: ...] in Danish, [begrunnelse: ...] in Norwegian and
// [reason: ...] in English.
var marker = regexp.MustCompile(`(?i)[ \t]*\[[ \t]*(?:motiv|motivering|begrundelse|begrunnelse|reason)[ \t]*:([^\[\]]*)\]`)

// Justification cuts the markers from a subject, and reports whether one of them
// gave a reason. A marker without words gives none.
func Justification(subject string) (rest string, justified bool) {
	for _, m := range marker.FindAllStringSubmatch(subject, -1) {
		justified = justified || IsReason(m[1])
	}
	return strings.TrimSpace(marker.ReplaceAllString(subject, "")), justified
}

// minReason is how many letters a reason has at least.
const minReason = 3

// IsReason reports whether a text may be a reason, rather than a placeholder.
func IsReason(s string) bool {
	letters := 0
	for _, r := range s {
		if unicode.IsLetter(r) {
			letters++
		}
	}
	return letters >= minReason
}
