package filter

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// signatureField names the field of a DKIM signature (RFC 6376).
const signatureField = "DKIM-Signature"

// A Signer signs a mail anew when an edit of ours broke a signature that it had.
// Mail without a signature is left to whoever signs behind us.
type Signer struct {
	domain   string
	selector string
	key      crypto.Signer
}

// minRSA is the least size of an RSA key, in bits (RFC 8301, section 3.2).
const minRSA = 1024

// NewSigner returns a signer with a private key in PEM, RSA or Ed25519. Its errors
// tell nothing of the key.
func NewSigner(domain, selector string, pemKey []byte) (*Signer, error) {
	block, _ := pem.Decode(pemKey)
	if block == nil {
		return nil, errors.New("no private key in PEM")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if rsaKey, rsaErr := x509.ParsePKCS1PrivateKey(block.Bytes); err != nil && rsaErr == nil {
		parsed, err = rsaKey, nil
	}
	if err != nil {
		return nil, errors.New("not a private key in the form of PKCS #8 or PKCS #1")
	}
	switch key := parsed.(type) {
	case *rsa.PrivateKey:
		if key.N.BitLen() < minRSA {
			return nil, fmt.Errorf("an RSA key of less than %d bits, which nobody accepts", minRSA)
		}
		return &Signer{domain, selector, key}, nil
	case ed25519.PrivateKey:
		return &Signer{domain, selector, key}, nil
	}
	return nil, errors.New("neither an RSA nor an Ed25519 key")
}

// resign adds to the edits a new signature, if they break one, and takes away the
// broken ones of the signer's own domain; those of others are not ours to remove,
// and a broken one counts as none (RFC 6376, section 6.1). header ends with its
// blank line.
func (s *Signer) resign(header, body []byte, edits []edit) ([]edit, error) {
	own, broken := s.broken(header, edits)
	if !broken {
		return edits, nil
	}
	// From the last to the first, since each deletion renumbers those behind.
	for _, index := range slices.Backward(own) {
		edits = append(edits, edit{index: index, name: signatureField})
	}
	value, err := s.sign(applyEdits(header, edits), body)
	if err != nil {
		return nil, err
	}
	return append(edits, edit{name: signatureField, value: value}), nil
}

// broken reports whether the edits break a signature, and counts, from 1, which of
// those that they break are of the signer's domain.
func (s *Signer) broken(header []byte, edits []edit) (own []int, broken bool) {
	index := 0
	for _, f := range splitHeader(header) {
		if !f.is(signatureField) {
			continue
		}
		index++
		tags := signatureTags(f.value())
		if !slices.ContainsFunc(strings.Split(tags["h"], ":"), func(name string) bool {
			return slices.ContainsFunc(edits, func(e edit) bool { return strings.EqualFold(e.name, strings.TrimSpace(name)) })
		}) {
			continue
		}
		broken = true
		if strings.EqualFold(tags["d"], s.domain) {
			own = append(own, index)
		}
	}
	return own, broken
}

// signatureTags reads the tags of a signature (RFC 6376, section 3.2), without the
// white space inside.
func signatureTags(value string) map[string]string {
	tags := make(map[string]string)
	for _, tag := range strings.Split(value, ";") {
		name, v, _ := strings.Cut(tag, "=")
		tags[strings.TrimSpace(name)] = strings.Join(strings.Fields(v), "")
	}
	return tags
}

// headerField is a field as it stands in a header, with its line ends.
type headerField []byte

func (f headerField) is(name string) bool {
	field, _, ok := bytes.Cut(f, []byte(":"))
	return ok && strings.EqualFold(string(bytes.TrimRight(field, " \t")), name)
}

func (f headerField) value() string {
	_, value, _ := bytes.Cut(f, []byte(":"))
	return string(value)
}

// splitHeader cuts a header into its fields, up to the blank line.
func splitHeader(header []byte) []headerField {
	var fields []headerField
	for line := range bytes.Lines(header) {
		switch {
		case len(bytes.TrimRight(line, "\r\n")) == 0:
			return fields
		case (line[0] == ' ' || line[0] == '\t') && len(fields) > 0:
			fields[len(fields)-1] = append(fields[len(fields)-1], line...)
		default:
			fields = append(fields, headerField(bytes.Clone(line)))
		}
	}
	return fields
}

// applyEdits returns the header as the mail server will have it after the edits,
// with its blank line.
func applyEdits(header []byte, edits []edit) []byte {
	fields := splitHeader(header)
	for _, e := range edits {
		whole := headerField(e.name + ": " + strings.ReplaceAll(e.value, "\n", "\r\n") + "\r\n")
		if e.index == 0 {
			fields = append(fields, whole)
			continue
		}
		n := 0
		for i, f := range fields {
			if !f.is(e.name) {
				continue
			}
			if n++; n == e.index {
				if fields[i] = whole; e.value == "" {
					fields = slices.Delete(fields, i, i+1)
				}
				break
			}
		}
	}
	var b bytes.Buffer
	for _, f := range fields {
		b.Write(f)
	}
	b.WriteString("\r\n")
	return b.Bytes()
}
