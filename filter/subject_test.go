package filter

import (
	"mime"
	"slices"
	"strings"
	"testing"

	"councilgate/filter/mail"
	"councilgate/filter/mailing"
)

func TestSubjectEdits(t *testing.T) {
	withoutReason := func(s string) string { s, _ = mailing.Justification(s); return s }
	prefixed := func(s string) string { return "[Massutskick] " + withoutReason(s) }
	for _, tt := range []struct {
		name   string
		header string
		change func(string) string
		want   []edit
	}{
		{"nothing to change", "Subject: =?iso-8859-1?q?H=F8ring?=\r\n", withoutReason, nil},
		{"marker", "Subject: [motiv: brand] Info\r\n", withoutReason, []edit{{1, "Subject", "Info"}}},
		{"marker in an encoded word, folded", "Subject: =?iso-8859-1?q?H=F8ring_[begrundelse:_udl=F8b?=\r\n =?iso-8859-1?q?er]_i_dag?=\r\n", withoutReason,
			[]edit{{1, "Subject", "=?utf-8?q?H=C3=B8ring_i_dag?="}}},
		{"marker alone", "Subject: [motiv: brand]\r\n", withoutReason, []edit{{1, "Subject", " "}}},
		{"prefix", "Subject: Info\r\n", prefixed, []edit{{1, "Subject", "[Massutskick] Info"}}},
		{"two subjects", "Subject: Info\r\nX: y\r\nsubject: [motiv: brand] Andet\r\n", withoutReason, []edit{{2, "Subject", "Andet"}}},
		{"no subject", "From: a@b.example\r\n", prefixed, nil},
		{"very long", "Subject: [motiv: brand] " + strings.Repeat("x", maxSubject+1) + "\r\n", withoutReason, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := subjectEdits([]byte(tt.header+"\r\n"), tt.change); !slices.Equal(got, tt.want) {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
}

// A subject comes out of its field as it went in, in lines that mail servers take.
func FuzzSubjectValue(f *testing.F) {
	f.Add("Sommerfest")
	f.Add(strings.Repeat("Blåbærgrød på Nørre Å ", 20))
	f.Add("=?utf-8?q?x?= \r\nBcc: x")
	f.Fuzz(func(t *testing.T, s string) {
		value := subjectValue(s)
		for i, line := range strings.Split(value, "\n") {
			if strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r > '~' }) || i > 0 && !strings.HasPrefix(line, " ") {
				t.Errorf("line %q", line)
			}
		}
		want := strings.Join(strings.Fields(printable(s, true, maxSubject)), " ")
		got := mail.Subjects([]byte("Subject: " + strings.ReplaceAll(value, "\n", "\r\n") + "\r\n\r\n"))
		if mime.QEncoding.Encode("utf-8", want) != want && (len(got) != 1 || strings.Join(strings.Fields(got[0]), " ") != want) {
			t.Errorf("%q became %q", want, got)
		}
	})
}
