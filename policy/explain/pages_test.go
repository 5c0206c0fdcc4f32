package explain

import (
	"io/fs"
	"math"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/template/parse"

	"golang.org/x/net/html"

	"councilgate/policy"
)

// Every page is there once, is well-formed, and leads to pages that exist.
func TestPages(t *testing.T) {
	for name, text := range map[string]string{"full": fullPolicy, "bare": barePolicy} {
		pages := Pages(parsePolicy(t, text))
		if want := 1 + len(policy.Languages())*(1+len(Topics())); len(pages) != want {
			t.Fatalf("%s: %d pages, want %d", name, len(pages), want)
		}
		known := make(map[string]bool)
		for _, p := range pages {
			if known[p.Path] || !fs.ValidPath(p.Path) {
				t.Errorf("%s: path %q", name, p.Path)
			}
			known[p.Path] = true
		}
		for _, v := range occasions(t) {
			for _, language := range policy.Languages() {
				if to := PagePath(language, TopicOf(v.verdict)); !known[to] {
					t.Errorf("%s: a reply links to %s, which is not there", v.title, to)
				}
			}
		}
		for _, p := range pages {
			checkPage(t, p, known)
		}
	}
}

// Pages and notices have the same texts in every language, and none is empty.
func TestNoTextOfPagesAndNoticesIsMissing(t *testing.T) {
	names := func(trees map[string]*parse.Tree) []string {
		var list []string
		for name, tree := range trees {
			if strings.Contains(name, ".") {
				continue // a file
			}
			if parse.IsEmptyTree(tree.Root) {
				t.Errorf("the text %q is empty", name)
			}
			list = append(list, name)
		}
		slices.Sort(list)
		return list
	}
	texts := func(language string) (pages, notices []string) {
		trees := make(map[string]*parse.Tree)
		for _, tmpl := range pageTexts[language].Templates() {
			trees[tmpl.Name()] = tmpl.Tree
		}
		pages = names(trees)
		clear(trees)
		for _, tmpl := range noticeTexts[language].Templates() {
			trees[tmpl.Name()] = tmpl.Tree
		}
		return pages, names(trees)
	}
	pages, notices := texts("en")
	for _, language := range policy.Languages() {
		p, n := texts(language)
		if !slices.Equal(p, pages) || !slices.Equal(n, notices) {
			t.Errorf("%s has the texts\n%q %q\nand en\n%q %q", language, p, n, pages, notices)
		}
	}
	for _, topic := range Topics() {
		for _, part := range []string{"title", "lede", "steps", "why"} {
			if name := string(topic) + " " + part; !slices.Contains(pages, name) {
				t.Errorf("no text for %q", name)
			}
		}
	}
}

// checkPage reads a page as a browser and a screen reader do.
func checkPage(t *testing.T, p Page, known map[string]bool) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(string(p.HTML)))
	if err != nil {
		t.Fatal(err)
	}
	count := make(map[string]int)
	ids := make(map[string]bool)
	level := 0
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		count[n.Data]++
		attr := make(map[string]string)
		for _, a := range n.Attr {
			attr[a.Key] = a.Val
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "src" {
				t.Errorf("%s: <%s %s>", p.Path, n.Data, a.Key)
			}
		}
		if id := attr["id"]; id != "" && ids[id] {
			t.Errorf("%s: id %s twice", p.Path, id)
		} else {
			ids[id] = true
		}
		switch n.Data {
		case "html":
			if lang := attr["lang"]; lang == "" || p.Path != "index.html" && !strings.HasPrefix(p.Path, lang+"/") {
				t.Errorf("%s: language %q", p.Path, lang)
			}
		case "h1", "h2", "h3":
			l := int(n.Data[1] - '0')
			if l > level+1 {
				t.Errorf("%s: a heading of level %d after one of level %d", p.Path, l, level)
			}
			level = l
		case "a":
			checkLink(t, p.Path, attr["href"], known)
		case "script", "link", "img", "iframe", "form", "object", "base":
			t.Errorf("%s: <%s>", p.Path, n.Data)
		}
		if n.FirstChild == nil && (n.Data == "h1" || n.Data == "h2" || n.Data == "p" || n.Data == "li" || n.Data == "a" || n.Data == "title") {
			t.Errorf("%s: empty <%s>", p.Path, n.Data)
		}
	}
	for _, name := range []string{"title", "main", "h1", "header", "footer"} {
		if count[name] != 1 {
			t.Errorf("%s: %d <%s>", p.Path, count[name], name)
		}
	}
	if text := string(p.HTML); strings.Contains(text, "<no value>") || strings.Contains(text, "ZgotmplZ") || strings.Contains(text, "(address)") {
		t.Errorf("%s: a text is missing", p.Path)
	}
}

func checkLink(t *testing.T, from, href string, known map[string]bool) {
	t.Helper()
	u, err := url.Parse(href)
	switch {
	case err != nil || href == "":
		t.Errorf("%s: link %q", from, href)
	case u.Scheme == "mailto" || u.Path == "" && u.Fragment == "main":
	case u.Scheme != "" || u.Host != "" || !known[path.Join(path.Dir(from), u.Path)]:
		t.Errorf("%s: link to %q leads nowhere", from, href)
	}
}

// The page says whatever the policy has to tell, and nothing that it has not.
func TestPageNamesWhatThePolicyGives(t *testing.T) {
	find := func(policyText, file string) string {
		for _, p := range Pages(parsePolicy(t, policyText)) {
			if p.Path == file {
				return string(p.HTML)
			}
		}
		t.Fatalf("no %s", file)
		return ""
	}
	full := find(fullPolicy, "da/quoted-sensitive.html")
	for _, want := range []string{"Nørreå Kommune", "Send sikkert på en computer", "Det findes ikke på telefonen", "mailto:direktor.social@norreaa.example", "mailto:post@norreaa.example", "[ok 7F3K-92QD", "Social og sundhed"} {
		if !strings.Contains(full, want) {
			t.Errorf("no %q", want)
		}
	}
	bare := find(barePolicy, "da/quoted-sensitive.html")
	for _, not := range []string{"mailto:", "[ok ", "sikker post", "Forvaltningen</h2>"} {
		if strings.Contains(bare, not) {
			t.Errorf("%q out of nowhere", not)
		}
	}
	hostile := find(`internal: [norreaa.example]`+"\nmunicipality: \"<script>alert(1)</script> & 'Co'\"", "en/private-forward.html")
	if strings.Contains(hostile, "<script") || !strings.Contains(hostile, "&lt;script&gt;") {
		t.Error("a name is not escaped")
	}
}

var declaration = regexp.MustCompile(`--([a-z]+): (#[0-9a-f]{6});`)

// Text and links stand out from what is behind them by 4.5 to 1, marks by 3 to 1:
// level AA of WCAG 2.2, criteria 1.4.3 and 1.4.11.
func TestContrast(t *testing.T) {
	themes := strings.Split(pageStyle, ":root {")[1:]
	if len(themes) != 3 {
		t.Fatalf("%d themes, want light, dark and print", len(themes))
	}
	for i, theme := range themes {
		theme, _, _ = strings.Cut(theme, "}")
		colour := make(map[string]float64)
		for _, m := range declaration.FindAllStringSubmatch(theme, -1) {
			colour[m[1]] = luminance(t, m[2])
		}
		for _, pair := range []struct {
			ink, paper string
			least      float64
		}{
			{"ink", "paper", 4.5}, {"ink", "panel", 4.5}, {"soft", "paper", 4.5},
			{"link", "paper", 4.5}, {"link", "panel", 4.5},
			{"mark", "paper", 3}, {"line", "paper", 3},
		} {
			a, b := colour[pair.ink]+.05, colour[pair.paper]+.05
			if ratio := math.Max(a, b) / math.Min(a, b); len(colour) != 7 || ratio < pair.least {
				t.Errorf("theme %d: %s on %s: %.1f to 1", i, pair.ink, pair.paper, ratio)
			}
		}
	}
}

// luminance is the relative luminance of WCAG.
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(hex[1:], 16, 32)
	if err != nil {
		t.Fatal(err)
	}
	linear := func(c uint64) float64 {
		s := float64(c&0xff) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(n>>16) + 0.7152*linear(n>>8) + 0.0722*linear(n)
}

// The pages read as easily as the replies.
func TestReadabilityOfPages(t *testing.T) {
	blocks := regexp.MustCompile(`</(?:p|li|h1|h2)>`)
	tags := regexp.MustCompile(`<[^>]*>`)
	for _, p := range Pages(parsePolicy(t, fullPolicy)) {
		if strings.HasPrefix(p.Path, "en/") {
			continue
		}
		_, text, _ := strings.Cut(string(p.HTML), "<main")
		text, _, _ = strings.Cut(text, "<nav") // titles in a list are no sentences
		text = tags.ReplaceAllString(blocks.ReplaceAllString(text, ". "), " ")
		text = regexp.MustCompile(`\s*\.(?:\s*\.)+`).ReplaceAllString(text, ".")
		l := lix(text)
		t.Logf("LIX of %s: %.0f", p.Path, l)
		if l >= maxLIX {
			t.Errorf("%s: LIX %.0f: %s", p.Path, l, text)
		}
	}
}
