package filter

import (
	"testing"
	"time"

	"councilgate/filter/notice"
	"councilgate/filter/overview"
)

// TestFacts: the page shows what the metrics count.
func TestFacts(t *testing.T) {
	m := NewMetrics()
	loaded := time.UnixMilli(1_763_800_000_123)
	m.Loaded(loaded)
	m.connection(+3)
	m.MassMailing(150, true)
	m.MassMailing(150, false)
	m.MassMailing(250, false)
	m.MailingStateUp(true)
	m.forwardRulesFound(4)
	for range 5 {
		m.Noticed(notice.Sent)
	}
	m.RecordEvents().Dropped(6)
	m.UseDirectory(true)
	m.DirectoryAnswered(31, loaded)
	f := overview.Facts{Directory: &overview.Directory{}}
	m.tell(&f)
	if !f.PolicyLoaded.Equal(loaded) || !f.ReloadOK || f.Connections != 3 || !f.StateUp || f.ForwardRules != 4 || f.Dropped != 6 ||
		f.MassMailings.Justified != 1 || f.MassMailings.Others != 2 {
		t.Errorf("facts %+v", f)
	}
	if len(f.Notices) != len(notice.Results()) || f.Notices[0] != (overview.Number{Name: string(notice.Sent), Count: 5}) {
		t.Errorf("notices %+v", f.Notices)
	}
	if !f.Directory.Up || !f.Directory.Answered.Equal(loaded) {
		t.Errorf("directory %+v", f.Directory)
	}
	if age := time.Since(f.Started); age < 0 || age > time.Hour {
		t.Errorf("started %v ago", age)
	}
	m.LoadFailed()
	if m.tell(&f); f.ReloadOK {
		t.Error("a policy that was not loaded counts as loaded")
	}
}
