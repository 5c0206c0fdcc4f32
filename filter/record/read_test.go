package record

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"councilgate/policy"
)

func TestParse(t *testing.T) {
	for _, e := range []Entry{refused, shadowed} {
		e.Hour = noon.Truncate(time.Hour)
		got, err := parse([]byte(strings.TrimSuffix(string(newLine(e, "0123456789abcdef").encode()), "\n")))
		e.Took = time.Duration(twoDigits(e.Took) * float64(time.Millisecond))
		if err != nil || fmt.Sprint(got) != fmt.Sprint(e) {
			t.Errorf("read %+v, want %+v: %v", got, e, err)
		}
	}
	const whole = `{"time":"2026-11-21T12:00:00Z","action":"reject"}`
	if _, err := parse([]byte(whole)); err != nil {
		t.Fatalf("the least that there may be: %v", err)
	}
	if _, err := parse([]byte(`{"time":"2026-11-21T12:00:00Z","action":"reject","later":1}`)); err != nil {
		t.Errorf("a key of a later version: %v", err)
	}
	for _, broken := range []string{
		"", "x", "null", "[]", "{}", whole[:20], whole + whole, "\x00\x00\x00",
		`{"action":"reject"} trailing`,
		`{"time":"noon","action":"reject"}`,
		`{"time":"2026-11-21T12:00:00Z","action":"explode"}`,
		`{"time":"2026-11-21T12:00:00Z","action":"reject","rule":"no-such-rule"}`,
		`{"time":"2026-11-21T12:00:00Z","action":"reject","categories":["shoe size"]}`,
		`{"time":"2026-11-21T12:00:00Z","action":"reject","categories":["health","health"]}`,
		`{"time":"2026-11-21T12:00:00Z","action":"reject","gaps":["bored"]}`,
		`{"time":"2026-11-21T12:00:00Z","action":"reject","override":"maybe"}`,
		`{"time":"2026-11-21T12:00:00Z","action":"accept","would":{"action":"explode"}}`,
		`{"time":"2026-11-21T12:00:00Z","action":"accept","ms":-1}`,
		`{"time":"2026-11-21T12:00:00Z","action":"accept","ms":1e300}`,
	} {
		if e, err := parse([]byte(broken)); err == nil {
			t.Errorf("%q is read as %+v", broken, e)
		}
	}
}

func TestTwoDigits(t *testing.T) {
	for took, want := range map[time.Duration]float64{
		0: 0, 123 * time.Microsecond: 0.12, 1250 * time.Microsecond: 1.2, 12345 * time.Microsecond: 12,
		987 * time.Millisecond: 990, 20123 * time.Millisecond: 20000,
	} {
		if got := twoDigits(took); got != want {
			t.Errorf("%v gives %v, want %v", took, got, want)
		}
	}
}

func TestQuantile(t *testing.T) {
	var times Times
	if _, ok := times.Quantile(0.5); ok {
		t.Error("a quantile of nothing")
	}
	for ms := 1; ms <= 1000; ms++ {
		times.note(time.Duration(ms) * time.Millisecond)
	}
	for part, exact := range map[float64]time.Duration{0: time.Millisecond, 0.5: 500 * time.Millisecond, 0.95: 950 * time.Millisecond, 1: time.Second} {
		if got, ok := times.Quantile(part); !ok || got < exact || got > exact*6/5 {
			t.Errorf("%v: %v, want %v or up to a fifth more", part, got, exact)
		}
	}
	times.note(-time.Second) // a clock that was set back
	times.note(1000 * time.Hour)
}

// FuzzRead: whatever stands in a file, reading ends, and counting what was read is safe.
func FuzzRead(f *testing.F) {
	line := newLine(entryAt(noon), "0123456789abcdef").encode()
	f.Add(line)
	f.Add(append(line[:40:40], line...))
	f.Add([]byte("\n\n{}\n" + strings.Repeat("x", 3*maxLine) + "\n" + string(line)))
	f.Fuzz(func(t *testing.T, data []byte) {
		h := make(hours)
		lines, broken, err := read(strings.NewReader(string(data)), func(e Entry) {
			if !e.known() || e.Action > policy.TempFail || e.Took < 0 {
				t.Errorf("entry %+v", e)
			}
			h.add(e)
		})
		if err != nil || lines+broken > 1+strings.Count(string(data), "\n") {
			t.Errorf("%d lines, %d broken: %v", lines, broken, err)
		}
		total := 0
		for _, c := range h {
			total += c.Messages
		}
		if total != lines {
			t.Errorf("%d counted of %d", total, lines)
		}
	})
}

// FuzzKey: no text is taken for a key that would not be written as it.
func FuzzKey(f *testing.F) {
	f.Add(newKey(noon).encode())
	f.Add("2026-11-21T12:00:00Z AAAA")
	f.Fuzz(func(t *testing.T, text string) {
		k, err := parseKey(text)
		if err != nil {
			return
		}
		if again, err := parseKey(k.encode()); err != nil || again.secret != k.secret || !again.made.Equal(k.made) {
			t.Errorf("%q is read as %+v, and that as %+v", text, k, again)
		}
	})
}
