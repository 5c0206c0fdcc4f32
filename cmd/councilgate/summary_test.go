package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"councilgate/filter"
	"councilgate/filter/mailbox"
	"councilgate/policy"
)

// withHeader puts fields before a mail.
func withHeader(mail string, fields ...string) string {
	return strings.Join(fields, "\r\n") + "\r\n" + mail
}

// sentMails are a mailbox with a mail of each outcome.
func sentMails() []string {
	citizens := make([]string, 101)
	for i := range citizens {
		citizens[i] = fmt.Sprintf("citizen-%d@post.example", i)
	}
	ill := strings.Replace(replyMail, "Mit cpr-nummer er 140362-1001.", "Jeg har fået diagnosen skizofreni, og mit cpr-nummer er 140362-1001.", 1)
	return []string{
		withHeader(newMail, "To: Bent <bent@else.example>"),
		withHeader(newMail, "Cc: kassen@norreaa.example"),
		withHeader(newMail, "Bcc: "+strings.Join(citizens, ", ")),
		withHeader(replyMail, "To: bent@else.example"),
		withHeader(ill, "To: bent@else.example"),
		withHeader(replyMail, "To: kassen@norreaa.example"), // stays in the house
		strings.Replace(withHeader(replyMail, "To: bent@else.example"), "anne.holm@norreaa.example", "kassen@norreaa.example", 1),
		strings.Replace(withHeader(replyMail, "Delivered-To: anne.holm@norreaa.example", "To: anne.holm@norreaa.example, bent@else.example"),
			"Anne Holm <anne.holm@norreaa.example>", "lise@post.example", 1), // came in
		replyMail, // to nobody
		"Subject: a draft\r\nTo: bent@else.example\r\n\r\nx\r\n",
	}
}

// writeMaildir makes a Maildir whose folder Sent holds the mails, with bare LF.
func writeMaildir(t *testing.T, mails []string) string {
	t.Helper()
	dir := t.TempDir()
	cur := filepath.Join(dir, ".Sent", "cur")
	for _, folder := range []string{cur, filepath.Join(dir, "cur"), filepath.Join(dir, "new")} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for i, mail := range mails {
		file := filepath.Join(cur, fmt.Sprintf("%d.Bent-Toft:2,S", i))
		if err := os.WriteFile(file, []byte(strings.ReplaceAll(mail, "\r\n", "\n")), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func writeMbox(t *testing.T, mails []string) string {
	t.Helper()
	var b strings.Builder
	for _, mail := range mails {
		b.WriteString("From - Mon Mar 09 11:02:00 2026\r\n" + mail + "\r\n")
	}
	return writeFile(t, "Sent.mbox", b.String())
}

func TestCheckSummary(t *testing.T) {
	maildir, mbox := writeMaildir(t, sentMails()), writeMbox(t, sentMails())
	var files []string
	for i, mail := range sentMails() {
		files = append(files, writeFile(t, fmt.Sprintf("Bent Toft %d.eml", i), mail))
	}
	for name, args := range map[string][]string{
		"Maildir": {"-maildir", maildir},
		"mbox":    {"-mbox", mbox},
		"files":   files,
	} {
		got := runCommand("", slices.Concat([]string{"check", "-summary"}, args)...)
		if got.status != statusUnjudged || got.stderr != "" {
			t.Errorf("%s: status %d, %s", name, got.status, got.stderr)
		}
		words := strings.Join(strings.Fields(got.stdout), " ")
		for _, want := range []string{
			"mails 10 judged 6 of other senders 2 could not be judged 2 no address in From: give -from ADDR 1 no address in To, Cc or Bcc: give -to ADDR 1",
			"would be accepted 3 50.0 % would be tagged 1 16.7 % would be refused 2 33.3 %",
			"by quoted-sensitive 2 national-id 2 health 1 ",
		} {
			if !strings.Contains(words, want) {
				t.Errorf("%s: no %q in\n%s", name, want, got.stdout)
			}
		}
		for _, secret := range []string{"140362", "Bent", "bent", "anne", "Skolen", "skizofreni", "Sent"} {
			if strings.Contains(got.stdout, secret) {
				t.Errorf("%s: the summary tells %q:\n%s", name, secret, got.stdout)
			}
		}
	}

	shadow := writeFile(t, "shadow.yaml", "internal: [norreaa.example]\nmode: observe\ncouncillors: [{address: anne.holm@norreaa.example}]\n")
	got := runCommand("", "check", "-summary", "-json", "-policy", shadow, "-maildir", maildir, "-mbox", mbox)
	var s summary
	if err := json.Unmarshal([]byte(got.stdout), &s); err != nil || strings.Count(got.stdout, "\n") != 1 {
		t.Fatalf("%v in %s", err, got.stdout)
	}
	if s.Messages != 20 || s.Judged != 12 || s.Others != 4 || s.Unread != 4 || s.Accepted != 6 || s.Tagged != 2 || s.Refused != 4 ||
		s.RefusedBy[0].Messages != 4 || s.Mode != policy.ModeObserve || s.Interrupted {
		t.Errorf("%+v", s)
	}
}

// The exit status is that of check for single mails.
func TestCheckSummaryStatus(t *testing.T) {
	mails := sentMails()
	accepted, refused := writeMbox(t, mails[:3]), writeMbox(t, mails[:5])
	shadow := writeFile(t, "shadow.yaml", "internal: [norreaa.example]\nmode: observe\n")
	tests := []struct {
		args   []string
		status int
		stdout string
		stderr string
	}{
		{[]string{"-mbox", accepted}, 0, "mails                  3", ""},
		{[]string{"-mbox", refused}, 1, "would be refused", ""},
		{[]string{"-mbox", refused, "-policy", shadow}, 0, "would be refused       2", ""},
		{[]string{"-mbox", refused, "-rule", "mass-mailing"}, 0, "would be refused       0", ""},
		{[]string{"-mbox", refused, "-to", "kassen@norreaa.example"}, 0, "would be refused       0", ""},
		{[]string{"-mbox", refused, "-from", "somebody@norreaa.example"}, 1, "judged", ""}, // From is a councillor's
		{[]string{"-mbox", refused + ".not", "-mbox", accepted}, 2, "mails                  3", ".not: no such file"},
		{[]string{"-maildir", t.TempDir()}, 2, "mails", "no Maildir"},
		{nil, 2, "", "-maildir DIR"},
		{[]string{"-"}, 2, "", "standard input"},
		{[]string{"-segments", refused}, 2, "", "-segments"},
	}
	for _, tt := range tests {
		got := runCommand("", slices.Concat([]string{"check", "-summary"}, tt.args)...)
		if got.status != tt.status || !strings.Contains(got.stdout, tt.stdout) || !strings.Contains(got.stderr, tt.stderr) || (got.stderr == "") != (tt.stderr == "") {
			t.Errorf("%q: status %d\n%s\n%s", tt.args, got.status, got.stdout, got.stderr)
		}
	}
	if got := runCommand("", "check", "-mbox", refused); got.status != 2 || !strings.Contains(got.stderr, "-summary") {
		t.Errorf("a mailbox without -summary: %+v", got)
	}
}

// endlessBox gives mails until it is told to stop.
type endlessBox struct{ stop func() }

func (endlessBox) Size() int64 { return 1 }

func (b endlessBox) Each(limits mailbox.Limits, yield func(mailbox.Mail) bool) error {
	for n := 0; ; n++ {
		limits.Turn()
		if !yield(mailbox.Mail{Raw: []byte(sentMails()[0]), Large: true}) {
			return nil
		}
		if n == 20 {
			b.stop()
		}
	}
}

// An interrupt ends the work, and what was judged so far is told. Of large mails no
// two are judged at a time.
func TestSummaryInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	z := summarizer{policy: policy.Default(), inspector: filter.NewInspector(), progress: func(int64) {}}
	s := z.run(ctx, []namedBox{{"endless", endlessBox{cancel}}, {"never", nil}})
	if !s.Interrupted || s.status != statusUnjudged || s.Judged < 20 || s.Judged > 30 {
		t.Errorf("%+v", s)
	}
	var b bytes.Buffer
	if err := s.printText(&b); err != nil || !strings.HasPrefix(b.String(), "Interrupted") {
		t.Errorf("%v: %s", err, &b)
	}
}
