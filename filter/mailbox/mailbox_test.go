package mailbox

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// testLimits count how often a large mail took its turn.
func testLimits(turns *int) Limits {
	return Limits{Mail: 300, Large: 200, Turn: func() { *turns++ }}
}

// texts gathers the mails of a box; one that cannot be read stands for its error.
func texts(t *testing.T, each func(Limits, func(Mail) bool) error) (list []string, err error) {
	t.Helper()
	turns, large := 0, 0
	err = each(testLimits(&turns), func(m Mail) bool {
		if m.Large {
			large++
		}
		if m.Err != nil {
			list = append(list, m.Err.Error())
		} else {
			list = append(list, string(m.Raw))
		}
		return true
	})
	if turns != large {
		t.Errorf("%d turns taken, %d mails tell of one", turns, large)
	}
	return list, err
}

func TestMbox(t *testing.T) {
	const from = "From anne@norreaa.example Mon Mar  9 11:02:00 2026\n"
	long := strings.Repeat("x", 250)
	tests := []struct {
		name, mbox string
		want       []string
		err        string
	}{
		{name: "empty file"},
		{name: "one mail", mbox: from + "A: 1\n\nx\n\n", want: []string{"A: 1\r\n\r\nx\r\n"}},
		{name: "two", mbox: from + "A: 1\n\nx\n\n" + from + "A: 2\n\ny\n\n", want: []string{"A: 1\r\n\r\nx\r\n", "A: 2\r\n\r\ny\r\n"}},
		{name: "CRLF", mbox: strings.ReplaceAll(from+"A: 1\n\nx\n\n"+from+"A: 2\n\n", "\n", "\r\n"), want: []string{"A: 1\r\n\r\nx\r\n", "A: 2\r\n"}},
		{name: "no line end at the end", mbox: from + "A: 1\n\nx", want: []string{"A: 1\r\n\r\nx"}},
		{name: "quoted From, mboxrd", mbox: from + "A: 1\n\n>From x\n>>From y\n> From z\n>Fromage\n\n", want: []string{"A: 1\r\n\r\nFrom x\r\n>From y\r\n> From z\r\n>Fromage\r\n"}},
		{name: "From inside a paragraph", mbox: from + "A: 1\n\nx\n" + from + "\n", want: []string{"A: 1\r\n\r\nx\r\n" + strings.TrimSuffix(from, "\n") + "\r\n"}},
		{name: "a sentence that begins with From", mbox: from + "A: 1\n\nFrom here it is 10 km.\n\n", want: []string{"A: 1\r\n\r\nFrom here it is 10 km.\r\n"}},
		{name: "Thunderbird", mbox: "From - Mon Mar 09 11:02:00 2026\nA: 1\n\nx\n\nFrom \nA: 2\n\ny\n\n", want: []string{"A: 1\r\n\r\nx\r\n", "A: 2\r\n\r\ny\r\n"}},
		{name: "Gmail", mbox: "From 1858@xxx Mon Mar 09 11:02:00 +0000 2026\nA: 1\n\nx\n\n", want: []string{"A: 1\r\n\r\nx\r\n"}},
		{name: "empty lines stay", mbox: from + "A: 1\n\n\nx\n\n\n\n" + from + "A: 2\n\n", want: []string{"A: 1\r\n\r\n\r\nx\r\n\r\n\r\n", "A: 2\r\n"}},
		{name: "nothing between", mbox: from + "\n" + from + "A: 2\n\n", want: []string{"\r\n", "A: 2\r\n"}},
		{name: "large", mbox: from + long + "\n\n" + from + "A: 2\n\n", want: []string{long + "\r\n", "A: 2\r\n"}},
		{name: "too large", mbox: from + long + "\n" + long + "\n\n" + from + "A: 2\n\n", want: []string{"too-large", "A: 2\r\n"}},
		{name: "longer than the buffer", mbox: from + strings.Repeat("From ", mboxBuffer) + "\n\n" + from + "A: 2\n\n", want: []string{"too-large", "A: 2\r\n"}},
		{name: "no mbox", mbox: "A: 1\n\nx\n", err: "no mbox"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := texts(t, func(l Limits, yield func(Mail) bool) error {
				return eachMbox(strings.NewReader(tt.mbox), l, yield)
			})
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if (err != nil) != (tt.err != "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("error %v, want %q", err, tt.err)
			}
		})
	}

	got, err := texts(t, func(l Limits, yield func(Mail) bool) error {
		return eachMbox(iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader(from+"A: 1\n"))), l, yield)
	})
	if err == nil {
		t.Errorf("a disk that fails is no error; mails %q", got)
	}
	if _, err := texts(t, Mbox(t.TempDir()+"/none").Each); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

func TestMaildir(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"cur/1.a:2,S":         "A: 1\n\nx\n",
		"new/2.b":             "A: 2\r\n\r\nx\r\n",
		"tmp/3.c":             "A: 3\n\n",
		".Sent/cur/4.d":       "A: 4\n\nbare\rreturn\n",
		".Sent.2025/new/5.e":  strings.Repeat("5", 250),
		".Sent/cur/.hidden":   "no mail",
		"cur/6.f":             strings.Repeat("6", 301),
		".no-folder/x":        "no mail",
		"dovecot-uidlist":     "no mail",
		"cur/folder/7.g":      "no mail",
		".Sent/maildirfolder": "",
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("/etc/passwd", filepath.Join(dir, "new", "8.h")); err != nil {
		t.Fatal(err)
	}
	got, err := texts(t, Maildir(dir).Each)
	slices.Sort(got)
	want := []string{strings.Repeat("5", 250), "A: 1\r\n\r\nx\r\n", "A: 2\r\n\r\nx\r\n", "A: 4\r\n\r\nbare\rreturn\r\n", "too-large", "unreadable-file"}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v\nwant %q", got, err, want)
	}
	if size := Maildir(dir).Size(); size < 8+10+19+250+301 {
		t.Errorf("size %d", size)
	}

	seen := 0
	if err := Maildir(dir).Each(testLimits(new(int)), func(Mail) bool { seen++; return false }); err != nil || seen != 1 {
		t.Errorf("%d mails after the first was enough, %v", seen, err)
	}
	if err := Maildir(filepath.Join(dir, "tmp")).Each(Limits{}, nil); err == nil || !strings.Contains(err.Error(), "no Maildir") {
		t.Errorf("a folder without cur and new: %v", err)
	}
	if err := Maildir(dir+"/none").Each(Limits{}, nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
}

func TestFile(t *testing.T) {
	if got, err := texts(t, File(t.TempDir()+"/none").Each); err == nil || len(got) > 0 {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := texts(t, File(t.TempDir()).Each); err != nil || !slices.Equal(got, []string{"unreadable-file"}) {
		t.Errorf("a folder: %q, %v", got, err)
	}
}

// Whatever an mbox is, nothing gets lost but the lines between the mails and quotes,
// and no mail is larger than allowed.
func FuzzMbox(f *testing.F) {
	f.Add([]byte("From a Mon Mar  9 11:02:00 2026\nA: 1\n\n>From x\n\nFrom \nB: 2\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var size int64
		turns, large := 0, 0
		err := eachMbox(bytes.NewReader(data), testLimits(&turns), func(m Mail) bool {
			size += m.Size
			if m.Large {
				large++
			}
			if len(m.Raw) > 2*300 || m.Err != nil && m.Raw != nil {
				t.Errorf("%d bytes, error %v", len(m.Raw), m.Err)
			}
			return true
		})
		if err == nil && size != int64(len(data)) {
			t.Errorf("%d of %d bytes in mails", size, len(data))
		}
		if turns != large {
			t.Errorf("%d turns, %d large mails", turns, large)
		}
	})
}
