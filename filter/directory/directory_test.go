package directory

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"

	"councilgate/deploy/rig"
	"councilgate/policy"
)

// startSlapd starts a directory with two councillors in a group, one of staff, and more
// entries than a page in another part.
func startSlapd(t *testing.T) (*rig.Slapd, *ldap.Conn, Credentials) {
	t.Helper()
	rig.Need(t, rig.SlapdAvailable())
	s, err := rig.NewSlapd(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	conn, err := ldap.DialURL(s.TLSURL, ldap.DialWithTLSConfig(&tls.Config{InsecureSkipVerify: true}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.Bind(s.Admin, s.Password); err != nil {
		t.Fatal(err)
	}
	add := func(dn string, attributes ...string) {
		t.Helper()
		request := ldap.NewAddRequest(dn, nil)
		values := make(map[string][]string)
		for _, a := range attributes {
			name, value, _ := strings.Cut(a, "=")
			values[name] = append(values[name], value)
		}
		for name, list := range values {
			request.Attribute(name, list)
		}
		if err := conn.Add(request); err != nil {
			t.Fatalf("%s: %v", dn, err)
		}
	}
	person := func(uid string, attributes ...string) {
		add("uid="+uid+",ou=people,"+s.Base, append(attributes, "objectClass=inetOrgPerson", "objectClass=mailPerson", "sn="+uid, "cn="+uid)...)
	}
	add(s.Base, "objectClass=organization", "objectClass=dcObject", "o=Nørreå", "dc=norreaa")
	add("ou=people,"+s.Base, "objectClass=organizationalUnit")
	add("ou=many,"+s.Base, "objectClass=organizationalUnit")
	person("anne", "displayName=Anne Holm", "mail=anne.holm@norreaa.example", "proxyAddresses=SMTP:anne.holm@norreaa.example",
		"proxyAddresses=smtp:ah@norreaa.example", "proxyAddresses=X500:/o=Norreaa/cn=anne", "proxyAddresses=sip:anne@norreaa.example")
	person("bo", "mail=bo@norreaa.example")
	person("nobody")
	person("kasse", "mail=kassen@norreaa.example")
	for i := range pageSize + 100 {
		add(fmt.Sprintf("uid=m%d,ou=many,%s", i, s.Base), "objectClass=inetOrgPerson", fmt.Sprintf("mail=m%d@norreaa.example", i), "sn=m", "cn=m")
	}
	add("cn=byråd (2026),"+s.Base, "objectClass=groupOfNames", "member=uid=anne,ou=people,"+s.Base, "member=uid=bo,ou=people,"+s.Base, "member=uid=nobody,ou=people,"+s.Base)
	ca, err := os.ReadFile(s.CA)
	if err != nil {
		t.Fatal(err)
	}
	return s, conn, Credentials{Password: []byte(s.Password), CA: ca}
}

func TestLookup(t *testing.T) {
	s, conn, credentials := startSlapd(t)
	group := "cn=byråd (2026)," + s.Base
	settings := policy.Directory{URL: s.TLSURL, BindDN: s.Admin, Base: s.Base, Group: group, Address: "mail", Name: "displayName", Aliases: "proxyAddresses"}
	ask := func(d policy.Directory, c Credentials) ([]policy.Member, error) {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		return Lookup(ctx, d, c)
	}
	anne := policy.Member{Address: "anne.holm@norreaa.example", Name: "Anne Holm", Aliases: []string{"anne.holm@norreaa.example", "ah@norreaa.example"}}
	bo := policy.Member{Address: "bo@norreaa.example"}
	want := func(what string, d policy.Directory, want ...policy.Member) {
		t.Helper()
		got, err := ask(d, credentials)
		slices.SortFunc(got, func(a, b policy.Member) int { return strings.Compare(a.Address, b.Address) })
		if err != nil || !slices.EqualFunc(got, want, func(a, b policy.Member) bool {
			slices.Sort(a.Aliases)
			slices.Sort(b.Aliases)
			return a.Address == b.Address && a.Name == b.Name && slices.Equal(a.Aliases, b.Aliases)
		}) {
			t.Errorf("%s: %d members, %v", what, len(got), err)
		}
	}
	change := func(edit func(*policy.Directory)) policy.Directory {
		d := settings
		edit(&d)
		return d
	}
	startTLS := change(func(d *policy.Directory) { d.URL, d.StartTLS = s.URL, true })

	want("group", settings, anne, bo)
	want("StartTLS", startTLS, anne, bo)
	want("attributes in other letters", change(func(d *policy.Directory) { d.Address, d.Name, d.Aliases = "MAIL", "", "" }),
		policy.Member{Address: anne.Address}, bo)
	want("filter", change(func(d *policy.Directory) { d.Group, d.Filter = "", "(uid=kasse)" }), policy.Member{Address: "kassen@norreaa.example"})
	if got, err := ask(change(func(d *policy.Directory) {
		d.Group, d.Filter, d.Base = "", "(objectClass=inetOrgPerson)", "ou=many,"+s.Base
	}), credentials); err != nil || len(got) != pageSize+100 {
		t.Errorf("more than a page: %d members, %v", len(got), err)
	}

	add := ldap.NewModifyRequest(group, nil)
	add.Add("member", []string{"uid=kasse,ou=people," + s.Base})
	if err := conn.Modify(add); err != nil {
		t.Fatal(err)
	}
	want("a member added", settings, anne, bo, policy.Member{Address: "kassen@norreaa.example"})

	other := filepath.Join(t.TempDir(), "other")
	if err := os.Mkdir(other, 0o700); err != nil {
		t.Fatal(err)
	}
	stranger, err := rig.NewSlapd(other)
	if err != nil {
		t.Fatal(err)
	}
	otherCA, err := os.ReadFile(stranger.CA)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name        string
		settings    policy.Directory
		credentials Credentials
		want        string
	}{
		{"wrong password", settings, Credentials{[]byte("secret"), credentials.CA}, "cannot sign in as bind_dn: wrong name or password"},
		{"nobody signs in", change(func(d *policy.Directory) { d.BindDN = "" }), credentials, "cannot search: LDAP result"},
		{"certificate of somebody else", settings, Credentials{credentials.Password, otherCA}, "cannot connect: "},
		{"the system's certificates", settings, Credentials{Password: credentials.Password}, "cannot connect: "},
		{"StartTLS, certificate of somebody else", startTLS, Credentials{credentials.Password, otherCA}, "cannot start TLS: "},
		{"another name in the certificate", change(func(d *policy.Directory) { d.URL = strings.Replace(d.URL, "localhost", "127.0.0.1", 1) }), credentials, "cannot connect: "},
		{"no certificate", settings, Credentials{credentials.Password, []byte("secret")}, "ca_file: no certificate in PEM"},
		{"no server", change(func(d *policy.Directory) { d.URL = stranger.TLSURL }), credentials, "cannot connect: "},
		{"no such base", change(func(d *policy.Directory) { d.Base = "dc=secret" }), credentials, "cannot search: LDAP result 32 (No Such Object)"},
		{"no such group", change(func(d *policy.Directory) { d.Group = "cn=secret" }), credentials, "the search found no member of the group; "},
		{"nobody", change(func(d *policy.Directory) { d.Group, d.Filter = "", "(uid=secret)" }), credentials, "the search found nobody; "},
		{"broken filter", change(func(d *policy.Directory) { d.Group, d.Filter = "", "((secret)" }), credentials, "cannot search: LDAP result 201 (Filter Compile Error)"},
	} {
		members, err := ask(tt.settings, tt.credentials)
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) || len(members) > 0 {
			t.Errorf("%s: %d members, %v; want %s", tt.name, len(members), err, tt.want)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: tells what it was asked: %v", tt.name, err)
		}
	}
}

// A server that takes the connection and says nothing is left when the time is over.
func TestLookupInTime(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			defer conn.Close()
		}
	}()
	for _, d := range []policy.Directory{
		{URL: "ldaps://" + ln.Addr().String()},
		{URL: "ldap://" + ln.Addr().String(), StartTLS: true},
		{URL: "ldap://" + ln.Addr().String(), BindDN: "cn=x"},
	} {
		ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
		done := make(chan error, 1)
		go func() {
			_, err := Lookup(ctx, d, Credentials{Password: []byte("x")})
			done <- err
		}()
		select {
		case err := <-done:
			if err == nil {
				t.Error("an answer of nobody")
			}
		case <-time.After(10 * time.Second):
			t.Errorf("%s is waited for", d.URL)
		}
		cancel()
	}
}

func TestMember(t *testing.T) {
	settings := policy.Directory{Group: "CN=x", Address: "mail"}
	person := map[string][]string{"objectClass": {"top", "person", "user"}, "mail": {"anne@norreaa.example"}}
	group := map[string][]string{"objectClass": {"top", "Group"}, "mail": {"alle@norreaa.example"}}
	if m, ok := member(ldap.NewEntry("CN=a", person), settings); !ok || m.Address != "anne@norreaa.example" {
		t.Errorf("a person: %v", ok)
	}
	if _, ok := member(ldap.NewEntry("CN=b", group), settings); ok {
		t.Error("a group in the group is a councillor")
	}
	settings.Group, settings.Filter = "", "(mail=alle@norreaa.example)"
	if _, ok := member(ldap.NewEntry("CN=b", group), settings); !ok {
		t.Error("a filter does not mean what it says")
	}
	aliases := make([]string, maxAliases+10)
	for i := range aliases {
		aliases[i] = fmt.Sprintf("smtp:a%d@norreaa.example", i)
	}
	settings.Aliases = "proxyAddresses"
	if m, _ := member(ldap.NewEntry("CN=c", map[string][]string{"proxyAddresses": aliases}), settings); len(m.Aliases) != maxAliases-1 {
		t.Errorf("%d aliases", len(m.Aliases))
	}
}

func TestMailAddress(t *testing.T) {
	for value, want := range map[string]string{
		"anne@norreaa.example":       "anne@norreaa.example",
		" SMTP:anne@norreaa.example": "anne@norreaa.example",
		"smtp:anne@norreaa.example":  "anne@norreaa.example",
		"X500:/o=x/cn=anne@y":        "",
		"sip:anne@norreaa.example":   "",
		"anne":                       "",
		"":                           "",
	} {
		if got := mailAddress(value); got != want {
			t.Errorf("%q: %q", value, got)
		}
	}
}

func TestFilter(t *testing.T) {
	if got := filter(policy.Directory{Group: "CN=a*(b)", Nested: true}); got != `(memberOf:1.2.840.113556.1.4.1941:=CN=a\2a\28b\29)` {
		t.Error(got)
	}
}

// What a server says of a failure stays out of the error.
func TestExplain(t *testing.T) {
	err := explain("search", ldap.NewError(ldap.LDAPResultInsufficientAccessRights, errors.New("secret")))
	if want := "cannot search: LDAP result 50 (Insufficient Access Rights)"; err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}
