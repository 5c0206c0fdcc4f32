package notice

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/emersion/go-smtp"
)

// How long the mail server for notices may take to answer.
const (
	dialTime    = 5 * time.Second
	commandTime = 10 * time.Second
	dataTime    = 30 * time.Second
)

// send hands one notice to the mail server. Its errors name no address, and a fault
// of ours costs one notice, not the process.
func (s *Sender) send(r Refusal) (err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("panic")
		}
	}()
	settings, _ := r.Policy.Notice()
	message, err := compose(r, settings.From)
	if err != nil {
		return errors.New("not composed")
	}
	if s.sign != nil {
		fields, err := s.sign(message)
		if err != nil {
			return errors.New("not signed")
		}
		message = append(fields, message...)
	}
	conn, err := net.DialTimeout("tcp", settings.Via, dialTime)
	if err != nil {
		return errors.New("the mail server for notices is not reached")
	}
	client := smtp.NewClient(conn)
	client.CommandTimeout, client.SubmissionTimeout = commandTime, dataTime
	defer client.Close()
	to := r.Verdict.Sender.Councillor.Address
	if err := submit(client, settings.From.Domain, to.Text(), message); err != nil {
		return refused(err)
	}
	return nil
}

// submit sends a mail with the null sender, so that nothing comes back and no
// program answers (RFC 3834, section 3.3).
func submit(client *smtp.Client, name, to string, message []byte) error {
	if err := client.Hello(name); err != nil {
		return err
	}
	var options *smtp.MailOptions
	if utf8, _ := client.Extension("SMTPUTF8"); utf8 && !ascii(to) {
		options = &smtp.MailOptions{UTF8: true}
	}
	if err := client.Mail("", options); err != nil {
		return err
	}
	if err := client.Rcpt(to, nil); err != nil {
		return err
	}
	w, err := client.Data()
	if err != nil {
		return err
	}
	if _, err := bytes.NewReader(message).WriteTo(w); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	// It is taken; how the server says goodbye does not matter.
	_ = client.Quit()
	return nil
}

// refused keeps the codes of an SMTP reply and drops its text, which may name the
// recipient.
func refused(err error) error {
	if reply, ok := errors.AsType[*smtp.SMTPError](err); ok {
		return fmt.Errorf("the mail server for notices answered %d %d.%d.%d", reply.Code,
			reply.EnhancedCode[0], reply.EnhancedCode[1], reply.EnhancedCode[2])
	}
	return errors.New("the mail server for notices broke off")
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
