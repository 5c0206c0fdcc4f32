package e2e

import (
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"councilgate/deploy/rig"
)

// waitFor polls until done; only a failure takes as long as the limit.
func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

// metric returns one sample of a councilgate.
func metric(t *testing.T, d *rig.Daemon, name string) float64 {
	t.Helper()
	samples, err := d.Metrics()
	if err != nil {
		t.Fatal(err)
	}
	value, ok := samples[name]
	if !ok {
		t.Fatalf("no metric %s", name)
	}
	return value
}

func TestCouncilgateDown(t *testing.T) {
	s := onStage(t)
	m := compose(harmless)
	wantCode(t, s.submit(t, spare, councillor, councillor, []string{citizen}, m), "451")
	if n := len(s.delivered(t, m)); n != 0 {
		t.Errorf("delivered %d times without having been judged", n)
	}
}

// A good policy takes effect on SIGHUP; a bad one is told by the metric and leaves
// the old one in force.
func TestReload(t *testing.T) {
	s := onStage(t)
	strict := builtinPolicy(t)
	mild := amended(t, strict, "quoted-sensitive:   {action: reject}", "quoted-sensitive:   {action: observe}")
	file := filepath.Join(files(t, map[string]string{"policy.yaml": strict}), "policy.yaml")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	d := s.startSpare(t, file)

	reload := func(text string, successful float64) {
		t.Helper()
		before := metric(t, d, "councilgate_policy_last_reload_successful")
		stamp := metric(t, d, "councilgate_policy_last_reload_timestamp_seconds")
		write(text)
		if err := d.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		waitFor(t, "reload", func() bool {
			now := metric(t, d, "councilgate_policy_last_reload_successful")
			return now == successful &&
				(now != before || metric(t, d, "councilgate_policy_last_reload_timestamp_seconds") != stamp)
		})
	}
	judge := func(code string) {
		t.Helper()
		wantCode(t, s.submit(t, spare, councillor, councillor, []string{citizen}, compose(sensitive)), code)
	}
	judge("550")
	reload(strict+"\nno-such-key: 1\n", 0)
	judge("550")
	reload(mild, 1)
	judge("250")
	reload("{", 0)
	judge("250")
	reload(strict, 1)
	judge("550")
}

// On SIGTERM a mail under way is still judged, while new sessions are turned away
// until somebody starts councilgate again.
func TestStopFinishesMailUnderWay(t *testing.T) {
	s := onStage(t)
	d := s.startSpare(t, "")
	c := s.dial(t, spare, councillor)
	do(t, c, "MAIL FROM:<"+councillor+">", "250", "RCPT TO:<"+citizen+">", "250", "DATA", "354")
	m := compose(sensitive)
	if err := d.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "new sessions turned away", func() bool {
		return s.submit(t, spare, councillor, councillor, []string{citizen}, compose(harmless)).Class() == '4'
	})
	reply, err := c.Data(m.raw)
	if err != nil {
		t.Fatal(err)
	}
	s.wantRefused(t, reply, m)
	c.Close()
	if err := d.Wait(); err != nil {
		t.Errorf("ended with %v", err)
	}
}

// councilgate is killed while mails are in flight. Whatever the moment, every mail
// ends up delivered once, or refused with a reply, or was answered 4xx and fares so
// when it is sent again; none is lost and none passes unjudged.
func TestKilledWithMailsInFlight(t *testing.T) {
	const senders, mailsEach, killAt = 8, 25, 60
	s := onStage(t)
	d := s.startSpare(t, "")

	// A third of the mails each: to pass, to be refused, to be tagged.
	type job struct {
		letter
		to   []string
		want rig.Outcome
	}
	kinds := []job{
		{letter{raw: []byte(harmless)}, []string{citizen}, rig.Passed},
		{letter{raw: []byte(sensitive)}, []string{citizen}, rig.Refused},
		{letter{raw: []byte(harmless)}, rig.Citizens(101), rig.Tagged},
	}
	var (
		mu      sync.Mutex
		settled int   // answered 2xx or 5xx so far
		again   []job // answered 4xx
		kill    sync.Once
	)
	submit := func(j job) {
		reply, err := rig.Submit(s.postfix.Addr(spare), councillor, councillor, j.to, j.raw)
		mu.Lock()
		defer mu.Unlock()
		switch {
		case err != nil:
			t.Errorf("no reply: %v", err)
		case reply.Class() == '4':
			again = append(again, j)
		case reply.Class() == '2' && j.want == rig.Refused:
			t.Errorf("passed unjudged: %q", reply)
		case reply.Class() == '5' && j.want != rig.Refused:
			t.Errorf("refused without reason: %q", reply)
		default:
			settled++
		}
		if settled == killAt {
			kill.Do(d.Kill)
		}
	}
	var all []job
	for i := range senders * mailsEach {
		j := kinds[i%len(kinds)]
		j.letter = compose(string(j.raw))
		all = append(all, j)
	}
	// One mail is between DATA and its final dot when the time comes.
	underWay := s.dial(t, spare, councillor)
	do(t, underWay, "MAIL FROM:<"+councillor+">", "250", "RCPT TO:<"+citizen+">", "250", "DATA", "354")
	half := job{compose(sensitive), []string{citizen}, rig.Refused}
	all = append(all, half)

	var wg sync.WaitGroup
	for i := range senders {
		wg.Go(func() {
			for _, j := range all[i*mailsEach : (i+1)*mailsEach] {
				submit(j)
			}
		})
	}
	wg.Wait()
	reply, err := underWay.Data(half.raw)
	if err != nil {
		t.Fatal(err)
	}
	wantCode(t, reply, "451")
	deferred := append(again, half)
	t.Logf("killed after %d answers; %d mails were put off", killAt, len(deferred))

	again = nil
	s.startSpare(t, "")
	for _, j := range deferred {
		submit(j)
	}
	if len(again) > 0 {
		t.Errorf("%d mails were put off again", len(again))
	}
	if err := s.postfix.Settled(); err != nil {
		t.Fatal(err)
	}
	delivered, err := s.sink.ByMessageID()
	if err != nil {
		t.Fatal(err)
	}
	for _, j := range all {
		copies := delivered[j.id]
		want := 1
		if j.want == rig.Refused {
			want = 0
		}
		if len(copies) != want {
			t.Errorf("a mail to be %s was delivered %d times", j.want, len(copies))
		}
		for _, d := range copies {
			if tagged := d.Header.Get("X-Mass-Mailing") != ""; tagged != (j.want == rig.Tagged) {
				t.Errorf("a mail to be %s: tagged is %v", j.want, tagged)
			}
		}
	}
}
