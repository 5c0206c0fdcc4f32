package policy

import "testing"

func TestRecord(t *testing.T) {
	tests := []struct {
		name, text string
		want       Record
	}{
		{"off", "", Record{"", 30, 100 << 20}},
		{"with its defaults", "record: /var/lib/councilgate/record.jsonl", Record{"/var/lib/councilgate/record.jsonl", 30, 100 << 20}},
		{"smaller and shorter", "record: /r.jsonl\nrecord_days: 7\nrecord_megabytes: 1", Record{"/r.jsonl", 7, 1 << 20}},
	}
	for _, tt := range tests {
		p, err := Parse("p.yaml", []byte("internal: [norreaa.example]\n"+tt.text+"\n"))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if got := p.Record(); got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}
