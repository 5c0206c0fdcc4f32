package main

import (
	"path/filepath"
	"strings"
	"testing"

	"councilgate/deploy/rig"
	"councilgate/filter"
	"councilgate/filter/mailing"
	"councilgate/policy"
)

const mailingDir = "../../testdata/mailing"

// mailingCase is a row of a table in testdata/mailing: the transactions of an hour.
type mailingCase struct {
	Why          string        `json:"why"`
	Transactions []transaction `json:"transactions"`
}

type transaction struct {
	Mail     string   `json:"mail"`
	From     string   `json:"from"`     // "" for Anne Holm
	Citizens []int    `json:"citizens"` // the first and the last of made-up recipients
	To       []string `json:"to"`       // and others
	Tag      string   `json:"tag"`      // what it is delivered with
}

// TestMailings judges the tables of testdata/mailing as check does with several
// files, but each with recipients of its own.
func TestMailings(t *testing.T) {
	tables, err := filepath.Glob(filepath.Join(mailingDir, "*.json"))
	if err != nil || len(tables) == 0 {
		t.Fatalf("no tables: %v", err)
	}
	t.Chdir(mailingDir) // the policy names its list files from here
	p, err := loadPolicy("policy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	inspector := filter.NewInspector()
	for _, table := range tables {
		name := filepath.Base(table)
		t.Run(strings.TrimSuffix(name, ".json"), func(t *testing.T) {
			for _, c := range readTable[mailingCase](t, name) {
				t.Run(c.Why, func(t *testing.T) {
					inspector.Mailings = mailing.New(mailing.Config{Limits: mailing.DefaultLimits()})
					defer inspector.Mailings.Close()
					for i, tx := range c.Transactions {
						if tag := tx.judge(t, inspector, p); tag != tx.Tag {
							t.Errorf("transaction %d: tag %q, want %q", i+1, tag, tx.Tag)
						}
					}
				})
			}
		})
	}
}

// judge returns the tag that a transaction gets.
func (tx transaction) judge(t *testing.T, inspector *filter.Inspector, p *policy.Policy) (tag string) {
	t.Helper()
	envelope := filter.Envelope{From: tx.From, Recipients: tx.To}
	if envelope.From == "" {
		envelope.From = "anne.holm@norreaa.example"
	}
	if tx.Citizens != nil {
		envelope.Recipients = append(envelope.Recipients, rig.Citizens(tx.Citizens[1])[tx.Citizens[0]-1:]...)
	}
	raw, err := readMail(tx.Mail, nil)
	if err != nil {
		t.Fatal(err)
	}
	judgement, err := judge(inspector, p, envelope, raw)
	if err != nil {
		t.Fatal(err)
	}
	for _, header := range judgement.Verdict.Headers {
		tag += header.Value
	}
	return tag
}
