package explain

import (
	"embed"
	"slices"
	"strings"
	"text/template"

	"councilgate/policy"
)

//go:embed texts/*.tmpl
var textFiles embed.FS

// catalog is the texts of one language.
type catalog struct{ *template.Template }

var catalogs = parseCatalogs()

func parseCatalogs() map[string]catalog {
	all := make(map[string]catalog)
	for _, language := range policy.Languages() {
		all[language] = catalog{template.Must(template.ParseFS(textFiles, "texts/"+language+".tmpl"))}
	}
	return all
}

// catalogOf gives the texts of a language that a policy allows.
func catalogOf(language string) catalog {
	if c, ok := catalogs[language]; ok {
		return c
	}
	return catalogs["en"]
}

// view is what a text may name.
type view struct {
	What         string // what was found
	Where        string // in which places
	Without      string // what of the others' text a new mail has to leave out
	Several      bool   // the mail has more than one recipient
	Recipients   int
	Limit        int // of recipients, for a mass mailing
	Secure       bool
	Municipality string
	Offices      string // of the administration, with addresses; "" if none is known
	Contact      string // for questions, "" for none
	Reference    string // "" for none
}

// lines gives the sentences of one text.
func (c catalog) lines(name string, p *policy.Policy, v policy.Verdict, reference string) []string {
	data := view{
		What:         c.what(refused(v)),
		Where:        c.where(refused(v)),
		Without:      c.without(refused(v)),
		Several:      v.Recipients.Total > 1,
		Recipients:   v.Recipients.Total,
		Limit:        p.MassMailingAbove(),
		Secure:       p.HasSecureRoute(),
		Municipality: p.Municipality(),
		Offices:      offices(p.Administration()),
		Reference:    reference,
	}
	if contact, ok := p.Contact(); ok {
		data.Contact = contact.Text()
	}
	var lines []string
	for line := range strings.Lines(c.text(name, data)) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// text executes a template. That cannot fail: the data is always of the same
// type, and the tests execute every template of every language.
func (c catalog) text(name string, data any) string {
	var b strings.Builder
	_ = c.ExecuteTemplate(&b, name, data)
	return b.String()
}

// maxTopics bounds the categories that a sentence names, so that it stays
// readable.
const maxTopics = 3

// what names the categories of findings.
func (c catalog) what(findings []policy.Finding) string {
	var things, topics []string
	for _, category := range policy.Categories() {
		if !has(findings, func(f policy.Finding) bool { return f.Category == category }) {
			continue
		}
		if category == policy.NationalID {
			things = append(things, c.text(string(category), nil))
		} else {
			topics = append(topics, c.text(string(category), nil))
		}
	}
	if len(topics) > maxTopics {
		topics = append(topics[:maxTopics], c.text("more", nil))
	}
	if len(topics) > 0 {
		things = append(things, c.text("details", c.enumerate(topics)))
	}
	return c.enumerate(things)
}

// where names the places of findings.
func (c catalog) where(findings []policy.Finding) string {
	var places []string
	for _, place := range policy.Places() {
		if has(findings, func(f policy.Finding) bool { return f.Place == place }) {
			places = append(places, c.text(string(place), nil))
		}
	}
	return c.enumerate(places)
}

// without names what of the others' text findings stand in.
func (c catalog) without(findings []policy.Finding) string {
	var things []string
	for _, place := range policy.Places() {
		if place != policy.Own && has(findings, func(f policy.Finding) bool { return f.Place == place }) {
			things = append(things, c.text("without "+string(place), nil))
		}
	}
	return c.enumerate(slices.Compact(things))
}

func has(findings []policy.Finding, is func(policy.Finding) bool) bool {
	for _, f := range findings {
		if is(f) {
			return true
		}
	}
	return false
}

// enumerate joins items as prose does: "a, b and c". An item may end with the
// comma that closes its subordinate clause; it is kept before "and" and falls
// away at the end.
func (c catalog) enumerate(items []string) string {
	var b strings.Builder
	for i, item := range items {
		bare := strings.TrimSuffix(item, ",")
		switch {
		case i == len(items)-1:
			b.WriteString(bare)
		case i == len(items)-2:
			b.WriteString(item + " " + c.text("and", nil) + " ")
		default:
			b.WriteString(bare + ", ")
		}
	}
	return b.String()
}

// maxOffices bounds what a line tells of the administration, in bytes.
const maxOffices = 240

// offices names the first offices of the administration, as many as fit.
func offices(areas []policy.Area) string {
	var list string
	for _, a := range areas {
		item := a.Name + " (" + a.Address.Text() + ")"
		if list != "" {
			item = ", " + item
		}
		if len(list)+len(item) > maxOffices {
			break
		}
		list += item
	}
	return list
}
