package filter

import (
	"bytes"
	"errors"
	"strings"
)

// SignNotice gives the DKIM signature of a mail that councilgate itself sends, as a
// field to put on top, by the signer in force; nothing if there is none.
func (s *Server) SignNotice(message []byte) ([]byte, error) {
	signer := s.signer.Load()
	if signer == nil {
		return nil, nil
	}
	end := bytes.Index(message, []byte("\r\n\r\n"))
	if end < 0 {
		return nil, errors.New("a mail without body")
	}
	end += len("\r\n\r\n")
	value, err := signer.sign(message[:end], message[end:])
	if err != nil {
		return nil, err
	}
	return []byte(signatureField + ": " + strings.ReplaceAll(value, "\n", "\r\n") + "\r\n"), nil
}
