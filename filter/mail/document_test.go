package mail

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// content gives the outline of a file attached to a mail.
func content(data []byte, name string, limits Limits) string {
	w := &walker{limits: limits, message: &Message{}}
	w.readContent(data, claim{media: "application/octet-stream", name: name}, node{section: "2"})
	return outline(w.message)
}

// zipped makes an archive of names and contents by turns.
func zipped(t testing.TB, entries ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	for i := 0; i < len(entries); i += 2 {
		entry, err := archive.Create(entries[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := entry.Write([]byte(entries[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestReadContent_documents reads documents written by the programs that the
// files are named after.
func TestReadContent_documents(t *testing.T) {
	tests := map[string][]string{
		"python-docx.docx": {"Åse bærer 070761-4285 på sig.\n", "Navn\t070761-4285\t\n", "Sidehoved Åse\n"},
		"openpyxl.xlsx":    {"Navn\tCPR\t\nÅse Ørum\t070761-4285\t\nx\t707614285\t\n", "kommentar Åse\n"},
		"pptxgenjs.pptx":   {"Åse bærer 070761-4285 på sig\n", "Navn\tCPR\t\nÅse\t070761-4285\t\n", "note Åse\n"},
		"odfpy.odt":        {"Åse bærer 070761-4285 på sig.\n"},
		"odfpy.ods":        {"Navn\tCPR\t\nÅse\t070761-4285\t\n"},
	}
	for file, want := range tests {
		t.Run(file, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join("testdata/documents", file))
			if err != nil {
				t.Fatal(err)
			}
			m := Parse(attachment(data), DefaultLimits())
			if len(m.Texts) != 1 || len(m.Gaps) != 0 || !m.Texts[0].Attached || m.Texts[0].Type != Plain {
				t.Fatalf("got %+v", m)
			}
			for _, piece := range want {
				if !strings.Contains(m.Texts[0].Body, piece) {
					t.Errorf("%q is not in %q", piece, m.Texts[0].Body)
				}
			}
		})
	}
}

func attachment(data []byte) []byte {
	return append([]byte(lines("Content-Type: application/octet-stream", "Content-Transfer-Encoding: 8bit", "")), data...)
}

func TestReadContent(t *testing.T) {
	docx := func(body string) []byte {
		return zipped(t, "[Content_Types].xml", "<Types/>", "word/document.xml", "<w:document>"+body+"</w:document>")
	}
	xlsx := func(shared, sheet string) []byte {
		return zipped(t, "[Content_Types].xml", "", "xl/worksheets/sheet1.xml", "<worksheet>"+sheet+"</worksheet>",
			"xl/sharedStrings.xml", "<sst>"+shared+"</sst>")
	}
	few := DefaultLimits()
	few.Text = 1000
	few.Unpacked = 10000
	tests := []struct {
		name   string
		file   string
		data   []byte
		limits Limits
		want   string
	}{
		{
			"runs of a paragraph", "a.docx",
			docx(`<w:p><w:r><w:t>0707</w:t></w:r><w:r><w:t>61</w:t><w:noBreakHyphen/><w:t>4285</w:t></w:r></w:p><w:p><w:del><w:delText>slettet</w:delText></w:del></w:p>`),
			few, "2 plain attached: 070761-4285|slettet\n",
		},
		{
			"cells of a sheet", "a.xlsx",
			xlsx("<si><t>Åse</t></si><si><r><t>Ø</t></r><r><t>rum</t></r></si>",
				`<row><c t="s"><v>0</v></c><c t="s"><v>1</v></c><c><v>12</v></c></row><row><c t="inlineStr"><is><t>direkte</t></is></c><c t="s"><v>9</v></c></row>`),
			few, "2 plain attached: Åse\tØrum\t12\t|direkte\t9\n",
		},
		{
			"one text in many cells", "a.xlsx",
			xlsx("<si><t>"+strings.Repeat("a", 400)+"</t></si>", strings.Repeat(`<c t="s"><v>0</v></c>`, 9)),
			few, "2 plain attached: " + strings.Repeat("a", 400) + "\t" + strings.Repeat("a", 400) + "\ngap unreadable \"2\" too-large\n",
		},
		{
			"broken XML", "a.docx", docx(`<w:p><w:t>Åse</w:t></w:p><w:p`),
			few, "2 plain attached: Åse\ngap unreadable \"2\" broken\n",
		},
		{
			"a document inside a document", "a.docx",
			zipped(t, "[Content_Types].xml", "", "word/embeddings/b.docx", string(docx("<w:p><w:t>indlejret</w:t></w:p>"))),
			few, "2 plain attached: indlejret\n",
		},
		{
			"OpenDocument with a password", "a.odt",
			zipped(t, "META-INF/manifest.xml", "<manifest:encryption-data/>", "content.xml", "\x00\x01"),
			few, "gap encrypted \"2\" password\n",
		},
		{
			"Office with a password", "a.docx", append([]byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\x00"), utf16LE("EncryptedPackage")...),
			few, "gap encrypted \"2\" password\n",
		},
		{"old Office", "a.doc", []byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\x00"), few, "gap unsupported \"2\" old-office\n"},
		{
			"Outlook item", "a.msg", append([]byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\x00"), utf16LE("__substg1.0_0037001F")...),
			few, "gap unsupported \"2\" outlook-item\n",
		},
		{
			"archive", "a.zip",
			zipped(t, "brev.txt", "p\xe5", "b\xf8rn/side.html", "<p>på</p>", "brev.eml", "Subject: Møde\n\nHej", "billede.png", "\x89PNG\r\n\x1a\n\x00"),
			few, "2 field attached: brev.txt|b°rn/side.html|brev.eml|billede.png\n2 plain attached: på\n2 html attached: <p>på</p>\n" +
				"2 field attached: Møde\n2.1 plain attached: Hej\n",
		},
		{
			"archives in archives", "a.zip",
			zipped(t, "b.zip", string(zipped(t, "c.zip", string(zipped(t, "d.zip", string(zipped(t, "e.txt", "Hej"))))))),
			few, "2 field attached: b.zip\n2 field attached: c.zip\n2 field attached: d.zip\ngap unreadable \"2\" too-deep\n",
		},
		{
			"archive with a password", "a.zip",
			bytes.Replace(bytes.Replace(zipped(t, "a.txt", "Hej"),
				[]byte("PK\x01\x02\x14\x00\x14\x00\x08"), []byte("PK\x01\x02\x14\x00\x14\x00\x09"), 1),
				[]byte("PK\x03\x04\x14\x00\x08"), []byte("PK\x03\x04\x14\x00\x09"), 1),
			few, "2 field attached: a.txt\ngap encrypted \"2\" password\n",
		},
		{
			"bomb", "a.zip", zipped(t, "a.txt", strings.Repeat("\x00", 2<<20)),
			DefaultLimits(), "2 field attached: a.txt\ngap unreadable \"2\" too-large\n",
		},
		{
			"larger than allowed, all together", "a.zip", zipped(t, "a.txt", "Hej Anna", "b.txt", "og Bo"),
			Limits{Parts: 9, Text: 99, Archives: 1, Depth: 9, Unpacked: 10},
			"2 field attached: a.txt|b.txt\n2 plain attached: Hej Anna\ngap unreadable \"2\" too-large\n",
		},
		{"archive cut off", "a.zip", zipped(t, "a.txt", "Hej")[:40], few, "gap unreadable \"2\" broken\n"},
		{
			"rich text", "a.rtf",
			[]byte(`{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}{\*\generator Word}\f0 K\'e6re \u197?se\par 070{\b 761}\_4285\cell\uc2\u-10179ab\u-8704cd{\field{\*\fldinst HYPERLINK "https://post.example"}{\fldrslt her}}}`),
			few, "2 plain attached: Kære Åse|070761-4285\t😀HYPERLINK \"https://post.example\"her\n",
		},
		{
			"rich text in another code page", "a.rtf", []byte(`{\rtf1\ansicpg1251 \'cf{\pict 0102}{\object{\*\objdata 0102}}\bin3 {{{x}`),
			few, "2 plain attached: Пx\n",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := content(tt.data, tt.file, tt.limits); got != tt.want {
				t.Errorf("got\n%swant\n%s", got, tt.want)
			}
		})
	}
}

func TestParse_smime(t *testing.T) {
	want := map[string]string{
		"signed-der":     "1 plain: Åse bærer 070761-4285 på sig.\n",
		"signed-ber":     "1 plain: Åse bærer 070761-4285 på sig.\n",
		"enveloped":      "gap encrypted \"1\" smime\n",
		"auth-enveloped": "gap encrypted \"1\" smime\n",
	}
	for name, raw := range readMails(t, "testdata/smime") {
		if got := outline(Parse(raw, DefaultLimits())); got != want[name] {
			t.Errorf("%s: got\n%swant\n%s", name, got, want[name])
		}
	}
}
