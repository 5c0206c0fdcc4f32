package rig

import (
	"slices"
	"testing"
)

func TestReply(t *testing.T) {
	for _, c := range []struct {
		reply Reply
		code  string
		text  []string
	}{
		{"250 2.0.0 Ok: queued as 7F71\r\n", "250", []string{"Ok: queued as 7F71"}},
		{"550-5.7.1 Linje et.\r\n550-5.7.1 \r\n550 5.7.1 Linje to.\r\n", "550", []string{"Linje et.", "", "Linje to."}},
		{"354 End data with <CR><LF>.<CR><LF>\r\n", "354", []string{"End data with <CR><LF>.<CR><LF>"}},
		{"", "", nil},
		{"550 5.7.1 no line end", "", []string{"no line end"}},
		{"550 5.7.1 bare line feed\n", "", []string{"bare line feed"}},
		{"550-5.7.1 no last line\r\n", "", []string{"no last line"}},
		{"550-5.7.1 two codes\r\n250 2.0.0 Ok\r\n", "", []string{"two codes", "Ok"}},
		{"550 5.7.1 text\x00\r\n", "", []string{"text\x00"}},
	} {
		if got := c.reply.Code(); got != c.code {
			t.Errorf("%q.Code() = %q, want %q", c.reply, got, c.code)
		}
		if got := c.reply.Text(); !slices.Equal(got, c.text) {
			t.Errorf("%q.Text() = %q, want %q", c.reply, got, c.text)
		}
	}
}

func TestStuff(t *testing.T) {
	for in, want := range map[string]string{
		"":               "",
		"a":              "a\r\n",
		"a\nb\r\n":       "a\r\nb\r\n",
		".\n..a\n.\r\nb": "..\r\n...a\r\n..\r\nb\r\n",
		"a\rb\n":         "a\rb\r\n",
	} {
		if got := string(stuff([]byte(in))); got != want {
			t.Errorf("stuff(%q) = %q, want %q", in, got, want)
		}
	}
}
