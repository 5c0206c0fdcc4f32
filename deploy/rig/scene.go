package rig

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/mail"
	"os"
	"path/filepath"
)

// Scene is a sample mail, how it is submitted, and what the guidelines demand.
// Unless told otherwise, the sender of the envelope is the login; with neither it
// is the null sender.
type Scene struct {
	Shows    string   // what the scene is about
	Mail     string   // file name of the mail
	Login    string   // SASL login, "" for none
	From     string   // envelope sender
	To       []string // envelope recipients
	Citizens int      // further recipients, made up
	Expect   Outcome
	Raw      []byte `json:"-"` // the mail
}

// Outcome is what becomes of a mail, in the eyes of its sender.
type Outcome string

// The outcomes.
const (
	Passed  Outcome = "delivered"
	Tagged  Outcome = "tagged"
	Refused Outcome = "refused"
	Later   Outcome = "tempfail"
)

// Scenes reads the scenes that index.json in dir lists, with their mails.
func Scenes(dir string) ([]Scene, error) {
	path := filepath.Join(dir, "index.json")
	index, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var scenes []Scene
	strict := json.NewDecoder(bytes.NewReader(index))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&scenes); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for i := range scenes {
		s := &scenes[i]
		if s.From == "" {
			s.From = s.Login
		}
		s.To = append(s.To, Citizens(s.Citizens)...)
		if s.Raw, err = os.ReadFile(filepath.Join(dir, s.Mail)); err != nil {
			return nil, err
		}
	}
	return scenes, nil
}

// Citizens makes up n addresses.
func Citizens(n int) []string {
	addrs := make([]string, n)
	for i := range addrs {
		addrs[i] = fmt.Sprintf("citizen-%03d@post.example", i+1)
	}
	return addrs
}

// MessageID returns the Message-ID of the mail, by which to find it again.
func (s Scene) MessageID() string {
	m, err := mail.ReadMessage(bytes.NewReader(s.Raw))
	if err != nil {
		return ""
	}
	return m.Header.Get("Message-Id")
}
