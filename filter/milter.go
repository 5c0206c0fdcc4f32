package filter

import (
	"net"
	"net/textproto"

	"github.com/emersion/go-milter"
)

// The macros that a session reads; see the Postfix MILTER_README.
const (
	macroLogin   = "{auth_authen}" // SASL login, absent if not authenticated
	macroQueueID = "i"
)

// newMilterServer returns the library's server for a listener. Its Close must not
// be called: it races with Serve and leaves connections as they are.
func newMilterServer(s *Server, l *listener) *milter.Server {
	return &milter.Server{
		NewMilter: func() milter.Milter { return callbacks{newSession(s, l.accepted)} },
		Actions:   milter.OptAddHeader | milter.OptChangeHeader | milter.OptSetSymList,
		// One answer a message: the verdict at its end. Connect and HELO say
		// nothing that a verdict needs. Without OptNoUnknown a bogus SMTP command
		// would make the library close the connection.
		Protocol: milter.OptNoConnect | milter.OptNoHelo | milter.OptNoUnknown | milter.OptNoData |
			milter.OptNoConnReply | milter.OptNoHeloReply | milter.OptNoMailReply | milter.OptNoRcptReply |
			milter.OptNoHeaderReply | milter.OptNoEOHReply | milter.OptNoBodyReply,
		// Asked for by name, macros come whatever the mail server's own settings
		// are; Postfix then sends none at a stage that is not listed. The one that
		// is always defined, {daemon_name}, keeps the macros of a stage from being
		// left in place when the wanted one is absent.
		SymList: map[milter.Stage][]string{
			milter.StageConnect:  {"{daemon_name}"},
			milter.StageHelo:     {"{daemon_name}"},
			milter.StageMailFrom: {"{daemon_name}", macroLogin},
			milter.StageRcptTo:   {macroQueueID},
			milter.StageData:     {macroQueueID},
			milter.StageEOH:      {macroQueueID},
			milter.StageEOM:      {macroQueueID},
		},
	}
}

// callbacks is a session in the form that the library calls. It answers nothing
// but the end of a message, never returns an error, since the library would
// close the connection, and lets no panic through, for the same reason.
type callbacks struct{ session *session }

var _ milter.Milter = callbacks{}

// guard runs f and reports whether it came back. If not, the message at hand is
// answered by a temporary failure at its end.
func (c callbacks) guard(f func()) (ok bool) {
	defer func() {
		if v := recover(); v != nil {
			c.session.fail(recovered(v))
		}
	}()
	f()
	return true
}

func (c callbacks) Connect(string, string, uint16, net.IP, *milter.Modifier) (milter.Response, error) {
	return nil, nil
}

func (c callbacks) Helo(string, *milter.Modifier) (milter.Response, error) { return nil, nil }

func (c callbacks) MailFrom(from string, m *milter.Modifier) (milter.Response, error) {
	c.guard(func() { c.session.mail(from, m.Macros) })
	return nil, nil
}

func (c callbacks) RcptTo(to string, _ *milter.Modifier) (milter.Response, error) {
	c.guard(func() { c.session.recipient(to) })
	return nil, nil
}

func (c callbacks) Header(name, value string, _ *milter.Modifier) (milter.Response, error) {
	c.guard(func() { c.session.field(name, value) })
	return nil, nil
}

// Headers is the end of the header. The library's map of it is not used: it has
// lost order and spelling, and may hold fields of an earlier message.
func (c callbacks) Headers(textproto.MIMEHeader, *milter.Modifier) (milter.Response, error) {
	c.guard(c.session.endOfHeader)
	return nil, nil
}

func (c callbacks) BodyChunk(chunk []byte, _ *milter.Modifier) (milter.Response, error) {
	c.guard(func() { c.session.body(chunk) })
	return nil, nil
}

// Body is the end of the message.
func (c callbacks) Body(m *milter.Modifier) (milter.Response, error) {
	var a answer
	if !c.guard(func() { a = c.session.end(m.Macros) }) {
		a = c.session.giveUp(c.session.failed)
	}
	for _, e := range a.edits {
		// Failing means that the connection is broken: the answer will fail, too.
		if e.index == 0 {
			_ = m.AddHeader(e.name, e.value)
		} else {
			_ = m.ChangeHeader(e.index, e.name, e.value)
		}
	}
	c.session.conn.answered = a.given
	if a.reply == "" {
		return response{Code: byte(milter.ActContinue)}, nil
	}
	return response{Code: byte(milter.ActReplyCode), Data: append([]byte(a.reply), 0)}, nil
}

func (c callbacks) Abort(*milter.Modifier) error {
	c.guard(c.session.reset)
	return nil
}

// response is an answer after which the library keeps the session: after those of
// its own that end a message it would make a new one, which knows nothing of the
// connection.
type response milter.Message

func (r response) Response() *milter.Message { return (*milter.Message)(&r) }

func (r response) Continue() bool { return true }
