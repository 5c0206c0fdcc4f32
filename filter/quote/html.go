package quote

import (
	"bytes"
	"net/url"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// maxDepth bounds the nesting of HTML elements that are told apart, as browsers
// do; what lies deeper counts as part of the last element.
const maxDepth = 512

// maxTarget bounds, in bytes, how much of a link target becomes text.
const maxTarget = 2000

// readHTML renders an HTML text to lines. It reads the tokens once and keeps the
// stack of open elements itself rather than building a tree: no markup then
// costs more than its length, and nothing is dropped or moved about. Hidden text
// is text like any other, and alternative texts, titles and link targets stand
// where their element stands.
func readHTML(source string) *page {
	r := &renderer{page: &page{boxes: make([]box, 1)}}
	z := html.NewTokenizer(strings.NewReader(source))
	for {
		switch z.Next() {
		case html.ErrorToken:
			// The only error of a string's reader is its end; what an unfinished
			// tag holds is no text.
			r.endLine()
			r.unmark()
			return r.page
		case html.TextToken:
			if r.skip == 0 {
				r.write(z.Text())
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			r.start(z)
		case html.EndTagToken:
			name, _ := z.TagName()
			r.end(atom.Lookup(name))
		}
	}
}

// element is an open element.
type element struct {
	tag       atom.Atom
	block     bool
	cite      bool // quotes what it holds
	bare      bool // and bears no mark of a mail program
	pre       bool // keeps its line ends
	signature bool
	skip      bool   // holds no text: script, style
	outerHue  hue    // text colour outside
	box       int32  // the box outside, to go back to; -1 if the element is no box
	target    string // where a link leads, to be written after its text
	line      int    // number of the line in which the element began
	from      int    // where in that line
}

// renderer turns tokens into lines.
type renderer struct {
	page *page
	open []element
	tags map[atom.Atom]int // how many of each are open, so that a stray end tag costs nothing

	buf       []byte // the line being written
	sep       byte   // what stands between buf and the next word: 0, ' ', '\t' or '\n'
	row, cell int    // table row being written; row in which buf began
	hint      hint   // for the next line
	depth     int32
	bare      int32 // of the depth, that of bare blockquotes
	box       int32
	hue       hue
	links     int
	pre       int
	signature int
	skip      int
	line      line // where buf stands: taken when its first word is written
}

// write adds text, with its white space as a browser shows it.
func (r *renderer) write(text []byte) {
	if r.pre > 0 {
		r.writePre(text)
		return
	}
	for len(text) > 0 {
		n := 0
		for n < len(text) && !isSpace(text[n]) {
			n++
		}
		if n > 0 {
			r.word(text[:n])
		}
		if n == len(text) {
			return
		}
		if r.sep == 0 {
			r.sep = ' '
		}
		for n < len(text) && isSpace(text[n]) {
			n++
		}
		text = text[n:]
	}
}

func (r *renderer) writePre(text []byte) {
	s := string(text)
	for {
		first, rest := cutLine(s)
		if first != "" {
			r.word([]byte(first))
		}
		if len(first) == len(s) {
			return
		}
		r.breakLine()
		s = rest
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' }

// word adds a piece of text that does not begin with a space to collapse.
func (r *renderer) word(w []byte) {
	if r.sep == '\n' {
		r.endLine()
	}
	if len(r.buf) == 0 {
		r.line = line{depth: r.depth, hint: r.hint, box: r.box, hue: r.hue, bare: r.bare == r.depth, signature: r.signature > 0}
		r.hint, r.cell = hintNone, r.row
	} else if r.sep != 0 {
		r.buf = append(r.buf, r.sep)
	}
	if r.hue != r.line.hue || r.links > 0 {
		r.line.hue = hueNone // of several colours, or that of a link
	}
	r.sep = 0
	r.buf = append(r.buf, w...)
}

// endLine ends the line being written, if there is one.
func (r *renderer) endLine() {
	if len(r.buf) > 0 {
		r.line.text = string(r.buf)
		r.page.lines = append(r.page.lines, r.line)
		r.buf = r.buf[:0]
	}
	r.sep = 0
}

// breakLine ends the line even if it is empty, as <br> does.
func (r *renderer) breakLine() {
	if r.sep == '\n' {
		r.endLine()
	}
	if len(r.buf) == 0 && r.page.roomForBlank() {
		r.page.lines = append(r.page.lines, line{depth: r.depth, box: r.box, signature: r.signature > 0})
	}
	r.endLine()
}

// blockEdge notes that a block begins or ends here. A cell's first block does
// not end the row's line.
func (r *renderer) blockEdge() {
	if r.sep != '\t' {
		r.sep = '\n'
	}
}

func (r *renderer) start(z *html.Tokenizer) {
	name, more := z.TagName()
	tag := atom.Lookup(name)
	if tag == 0 && bytes.IndexByte(name, '@') >= 0 {
		// "Bent Krogh <bent@krogh.example> skrev:", with brackets not escaped.
		r.aside("<" + string(name) + ">")
		return
	}
	var a attributes
	if more {
		a.read(z)
	}
	if tag == 0 || len(r.open) == maxDepth {
		return
	}
	e := element{tag: tag, box: -1, block: isBlock(tag)}
	switch tag {
	case atom.Br:
		r.breakLine()
		return
	case atom.Hr:
		r.sep = '\n'
		r.hint = max(r.hint, hintBorder)
	case atom.Tr:
		r.row++
	case atom.Td, atom.Th:
		if len(r.buf) > 0 && r.cell == r.row {
			r.sep = '\t'
		} else {
			r.sep = '\n'
		}
		e.block = false
	case atom.Pre, atom.Textarea, atom.Plaintext, atom.Xmp:
		e.pre = true
	case atom.Script, atom.Style:
		e.skip = true
	case atom.Blockquote:
		e.cite = !isIndent(&a)
		e.bare = isBare(&a) && r.box == 0 && (a.class == "" || !r.announcesQuote())
	}
	if e.block {
		r.blockEdge()
	}
	e.pre = e.pre || strings.Contains(a.style, "white-space:pre")
	r.markup(&e, &a)
	r.aside(a.alt)
	r.aside(a.title)
	if tag == atom.Input || tag == atom.Textarea {
		r.aside(a.value)
	}
	if isVoid(tag) {
		return
	}
	if tag == atom.A {
		e.target, e.line, e.from = a.href, len(r.page.lines), len(r.buf)
	}
	r.push(e)
	if a.hued {
		r.hue = a.hue
	}
}

// announcesQuote tells whether the line written last speaks of what somebody wrote.
func (r *renderer) announcesQuote() bool {
	if len(r.buf) > 0 {
		return announcesQuote([]line{{text: string(r.buf)}})
	}
	return announcesQuote(r.page.lines)
}

// aside writes text that an attribute holds.
func (r *renderer) aside(text string) {
	if text == "" {
		return
	}
	if r.sep == 0 && len(r.buf) > 0 {
		r.sep = ' '
	}
	pre := r.pre
	r.pre = 0
	r.write([]byte(text))
	r.pre = pre
	if r.sep == 0 {
		r.sep = ' '
	}
}

func (r *renderer) push(e element) {
	if r.tags == nil {
		r.tags = make(map[atom.Atom]int)
	}
	r.tags[e.tag]++
	e.outerHue = r.hue
	r.links += count(e.tag == atom.A)
	r.depth += int32(count(e.cite))
	r.bare += int32(count(e.cite && e.bare))
	r.pre += count(e.pre)
	r.signature += count(e.signature)
	r.skip += count(e.skip)
	if e.cite {
		for b := r.box; b != 0 && !r.page.boxes[b].cites; b = r.page.boxes[b].parent {
			r.page.boxes[b].cites = true
		}
	}
	r.open = append(r.open, e)
}

// end closes the innermost open element of the tag and all that stand in it. An
// inline end tag does not close a block.
func (r *renderer) end(tag atom.Atom) {
	if tag == atom.P && r.tags[tag] == 0 {
		r.blockEdge()
	}
	if r.tags[tag] == 0 {
		return
	}
	at := len(r.open) - 1
	for r.open[at].tag != tag {
		if r.open[at].block && !isBlock(tag) && !isCell(tag) {
			return
		}
		at--
	}
	for len(r.open) > at {
		r.pop()
	}
}

func (r *renderer) pop() {
	e := r.open[len(r.open)-1]
	r.open = r.open[:len(r.open)-1]
	r.tags[e.tag]--
	r.hue = e.outerHue
	r.links -= count(e.tag == atom.A)
	if e.target != "" {
		r.link(e)
	}
	switch {
	case e.tag == atom.Tr || e.tag == atom.Table:
		r.sep = '\n'
	case e.block:
		r.blockEdge()
	}
	r.depth -= int32(count(e.cite))
	r.bare -= int32(count(e.cite && e.bare))
	r.pre -= count(e.pre)
	r.signature -= count(e.signature)
	r.skip -= count(e.skip)
	if e.box >= 0 {
		r.box = e.box
		r.sep = '\n'
	}
}

// link writes where a link leads, unless its text says so.
func (r *renderer) link(e element) {
	if e.line != len(r.page.lines) {
		e.from = 0
	}
	if target := linkText(e.target); target != "" && !strings.Contains(string(r.buf[e.from:]), target) {
		r.aside("<" + target + ">")
	}
}

// linkText decodes a link target to what it says: an address, a page, and the
// texts in the query.
func linkText(target string) string {
	target = strings.TrimSpace(target)
	if len(target) > maxTarget {
		target = target[:maxTarget]
	}
	scheme, rest, found := strings.Cut(target, ":")
	if !found {
		scheme, rest = "", target
	}
	switch strings.ToLower(scheme) {
	case "data", "cid", "javascript":
		return ""
	case "mailto":
		target = rest
	case "http", "https":
		target = strings.TrimSuffix(strings.TrimPrefix(rest, "//"), "/")
	}
	if strings.HasPrefix(target, "#") {
		return ""
	}
	if path, query, ok := strings.Cut(target, "?"); ok {
		query = strings.ReplaceAll(query, "+", " ")
		target = path + "?" + query
	}
	if text, err := url.PathUnescape(target); err == nil {
		target = text
	}
	return strings.Map(func(c rune) rune {
		if unicode.IsControl(c) {
			return ' '
		}
		return c
	}, target)
}

// unmark takes off the quote marks that stand in the rendered lines: a plain
// text that was dressed as HTML.
func (r *renderer) unmark() {
	for i := range r.page.lines {
		unmark(&r.page.lines[i])
	}
	unmarkRare(r.page.lines)
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

func isCell(tag atom.Atom) bool { return tag == atom.Td || tag == atom.Th }

func isBlock(tag atom.Atom) bool {
	switch tag {
	case atom.Address, atom.Article, atom.Aside, atom.Blockquote, atom.Body, atom.Caption, atom.Center, atom.Dd,
		atom.Details, atom.Dialog, atom.Dir, atom.Div, atom.Dl, atom.Dt, atom.Fieldset, atom.Figcaption, atom.Figure,
		atom.Footer, atom.Form, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Head, atom.Header,
		atom.Hgroup, atom.Html, atom.Legend, atom.Li, atom.Main, atom.Menu, atom.Nav, atom.Ol, atom.Option, atom.P,
		atom.Plaintext, atom.Pre, atom.Section, atom.Select, atom.Summary, atom.Table, atom.Tbody, atom.Textarea,
		atom.Tfoot, atom.Thead, atom.Title, atom.Tr, atom.Ul, atom.Xmp:
		return true
	}
	return false
}

func isVoid(tag atom.Atom) bool {
	switch tag {
	case atom.Area, atom.Base, atom.Br, atom.Col, atom.Embed, atom.Hr, atom.Img, atom.Input, atom.Link, atom.Meta,
		atom.Param, atom.Source, atom.Track, atom.Wbr:
		return true
	}
	return false
}
