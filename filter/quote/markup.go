package quote

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// attributes are the attributes of a tag that say something about its text.
type attributes struct {
	id, class, typ, name, style string // in lower case; style without spaces
	alt, title, value, href     string
	marker                      string // data-marker (Zimbra)
	cite                        bool   // a source is named
	hue                         hue    // text colour
	hued                        bool   // and there is one
}

func (a *attributes) read(z *html.Tokenizer) {
	for more := true; more; {
		var key, value []byte
		key, value, more = z.TagAttr()
		switch string(key) {
		case "id":
			a.id = strings.ToLower(string(value))
		case "class":
			a.class = strings.ToLower(string(value))
		case "type":
			a.typ = strings.ToLower(string(value))
		case "name":
			a.name = strings.ToLower(string(value))
		case "style":
			style := bytes.ToLower(value)
			if bytes.Contains(style, []byte("border")) || bytes.Contains(style, []byte("white-space")) {
				a.style = strings.Join(strings.Fields(string(style)), "")
			}
			if h, ok := styleHue(style); ok {
				a.hue, a.hued = h, true
			}
		case "color":
			a.hue, a.hued = colourHue(string(bytes.ToLower(value))), true
		case "cite":
			a.cite = true
		case "data-marker":
			a.marker = string(value)
		case "alt":
			a.alt = string(value)
		case "title":
			a.title = string(value)
		case "value", "placeholder":
			a.value = string(value)
		case "href":
			a.href = string(value)
		}
	}
}

// hasClass tells whether one of the classes begins with prefix.
func (a *attributes) hasClass(prefix string) bool {
	for rest := a.class; ; {
		at := strings.Index(rest, prefix)
		if at < 0 {
			return false
		}
		if at == 0 || rest[at-1] == ' ' {
			return true
		}
		rest = rest[at+len(prefix):]
	}
}

// maxBoxes bounds how deep boxes are told apart; the outermost decides anyway.
const maxBoxes = 16

// markup reads what mail programs say by ids and classes.
func (r *renderer) markup(e *element, a *attributes) {
	if e.tag == atom.Body || e.tag == atom.Html {
		return
	}
	if a.id != "" || a.class != "" || a.marker != "" || a.name != "" {
		switch {
		case opensHead(a):
			r.hint = hintOpen
		case isSignature(a):
			e.signature = true
		}
		outer := r.page.boxes[r.box]
		if forward, ok := isBox(a); ok && !isVoid(e.tag) && !(e.tag == atom.Blockquote && isBare(a)) && outer.nested < maxBoxes {
			e.box = r.box
			r.page.boxes = append(r.page.boxes, box{parent: r.box, forward: forward, nested: outer.nested + 1})
			r.box = int32(len(r.page.boxes) - 1)
			r.sep = '\n'
		}
	}
	if isBlock(e.tag) && hasBorder(a.style) {
		r.hint = max(r.hint, hintBorder)
	}
}

// opensHead tells the elements with which the head of a quoted mail begins.
func opensHead(a *attributes) bool {
	return strings.HasSuffix(a.id, "divrplyfwdmsg") || // Outlook on the web, for Mac, new Outlook
		a.id == "appendonsend" || // Outlook on the web: the reply ends here
		a.id == "zwchr" || a.marker == "__DIVIDER__" || // Zimbra
		a.hasClass("gmail_attr") ||
		a.hasClass("moz-cite-prefix") ||
		a.hasClass("moz-email-headers-table") ||
		a.hasClass("emclient-quote-header") ||
		a.hasClass("reply-intro") || a.id == "reply-intro" || // Roundcube
		a.hasClass("spark-quote-header")
}

// isBox tells the elements in which mail programs put what they quote, and
// whether it is a forward for sure.
func isBox(a *attributes) (forward, ok bool) {
	switch {
	case a.hasClass("moz-forward-container"):
		return true, true
	case a.hasClass("gmail_quote") && !a.hasClass("gmail_quote_in"),
		strings.Contains(a.class, "yahoo_quoted"), strings.Contains(a.id, "yahoo_quoted"), // with a random prefix
		a.hasClass("protonmail_quote"), a.hasClass("zmail_extra"), a.hasClass("tutanota_quote"),
		a.hasClass("ms-outlook-mobile-reference-message"), a.id == "mail-editor-reference-message-container",
		a.name == "olk_src_body_section", a.id == "olk_src_body_section",
		a.hasClass("replyforward"), a.marker == "__QUOTED_TEXT__",
		a.name == "quote", a.name == "messagereplysection", // GMX; Spark
		a.hasClass("history_container"), a.hasClass("quoted_message"):
		return false, true
	}
	return false, false
}

// isSignature tells the elements in which mail programs put signatures.
func isSignature(a *attributes) bool {
	return a.id == "signature" || a.id == "ms-outlook-mobile-signature" || a.id == "applemailsignature" ||
		a.id == "applelinemailsignature" || a.id == "_rc_sig" || a.id == "composer_signature" ||
		a.hasClass("gmail_signature") || a.hasClass("moz-signature") || a.hasClass("protonmail_signature") ||
		a.hasClass("yahoo-signature") || a.hasClass("elementtoproof signature") ||
		strings.HasSuffix(a.id, "mail_signature") || strings.HasPrefix(a.marker, "__SIG_") ||
		a.name == "messagesignaturesection"
}

// isBare tells a blockquote as an author sets it, too: no type or source, and no
// class but that of Gmail's quote button.
func isBare(a *attributes) bool {
	return (a.class == "" || a.class == "gmail_quote") && a.typ == "" && a.id == "" && !a.cite
}

// isIndent tells a blockquote by which Gmail's editor indents the writer's own
// text: no border, no class.
func isIndent(a *attributes) bool {
	return a.class == "" && a.typ == "" && strings.Contains(a.style, "border:none") && strings.Contains(a.style, "margin:00040px")
}

// hasBorder tells Outlook's line above a quoted mail: a top border alone. Its
// colour and width differ from version to version.
func hasBorder(style string) bool {
	if strings.Contains(style, "border-style:solidnonenone") || strings.Contains(style, "border-top-style:solid") {
		return true
	}
	at := strings.Index(style, "border-top:")
	if at < 0 {
		return false
	}
	value, _, _ := strings.Cut(style[at+len("border-top:"):], ";")
	return strings.Contains(value, "solid")
}
