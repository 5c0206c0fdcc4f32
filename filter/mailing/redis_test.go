package mailing

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// startRedis returns a server in this process, and a store in it.
func startRedis(t *testing.T) (*miniredis.Miniredis, *Redis) {
	t.Helper()
	server := miniredis.RunT(t)
	server.RequireAuth("the password")
	store, err := NewRedis(RedisOptions{URL: "redis://" + server.Addr() + "/1", Password: "the password"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	server.Select(1)
	return server, store
}

// Two gateways count as one.
func TestRedisShared(t *testing.T) {
	server, store := startRedis(t)
	a, _ := newTracker(t, store)
	b, _ := newTracker(t, store)
	list := people(0, 40)
	list[0].Count = 21
	for i, step := range []struct {
		tracker *Tracker
		message Message
		want    int
	}{
		{a, message("<1@x>", "Tekst", list), 60},
		{b, message("<1@x>", "Tekst", people(30, 50)), 100},
		{b, message("<1@x>", "Tekst", people(30, 50)), 100},
		{a, message("<2@x>", "Tekst", people(80, 1)), 101}, // by its text
		{b, message("<3@x>", "Anden tekst", people(0, 10)), 10},
	} {
		if got := step.tracker.Count(t.Context(), step.message); got != step.want {
			t.Errorf("step %d: %d people, want %d", i+1, got, step.want)
		}
	}
	dump := server.Dump()
	for _, secret := range []string{"anne", "norreaa", "borger", "post.example", "ommerfest", "1@x", "ekst"} {
		if strings.Contains(dump, secret) {
			t.Errorf("%q is to be read in the server: %s", secret, dump)
		}
	}
	server.FastForward(era + time.Second)
	if keys := server.Keys(); len(keys) != 0 {
		t.Errorf("the server keeps %v", keys)
	}
}

// A server that is restarted with an empty memory is told again what it knew, by a
// gateway that did not notice.
func TestRedisRestarted(t *testing.T) {
	server, store := startRedis(t)
	a, _ := newTracker(t, store)
	b, _ := newTracker(t, store)
	a.Count(t.Context(), message("<1@x>", "", people(0, 60)))
	b.Count(t.Context(), message("<1@x>", "", people(60, 30)))
	server.FlushAll()
	if got := a.Count(t.Context(), message("<1@x>", "", people(90, 5))); got != 65 {
		t.Errorf("%d people, want 65", got)
	}
	if got := b.Count(t.Context(), message("<1@x>", "", people(95, 6))); got != 101 {
		t.Errorf("%d people, want 101", got)
	}
}

// More people than one call takes.
func TestRedisBatches(t *testing.T) {
	_, store := startRedis(t)
	tx := newHasher(nil).transaction(message("<1@x>", "", people(0, 2*batch+1)))
	for range 2 {
		got, err := store.Add(t.Context(), tx)
		if err != nil || got.People != 2*batch+1 {
			t.Errorf("%d people, %v; want %d", got.People, err, 2*batch+1)
		}
	}
	tx.People = nil
	if got, err := store.Add(t.Context(), tx); err != nil || got.People != 2*batch+1 {
		t.Errorf("nobody added: %d people, %v", got.People, err)
	}
}

// A mailing is counted by one, and by nobody while it is open elsewhere.
func TestRedisClaim(t *testing.T) {
	server, store := startRedis(t)
	tx := newHasher(nil).transaction(message("<1@x>", "", people(0, 150)))
	added, err := store.Add(t.Context(), tx)
	if err != nil {
		t.Fatal(err)
	}
	claim := func(id, want string) {
		t.Helper()
		people, claimed, err := store.Claim(t.Context(), id)
		if got := fmt.Sprint(people, claimed, err); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	claim(added.ID, "0 false <nil>")
	server.FastForward(time.Hour)
	claim(added.ID, "150 true <nil>")
	claim(added.ID, "0 false <nil>")
	claim("forgotten", "0 true <nil>")
	claim("forgotten", "0 false <nil>")
	again, err := store.Add(t.Context(), tx)
	if err != nil || again.People != 150 {
		t.Fatalf("%d people, %v", again.People, err)
	}
	if again.ID != tx.NewID {
		t.Error("a mailing whose window has closed goes on")
	}
}

// Over TLS the server must be vouched for.
func TestRedisTLS(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	server := miniredis.NewMiniRedis()
	if err := server.StartTLS(&tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}); err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	ping := func(ca []byte) error {
		t.Helper()
		store, err := NewRedis(RedisOptions{URL: "rediss://" + server.Addr(), CA: ca})
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		return store.Ping(t.Context())
	}
	if err := ping(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})); err != nil {
		t.Error(err)
	}
	if err := ping(nil); err == nil {
		t.Error("a server that nobody vouches for is believed")
	}
}

// What a store cannot do is an error, soon and without a word of what it holds.
func TestRedisErrors(t *testing.T) {
	server, store := startRedis(t)
	tx := newHasher(nil).transaction(message("<1@x>", "", people(0, 1)))
	server.Set(redisPrefix+"mailing:"+tx.NewID, "no hash table")
	if _, err := store.Add(t.Context(), tx); err == nil || errorText(err) != "WRONGTYPE" && errorText(err) != "ERR" {
		t.Errorf("error %v", err)
	}
	wrong, err := NewRedis(RedisOptions{URL: "redis://" + server.Addr(), Password: "another"})
	if err != nil {
		t.Fatal(err)
	}
	defer wrong.Close()
	if err := wrong.Ping(t.Context()); err == nil || errorText(err) != "WRONGPASS" {
		t.Errorf("error %v", err)
	}
	server.Close()
	if err := store.Ping(t.Context()); err == nil {
		t.Error("a server that is gone answers")
	}
	for _, o := range []RedisOptions{
		{URL: "http://secret:secret@valkey.example"},
		{URL: "redis://secret:secret@valkey.example:port"},
		{URL: "rediss://valkey.example", CA: []byte("secret")},
	} {
		if _, err := NewRedis(o); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("error %v", err)
		}
	}
}

func TestReadMailing(t *testing.T) {
	for _, reply := range [][]any{nil, {"id"}, {"id", int64(3)}, {"id", "3", "era"}, {int64(1), int64(2), "era"}, {"id", int64(1), int64(2)}} {
		if m, err := readMailing(reply); err == nil {
			t.Errorf("%v is %v", reply, m)
		}
	}
	if m, err := readMailing([]any{"id", int64(3), "era"}); err != nil || m != (Mailing{"id", 3, "era"}) {
		t.Errorf("%v, %v", m, err)
	}
}
