package mail

import (
	"encoding/base64"
	"maps"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

func TestDecodeField(t *testing.T) {
	tests := []struct{ field, want string }{
		{"Møde", "Møde"},
		{"M\xf8de", "Møde"},
		{"=?iso-8859-1?Q?M=F8de_nu?=", "Møde nu"},
		{"=?UTF-8?b?TcO4ZGU=?= i dag", "Møde i dag"},
		{"=?utf-8*da?Q?M=C3=B8de?=", "Møde"},
		{"=?utf-8?Q?M=C3?= =?utf-8?Q?=B8de?=", "Møde"},     // split inside a character
		{"=?utf-8?Q?a?=\t=?iso-8859-1?Q?=F8?= b", "aø b"},  // two charsets
		{`"=?utf-8?Q?M=C3=B8de?=" x`, `"Møde" x`},          // inside quotes
		{"=?utf-8?Q?M=C3=B8de nu?=", "Møde nu"},            // with bare blanks
		{"=?utf-8?Q?M=C3=B8de nu", "Møde nu"},              // without its end
		{"=?utf-8?B?TcO4ZGU?=", "Møde"},                    // without padding
		{"=?x-our-own?Q?M=F8de?=", "Møde"},                 // unknown charset
		{"a=?b?c?=d", "a=?b?c?=d"},                         // no encoded word
		{"=?utf-8?X?abc?=", "=?utf-8?X?abc?="},             // unknown encoding
		{"070761=?utf-8?Q?-4285?=", "070761-4285"},         // in the middle of a word
		{"=?utf-8?Q?=ZZ=?=", "=ZZ="},                       // bad escapes
		{"=?us-ascii?Q?=C3=A6?=", "æ"},                     // wrong charset
		{"=?utf-16?B?/v8AZQ==?=", "e"},                     // byte order mark
		{"=?", "=?"}, {"=?utf-8?Q", "=?utf-8?Q"}, {"", ""}, // cut off
	}
	for _, tt := range tests {
		if got := decodeField(tt.field); got != tt.want {
			t.Errorf("decodeField(%q) = %q, want %q", tt.field, got, tt.want)
		}
	}
}

// What comes out is a name that we know, or says that it is none.
func TestCharsetName(t *testing.T) {
	for label, want := range map[string]string{
		"UTF-8": "utf-8", "utf8": "utf-8", ` "us-ascii" `: "us-ascii", "latin1": "iso-8859-1", "ISO-8859-15": "iso-8859-15",
		"cp1252": "windows-1252", "Windows-1252": "windows-1252", "unicode-1-1-utf-7": "utf-7", "iso-2022-jp": "iso-2022-jp", "gb2312": "gbk",
		"": "none", `""`: "none",
		"bente.borger": "unknown", "replacement": "unknown", "utf-8 140283-4036": "unknown", "utf-8\x00": "unknown", "utf-32": "unknown",
	} {
		if got := charsetName(label); got != want {
			t.Errorf("charsetName(%q) = %q, want %q", label, got, want)
		}
	}
}

func TestParseParameterized(t *testing.T) {
	tests := []struct {
		field, value string
		params       map[string]string
	}{
		{"text/plain", "text/plain", nil},
		{"Text/HTML; Charset=UTF-8", "text/html", map[string]string{"charset": "UTF-8"}},
		{"text/plain (prose); charset=utf-8", "text/plain", map[string]string{"charset": "utf-8"}},
		{"text/plain charset=utf-8 format=flowed", "text/plain", map[string]string{"charset": "utf-8", "format": "flowed"}},
		{`a/b; name="x \"y\" c:\z"`, "a/b", map[string]string{"name": `x "y" c:\z`}},
		{"a/b; boundary=--=_1=2; x = y", "a/b", map[string]string{"boundary": "--=_1=2", "x": "y"}},
		{`a/b; boundary="x; charset=utf-8`, "a/b", map[string]string{"boundary": "x", "charset": "utf-8"}},
		{"a/b; name=en; name=to", "a/b", map[string]string{"name": "en"}},
		{"attachment; filename=\"=?utf-8?Q?=C3=85se.txt?=\"", "attachment", map[string]string{"filename": "Åse.txt"}},
		{"attachment; filename=\"\xc5se.txt\"", "attachment", map[string]string{"filename": "Åse.txt"}},
		{"attachment; filename*=iso-8859-1'da'%C5se.txt", "attachment", map[string]string{"filename": "Åse.txt"}},
		{"attachment; filename=x; filename*=utf-8''%C3%85se.txt", "attachment", map[string]string{"filename": "Åse.txt"}},
		{"attachment; filename*1*=se.txt; filename*0*=utf-8''%C3%85", "attachment", map[string]string{"filename": "Åse.txt"}},
		{`attachment; filename*0="lang"; filename*1=" tekst.txt"`, "attachment", map[string]string{"filename": "lang tekst.txt"}},
		{"a/b; ;; c", "a/b", nil},
	}
	for _, tt := range tests {
		got := parseParameterized(tt.field)
		if got.value != tt.value || !maps.Equal(got.params, tt.params) {
			t.Errorf("parseParameterized(%q) = %q %q", tt.field, got.value, got.params)
		}
	}
}

func TestToUTF8(t *testing.T) {
	const text = "Åse Ørum, 070761-4285"
	latin, _ := charmap.Windows1252.NewEncoder().String(text)
	dos, _ := charmap.CodePage865.NewEncoder().String(text)
	little, _ := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder().String(text)
	big, _ := unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().String(text)
	tests := []struct{ data, label, want string }{
		{text, "utf-8", text},
		{text, "iso-8859-1", text},
		{text, "iso-2022-kr", text},
		{"\ufeff" + text, "", text},
		{latin, "", text},
		{latin, "us-ascii", text},
		{latin, "utf-8", text},
		{dos, "ibm865", text},
		{little, "", text},
		{little, "us-ascii", text},
		{big, "utf-16", text},
		{text + " " + text + "\xe5", "utf-8", text + " " + text + "å"},
		{"p\xe5 +AOU- +- 1+2", "utf-7", "på å + 1+2"},
		{"12 +ADEAMg", "utf-7", "12 12"},
		{"\x93x\x94", "iso-8859-1", "“x”"},
	}
	for _, tt := range tests {
		if got := toUTF8([]byte(tt.data), tt.label); got != tt.want {
			t.Errorf("toUTF8(%q, %q) = %q, want %q", tt.data, tt.label, got, tt.want)
		}
	}
}

func TestDecodeQuotedPrintable(t *testing.T) {
	tests := []struct{ body, want string }{
		{"M=C3=B8de", "Møde"},
		{"M=c3=b8de", "Møde"},
		{"0707=\r\n61", "070761"},
		{"0707= \t\n61", "070761"},
		{"a=b =ZZ 1=2", "a=b =ZZ 1=2"},
		{"slut=", "slut"},
		{"slut=3", "slut=3"},
	}
	for _, tt := range tests {
		if got := string(decodeQuotedPrintable([]byte(tt.body))); got != tt.want {
			t.Errorf("decodeQuotedPrintable(%q) = %q, want %q", tt.body, got, tt.want)
		}
	}
}

func TestHasQuotedPrintable(t *testing.T) {
	tests := []struct {
		text string
		want bool
	}{
		{"Hej Anna", false},
		{"https://post.example/?a=1&b=20", false},
		{"-----BEGIN-----\nAbcd==\nx", false},
		{"a=", false},
		{"M=C3=B8de", true},
		{"nummer 070=\r\n761", true},
	}
	for _, tt := range tests {
		if got := hasQuotedPrintable([]byte(tt.text)); got != tt.want {
			t.Errorf("hasQuotedPrintable(%q) = %v", tt.text, got)
		}
	}
}

func TestBase64Runs(t *testing.T) {
	hidden := base64.StdEncoding.EncodeToString([]byte("Åse 070761-4285"))
	long := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("Åse 070761-4285 ", 3)))
	tests := []struct {
		text string
		want []string
	}{
		{"Hej\n\nHilsen\nAnne\nHolm\nByraadsmedlem\nSundhedsudvalget\n", nil},
		{"Hej\n" + hidden + "\nHilsen", []string{"Åse 070761-4285"}},
		{"Hej\n" + long[:60] + "\n" + long[60:] + "\nHilsen", []string{strings.Repeat("Åse 070761-4285 ", 3)}},
	}
	for _, tt := range tests {
		var got []string
		for _, run := range base64Runs([]byte(tt.text)) {
			got = append(got, string(run))
		}
		if len(got) != len(tt.want) || len(got) > 0 && got[0] != tt.want[0] {
			t.Errorf("base64Runs(%q) = %q", tt.text, got)
		}
	}
}

func TestLooksLikeText(t *testing.T) {
	// A table whose first and last bytes tell nothing of the rest.
	csv := make([]byte, 0, 750<<10)
	for len(csv) < cap(csv)-16 {
		csv = append(csv, "12345678;\xe6\xf8\xe5\r\n"...)
	}
	binary := make([]byte, 4096)
	for i := range binary {
		binary[i] = byte(i * 7)
	}
	if !looksLikeText(csv) {
		t.Error("a table in windows-1252 is no text")
	}
	if !looksLikeText(append(csv, 0x1a)) {
		t.Error("one control character makes a text binary")
	}
	if looksLikeText(binary) {
		t.Error("every byte in turn is text")
	}
}
