package filter

import (
	"strings"
	"testing"
	"unicode/utf8"

	"councilgate/policy/explain"
)

func TestFrameReply(t *testing.T) {
	const later = "451 4.7.1 Service unavailable - try again later"
	lines := func(lines ...string) []string { return lines }
	tests := []struct {
		name  string
		reply explain.Reply
		utf8  bool
		want  string
	}{
		{"one line", explain.Reply{Code: 550, Enhanced: "5.7.1", Lines: lines("No.")}, false, "550 5.7.1 No."},
		{"three lines", explain.Reply{Code: 550, Enhanced: "5.7.1", Lines: lines("No.", "", "Sorry.")}, false,
			"550-5.7.1 No.\r\n550-5.7.1 \r\n550 5.7.1 Sorry."},
		{"temporary", explain.Reply{Code: 451, Enhanced: "4.7.1", Lines: lines("Later.")}, false, "451 4.7.1 Later."},
		{"percent", explain.Reply{Code: 550, Enhanced: "5.7.1", Lines: lines("100 % http://x/%20y")}, false, "550 5.7.1 100 %% http://x/%%20y"},
		{"line ends and controls", explain.Reply{Code: 550, Enhanced: "5.7.1", Lines: lines("a\r\n250 2.0.0 ok\x00\tb\x7fc")}, false,
			"550 5.7.1 a  250 2.0.0 ok  b c"},
		{"ASCII", explain.Reply{Code: 550, Enhanced: "5.7.1", Lines: lines("Nørreå")}, false, "550 5.7.1 N?rre?"},
		{"UTF-8", explain.Reply{Code: 550, Enhanced: "5.7.1", Lines: lines("Nørreå\u0085\u2028\u202e!")}, true, "550 5.7.1 Nørreå   !"},
		{"broken UTF-8", explain.Reply{Code: 550, Enhanced: "5.7.1", Lines: lines("a\xffb")}, true, "550 5.7.1 a b"},
		{"too long a line", explain.Reply{Code: 550, Enhanced: "5.7.1", Lines: lines(strings.Repeat("x", 600))}, false,
			"550 5.7.1 " + strings.Repeat("x", 500)},
		{"too long a line ends between characters", explain.Reply{Code: 550, Enhanced: "5.7.1", Lines: lines("x" + strings.Repeat("å", 600))}, true,
			"550 5.7.1 x" + strings.Repeat("å", 249)},
		{"too many lines", explain.Reply{Code: 550, Enhanced: "5.7.1", Lines: make([]string, 100)}, false,
			strings.Repeat("550-5.7.1 \r\n", 19) + "550 5.7.1 "},
		{"nothing", explain.Reply{}, false, later},
		{"no lines", explain.Reply{Code: 550, Enhanced: "5.7.1"}, false, later},
		{"a code that lets mail pass", explain.Reply{Code: 250, Enhanced: "2.0.0", Lines: lines("ok")}, false, later},
		{"classes that differ", explain.Reply{Code: 550, Enhanced: "4.7.1", Lines: lines("No.")}, false, later},
		{"no enhanced code", explain.Reply{Code: 550, Lines: lines("No.")}, false, later},
		{"a broken enhanced code", explain.Reply{Code: 550, Enhanced: "5.7.1\r\n250", Lines: lines("No.")}, false, later},
		{"hanging up", explain.Reply{Code: 421, Enhanced: "4.7.1", Lines: lines("No.")}, false, later},
		{"too large a code", explain.Reply{Code: 5500, Enhanced: "5.7.1", Lines: lines("No.")}, false, later},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := frameReply(tt.reply, tt.utf8); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

// FuzzFrameReply: whatever a text holds, a mail server reads the codes that were
// meant and nothing else.
func FuzzFrameReply(f *testing.F) {
	f.Add("one", "two", true)
	f.Add("\r\n250 ok", "50 %", false)
	f.Fuzz(func(t *testing.T, one, two string, unicode bool) {
		got := frameReply(explain.Reply{Code: 550, Enhanced: "5.7.1", Lines: []string{one, two}}, unicode)
		lines := strings.Split(got, "\r\n")
		if len(lines) != 2 || !strings.HasPrefix(lines[0], "550-5.7.1 ") || !strings.HasPrefix(lines[1], "550 5.7.1 ") {
			t.Fatalf("lines %q", lines)
		}
		for _, line := range lines {
			if strings.ContainsAny(line, "\r\n\x00") || strings.Contains(strings.ReplaceAll(line, "%%", ""), "%") {
				t.Errorf("line %q", line)
			}
			if n := len(strings.ReplaceAll(line, "%%", "%")); n > 510 {
				t.Errorf("%d octets", n)
			}
			if !utf8.ValidString(line) {
				t.Errorf("line %q is not UTF-8", line)
			}
			if !unicode && strings.ContainsFunc(line, func(r rune) bool { return r > 0x7e }) {
				t.Errorf("line %q is not ASCII", line)
			}
		}
	})
}
