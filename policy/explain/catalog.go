package explain

import (
	"embed"
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

// lines gives the sentences of one text, those of a line in one string.
func (c catalog) lines(name string, data view) []string {
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

// list joins items as prose does: "a, b and c", where the conjunction is a text
// of the catalog. An item may end with the comma that closes its subordinate
// clause; it is kept before the conjunction and falls away at the end.
func (c catalog) list(items []string, conjunction string) string {
	var b strings.Builder
	for i, item := range items {
		bare := strings.TrimSuffix(item, ",")
		switch {
		case i == len(items)-1:
			b.WriteString(bare)
		case i == len(items)-2:
			b.WriteString(item + " " + c.text(conjunction, nil) + " ")
		default:
			b.WriteString(bare + ", ")
		}
	}
	return b.String()
}
