package quote_test

import (
	"slices"
	"testing"

	"councilgate/filter/mail"
	"councilgate/filter/quote"
	"councilgate/policy"
)

func TestSplit(t *testing.T) {
	m := &mail.Message{
		Header: mail.Header{Subject: "SV: VS: Vejen", Reply: true, Forward: true},
		Texts: []mail.Text{
			{Part: "1.1", Type: mail.Plain, Body: "Hej Bent\r\n\r\nMvh Anne\r\n\r\nBent Krogh <bent@krogh.example> skrev:\r\n> Hvad\r\n> nu?\r\n"},
			{Part: "1.2", Type: mail.HTML, Body: "<p>Hej <b>Be</b>nt<blockquote type=cite>Hvad nu?</blockquote>"},
			{Part: "2", Type: mail.Plain, Attached: true, Body: "> et\nto\n"},
			{Part: "3", Type: mail.HTML, Attached: true, Body: "<div>Notat</div><blockquote>x</blockquote>"},
			{Part: "3", Type: mail.Field, Body: "notat.html"},
			{Part: "4", Type: mail.Plain, Body: " \n\n"},
		},
	}
	want := []quote.Segment{
		{Place: policy.Subject, Text: "SV: VS: Vejen", Sure: true},
		{Place: policy.Own, Part: "1.1", Text: "Hej Bent\n\n", Sure: true},
		{Place: policy.Own, Part: "1.1", Text: "Mvh Anne\n\n", Signature: true, Sure: true},
		{Place: policy.Quoted, Part: "1.1", Text: "Bent Krogh <bent@krogh.example> skrev:\nHvad\nnu?\n", Sure: true},
		{Place: policy.Own, Part: "1.2", Text: "Hej Bent\n", Sure: true},
		{Place: policy.Quoted, Part: "1.2", Text: "Hvad nu?\n", Sure: true},
		{Place: policy.Attached, Part: "2", Text: "et\nto\n", Sure: true},
		{Place: policy.Attached, Part: "3", Text: "Notat\nx\n", Sure: true},
		{Place: policy.Attached, Part: "3", Text: "notat.html\n", Sure: true},
	}
	if got := quote.Split(m, []string{"Anne Holm"}); !slices.Equal(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

// A letter that was pasted in is forwarded, but not for sure.
func TestPastedLetter(t *testing.T) {
	const letter = "Kære Anne\nMin søn er syg.\nVenlig hilsen\nMette Friis\n"
	for _, c := range []struct {
		names []string
		place policy.Place
	}{
		{[]string{"Anne Holm"}, policy.Forwarded},
		{[]string{"Mette Friis"}, policy.Own},
		{nil, policy.Own}, // nobody to tell a stranger's closing by
	} {
		m := &mail.Message{Texts: []mail.Text{{Part: "1", Type: mail.Plain, Body: letter}}}
		first := quote.Split(m, c.names)[0]
		if first.Place != c.place || first.Sure != (c.place == policy.Own) {
			t.Errorf("names %q: %s, sure %v", c.names, first.Place, first.Sure)
		}
	}
}

func TestRenderHTML(t *testing.T) {
	for _, c := range []struct{ html, text string }{
		{"<p>a<p>b", "a\nb\n"},
		{"a<br>b<br><br>c", "a\nb\n\nc\n"},
		{"<div>a</div><div><br></div><div>b<br></div><div>c</div>", "a\n\nb\nc\n"},
		{"a <b> b</b>  <i>c </i> d\n e", "a b c d e\n"},
		{"010<b>115</b>-<span>1234</span>", "010115-1234\n"},
		{"<table><tr><td>010115<td>-1234<tr><td><p>1</p></td><td><p>2</p></td></tr></table>x", "010115\t-1234\n1\t2\nx\n"},
		{"<table><tr><td>1</td><td></td></tr></table>x", "1\nx\n"},
		{"<pre>a  b\n c</pre>", "a  b\n c\n"},
		{"<div style='white-space: pre-wrap'>a\nb</div>", "a\nb\n"},
		{"<div style=display:none>skjult</div><span style=font-size:0>nul</span>", "skjult\nnul\n"},
		{`<img alt="Journal" src=x><span title="note">t</span>`, "Journal note t\n"},
		{`<a href="mailto:bent@krogh.example?subject=Min%20s%C3%B8n">Bent</a>`, "Bent <bent@krogh.example?subject=Min søn>\n"},
		{`<a href="mailto:bent@krogh.example">bent@krogh.example</a>`, "bent@krogh.example\n"},
		{`<a href="https://x.example/?q=010115-1234&amp;n=Emil+Krogh">her</a>`, "her <x.example/?q=010115-1234&n=Emil Krogh>\n"},
		{`<a href="#top">op</a><a href="data:text/plain,x">d</a>`, "opd\n"},
		{"s&oslash;n &#229; &lt;x&gt;", "søn å <x>\n"},
		{"a<script>b</script><style>c</style><!-- d -->e", "ae\n"},
		{"<title>Emne</title><body>x", "Emne\nx\n"},
		{"<textarea>a\nb</textarea><input value=c>", "a\nb\nc\n"},
		{"Bent <bent@krogh.example> x", "Bent <bent@krogh.example> x\n"},
		{"<ul><li>a<li>b</ul>", "a\nb\n"},
		{"a</p>b</div></span>c", "a\nbc\n"},
		{"a<b", "a\n"},
		{"", ""},
	} {
		m := &mail.Message{Texts: []mail.Text{{Part: "1", Type: mail.HTML, Body: c.html, Attached: true}}}
		text := ""
		for _, s := range quote.Split(m, nil) {
			text += s.Text
		}
		if text != c.text {
			t.Errorf("%s\n got %q\nwant %q", c.html, text, c.text)
		}
	}
}
