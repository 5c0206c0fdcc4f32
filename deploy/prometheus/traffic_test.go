package prometheus

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-milter"

	"councilgate/deploy/rig"
	"councilgate/filter"
)

const (
	councillor = "anne.holm@norreaa.example"
	citizen    = "birthe.skov@post.example"
)

// traffic shows councilgate mails, over and over, as Postfix would.
type traffic struct {
	socket string
	scenes []rig.Scene
	quit   chan struct{}
	group  sync.WaitGroup
	err    error // why it ended before it was told to
	sent   int
}

func startTraffic(socket string) (*traffic, error) {
	scenes, err := rig.Scenes(root + "/testdata/try")
	if err != nil {
		return nil, err
	}
	t := &traffic{socket: socket, scenes: scenes, quit: make(chan struct{})}
	t.group.Go(func() { t.err = t.keepOn() })
	return t, nil
}

func (t *traffic) stop() error {
	close(t.quit)
	t.group.Wait()
	return t.err
}

// keepOn sends rounds of mails until told to stop, with a pause in which Prometheus
// and the other tests get at the machine. One session stays open meanwhile, so that
// Prometheus meets one.
func (t *traffic) keepOn() error {
	idle, err := t.session()
	if err != nil {
		return fmt.Errorf("traffic: %w", err)
	}
	defer idle.Close()
	for round := 0; ; round++ {
		if err := t.round(round); err != nil {
			return fmt.Errorf("traffic: %w", err)
		}
		select {
		case <-t.quit:
			return nil
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// round sends one mail of every kind.
func (t *traffic) round(n int) error {
	for _, scene := range t.scenes {
		if n > 0 && scene.Expect == rig.Tagged {
			continue // counted once it goes on no more
		}
		if _, err := t.send(scene.Login, scene.From, scene.To, scene.Raw); err != nil {
			return err
		}
	}
	for _, mail := range []string{encrypted, unreadable, unsupported, members} {
		if _, err := t.send(councillor, councillor, []string{citizen}, []byte(mail)); err != nil {
			return err
		}
	}
	// As councilgate doctor does.
	if _, err := t.send("", councillor, []string{citizen}, []byte(encrypted), filter.MacroProbe, "1"); err != nil {
		return err
	}
	if err := t.override(n); err != nil {
		return err
	}
	return t.forwardEverything(n)
}

var code = regexp.MustCompile(`[0-9A-Z]{4}-[0-9A-Z]{4}`)

// override sends a mail that is refused, and again with the code from the refusal.
func (t *traffic) override(n int) error {
	mail := strings.ReplaceAll(illness, "NUMBER", fmt.Sprint(n))
	reply, err := t.send(councillor, councillor, []string{citizen}, []byte(mail))
	if err != nil {
		return err
	}
	mail = strings.Replace(mail, "SV: ", "SV: [ok "+code.FindString(reply)+" aftalt] ", 1)
	if reply, err = t.send(councillor, councillor, []string{citizen}, []byte(mail)); err == nil && reply != "" {
		err = fmt.Errorf("the code did not lift the refusal: %q", reply)
	}
	return err
}

// forwardEverything sends on citizens' mails as a rule of the mailbox does, each time
// to somebody else.
func (t *traffic) forwardEverything(n int) error {
	for i := range 5 {
		mail := fmt.Sprintf("From: citizen-%d@post.example\r\nTo: %s\r\nX-Forwarded-For: %s\r\nSubject: Brev %d\r\n"+
			"Message-ID: <rule-%d-%d@post.example>\r\n\r\nKære Anne\r\n\r\nDer er larm hver nat.\r\n", i, councillor, councillor, i, n, i)
		_, err := t.send("", councillor, []string{fmt.Sprintf("elsewhere-%d@post.example", n)}, []byte(mail))
		if err != nil {
			return err
		}
	}
	return nil
}

// session opens a connection as the mail server does.
func (t *traffic) session() (*milter.ClientSession, error) {
	return milter.NewClientWithOptions("unix", t.socket, milter.ClientOptions{
		ActionMask:   milter.OptAddHeader | milter.OptChangeHeader,
		ReadTimeout:  30 * time.Second,
		WriteTimeout: 30 * time.Second,
	}).Session()
}

// send shows councilgate one mail in a session of its own, and returns the text of its
// refusal, "" if there is none.
func (t *traffic) send(login, from string, to []string, raw []byte, macros ...string) (refusal string, err error) {
	t.sent++
	session, err := t.session()
	if err != nil {
		return "", err
	}
	defer session.Close()
	macros = append(macros, "{daemon_name}", "mx.norreaa.example")
	if login != "" {
		macros = append(macros, "{auth_authen}", login)
	}
	if err := session.Macros(milter.CodeMail, macros...); err != nil {
		return "", err
	}
	if _, err := session.Mail(from, nil); err != nil {
		return "", err
	}
	for _, rcpt := range to {
		if _, err := session.Rcpt(rcpt, nil); err != nil {
			return "", err
		}
	}
	header, body := split(raw)
	for _, field := range header {
		name, value, _ := strings.Cut(field, ":")
		if _, err := session.HeaderField(name, strings.TrimPrefix(value, " ")); err != nil {
			return "", err
		}
	}
	if _, err := session.HeaderEnd(); err != nil {
		return "", err
	}
	for chunk := range bytes.Lines(body) {
		if _, err := session.BodyChunk(chunk); err != nil {
			return "", err
		}
	}
	if err := session.Macros(milter.CodeEOB, "i", fmt.Sprintf("4F%06X", t.sent)); err != nil {
		return "", err
	}
	_, action, err := session.End()
	if err != nil || action.Code != milter.ActReplyCode {
		return "", err
	}
	return action.SMTPText, nil
}

// split takes a mail apart into its fields, folded by LF as from Postfix, and its body.
func split(raw []byte) (header []string, body []byte) {
	raw = bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n"))
	head, body, _ := bytes.Cut(raw, []byte("\n\n"))
	for line := range strings.Lines(string(head)) {
		if strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t") {
			header[len(header)-1] += line
		} else {
			header = append(header, line)
		}
	}
	for i := range header {
		header[i] = strings.TrimSuffix(header[i], "\n")
	}
	return header, bytes.ReplaceAll(body, []byte("\n"), []byte("\r\n"))
}

// Mails beside those of deploy/try, for the verdicts that those do not have.
const (
	reply = "From: Anne Holm <" + councillor + ">\r\nTo: " + citizen + "\r\nIn-Reply-To: <1@post.example>\r\nMIME-Version: 1.0\r\n"

	illness = reply + "Subject: SV: Brev NUMBER\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nTak.\r\n\r\n" +
		"Den 3. marts 2026 skrev Birthe <" + citizen + ">:\r\n> Brev NUMBER: min søn har fået diagnosen skizofreni.\r\n"

	members = reply + "Subject: SV: Medlem\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nTak.\r\n\r\n" +
		"Den 3. marts 2026 skrev Birthe <" + citizen + ">:\r\n> Jeg er medlem af fagforeningen 3F.\r\n"

	encrypted = reply + "Subject: SV: Brev\r\nContent-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=b\r\n\r\n" +
		"--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--b\r\nContent-Type: application/octet-stream\r\n\r\nx\r\n--b--\r\n"

	unreadable = reply + "Subject: SV: Brev\r\nContent-Type: application/zip; name=brev.zip\r\nContent-Transfer-Encoding: base64\r\n\r\nUEsDBAAA\r\n"

	unsupported = reply + "Subject: SV: Brev\r\nContent-Type: application/msword; name=brev.doc\r\nContent-Transfer-Encoding: base64\r\n\r\n0M8R4KGxGuE=\r\n"
)
