package mail

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"io"
	"path"
	"strconv"
	"strings"

	"golang.org/x/net/html/charset"

	"councilgate/policy"
)

// markup says where the text of an XML vocabulary stands. Elements go by their
// local name; prefixes are the writer's choice.
type markup struct {
	text  map[string]bool   // elements whose character data is text
	cells map[string]bool   // elements that end with a tab, within a line
	ends  map[string]string // what the end of any other element stands for
}

// ooxml is the text of WordprocessingML and DrawingML, which spreadsheets and
// presentations use in comments and drawings (ECMA-376). Deleted text that a
// document still holds is text.
var ooxml = markup{
	text:  set("t", "delText", "text", "title", "subject", "description", "keywords"),
	cells: set("tc"),
	ends: map[string]string{
		"p": "\n", "br": "\n", "cr": "\n", "si": "\n", "comment": "\n", "text": "\n", "title": "\n", "subject": "\n",
		"description": "\n", "keywords": "\n",
		"tab": "\t", "ptab": "\t", "tr": "\n", "noBreakHyphen": "-",
	},
}

// odf is the text of OpenDocument (ODF 1.3, part 3).
var odf = markup{
	text:  set("p", "h", "title", "subject", "description", "keyword"),
	cells: set("table-cell"),
	ends: map[string]string{
		"p": "\n", "h": "\n", "line-break": "\n", "title": "\n", "subject": "\n", "description": "\n", "keyword": "\n",
		"tab": "\t", "table-row": "\n", "s": " ",
	},
}

func set(names ...string) map[string]bool {
	m := make(map[string]bool, len(names))
	for _, name := range names {
		m[name] = true
	}
	return m
}

// readOOXML reads the text of a .docx, .xlsx or .pptx file and what is embedded
// in it.
func (w *walker) readOOXML(archive *zip.Reader, n node) {
	var shared []string
	for _, file := range archive.File {
		if file.Name == "xl/sharedStrings.xml" {
			shared = w.sharedStrings(w.unpack(file, n), n)
		}
	}
	var out bytes.Buffer
	var embedded []*zip.File
	for _, file := range archive.File {
		switch dir, name := path.Split(file.Name); {
		case strings.HasSuffix(dir, "/embeddings/"), path.Ext(name) != ".xml" && isDocumentName(name):
			embedded = append(embedded, file)
		case path.Ext(name) != ".xml", name == "sharedStrings.xml", isFormatting(dir, name):
		case strings.HasPrefix(dir, "xl/worksheets/"):
			w.sheetText(&out, w.unpack(file, n), shared, n)
		case strings.HasPrefix(dir, "word/"), strings.HasPrefix(dir, "xl/"), strings.HasPrefix(dir, "ppt/"), file.Name == "docProps/core.xml":
			w.markupText(&out, w.unpack(file, n), ooxml, n)
		}
	}
	w.emit(Text{Part: n.section, Type: Plain, Attached: true}, bytes.ToValidUTF8(out.Bytes(), nil))
	n.depth++
	for _, file := range embedded {
		data := w.unpack(file, n)
		if !w.enter(data, n) {
			return
		}
		w.readContent(data, claim{name: file.Name}, n)
	}
}

// isFormatting tells the parts that hold no text but their authors' templates.
func isFormatting(dir, name string) bool {
	for _, folder := range []string{"/theme/", "/slideLayouts/", "/slideMasters/", "/notesMasters/"} {
		if strings.HasSuffix(dir, folder) {
			return true
		}
	}
	return name == "styles.xml" || name == "settings.xml" || name == "fontTable.xml"
}

// isDocumentName tells documents that a document carries whole, such as those
// that Word leaves to be converted when it is opened (ECMA-376, part 1, section
// 11.3.1).
func isDocumentName(name string) bool {
	return claim{name: name}.hasExtension(".htm", ".html", ".mht", ".txt", ".rtf", ".docx")
}

// readODF reads the text of an .odt, .ods or .odp file.
func (w *walker) readODF(archive *zip.Reader, n node) {
	var out bytes.Buffer
	for _, file := range archive.File {
		// The entries themselves are not flagged (ODF 1.3, part 2, section 4.5).
		if file.Name == "META-INF/manifest.xml" && bytes.Contains(w.unpack(file, n), []byte("encryption-data")) {
			w.gap(policy.Encrypted, n.section, Password)
			return
		}
	}
	for _, file := range archive.File {
		switch path.Base(file.Name) {
		case "content.xml", "styles.xml", "meta.xml": // styles.xml holds page headers
			w.markupText(&out, w.unpack(file, n), odf, n)
		}
	}
	w.emit(Text{Part: n.section, Type: Plain, Attached: true}, bytes.ToValidUTF8(out.Bytes(), nil))
}

// newDecoder reads XML leniently. Entities that a document defines itself are
// not expanded.
func newDecoder(data []byte) *xml.Decoder {
	d := xml.NewDecoder(bytes.NewReader(data))
	d.Strict = false
	d.CharsetReader = charset.NewReaderLabel
	return d
}

// tokens calls yield with each token of a document. Where it breaks off, there
// is a gap.
func (w *walker) tokens(data []byte, n node, yield func(xml.Token)) {
	if len(data) == 0 {
		return
	}
	d := newDecoder(data)
	for {
		token, err := d.RawToken()
		if err == io.EOF {
			return
		}
		if err != nil {
			w.gap(policy.Unreadable, n.section, Broken)
			return
		}
		yield(token)
	}
}

// markupText appends the text of a document. The pieces of a paragraph are
// joined without anything between them, since word processors cut words and
// numbers wherever the cursor once stood.
func (w *walker) markupText(out *bytes.Buffer, data []byte, m markup, n node) {
	inside := 0
	w.tokens(data, n, func(token xml.Token) {
		switch t := token.(type) {
		case xml.StartElement:
			if m.text[t.Name.Local] {
				inside++
			}
		case xml.CharData:
			if inside > 0 {
				out.Write(t)
			}
		case xml.EndElement:
			if m.text[t.Name.Local] && inside > 0 {
				inside--
			}
			atStart := out.Len() == 0 || bytes.HasSuffix(out.Bytes(), []byte("\n"))
			switch end := m.ends[t.Name.Local]; {
			case m.cells[t.Name.Local]:
				out.Truncate(len(bytes.TrimSuffix(out.Bytes(), []byte("\n")))) // of the paragraph in the cell
				out.WriteByte('\t')
			case end != "\t" || !atStart: // a tab there is the definition of a tab stop
				out.WriteString(end)
			}
		}
	})
}

// sharedStrings gives the texts that the cells of a workbook refer to by number.
func (w *walker) sharedStrings(data []byte, n node) []string {
	var all []string
	var item strings.Builder
	inText := false
	w.tokens(data, n, func(token xml.Token) {
		switch t := token.(type) {
		case xml.StartElement:
			inText = t.Name.Local == "t"
		case xml.CharData:
			if inText {
				item.Write(t)
			}
		case xml.EndElement:
			inText = false
			if t.Name.Local == "si" {
				all = append(all, item.String())
				item.Reset()
			}
		}
	})
	return all
}

// sheetText appends a worksheet, a tab after each cell and a line for each row.
// Many cells may refer to one long text, so the output is bounded on its own.
func (w *walker) sheetText(out *bytes.Buffer, data []byte, shared []string, n node) {
	var cell strings.Builder
	var isShared, inValue bool
	w.tokens(data, n, func(token xml.Token) {
		switch t := token.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "c":
				cell.Reset()
				isShared = attribute(t, "t") == "s"
			case "v", "t":
				inValue = true
			default:
				inValue = false
			}
		case xml.CharData:
			if inValue {
				cell.Write(t)
			}
		case xml.EndElement:
			inValue = false
			switch t.Name.Local {
			case "c":
				value := cell.String()
				if i, err := strconv.Atoi(value); isShared && err == nil && 0 <= i && i < len(shared) {
					value = shared[i]
				}
				if out.Len()+len(value) > w.limits.Text {
					w.gap(policy.Unreadable, n.section, TooLarge)
					return
				}
				out.WriteString(value + "\t")
			case "row":
				out.WriteByte('\n')
			}
		}
	})
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
