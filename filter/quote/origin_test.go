package quote

import (
	"reflect"
	"strings"
	"testing"

	"councilgate/policy"
)

func TestOrigins(t *testing.T) {
	tests := []struct {
		name, text string
		want       []Origin // without Part and Text
	}{
		{"nothing", "Kære Anne\n\nDer er larm: hver nat.\n", nil},
		{"attribution", "Den 3. marts 2026 kl. 10.12 skrev Bent Toft <bent@else.example>:\nHej\n",
			[]Origin{{From: []string{"bent@else.example"}}}},
		{"attribution in two lines", "On Tue, 3 Mar 2026 at 10:12, Bent Toft <bent@else.example>\nwrote:\nHej\n",
			[]Origin{{From: []string{"bent@else.example"}}}},
		{"a name alone", "Den 03-03-2026 kl. 10:12 skrev Anne Holm:\nHej\n", []Origin{{}}},
		{"header block", "Fra: Bent <bent@else.example>\nSendt: 3. marts 2026 10:12\nTil: Anne Holm <anne@norreaa.example>;\n Bo <bo@norreaa.example>\nCc: Ida <ida@else.example>\nEmne: Vejen\n\nHej, skriv til x@else.example\n",
			[]Origin{{From: []string{"bent@else.example"}, To: []string{"anne@norreaa.example", "bo@norreaa.example", "ida@else.example"}, Subject: "Vejen"}}},
		{"mailto", "Från: Bent [mailto:bent@else.example]\nTill: anne@norreaa.example\n",
			[]Origin{{From: []string{"bent@else.example"}, To: []string{"anne@norreaa.example"}}}},
		{"two mails", "Fra: a@else.example\nTil: b@else.example\nEmne: Et\n\nHej\n\nFra: b@else.example\nTil: a@else.example\nEmne: To\n\nHej\n",
			[]Origin{{From: []string{"a@else.example"}, To: []string{"b@else.example"}, Subject: "Et"}, {From: []string{"b@else.example"}, To: []string{"a@else.example"}, Subject: "To"}}},
	}
	for _, tt := range tests {
		got := Origins([]Segment{{Place: policy.Own, Text: "Fra: me@else.example\n"}, {Place: policy.Quoted, Text: tt.text}})
		for i := range got {
			if got[i].Text == "" {
				t.Errorf("%s: no text", tt.name)
			}
			got[i].Text = ""
		}
		if len(got)+len(tt.want) > 0 && !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: got %+v, want %+v", tt.name, got, tt.want)
		}
	}
	long := "Fra: a@else.example\n" + strings.Repeat("Hvem: det?\n", maxOriginLines)
	if got := Origins([]Segment{{Place: policy.Quoted, Text: long}}); len(got) != 2 || got[1].From != nil {
		t.Errorf("a long text: %d origins", len(got))
	}
	if got := Origins([]Segment{{Place: policy.Forwarded, Text: strings.Repeat("Fra: a@else.example\n", 1000)}}); len(got) != maxOrigins {
		t.Errorf("%d origins", len(got))
	}
}
