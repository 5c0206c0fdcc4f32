package policy

import "slices"

// maxOffices bounds the offices that an explanation names: whoever reads it
// wants one address, not a list to choose from.
const maxOffices = 2

// Offices names the offices of the administration that fit a mail best, two at
// most, in the order of the policy. An office fits when its "for" names a
// category that the mail is refused for; a second one is named only if it is for
// a category that the first is not for. When none fits, it is the first office
// that is for anything, else the first.
func (p *Policy) Offices(refused []Finding) []Area {
	var open []Category // that no office has been found for
	for _, c := range Categories() {
		if slices.ContainsFunc(refused, func(f Finding) bool { return f.Category == c }) {
			open = append(open, c)
		}
	}
	var fit []Area
	for _, a := range p.areas {
		n := len(open)
		open = slices.DeleteFunc(open, func(c Category) bool { return slices.Contains(a.For, c) })
		if len(open) < n && len(fit) < maxOffices {
			fit = append(fit, a)
		}
	}
	if len(fit) > 0 || len(p.areas) == 0 {
		return fit
	}
	general := max(slices.IndexFunc(p.areas, func(a Area) bool { return len(a.For) == 0 }), 0)
	return p.areas[general : general+1]
}
