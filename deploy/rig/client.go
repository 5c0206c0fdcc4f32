package rig

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"strings"
	"time"
)

// Reply is an SMTP reply, byte by byte as it came.
type Reply string

// Code returns the reply code, which all lines share, or "" if the reply is not
// what RFC 5321, section 4.2.1, allows.
func (r Reply) Code() string {
	lines := strings.SplitAfter(string(r), "\r\n")
	if len(lines) < 2 || lines[len(lines)-1] != "" {
		return ""
	}
	lines = lines[:len(lines)-1]
	for i, line := range lines {
		if len(line) < len("250 \r\n") || line[:3] != lines[0][:3] || (line[3] == '-') != (i < len(lines)-1) {
			return ""
		}
		if strings.ContainsAny(line[:len(line)-2], "\r\n\x00") {
			return ""
		}
	}
	return lines[0][:3]
}

// Class returns the first digit of the reply code, or 0 for a malformed reply.
func (r Reply) Class() byte {
	if code := r.Code(); code != "" {
		return code[0]
	}
	return 0
}

// Text returns the lines without their codes.
func (r Reply) Text() []string {
	var text []string
	for line := range strings.Lines(string(r)) {
		if line = strings.TrimRight(line, "\r\n"); len(line) > 3 {
			line = line[4:]
		}
		if first, rest, ok := strings.Cut(line, " "); ok && strings.Count(first, ".") == 2 {
			line = rest // the enhanced status code, RFC 3463
		}
		text = append(text, line)
	}
	return text
}

// Client is an SMTP client that hides nothing.
type Client struct {
	conn net.Conn
	r    *bufio.Reader
}

// clientPatience bounds every read and write; only a failure reaches it.
const clientPatience = 2 * time.Minute

// Dial opens an SMTP session and greets the server. With a login, the session
// counts as authenticated.
func Dial(addr, login string) (*Client, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	c := &Client{conn: conn, r: bufio.NewReader(conn)}
	if err := c.greet(login); err != nil {
		conn.Close()
		return nil, err
	}
	return c, nil
}

func (c *Client) greet(login string) error {
	banner, err := c.Read()
	if err == nil && banner.Code() != "220" {
		err = fmt.Errorf("banner: %q", banner)
	}
	if err != nil {
		return err
	}
	if login != "" {
		if err := c.expect("250", "EHLO client.example"); err != nil {
			return err
		}
		if err := c.expect("220", "XCLIENT LOGIN="+login); err != nil {
			return err
		}
	}
	return c.expect("250", "EHLO client.example")
}

func (c *Client) expect(code, command string) error {
	reply, err := c.Do(command)
	if err == nil && reply.Code() != code {
		err = fmt.Errorf("%s: %q", command, reply)
	}
	return err
}

// Write sends bytes as they are.
func (c *Client) Write(raw []byte) (int, error) {
	if err := c.conn.SetDeadline(time.Now().Add(clientPatience)); err != nil {
		return 0, err
	}
	return c.conn.Write(raw)
}

// Read reads one reply.
func (c *Client) Read() (Reply, error) {
	if err := c.conn.SetDeadline(time.Now().Add(clientPatience)); err != nil {
		return "", err
	}
	var reply strings.Builder
	for {
		line, err := c.r.ReadString('\n')
		reply.WriteString(line)
		if err != nil {
			return Reply(reply.String()), err
		}
		if len(line) < 4 || line[3] != '-' {
			return Reply(reply.String()), nil
		}
	}
}

// Do sends a command and reads its reply.
func (c *Client) Do(command string) (Reply, error) {
	if _, err := c.Write([]byte(command + "\r\n")); err != nil {
		return "", err
	}
	return c.Read()
}

// Send submits one mail in the open session and returns the reply that settled
// it: that to the final dot, or the first one before it that refused.
func (c *Client) Send(from string, to []string, raw []byte) (Reply, error) {
	commands := make([]string, 0, len(to)+2)
	commands = append(commands, "MAIL FROM:<"+from+">")
	for _, rcpt := range to {
		commands = append(commands, "RCPT TO:<"+rcpt+">")
	}
	commands = append(commands, "DATA")
	for _, command := range commands {
		reply, err := c.Do(command)
		if err != nil || reply.Class() != '2' && reply.Class() != '3' {
			return reply, err
		}
	}
	return c.Data(raw)
}

// Data sends the mail after DATA was granted, and returns the reply to its final
// dot.
func (c *Client) Data(raw []byte) (Reply, error) {
	if _, err := c.Write(append(stuff(raw), ".\r\n"...)); err != nil {
		return "", err
	}
	return c.Read()
}

// stuff makes raw fit for DATA: lines end in CRLF and leading dots are doubled
// (RFC 5321, section 4.5.2). Stray CRs stay.
func stuff(raw []byte) []byte {
	var out bytes.Buffer
	for line := range bytes.Lines(raw) {
		line = bytes.TrimSuffix(line, []byte("\n"))
		line = bytes.TrimSuffix(line, []byte("\r"))
		if bytes.HasPrefix(line, []byte(".")) {
			out.WriteByte('.')
		}
		out.Write(line)
		out.WriteString("\r\n")
	}
	return out.Bytes()
}

// Close hangs up.
func (c *Client) Close() error { return c.conn.Close() }

// Submit opens a session, sends one mail and quits.
func Submit(addr, login, from string, to []string, raw []byte) (Reply, error) {
	c, err := Dial(addr, login)
	if err != nil {
		return "", err
	}
	defer c.Close()
	reply, err := c.Send(from, to, raw)
	if err != nil {
		return reply, err
	}
	_, err = c.Do("QUIT")
	return reply, err
}
