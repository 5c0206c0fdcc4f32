package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"councilgate/deploy/rig"
)

// A councilgate that is killed under load has recorded what it answered, and the next
// one goes on in a line of its own.
func TestRecordSurvivesKill(t *testing.T) {
	s := onStage(t)
	dir := files(t, map[string]string{"policy.yaml": builtinPolicy(t) + "\nrecord: DIR/record.jsonl\n"})
	if err := os.Chmod(dir, 0o777); err != nil { // councilgate runs as another user
		t.Fatal(err)
	}
	policyFile, recordFile := filepath.Join(dir, "policy.yaml"), filepath.Join(dir, "record.jsonl")

	d := s.startSpare(t, policyFile)
	var senders sync.WaitGroup
	stop := make(chan struct{})
	for range 4 {
		senders.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					// Once councilgate is gone, mail waits, and so may the connection.
					_, _ = rig.Submit(s.postfix.Addr(spare), councillor, councillor, []string{citizen}, compose(sensitive).raw)
				}
			}
		})
	}
	waitFor(t, "twenty lines of the record", func() bool { return len(verdicts(t, recordFile)) >= 20 })
	d.Kill()
	close(stop)
	senders.Wait()

	before := verdicts(t, recordFile)
	d = s.startSpare(t, policyFile)
	wantCode(t, s.submit(t, spare, councillor, councillor, []string{citizen}, compose(sensitive)), "550")
	// What was there before has been read when this line is written.
	waitFor(t, "the line of the mail after the kill", func() bool { return len(verdicts(t, recordFile)) == len(before)+1 })
	page := overview(t, d, "/?range=day")
	if want := fmt.Sprintf(`<dt>Judged</dt><dd><span class="value">%d</span>`, len(before)+1); !strings.Contains(page, want) {
		t.Errorf("the overview does not show %d mails", len(before)+1)
	}
	d.Kill()
	for _, secret := range []string{councillor, citizen, "Anne", "140283"} {
		record, err := os.ReadFile(recordFile)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(record), secret) || strings.Contains(page, secret) {
			t.Errorf("%q is in the record or on the page", secret)
		}
	}
}

// verdicts gives the whole lines of a record, of which one may be broken.
func verdicts(t *testing.T, file string) (whole []string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	broken := 0
	for line := range strings.Lines(string(data)) {
		switch {
		case json.Valid([]byte(line)):
			whole = append(whole, line)
		case strings.TrimSpace(line) != "":
			broken++
		}
	}
	if broken > 1 {
		t.Fatalf("%d broken lines in %s", broken, data)
	}
	return whole
}

// overview returns a page of a councilgate.
func overview(t *testing.T, d *rig.Daemon, path string) string {
	t.Helper()
	client := http.Client{Timeout: 10 * time.Second}
	resp, err := client.Get("http://" + d.HTTP + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %v", resp.Status, err)
	}
	return string(page)
}
