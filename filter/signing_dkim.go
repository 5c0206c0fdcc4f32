package filter

import (
	"strings"

	"github.com/emersion/go-msgauth/dkim"

	"councilgate/policy"
)

// signedFields are the fields that a signature of ours covers: those that RFC 6376,
// section 5.4.1, recommends, as far as no mail server on the way rewrites them, and
// our tag. Each that is there once cannot be joined by a second one: listed once
// more than it is there, a field that somebody adds breaks the signature.
var signedFields = []string{
	"From", "From", "To", "To", "Cc", "Cc", "Subject", "Subject", "Date", "Date", "Message-ID", "Message-ID",
	"Reply-To", "In-Reply-To", "References", "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
	policy.MassMailingHeader,
}

// sign returns the value of a DKIM-Signature field for a mail.
func (s *Signer) sign(header, body []byte) (string, error) {
	signer, err := dkim.NewSigner(&dkim.SignOptions{
		Domain:                 s.domain,
		Selector:               s.selector,
		Signer:                 s.key,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed,
		BodyCanonicalization:   dkim.CanonicalizationRelaxed,
		HeaderKeys:             signedFields,
	})
	if err != nil {
		return "", err
	}
	for _, piece := range [][]byte{header, body} {
		if _, err := signer.Write(piece); err != nil {
			break // Close tells why
		}
	}
	if err := signer.Close(); err != nil {
		return "", err
	}
	field := strings.TrimRight(signer.Signature(), "\r\n")
	value := strings.TrimPrefix(field, signatureField+": ")
	return strings.ReplaceAll(value, "\r\n", "\n"), nil
}
