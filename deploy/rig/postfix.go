package rig

import (
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"text/template"
	"time"
)

//go:embed main.cf
var mainCF string

//go:embed master.cf
var masterCF string

// Service is one SMTP port of the private Postfix.
type Service struct {
	Name    string
	Milter  string   // as in smtpd_milters, "" for none
	Options []string // further settings of this port, as name=value
	Port    int      // chosen by StartPostfix
}

// Postfix is a running private mail server.
type Postfix struct {
	Dir      string
	services []Service
	keeper   *exec.Cmd
	lifeline io.Closer
}

// StartPostfix starts a private Postfix in dir, with a port for each service. All
// mail goes to nextHop, a transport as in default_transport. Mail of sendmail(1) is
// shown to localMilter. dir must be searchable by the user postfix.
func StartPostfix(dir, nextHop, localMilter string, services ...Service) (*Postfix, error) {
	return startPostfix(dir, nextHop, localMilter, Piece{}, services)
}

// Piece is what an operator adds to main.cf and master.cf.
type Piece struct{ Main, Master string }

// StartPostfixWith starts a private Postfix whose ports are those of a piece. What the
// piece says goes before what the rig says.
func StartPostfixWith(dir, nextHop string, piece Piece) (*Postfix, error) {
	return startPostfix(dir, nextHop, "", piece, nil)
}

func startPostfix(dir, nextHop, localMilter string, piece Piece, services []Service) (*Postfix, error) {
	p := &Postfix{Dir: dir, services: services}
	for i := range p.services {
		port, err := FreePort()
		if err != nil {
			return nil, err
		}
		p.services[i].Port = port
	}
	for _, sub := range []string{"conf", "queue"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			return nil, err
		}
	}
	if err := mkdirPostfix(filepath.Join(dir, "data"), 0o700); err != nil {
		return nil, err
	}
	if err := mkdirPostfix(p.socketDir(), 0o750); err != nil {
		return nil, err
	}
	settings := struct {
		Dir, NextHop, LocalMilter string
		Services                  []Service
	}{dir, nextHop, localMilter, p.services}
	for name, text := range map[string]string{
		"main.cf":   mainCF + piece.Main,
		"master.cf": without(masterCF, piece.Master) + piece.Master,
	} {
		if err := render(filepath.Join(dir, "conf", name), text, settings); err != nil {
			return nil, err
		}
	}
	if err := p.keep(); err != nil {
		return nil, err
	}
	if out, err := p.command("postfix", "start").CombinedOutput(); err != nil {
		return nil, errors.Join(fmt.Errorf("postfix start: %w\n%s%s", err, out, tail(p.Maillog(), 5)), p.Stop())
	}
	return p, nil
}

// without gives master.cf without the services that a piece defines.
func without(master, piece string) string {
	id := func(line string) string {
		fields := strings.Fields(line)
		if len(fields) < 2 || strings.ContainsAny(line[:1], " \t#{") {
			return ""
		}
		return fields[0] + " " + fields[1]
	}
	defined := make(map[string]bool)
	for line := range strings.Lines(piece) {
		defined[id(line)] = true
	}
	var kept strings.Builder
	drop := false
	for line := range strings.Lines(master) {
		if service := id(line); service != "" {
			drop = defined[service]
		}
		if !drop {
			kept.WriteString(line)
		}
	}
	return kept.String()
}

func render(path, text string, data any) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	err = template.Must(template.New("").Parse(text)).Execute(f, data)
	// Postfix waits two seconds with a file that may still be written to.
	written := time.Now().Add(-time.Minute)
	return errors.Join(err, f.Close(), os.Chtimes(path, written, written))
}

// keep starts a process that stops Postfix when we ask, and also when we die
// without asking: Postfix is a daemon, not our child.
func (p *Postfix) keep() error {
	p.keeper = exec.Command("sh", "-c", `cat >/dev/null; exec postfix -c "$1" stop`, "keeper", p.conf())
	p.keeper.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	lifeline, err := p.keeper.StdinPipe()
	if err != nil {
		return err
	}
	p.lifeline = lifeline
	return p.keeper.Start()
}

// Stop stops the server and returns when its processes are gone.
func (p *Postfix) Stop() error {
	p.lifeline.Close()
	if err := p.keeper.Wait(); err != nil {
		return fmt.Errorf("postfix stop: %w", err)
	}
	return nil
}

// command runs one of Postfix's own programs on this instance.
func (p *Postfix) command(name string, args ...string) *exec.Cmd {
	return exec.Command(name, append([]string{"-c", p.conf()}, args...)...)
}

func (p *Postfix) conf() string { return filepath.Join(p.Dir, "conf") }

// Maillog is the path of the server's log.
func (p *Postfix) Maillog() string { return filepath.Join(p.Dir, "maillog") }

// socketDir is where milters listen: below the queue directory, since that is all
// that a chrooted Postfix process sees.
func (p *Postfix) socketDir() string { return filepath.Join(p.Dir, "queue", "councilgate") }

// Socket returns the path of a milter socket, as councilgate needs it. Postfix
// knows the same socket as MilterSocket(name).
func (p *Postfix) Socket(name string) string { return filepath.Join(p.socketDir(), name) }

// MilterSocket is the value of smtpd_milters for Socket(name): relative to the
// queue directory, which holds inside and outside a chroot.
func MilterSocket(name string) string { return "unix:councilgate/" + name }

// Addr returns the address of a service.
func (p *Postfix) Addr(service string) string {
	for _, s := range p.services {
		if s.Name == service {
			return fmt.Sprintf("127.0.0.1:%d", s.Port)
		}
	}
	panic("rig: no service " + service)
}

// Sendmail submits a mail with sendmail(1), the way of a program on the server
// itself.
func (p *Postfix) Sendmail(from string, mail io.Reader, to ...string) error {
	cmd := exec.Command("sendmail", append([]string{"-C", p.conf(), "-i", "-f", from, "--"}, to...)...)
	cmd.Stdin = mail
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("sendmail: %w\n%s", err, out)
	}
	return nil
}

// Settled waits until the queue holds no mail: everything accepted so far was
// delivered or bounced.
func (p *Postfix) Settled() error {
	return eventually("postfix queue to drain", func() (bool, error) {
		// A mail moves along these in this order, so one look cannot miss it.
		for _, queue := range []string{"maildrop", "incoming", "active", "deferred"} {
			n, err := files(filepath.Join(p.Dir, "queue", queue))
			if err != nil || n > 0 {
				return false, err
			}
		}
		return true, nil
	})
}

// files counts the files below dir, some of which may vanish meanwhile.
func files(dir string) (n int, err error) {
	err = filepath.WalkDir(dir, func(_ string, entry os.DirEntry, err error) error {
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		if err == nil && !entry.IsDir() {
			n++
		}
		return err
	})
	return n, err
}

// Log returns the lines of the server's log that hold the text.
func (p *Postfix) Log(text string) []string {
	data, err := os.ReadFile(p.Maillog())
	if err != nil {
		return nil
	}
	var lines []string
	for line := range strings.Lines(string(data)) {
		if strings.Contains(line, text) {
			lines = append(lines, strings.TrimSuffix(line, "\n"))
		}
	}
	return lines
}
