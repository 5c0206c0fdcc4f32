package mailing

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"hash"
	"sync"
	"time"
)

// MinKey is the least length of a key, in bytes.
const MinKey = 16

// Transaction is a message in the form in which it is counted: hashes alone.
type Transaction struct {
	// Keys tell the mailing: that of the Message-ID, if there is one, before that
	// of the content. A message without either belongs to no mailing.
	Keys      []string
	People    []Person
	Justified bool
	Window    time.Duration
	// NewID names the mailing if none of the keys is known.
	NewID string
}

// Person is somebody whom a mailing reaches, or a list of so many people.
type Person struct {
	Hash  uint64
	Count int
}

// count is the number of people whom the transaction reaches.
func (tx Transaction) count() int {
	n := 0
	for _, p := range tx.People {
		n += p.Count
	}
	return n
}

// A hasher makes keyed hashes. Each begins with what it is a hash of, and with the
// councillor, so that equal hashes tell of nothing else.
type hasher struct{ macs *sync.Pool }

func newHasher(key []byte) hasher {
	if len(key) == 0 {
		key = make([]byte, sha256.Size)
		rand.Read(key) // never fails
	}
	return hasher{&sync.Pool{New: func() any { return hmac.New(sha256.New, key) }}}
}

func (h hasher) transaction(m Message) Transaction {
	mac := h.macs.Get().(hash.Hash)
	defer h.macs.Put(mac)
	sender := m.Sender.Text()
	tx := Transaction{
		People:    make([]Person, len(m.People)),
		Justified: m.Justified,
		Window:    m.Window,
		NewID:     rand.Text(),
	}
	if m.MessageID != "" {
		tx.Keys = append(tx.Keys, name(sum(mac, "message-id", sender, m.MessageID)))
	}
	if subject, body := normalSubject(m.Subject), normalBody(m.Body); subject != "" || body != "" {
		tx.Keys = append(tx.Keys, name(sum(mac, "content", sender, subject, body)))
	}
	for i, p := range m.People {
		tx.People[i] = Person{
			// 64 bits: among 100,000 people two are taken for one once in four
			// billion mailings.
			Hash:  binary.BigEndian.Uint64(sum(mac, "person", sender, p.Address.Local, p.Address.Domain)),
			Count: p.Count,
		}
	}
	return tx
}

// sum hashes texts, each with its length, so that none can run into the next.
func sum(mac hash.Hash, texts ...string) []byte {
	mac.Reset()
	var length [8]byte
	for _, text := range texts {
		binary.BigEndian.PutUint64(length[:], uint64(len(text)))
		mac.Write(length[:])
		mac.Write([]byte(text))
	}
	return mac.Sum(nil)
}

// name is the hash of a key as text: 128 bits of it.
func name(sum []byte) string { return base64.RawURLEncoding.EncodeToString(sum[:16]) }
