package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestServeRecord: each verdict is a line on disk when serve has ended, with nothing
// of the mail in it.
func TestServeRecord(t *testing.T) {
	dir := t.TempDir()
	policyFile, recordFile := filepath.Join(dir, "policy.yaml"), filepath.Join(dir, "record.jsonl")
	writePolicy(t, policyFile, "2")
	text, err := os.ReadFile(policyFile)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(policyFile, append(text, "record: "+recordFile+"\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	r := startServe(t, "-policy", policyFile)
	c := r.connect(t)
	send(t, c, 1)
	send(t, c, 3)
	c.Close()
	r.signals <- syscall.SIGTERM
	if status := <-r.status; status != 0 {
		t.Errorf("exit status %d", status)
	}
	record, err := os.ReadFile(recordFile)
	if err != nil {
		t.Fatal(err)
	}
	var actions []string
	for line := range strings.Lines(string(record)) {
		var verdict struct {
			Action     string
			Councillor string
			Mailing    int `json:"mass_mailing"`
		}
		if err := json.Unmarshal([]byte(line), &verdict); err != nil || len(verdict.Councillor) != 16 {
			t.Errorf("line %q: %v", line, err)
		}
		actions = append(actions, verdict.Action)
	}
	if got := strings.Join(actions, " "); got != "accept tag" {
		t.Errorf("actions %q", got)
	}
	for _, secret := range []string{"anne", "norreaa", "post.example", "Tak for sidst"} {
		if strings.Contains(string(record), secret) {
			t.Errorf("%q is in the record: %s", secret, record)
		}
	}
}

// TestServeRecordElsewhere: a record that cannot be written keeps nothing back.
func TestServeRecordElsewhere(t *testing.T) {
	dir := t.TempDir()
	policyFile := filepath.Join(dir, "policy.yaml")
	writePolicy(t, policyFile, "2")
	text, err := os.ReadFile(policyFile)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(policyFile, append(text, "record: "+dir+"/nowhere/record.jsonl\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	r := startServe(t, "-policy", policyFile)
	r.output.await(t, "verdicts are not recorded, mail is still judged", 1)
	send(t, r.connect(t), 1)
	r.wantMetrics(t, `councilgate_messages_total{action="accept"} 1`, "councilgate_record_up 0")
}
