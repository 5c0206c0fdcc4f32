package explain

import (
	"embed"
	htmltemplate "html/template"
	"strings"
	"text/template"
	"time"

	"councilgate/policy"
)

//go:embed notices
var noticeFiles embed.FS

// Notice is a mail to the councillor about a refusal: what the reply says, for
// mail programs that show none.
type Notice struct {
	Language string // ISO 639-1
	Subject  string
	Text     string
	HTML     string // a whole document that loads nothing
}

// NoticeFor gives the notice about a mail that was refused at a time, in the zone
// of that time. Of the mail it names the number of recipients and the reference,
// nothing else.
func NoticeFor(p *policy.Policy, v policy.Verdict, reference string, at time.Time) Notice {
	language := p.Language(v.Sender.Councillor)
	texts, ok := noticeTexts[language]
	if !ok {
		texts = noticeTexts["en"]
	}
	c := catalogOf(language)
	said := c.view(p, v, language, plainReference(reference))
	lines := c.lines(textName(p, v), said)
	months := strings.Fields(noticeText(texts, "months", nil))

	d := noticeView{
		Language:     language,
		Name:         v.Sender.Councillor.Name,
		Recipients:   v.Recipients.Total,
		Municipality: p.Municipality(),
		Day:          at.Day(),
		Month:        months[at.Month()-1],
		Clock:        at.Format(noticeText(texts, "clock", nil)),
		First:        lines[0],
		Advice:       lines[1:],
	}
	if c.text("foot", said) != "" {
		d.Advice, d.Last = lines[1:len(lines)-1], lines[len(lines)-1]
	}
	d.When = noticeText(texts, "when", d)
	d.Subject = noticeText(texts, "subject", d)
	d.Greeting = noticeText(texts, "greeting", d)
	d.About = noticeText(texts, "about", d)
	d.Do = noticeText(texts, "do", d)
	d.Unread = noticeText(texts, "unread", d)

	link := linker(p, v, said)
	d.FirstHTML, d.LastHTML = link(d.First), link(d.Last)
	for _, line := range d.Advice {
		d.AdviceHTML = append(d.AdviceHTML, link(line))
	}
	var html strings.Builder
	_ = noticePage.ExecuteTemplate(&html, "html", d) // cannot fail; see text
	return Notice{
		Language: language,
		Subject:  d.Subject,
		Text:     noticeText(texts, "text", d),
		HTML:     html.String(),
	}
}

// noticeView is what a notice may name.
type noticeView struct {
	Language     string
	Name         string // of the councillor, "" if the policy does not tell
	Recipients   int
	Municipality string
	Day          int
	Month, Clock string
	When         string

	Subject, Greeting, About, Do, Unread string

	First, Last string   // of the reply's lines; Last tells where to ask, "" if nobody is known
	Advice      []string // those between

	FirstHTML, LastHTML htmltemplate.HTML
	AdviceHTML          []htmltemplate.HTML
}

var (
	noticePage  = htmltemplate.Must(htmltemplate.ParseFS(noticeFiles, "notices/notice.html"))
	noticeTexts = parseNoticeTexts()
)

func parseNoticeTexts() map[string]*template.Template {
	all := make(map[string]*template.Template)
	for _, language := range policy.Languages() {
		all[language] = template.Must(template.ParseFS(noticeFiles, "notices/notice.txt", "notices/"+language+".tmpl"))
	}
	return all
}

// noticeText executes a template. That cannot fail: the data is always of the same
// type, and the tests execute every template of every language.
func noticeText(t *template.Template, name string, data any) string {
	var b strings.Builder
	_ = t.ExecuteTemplate(&b, name, data)
	return b.String()
}

// linker gives the function that makes a line HTML, with links where it names the
// help page or an address of the policy.
func linker(p *policy.Policy, v policy.Verdict, said view) func(string) htmltemplate.HTML {
	var pairs []string
	add := func(target, text string) {
		if text != "" {
			text = htmltemplate.HTMLEscapeString(text)
			pairs = append(pairs, text, `<a href="`+target+text+`">`+text+`</a>`)
		}
	}
	add("", said.Help)
	add("mailto:", said.Contact)
	for _, a := range p.Offices(v.Refused()) {
		add("mailto:", a.Address.Text())
	}
	if said.Code != "" { // in one piece, whatever the width of the screen
		pairs = append(pairs, said.Code, `<b class="code">`+said.Code+`</b>`)
	}
	links := strings.NewReplacer(pairs...)
	return func(line string) htmltemplate.HTML {
		return htmltemplate.HTML(links.Replace(htmltemplate.HTMLEscapeString(line)))
	}
}
