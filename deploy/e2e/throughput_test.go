package e2e

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"councilgate/deploy/rig"
)

// BenchmarkThroughput measures how many mails a second Postfix takes, without and
// with councilgate, in alternating rounds, and reports both rates and their ratio.
// smtp-source submits 8 mails at a time, each in a session of its own, as is usual;
// accepted mail is discarded.
//
//	go test -run '^$' -bench Throughput -benchtime 5x ./deploy/e2e
func BenchmarkThroughput(b *testing.B) {
	const mails = 1000
	s := onStage(b)
	dir, err := rig.TempDir()
	if err != nil {
		b.Fatal(err)
	}
	milter := rig.MilterSocket("speed.sock")
	postfix, err := rig.StartPostfix(dir, "discard:", "", rig.Service{Name: "without"}, rig.Service{Name: "with", Milter: milter})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := postfix.Stop(); err != nil {
			b.Error(err)
		}
	})
	d, err := rig.StartDaemon(s.program, "", "unix:"+postfix.Socket("speed.sock"), filepath.Join(dir, "log"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(d.Kill)

	took := make(map[string]time.Duration)
	for b.Loop() {
		for _, service := range []string{"without", "with"} {
			begin := time.Now()
			out, err := exec.Command("smtp-source", "-4", "-s", "8", "-m", fmt.Sprint(mails),
				"-f", councillor, "-t", citizen, "-F", scenesDir+"/reply-without-the-quote.eml", postfix.Addr(service)).CombinedOutput()
			if err != nil {
				b.Fatalf("smtp-source: %v\n%s", err, out)
			}
			took[service] += time.Since(begin)
			if err := postfix.Settled(); err != nil {
				b.Fatal(err)
			}
		}
	}
	rate := func(service string) float64 { return float64(b.N*mails) / took[service].Seconds() }
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(rate("without"), "mails/s-without")
	b.ReportMetric(rate("with"), "mails/s-with")
	b.ReportMetric(rate("with")/rate("without"), "ratio")
}
