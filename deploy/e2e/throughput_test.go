package e2e

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"councilgate/deploy/rig"
)

// BenchmarkThroughput measures how many mails a second Postfix takes, without and
// with councilgate, in alternating rounds, and reports the medians of both rates and
// of their ratio.
// smtp-source submits 8 mails at a time, each in a session of its own, as is usual;
// accepted mail is discarded.
//
//	go test -run '^$' -bench Throughput -benchtime 9x ./deploy/e2e
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
		if err := errors.Join(postfix.Stop(), os.RemoveAll(dir)); err != nil {
			b.Error(err)
		}
	})
	d, err := rig.StartDaemon(s.program, "", "unix:"+postfix.Socket("speed.sock"), filepath.Join(dir, "log"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(d.Kill)

	var with, without, ratio []float64 // mails a second, one of each a round
	for b.Loop() {
		w, wo := accepted(b, postfix, "with", mails), accepted(b, postfix, "without", mails)
		with, without, ratio = append(with, w), append(without, wo), append(ratio, w/wo)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(without), "mails/s-without")
	b.ReportMetric(median(with), "mails/s-with")
	b.ReportMetric(median(ratio), "ratio")
	b.ReportMetric(slices.Min(ratio), "ratio-min")
	b.ReportMetric(slices.Max(ratio), "ratio-max")
}

// accepted submits mails to a port and returns how many it took a second.
func accepted(b *testing.B, postfix *rig.Postfix, service string, mails int) float64 {
	source := exec.Command("smtp-source", "-4", "-s", "8", "-m", fmt.Sprint(mails), "-f", councillor, "-t", citizen,
		"-F", scenesDir+"/reply-without-the-quote.eml", postfix.Addr(service))
	begin := time.Now()
	if out, err := source.CombinedOutput(); err != nil {
		b.Fatalf("smtp-source: %v\n%s", err, out)
	}
	took := time.Since(begin)
	if err := postfix.Settled(); err != nil {
		b.Fatal(err)
	}
	return float64(mails) / took.Seconds()
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
