package main

import (
	"context"
	"time"

	"councilgate/filter/record"
	"councilgate/policy"
)

// recordTime is how long the record may take to be written to its end once the
// daemon is told to stop.
const recordTime = 5 * time.Second

// startRecord begins to count verdicts, and to record them where the policy asks for
// it.
func (d *daemon) startRecord(p *policy.Policy) {
	r := p.Record()
	d.record = record.New(record.Options{
		File:     r.File,
		Days:     r.Days,
		MaxBytes: r.MaxBytes,
		Events:   d.metrics.RecordEvents(),
		Log:      d.log,
	})
}

func (d *daemon) closeRecord() {
	ctx, cancel := context.WithTimeout(context.Background(), recordTime)
	defer cancel()
	if err := d.record.Close(ctx); err != nil {
		d.log.Error("verdicts of the last moments are not recorded", "error", err)
	}
}
