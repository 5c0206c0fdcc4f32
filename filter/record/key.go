package record

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"councilgate/policy"
)

const (
	keySize       = 32 // bytes
	pseudonymSize = 8  // bytes: no two of a thousand councillors share one
	maxKeyFile    = 1024
)

// pseudonymKey makes the pseudonyms of councillors.
type pseudonymKey struct {
	made   time.Time // to the second
	secret [keySize]byte
}

func newKey(now time.Time) pseudonymKey {
	k := pseudonymKey{made: now.UTC().Truncate(time.Second)}
	rand.Read(k.secret[:]) // never fails
	return k
}

// pseudonym gives the same 16 hexadecimal digits for the same address as long as the
// key lives, "" for no address.
func (k pseudonymKey) pseudonym(a policy.Address) string {
	if a == (policy.Address{}) {
		return ""
	}
	mac := hmac.New(sha256.New, k.secret[:])
	mac.Write([]byte(a.Text()))
	return hex.EncodeToString(mac.Sum(nil)[:pseudonymSize])
}

// expired reports whether a key has made the pseudonyms of that many days. One from
// the future, made before a clock was set right, has too.
func (k pseudonymKey) expired(now time.Time, days int) bool {
	return !now.Before(k.made.AddDate(0, 0, days)) || now.Before(k.made.Add(-time.Hour))
}

// readKey reads a key file: when the key was made, and the key in base64. A file that
// is not there gives fs.ErrNotExist.
func readKey(file string) (pseudonymKey, error) {
	info, err := os.Lstat(file)
	if err != nil {
		return pseudonymKey{}, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxKeyFile {
		return pseudonymKey{}, errors.New("the key file is no key file")
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return pseudonymKey{}, err
	}
	k, err := parseKey(string(data))
	if err != nil {
		return pseudonymKey{}, errors.New("the key file is no key file")
	}
	return k, nil
}

func parseKey(text string) (k pseudonymKey, err error) {
	made, secret, _ := strings.Cut(strings.TrimSpace(text), " ")
	if k.made, err = time.Parse(time.RFC3339, made); err != nil {
		return k, err
	}
	raw, err := base64.StdEncoding.DecodeString(secret)
	if err != nil || len(raw) != keySize {
		return k, errors.New("no key")
	}
	copy(k.secret[:], raw)
	return k, nil
}

func (k pseudonymKey) encode() string {
	return fmt.Sprintf("%s %s\n", k.made.Format(time.RFC3339), base64.StdEncoding.EncodeToString(k.secret[:]))
}

// write puts a key in the place of the one before, which is gone then.
func (k pseudonymKey) write(file string) error {
	temporary := file + ".new"
	if err := os.Remove(temporary); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(k.encode())
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	return os.Rename(temporary, file)
}
