package doctor

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

// The milter protocol as sendmail's libmilter defines it in mfdef.h, and what
// Postfix 3.x offers in it.
const (
	milterVersion  = 6
	milterActions  = 0x1ff    // SMFI_V6_ACTS
	milterProtocol = 0x1fffff // SMFI_V6_PROT

	// SMFIP_NR_HDR, NR_CONN, NR_HELO, NR_MAIL, NR_RCPT, NR_EOH and NR_BODY: answers
	// that councilgate does without.
	noReplyBits = 1<<7 | 1<<12 | 1<<13 | 1<<14 | 1<<15 | 1<<18 | 1<<19

	maxFrame = 1 << 20
	maxChunk = 65535
)

// probeMacro marks a probe; it is filter.MacroProbe.
const probeMacro = "{councilgate_probe}"

// probeID is what a probe has for a queue ID, in the daemon's log and in replies.
const probeID = "DOCTOR"

var (
	errNotMilter      = errors.New("what listens there does not speak the milter protocol")
	errNotCouncilgate = errors.New("a milter listens there that is not councilgate")
)

// milterConn is a milter connection from the mail server's end.
type milterConn struct {
	net.Conn
	in *bufio.Reader
}

// dialMilter connects and negotiates, as Postfix does.
func dialMilter(ctx context.Context, a Address) (*milterConn, error) {
	conn, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, a.Network, a.Addr)
	if err != nil {
		return nil, err
	}
	c := &milterConn{conn, bufio.NewReader(conn)}
	if err := c.negotiate(); err != nil {
		conn.Close()
		return nil, err
	}
	return c, nil
}

func (c *milterConn) negotiate() error {
	if err := c.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		return err
	}
	offer := binary.BigEndian.AppendUint32(nil, milterVersion)
	offer = binary.BigEndian.AppendUint32(offer, milterActions)
	offer = binary.BigEndian.AppendUint32(offer, milterProtocol)
	if err := c.send('O', offer); err != nil {
		return errNotMilter
	}
	code, data, err := c.receive()
	if err, ok := errors.AsType[net.Error](err); ok && err.Timeout() {
		return errors.New("no answer within five seconds")
	}
	switch {
	case err != nil, code != 'O', len(data) < 12:
		return errNotMilter
	case binary.BigEndian.Uint32(data[8:])&noReplyBits != noReplyBits:
		return errNotCouncilgate
	}
	return nil
}

// send writes a frame: its length, a command and data.
func (c *milterConn) send(command byte, data []byte) error {
	frame := binary.BigEndian.AppendUint32(nil, uint32(1+len(data)))
	_, err := c.Write(append(append(frame, command), data...))
	return err
}

// text writes a command whose data are texts, each ended by NUL.
func (c *milterConn) text(command byte, texts ...string) error {
	return c.send(command, []byte(strings.Join(texts, "\x00")+"\x00"))
}

// macros writes names and values that belong to a command.
func (c *milterConn) macros(command byte, namesAndValues ...string) error {
	return c.send('D', append([]byte{command}, strings.Join(namesAndValues, "\x00")+"\x00"...))
}

func (c *milterConn) receive() (command byte, data []byte, err error) {
	var head [5]byte
	if _, err := io.ReadFull(c.in, head[:]); err != nil {
		return 0, nil, err
	}
	length := binary.BigEndian.Uint32(head[:])
	if length == 0 || length > maxFrame {
		return 0, nil, errNotMilter
	}
	data = make([]byte, length-1)
	_, err = io.ReadFull(c.in, data)
	return head[4], data, err
}

// reply is what a milter wants to become of a mail.
type reply struct {
	outcome outcome
	text    string // of a refusal: the lines with their codes
}

// outcome is what becomes of a mail, in the words of the policy.
type outcome string

const (
	accepted outcome = "accept"
	tagged   outcome = "tag"
	refused  outcome = "reject"
	waits    outcome = "tempfail"
)

// judge has a mail judged as a probe. The message is aborted afterwards, like every
// message of Postfix, so that nothing of it is left on the connection.
func (c *milterConn) judge(m Mail, patience time.Duration) (reply, error) {
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		return reply{}, err
	}
	if err := c.submit(m); err != nil {
		return reply{}, err
	}
	answer, err := c.answer()
	if err != nil {
		return reply{}, err
	}
	return answer, c.send('A', nil)
}

// submit writes a mail up to its end. None of it is answered.
func (c *milterConn) submit(m Mail) error {
	macros := []string{"{daemon_name}", "councilgate-doctor", probeMacro, "yes"}
	if m.Login != "" {
		macros = append(macros, "{auth_authen}", m.Login)
	}
	errs := []error{
		c.macros('M', macros...),
		c.text('M', "<"+m.From+">"),
	}
	for _, to := range m.To {
		errs = append(errs, c.text('R', "<"+to+">"))
	}
	header, body, _ := strings.Cut(string(m.Raw), "\r\n\r\n")
	for _, field := range strings.Split(header, "\r\n") {
		name, value, _ := strings.Cut(field, ": ")
		errs = append(errs, c.text('L', name, value))
	}
	errs = append(errs, c.send('N', nil))
	for len(body) > 0 {
		n := min(len(body), maxChunk)
		errs = append(errs, c.send('B', []byte(body[:n])))
		body = body[n:]
	}
	errs = append(errs, c.macros('E', "i", probeID), c.send('E', nil))
	return errors.Join(errs...)
}

// answer reads the answer to the end of a message: changes, then a verdict.
func (c *milterConn) answer() (reply, error) {
	tag := false
	for {
		command, data, err := c.receive()
		if err != nil {
			return reply{}, err
		}
		switch command {
		case 'h', 'i': // a header field is added, or inserted
			tag = true
		case 'm', 'p': // one is changed; and "still at work"
		case 'c', 'a':
			if tag {
				return reply{outcome: tagged}, nil
			}
			return reply{outcome: accepted}, nil
		case 'r':
			return reply{outcome: refused}, nil
		case 't':
			return reply{outcome: waits}, nil
		case 'y':
			text := strings.TrimSuffix(string(data), "\x00")
			if strings.HasPrefix(text, "4") {
				return reply{waits, text}, nil
			}
			return reply{refused, text}, nil
		default:
			return reply{}, fmt.Errorf("an answer of the unknown kind %q", command)
		}
	}
}

// quit ends the connection.
func (c *milterConn) quit() {
	// Whether the other end hears of it does not matter.
	_ = c.send('Q', nil)
	c.Close()
}

// Connect connects to a daemon and negotiates, with the rights of this process. It
// is what Installation.Connect runs.
func Connect(ctx context.Context, a Address) error {
	c, err := dialMilter(ctx, a)
	if err != nil {
		return err
	}
	c.quit()
	return nil
}
