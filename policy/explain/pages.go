package explain

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"strings"

	"councilgate/policy"
)

//go:embed pages
var pageFiles embed.FS

// Page is one help page, a whole HTML document that loads nothing else.
type Page struct {
	Path string // with slashes, below that of all pages: "da/quoted-sensitive.html"
	HTML []byte
}

// Pages gives the help pages for a policy: one for each topic and language, an
// index for each language, and one for all, in the municipality's language.
func Pages(p *policy.Policy) []Page {
	pages := []Page{render(p, p.Language(policy.Councillor{}), "", "")}
	pages[0].Path = "index.html"
	for _, language := range policy.Languages() {
		for _, topic := range append([]Topic{""}, Topics()...) {
			pages = append(pages, render(p, language, topic, "../"))
		}
	}
	return pages
}

// ContentSecurityPolicy is what help pages may do, which is to look as they do
// (CSP level 3). They say so themselves; as a field of HTTP it also keeps them out
// of others' frames.
var ContentSecurityPolicy = pagePolicy + "; frame-ancestors 'none'"

var (
	pageStyle  = readPageFile("style.css")
	pagePolicy = "default-src 'none'; style-src 'sha256-" + digest(pageStyle) + "'; base-uri 'none'; form-action 'none'"
	pageTexts  = parsePageTexts()
)

func readPageFile(name string) string {
	data, err := pageFiles.ReadFile("pages/" + name)
	if err != nil {
		panic(err) // the file is part of the program
	}
	return string(data)
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return base64.StdEncoding.EncodeToString(sum[:])
}

func parsePageTexts() map[string]*template.Template {
	all := make(map[string]*template.Template)
	for _, language := range policy.Languages() {
		all[language] = template.Must(template.ParseFS(pageFiles, "pages/page.html", "pages/"+language+".tmpl"))
	}
	return all
}

// pageView is what a help page may name.
type pageView struct {
	Language     string
	Topic        Topic // "" for an index
	Title        template.HTML
	Lede         template.HTML
	Steps        template.HTML
	Why          template.HTML
	CSP          string
	Style        template.CSS
	Languages    []languageLink
	Topics       []topicLink
	Municipality string
	Secure       string
	NotOnPhones  bool
	Offices      []office
	Contact      string
	Limit        int
	Override     bool // a refusal may give a code
}

type languageLink struct {
	Code, Name, Href string
	Current          bool
}

type topicLink struct {
	Href    string
	Title   template.HTML
	Lede    template.HTML
	Current bool
}

type office struct{ Name, Local, Domain string }

// render makes one page. up is the way from its folder to that of all pages.
func render(p *policy.Policy, language string, topic Topic, up string) Page {
	texts := pageTexts[language]
	v := pageView{
		Language:     language,
		Topic:        topic,
		CSP:          pagePolicy,
		Style:        template.CSS(pageStyle),
		Municipality: p.Municipality(),
		Limit:        p.MassMailingAbove(),
		Override:     p.AllowsOverride(),
	}
	if p.HasSecureRoute() {
		if v.Secure, v.NotOnPhones = p.SecureMail(); v.Secure == "" {
			v.Secure = catalogOf(language).text("secure mail", nil)
		}
	}
	if contact, ok := p.Contact(); ok {
		v.Contact = contact.Text()
	}
	for _, a := range p.Administration() {
		address := a.Address.Text()
		at := strings.LastIndex(address, "@") // where a narrow screen may break it
		v.Offices = append(v.Offices, office{a.Name, address[:at], address[at+1:]})
	}
	for _, code := range policy.Languages() {
		v.Languages = append(v.Languages, languageLink{
			Code:    code,
			Name:    string(pageText(pageTexts[code], "language", v)),
			Href:    up + pagePath(code, topic),
			Current: code == language,
		})
	}
	for _, t := range Topics() {
		link := topicLink{
			Href:    up + pagePath(language, t),
			Title:   pageText(texts, string(t)+" title", v),
			Lede:    pageText(texts, string(t)+" lede", v),
			Current: t == topic,
		}
		if link.Current {
			v.Title, v.Lede = link.Title, link.Lede
			v.Steps = pageText(texts, string(t)+" steps", v)
			v.Why = pageText(texts, string(t)+" why", v)
		}
		v.Topics = append(v.Topics, link)
	}
	return Page{Path: pagePath(language, topic), HTML: []byte(pageText(texts, "page", v))}
}

// pageText executes a template, whose escaping makes the outcome safe HTML. It
// cannot fail: the data is always of the same type, and the tests execute every
// template of every language.
func pageText(t *template.Template, name string, v pageView) template.HTML {
	var b bytes.Buffer
	_ = t.ExecuteTemplate(&b, name, v)
	return template.HTML(strings.TrimLeft(b.String(), "\n"))
}

func pagePath(language string, t Topic) string {
	if t == "" {
		return language + "/index.html"
	}
	return PagePath(language, t)
}
