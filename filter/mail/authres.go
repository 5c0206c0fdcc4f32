package mail

import (
	"strings"

	"github.com/emersion/go-msgauth/authres"
)

// Authenticated gives the identity with which the sender logged in, as a trusted
// host wrote it into an Authentication-Results field (RFC 8601, section 2.7.4),
// "" if none did. Only the topmost fields count, as far as each names a trusted
// host: every host puts its own above what it received, and below them anybody
// may have written anything. The first result for the method "auth" decides.
func (h Header) Authenticated(trusted func(authservID string) bool) string {
	for _, value := range h.AuthResults {
		// What could be parsed counts, up to the first error.
		host, results, _ := authres.Parse(plainTokens(value))
		if host == "" || !trusted(host) {
			return ""
		}
		for _, result := range results {
			auth, ok := result.(*authres.AuthResult)
			if !ok {
				continue
			}
			if auth.Value != authres.ResultPass {
				return ""
			}
			return auth.Auth
		}
	}
	return ""
}

// plainTokens rewrites a field without comments, quotes and blanks round "=",
// none of which authres reads. Inside quotes, what would separate tokens becomes
// "_", so that a quoted reason cannot pass for a result.
func plainTokens(value string) string {
	var out []byte
	depth, quoted, equals := 0, false, false
	for i := 0; i < len(value); i++ {
		c := value[i]
		escaped := c == '\\' && (quoted || depth > 0) && i+1 < len(value)
		if escaped {
			i++
			c = value[i]
		}
		switch {
		case depth > 0:
			switch {
			case escaped:
			case c == '(':
				depth++
			case c == ')':
				depth--
			}
			continue
		case quoted && c == '"' && !escaped:
			quoted = false
			continue
		case quoted:
			if strings.IndexByte(" \t;=()", c) >= 0 {
				c = '_'
			}
		case c == '"':
			quoted = true
			continue
		case c == '(':
			depth++
			continue
		case c == '=':
			for len(out) > 0 && isSpace(out[len(out)-1]) {
				out = out[:len(out)-1]
			}
		case isSpace(c) && equals:
			continue
		}
		equals = c == '=' && !quoted
		out = append(out, c)
	}
	return string(out)
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' }
