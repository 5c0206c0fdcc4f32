package filter

import (
	"reflect"
	"strings"
	"testing"

	"councilgate/policy"
)

func TestHeaderEdits(t *testing.T) {
	const header = "X-Mass-Mailing: a\r\nSubject: b\r\n X-Mass-Mailing: c\r\nx-mass-mailing:\r\nX-Other: d\r\nX-Mass-Mailing-Too: e\r\n\r\n"
	deleted := []edit{{2, "X-Mass-Mailing", ""}, {1, "X-Mass-Mailing", ""}}
	tests := []struct {
		name   string
		header string
		fields []policy.Header
		want   []edit
	}{
		{"no header, no fields", "", nil, nil},
		{"a field for nothing to remove", "Subject: b\r\n\r\n", []policy.Header{{Name: "X-Other", Value: "1"}}, []edit{{0, "X-Other", "1"}}},
		{"a tag that is not due", header, nil, deleted},
		{"a tag that is due", header, []policy.Header{{Name: "X-Mass-Mailing", Value: "1"}}, append(deleted[:2:2], edit{0, "X-Mass-Mailing", "1"})},
		{"another spelling", header, []policy.Header{{Name: "x-mass-mailing", Value: "1"}}, append(deleted[:2:2], edit{0, "x-mass-mailing", "1"})},
		{"another field, twice", header, []policy.Header{{Name: "X-Other", Value: "1"}, {Name: "X-Other", Value: "2"}},
			append(deleted[:2:2], edit{1, "X-Other", ""}, edit{0, "X-Other", "1"}, edit{0, "X-Other", "2"})},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := headerEdits([]byte(tt.header), tt.fields); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got  %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

func TestFieldValue(t *testing.T) {
	tests := []struct{ in, want string }{
		{"recipients=134; limit=100", "recipients=134; limit=100"},
		{"a\r\nX-Injected: yes\x00", "a  X-Injected: yes "},
		{"Nørreå", "=?utf-8?q?N=C3=B8rre=C3=A5?="},
		{strings.Repeat("x", 2000), strings.Repeat("x", 900)},
	}
	for _, tt := range tests {
		if got := fieldValue(tt.in); got != tt.want {
			t.Errorf("fieldValue(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}
