package doctor

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// mta is what Postfix is set to do, as postconf(1) tells. Environment variable
// MAIL_CONFIG chooses the instance, as it does for all of Postfix's programs.
type mta struct {
	main     map[string]string
	services []service // that accept mail: smtpd(8), and pickup(8) for sendmail(1)
	cleanups []service // what takes it from them: cleanup(8)
}

// service is a line of master.cf with its settings.
type service struct {
	name, kind string // "submission", "inet"
	program    string // "smtpd"
	chroot     bool
	own        map[string]string // set by -o
}

// settings are the parameters that are looked at.
var settings = []string{
	"always_bcc", "cleanup_service_name", "content_filter", "disable_mime_output_conversion", "header_checks", "message_size_limit",
	"milter_command_timeout", "milter_connect_timeout", "milter_content_timeout", "milter_default_action",
	"milter_macro_daemon_name", "milter_protocol", "non_smtpd_milters", "queue_directory", "receive_override_options",
	"recipient_bcc_maps", "smtpd_client_restrictions", "smtpd_milter_maps", "smtpd_milters", "smtpd_proxy_filter", "smtpd_sasl_auth_enable", "virtual_alias_maps",
}

// readPostfix asks postconf.
func readPostfix(ctx context.Context) (*mta, error) {
	m := &mta{main: make(map[string]string)}
	values, err := postconf(ctx, append([]string{"-x"}, settings...)...)
	if err != nil {
		return nil, err
	}
	for _, kv := range values {
		m.main[kv[0]] = kv[1]
	}
	fields, err := postconf(ctx, "-F")
	if err != nil {
		return nil, err
	}
	own, err := postconf(ctx, "-P", "-x")
	if err != nil {
		return nil, err
	}
	for _, kv := range fields { // submission/inet/chroot = y
		id, field := filepath.Split(kv[0])
		if len(m.services) == 0 || m.services[len(m.services)-1].id()+"/" != id {
			name, kind := filepath.Split(strings.TrimSuffix(id, "/"))
			m.services = append(m.services, service{name: strings.TrimSuffix(name, "/"), kind: kind, own: make(map[string]string)})
		}
		s := &m.services[len(m.services)-1]
		switch field {
		case "chroot":
			s.chroot = kv[1] == "y"
		case "command":
			s.program, _, _ = strings.Cut(kv[1], " ")
		}
	}
	for _, kv := range own { // submission/inet/smtpd_milters = ...
		id, parameter := filepath.Split(kv[0])
		for i := range m.services {
			if m.services[i].id()+"/" == id {
				m.services[i].own[parameter] = kv[1]
			}
		}
	}
	m.cleanups = slices.DeleteFunc(slices.Clone(m.services), func(s service) bool { return s.program != "cleanup" })
	m.services = slices.DeleteFunc(m.services, func(s service) bool { return s.program != "smtpd" && s.program != "pickup" })
	return m, nil
}

// postconf runs postconf(1) and gives the names and values that it prints. What it
// has to say beside them is for the operator of Postfix.
func postconf(ctx context.Context, args ...string) ([][2]string, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	var stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, "postconf", args...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		lines := strings.Split(strings.TrimSpace(stderr.String()), "\n")
		if last := lines[len(lines)-1]; last != "" {
			err = errors.New(last)
		}
		return nil, err
	}
	var values [][2]string
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), " =")
		values = append(values, [2]string{name, strings.TrimSpace(value)})
	}
	return values, nil
}

// id is the service as postconf -P names it.
func (s service) id() string { return s.name + "/" + s.kind }

// get gives the value of a parameter in a service.
func (m *mta) get(s service, parameter string) string {
	if value, ok := s.own[parameter]; ok {
		return value
	}
	return m.main[parameter]
}

// milters gives the milters that see the mail of a service.
func (m *mta) milters(s service) []milterSetting {
	if slices.Contains(words(m.get(s, "receive_override_options")), "no_milters") {
		return nil
	}
	if s.program == "pickup" {
		return parseMilters(m.main["non_smtpd_milters"])
	}
	return parseMilters(m.get(s, "smtpd_milters"))
}

// milterSetting is a milter in smtpd_milters, with the settings of its own:
// "unix:sock" or "{ unix:sock, default_action=accept }".
type milterSetting struct {
	text    string // as it stands there
	address string
	own     map[string]string
}

// parseMilters cuts a list of milters apart. Braces group one milter and its
// settings.
func parseMilters(value string) []milterSetting {
	var list []milterSetting
	for value = strings.TrimLeft(value, ", \t"); value != ""; value = strings.TrimLeft(value, ", \t") {
		var item string
		text := ""
		if strings.HasPrefix(value, "{") {
			item, value, _ = strings.Cut(value[1:], "}")
			text = "{" + item + "}"
		} else if i := strings.IndexAny(value, ", \t"); i >= 0 {
			item, value = value[:i], value[i:]
		} else {
			item, value = value, ""
		}
		parts := strings.Split(item, ",")
		one := milterSetting{text: cmp.Or(text, item), address: strings.TrimSpace(parts[0]), own: make(map[string]string)}
		for _, part := range parts[1:] {
			name, v, _ := strings.Cut(part, "=")
			one.own[strings.TrimSpace(name)] = strings.TrimSpace(v)
		}
		if one.address != "" {
			list = append(list, one)
		}
	}
	return list
}

// words cuts a list at commas and space.
func words(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' })
}

// listens reports whether a milter's address in a service is where the daemon
// listens. Postfix looks for a relative path below its queue directory, and for any
// path if it is chrooted there.
func (m *mta) listens(s service, address string, daemon Address) bool {
	family, addr, _ := strings.Cut(address, ":")
	switch family {
	case "unix", "local":
		return daemon.Network == "unix" && samePath(m.realPath(s, addr), daemon.Addr)
	case "inet":
		return daemon.Network == "tcp" && samePort(addr, daemon.Addr)
	}
	return false
}

func (m *mta) realPath(s service, path string) string {
	if s.chroot || !filepath.IsAbs(path) {
		return filepath.Join(m.main["queue_directory"], path)
	}
	return path
}

func samePath(a, b string) bool {
	if real, err := filepath.EvalSymlinks(a); err == nil {
		a = real
	}
	if real, err := filepath.EvalSymlinks(b); err == nil {
		b = real
	}
	return filepath.Clean(a) == filepath.Clean(b)
}

// samePort compares addresses of which one may name localhost.
func samePort(a, b string) bool {
	hostA, portA, errA := net.SplitHostPort(a)
	hostB, portB, errB := net.SplitHostPort(b)
	if errA != nil || errB != nil || portA != portB {
		return false
	}
	return hostA == hostB || loopback(hostA) && (loopback(hostB) || everywhere(hostB))
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func everywhere(host string) bool {
	ip := net.ParseIP(host)
	return host == "" || ip != nil && ip.IsUnspecified()
}

// spelled is how Postfix is to name the daemon's address.
func (m *mta) spelled(daemon Address) string {
	if daemon.Network == "unix" {
		if path, ok := strings.CutPrefix(daemon.Addr, m.main["queue_directory"]+"/"); ok {
			return "unix:" + path
		}
	}
	return daemon.String()
}

// seconds reads a time as Postfix writes it: a number and a unit, seconds if there is
// none.
func seconds(s string) (time.Duration, error) {
	units := map[string]time.Duration{"": time.Second, "s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour, "w": 7 * 24 * time.Hour}
	digits := strings.TrimRight(s, "smhdw")
	n, err := strconv.Atoi(digits)
	unit, ok := units[s[len(digits):]]
	if err != nil || !ok {
		return 0, fmt.Errorf("%q is no time", s)
	}
	return time.Duration(n) * unit, nil
}
