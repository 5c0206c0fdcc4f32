package notice

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"io"
	"mime"

	"github.com/emersion/go-message/mail"

	"councilgate/policy"
	"councilgate/policy/explain"
)

// compose writes the mail for a refusal: multipart/alternative, plain text first. The fields beside the usual say that no person wrote it (RFC 3834,
// section 5), and keep Exchange from answering it.
func compose(r Refusal, from policy.Address) ([]byte, error) {
	n := explain.NoticeFor(r.Policy, r.Verdict, r.Reference, r.At)
	to := r.Verdict.Sender.Councillor

	var h mail.Header
	h.SetAddressList("From", []*mail.Address{{Name: r.Policy.Municipality(), Address: from.Text()}})
	h.SetAddressList("To", []*mail.Address{{Name: to.Name, Address: to.Address.Text()}})
	h.SetText("Subject", n.Subject)
	h.SetDate(r.At)
	h.SetMessageID(fmt.Sprintf("%s@%s", rand.Text(), from.Domain))
	h.Set("Auto-Submitted", "auto-replied")
	h.Set("X-Auto-Response-Suppress", "All")
	h.Set("Content-Language", n.Language)

	var b bytes.Buffer
	w, err := mail.CreateInlineWriter(&b, h)
	if err != nil {
		return nil, err
	}
	for _, part := range []struct{ subtype, text string }{{"plain", n.Text}, {"html", n.HTML}} {
		var ph mail.InlineHeader
		ph.Set("Content-Type", mime.FormatMediaType("text/"+part.subtype, map[string]string{"charset": "utf-8"}))
		ph.Set("Content-Transfer-Encoding", "quoted-printable")
		p, err := w.CreatePart(ph)
		if err != nil {
			return nil, err
		}
		if _, err := io.WriteString(p, part.text); err != nil {
			return nil, err
		}
		if err := p.Close(); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
