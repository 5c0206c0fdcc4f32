package policy

import "testing"

func TestOffices(t *testing.T) {
	const text = `
internal: [norreaa.example]
administration:
  - {area: Job, address: job@norreaa.example, for: [union, health]}
  - {area: Alt, address: alt@norreaa.example}
  - {area: Social, address: social@norreaa.example, for: [health, crime]}
  - {area: Kirke, address: kirke@norreaa.example, for: [religion]}
`
	p := mustParse(t, text)
	tests := []struct {
		refused []Category
		want    []string
	}{
		{nil, []string{"Alt"}},
		{[]Category{NationalID}, []string{"Alt"}},
		{[]Category{Health}, []string{"Job"}},
		{[]Category{Crime, NationalID}, []string{"Social"}},
		{[]Category{Health, Crime}, []string{"Job", "Social"}},
		{[]Category{Religion, Crime, Union}, []string{"Job", "Social"}}, // no third
	}
	for _, tt := range tests {
		var findings []Finding
		for _, c := range tt.refused {
			findings = append(findings, Finding{Category: c}, Finding{Category: c})
		}
		got := p.Offices(findings)
		ok := len(got) == len(tt.want)
		for i := range min(len(got), len(tt.want)) {
			ok = ok && got[i].Name == tt.want[i]
		}
		if !ok {
			t.Errorf("%v: %v, want %v", tt.refused, got, tt.want)
		}
	}
	if got := mustParse(t, "internal: [norreaa.example]").Offices(nil); len(got) != 0 {
		t.Errorf("offices of a policy without any: %v", got)
	}
	only := mustParse(t, "internal: [norreaa.example]\nadministration: [{area: Kirke, address: kirke@norreaa.example, for: [religion]}]")
	if got := only.Offices(nil); len(got) != 1 || got[0].Name != "Kirke" {
		t.Errorf("the only office is for something else: %v", got)
	}
}
