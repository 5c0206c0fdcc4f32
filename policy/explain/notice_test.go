package explain

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"councilgate/policy"
)

var noticeTime = time.Date(2026, time.March, 9, 8, 5, 0, 0, time.FixedZone("CET", 3600))

// noticesToRead are the occasions whose notices a reviewer reads; the advice in them
// is that of the replies, which have golden files of their own.
var noticesToRead = []string{"quoted-sensitive, quoted", "private-forward", "mass-mailing", "gap, encrypted", "gap, internal_error",
	"several recipients", "own-sensitive, a code that lives an hour", "mass-mailing, a policy without secure route, offices and contact",
	"everything at once, longest names"}

// The golden files hold notices as they read in the text part.
func TestNotices(t *testing.T) {
	for _, language := range policy.Languages() {
		var b strings.Builder
		read := 0
		for _, o := range occasions(t) {
			if o.verdict.Action != policy.Reject {
				continue
			}
			o.verdict.Sender.Councillor.Language = language
			n := NoticeFor(o.policy, o.verdict, "4XWkzB1mcqz", noticeTime)
			if slices.Contains(noticesToRead, o.title) {
				read++
				b.WriteString("== " + o.title + "\nSubject: " + n.Subject + "\n\n" + n.Text + "\n")
			}
			checkNotice(t, o.title+", "+language, n)
		}
		if read != len(noticesToRead) {
			t.Fatalf("%d notices to read, want %d", read, len(noticesToRead))
		}
		file := filepath.Join("testdata", language+".notice.txt")
		if *update {
			if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if b.String() != string(want) {
			t.Errorf("%s differs from what is rendered now; run go test -update and read the difference", file)
		}
	}
}

// checkNotice checks that both parts say the same.
func checkNotice(t *testing.T, at string, n Notice) {
	t.Helper()
	if n.Subject == "" || strings.Contains(n.Text+n.HTML, "<no value>") || strings.Contains(n.HTML, "ZgotmplZ") {
		t.Errorf("%s: a text is missing", at)
	}
	doc, err := html.Parse(strings.NewReader(n.HTML))
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	body := false
	for d := range doc.Descendants() {
		body = body || d.Data == "body"
		if d.Type == html.ElementNode && (d.Data == "script" || d.Data == "img" || d.Data == "link") {
			t.Errorf("%s: <%s>", at, d.Data)
		}
		if body && d.Type == html.TextNode {
			words = append(words, d.Data)
		}
	}
	plain := strings.NewReplacer("- ", "").Replace(strings.Join(strings.Fields(n.Subject+" "+strings.ReplaceAll(n.Text, ":\n", "\n")), " "))
	got := strings.ReplaceAll(strings.Join(strings.Fields(strings.Join(words, "")), " "), "- ", "")
	if got != plain {
		t.Errorf("%s: the HTML part says\n%s\nand the text part\n%s", at, got, plain)
	}
}

func TestNoticeNamesTheCouncillor(t *testing.T) {
	v := refusal(policy.PrivateForward)
	v.Sender.Councillor = policy.Councillor{Name: "Anne <Holm>", Language: "da"}
	v.Recipients.Total = 3
	n := NoticeFor(parsePolicy(t, fullPolicy), v, "4XWkzB1mcqz", noticeTime)
	for _, want := range []string{"Kære Anne <Holm>\n", "den 9. marts kl. 08.05 til 3 modtagere", "4XWkzB1mcqz", "Nørreå Kommune"} {
		if !strings.Contains(n.Text, want) {
			t.Errorf("no %q in %s", want, n.Text)
		}
	}
	for _, want := range []string{"Kære Anne &lt;Holm&gt;", `<a href="mailto:post@norreaa.example">`, `<a href="https://norreaa.example/help/da/private-forward.html">`, `<html lang="da">`} {
		if !strings.Contains(n.HTML, want) {
			t.Errorf("no %q in %s", want, n.HTML)
		}
	}
}
