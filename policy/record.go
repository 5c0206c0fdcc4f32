package policy

import (
	"path/filepath"
	"strings"
	"unicode"
)

// Bounds of the record of verdicts.
const (
	defaultRecordDays      = 30 // after which the Danish guideline wants such lines gone
	maxRecordDays          = 366
	defaultRecordMegabytes = 100 // half a million verdicts
	maxRecordMegabytes     = 10_000
)

func (v *validator) record(c *config) {
	if c.Record == "" {
		if c.RecordDays != 0 || c.RecordMegabytes != 0 {
			v.add("record_days", "belongs to a record of verdicts; name its file by record, like /var/lib/councilgate/record.jsonl, or remove this and record_megabytes")
		}
		return
	}
	if !filepath.IsAbs(c.Record) || filepath.Ext(c.Record) != ".jsonl" || strings.ContainsFunc(c.Record, unicode.IsControl) {
		v.add("record", "must be a file that is named from the root on and ends in .jsonl, like /var/lib/councilgate/record.jsonl")
	}
	if c.RecordDays < 0 || c.RecordDays > maxRecordDays {
		v.add("record_days", "must be the days after which a verdict is removed, from 1 to %d", maxRecordDays)
	}
	if c.RecordMegabytes < 0 || c.RecordMegabytes > maxRecordMegabytes {
		v.add("record_megabytes", "must be how large the record may get, from 1 to %d megabytes", maxRecordMegabytes)
	}
}

// Record says where verdicts are recorded.
type Record struct {
	File     string // "" for nowhere
	Days     int    // after which a verdict is removed
	MaxBytes int64  // of all files together
}

// Record gives the settings of the record of verdicts.
func (p *Policy) Record() Record {
	r := Record{File: p.config.Record, Days: p.config.RecordDays, MaxBytes: int64(p.config.RecordMegabytes) << 20}
	if r.Days == 0 {
		r.Days = defaultRecordDays
	}
	if r.MaxBytes == 0 {
		r.MaxBytes = defaultRecordMegabytes << 20
	}
	return r
}
