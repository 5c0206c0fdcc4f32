package mail

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"unicode/utf8"
)

// fuzzLimits are low, so that fuzzing passes them often.
var fuzzLimits = Limits{Depth: 5, Parts: 20, Text: 10_000, Fields: 20, Header: 2000, Archives: 2, Unpacked: 20_000}

// check holds what is true of every message.
func check(t *testing.T, m *Message) {
	t.Helper()
	size := 0
	for _, text := range m.Texts {
		if text.Body == "" || !utf8.ValidString(text.Body) {
			t.Errorf("text %q is empty or no UTF-8", text.Body)
		}
		size += len(text.Body)
	}
	if size > fuzzLimits.Text {
		t.Errorf("%d bytes of text", size)
	}
}

func FuzzParse(f *testing.F) {
	for _, dir := range []string{"testdata/broken", "testdata/smime"} {
		for _, raw := range readMails(f, dir) {
			f.Add(raw)
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		before := string(raw)
		m := Parse(raw, fuzzLimits)
		check(t, m)
		if string(raw) != before {
			t.Error("the message was changed")
		}
		if again := Parse(raw, fuzzLimits); !reflect.DeepEqual(m, again) {
			t.Error("two runs differ")
		}
	})
}

func FuzzHeader(f *testing.F) {
	f.Add("=?utf-8?Q?M=C3?= =?utf-8?Q?=B8de?=")
	f.Add(`attachment; filename*1*=se.txt; filename*0*=utf-8''%C3%85; name="a\"b`)
	f.Add(`mx.post.example; auth=pass (x) smtp.auth="a"`)
	f.Add("Åse <aase@post.example>, b@post.example")
	f.Fuzz(func(t *testing.T, value string) {
		if !utf8.ValidString(decodeField(value)) {
			t.Error("no UTF-8")
		}
		parseParameterized(value)
		addresses(value)
		prefixes(value)
		if topic := Topic(value); len(topic) != len(value) {
			t.Errorf("Topic(%q) = %q moves what follows", value, topic)
		}
		Header{AuthResults: []string{value}}.Authenticated(func(string) bool { return true })
	})
}

// FuzzDocument needs -fuzzminimizetime 5x: the pools inside compress/flate make
// its coverage vary, on which minimizing wastes all the time.
func FuzzDocument(f *testing.F) {
	for _, file := range []string{"odfpy.odt", "odfpy.ods", "openpyxl.xlsx"} { // the small ones
		data, err := os.ReadFile(filepath.Join("testdata/documents", file))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{\rtf1\ansi\ansicpg1252 K\'e6re \u197?se\par{\*\x y}\bin3 abc}`))
	f.Add(zipped(f, "a.txt", "Hej", "b.zip", string(zipped(f, "c.txt", "Hej"))))
	f.Fuzz(func(t *testing.T, data []byte) {
		w := &walker{limits: fuzzLimits, message: &Message{}}
		w.readContent(data, claim{name: "smime.p7m"}, node{})
		check(t, w.message)
	})
}
