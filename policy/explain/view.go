package explain

import (
	"slices"
	"time"

	"councilgate/policy"
)

// view is what a text may name.
type view struct {
	What         string // what was found
	Where        string // in which places
	Without      string // what of the others' text a new mail has to leave out
	Several      bool   // the mail has more than one recipient
	Recipients   int    // of the mailing, as far as it has come
	Limit        int    // of recipients, for a mass mailing
	Secure       string // what the secure way is called; "" if there is none
	NotOnPhones  bool   // it is missing there
	Municipality string
	Offices      string // of the administration that fit, with addresses; "" if none is known
	Contact      string // for questions, "" for none
	Help         string // URL of the help page, "" for none
	Reference    string // "" for none
	Code         string // that would let the mail pass, "" for none
	Hours        int    // how long it does
}

func (c catalog) view(p *policy.Policy, v policy.Verdict, language, reference string) view {
	refused := v.Refused()
	data := view{
		What:         c.what(refused),
		Where:        c.where(refused),
		Without:      c.without(refused),
		Several:      v.Recipients.Total > 1,
		Recipients:   max(v.Recipients.Total, v.Reached),
		Limit:        p.MassMailingAbove(),
		Municipality: p.Municipality(),
		Offices:      c.offices(p.Offices(refused)),
		Reference:    reference,
		Code:         v.OverrideCode,
		Hours:        int(p.OverrideLife(v) / time.Hour),
	}
	if p.HasSecureRoute() {
		data.Secure, data.NotOnPhones = p.SecureMail()
		if data.Secure == "" {
			data.Secure = c.text("secure mail", nil)
		}
	}
	if contact, ok := p.Contact(); ok {
		data.Contact = contact.Text()
	}
	if url := p.HelpURL(); url != "" {
		data.Help = url + PagePath(language, TopicOf(v))
	}
	return data
}

// maxTopics bounds the categories that a sentence names, so that it stays
// readable.
const maxTopics = 3

// what names the categories of findings.
func (c catalog) what(findings []policy.Finding) string {
	var things, topics []string
	for _, category := range policy.Categories() {
		switch found := ofCategory(findings, category); {
		case len(found) == 0:
		case category == policy.NationalID:
			things = append(things, c.text(number("national-id", severalInOnePart(found)), nil))
		default:
			topics = append(topics, c.text(string(category), nil))
		}
	}
	if len(topics) > maxTopics {
		topics = append(topics[:maxTopics], c.text("more", nil))
	}
	if len(topics) > 0 {
		things = append(things, c.text("details", c.list(topics, "and")))
	}
	return c.list(things, "and")
}

// where names the places of findings.
func (c catalog) where(findings []policy.Finding) string {
	var places []string
	for _, place := range policy.Places() {
		if found := inPlace(findings, place); len(found) > 0 {
			places = append(places, c.text(placeText(place, found), nil))
		}
	}
	return c.list(places, "and")
}

// without names what of the others' text findings stand in.
func (c catalog) without(findings []policy.Finding) string {
	var things []string
	for _, place := range policy.Places() {
		if found := inPlace(findings, place); place != policy.Own && len(found) > 0 {
			things = append(things, c.text("without "+placeText(place, found), nil))
		}
	}
	return c.list(slices.Compact(things), "and")
}

// offices names offices of the administration with their addresses.
func (c catalog) offices(areas []policy.Area) string {
	var names []string
	for _, a := range areas {
		names = append(names, a.Name+" ("+a.Address.Text()+")")
	}
	return c.list(names, "or")
}

// placeText names the text for a place: of files there may be more than one.
func placeText(place policy.Place, found []policy.Finding) string {
	return number(string(place), place == policy.Attached && inSeveralParts(found))
}

// number gives the name of a text in singular or plural.
func number(name string, several bool) string {
	if several {
		return name + " plural"
	}
	return name
}

// severalInOnePart tells several things from one that stands in the plain and
// the HTML text of the same mail.
func severalInOnePart(findings []policy.Finding) bool {
	for i, f := range findings {
		for _, g := range findings[i+1:] {
			if f.Part == g.Part && f.Place == g.Place {
				return true
			}
		}
	}
	return false
}

func inSeveralParts(findings []policy.Finding) bool {
	return slices.ContainsFunc(findings, func(f policy.Finding) bool { return f.Part != findings[0].Part })
}

func ofCategory(findings []policy.Finding, c policy.Category) []policy.Finding {
	return slices.DeleteFunc(slices.Clone(findings), func(f policy.Finding) bool { return f.Category != c })
}

func inPlace(findings []policy.Finding, p policy.Place) []policy.Finding {
	return slices.DeleteFunc(slices.Clone(findings), func(f policy.Finding) bool { return f.Place != p })
}
