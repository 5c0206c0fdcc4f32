package sensitive

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"councilgate/policy"
)

// readIDs reads a file of testdata/ids: a word and a number a line.
func readIDs(t *testing.T, name string) (list [][2]string) {
	t.Helper()
	f, err := os.Open(filepath.Join("../../testdata/ids", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		word, number, ok := strings.Cut(lines.Text(), " ")
		if !ok {
			t.Fatalf("%s: no number in %q", name, lines.Text())
		}
		list = append(list, [2]string{word, number})
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

// TestOracle compares what the digits say with what python3-stdnum says of them.
func TestOracle(t *testing.T) {
	for _, kind := range []string{"cpr", "personnummer", "samordningsnummer", "fodselsnummer", "d-nummer", "h-nummer", hetuKind} {
		t.Run(kind, func(t *testing.T) {
			count := make(map[string]int)
			for _, id := range readIDs(t, kind+".txt") {
				want, number := id[0], id[1]
				count[want]++
				if got := oracleWord(checkID(kind, number)); got != want {
					t.Errorf("%s: %s, stdnum says %s", number, got, want)
				}
			}
			if count["checked"] < 200 || count["date-only"]+count["none"] < 200 || len(count) != 3 {
				t.Errorf("too few numbers: %v", count)
			}
		})
	}
}

// checkID reads a number in the formats of a kind.
func checkID(kind, number string) idCheck {
	text := fold(number).text
	if kind == hetuKind {
		return hetu(text)
	}
	best := notAnID
	for _, f := range idFormats(cprUncheckedYears) {
		if f.kind == kind && f.length == len(text) {
			best = max(best, f.parse(text))
		}
	}
	return best
}

// oracleWord is the word of testdata/ids for a result. stdnum does not know the
// CPR numbers of 1 January that have no check digit.
func oracleWord(c idCheck) string {
	switch c {
	case notAnID:
		return "none"
	case checked:
		return "checked"
	}
	return "date-only"
}

// TestSwedishForms finds Swedish numbers in the four ways in which they are
// written, and leaves alone what only looks like one.
func TestSwedishForms(t *testing.T) {
	for _, line := range readIDs(t, "forms.txt") {
		kind := line[0]
		fields := strings.Fields(line[1])
		verdict, spellings := fields[0], fields[1:]
		if len(spellings) != 4 {
			t.Fatalf("%d spellings of %v", len(spellings), line)
		}
		for _, number := range spellings {
			alone := strongest(fmt.Sprintf("Det gäller %s sedan i går.", number))
			labelled := strongest(fmt.Sprintf("Mitt personnummer är %s.", number))
			switch {
			case verdict != "valid":
				if alone.confidence >= policy.Strong {
					t.Errorf("%s, %s: found as %s", number, verdict, alone.kind)
				}
			case kind == "interim-number":
				if alone.confidence > 0 || labelled.confidence != policy.Strong || labelled.kind != kind {
					t.Errorf("%s: %v alone, %v labelled as %s", number, alone.confidence, labelled.confidence, labelled.kind)
				}
			default:
				if alone.confidence < policy.Strong || labelled.confidence != policy.Certain || labelled.kind != kind {
					t.Errorf("%s: %v alone, %v labelled as %s", number, alone.confidence, labelled.confidence, labelled.kind)
				}
			}
		}
	}
}

// strongest is the surest national id of a text.
func strongest(text string) (best match) {
	for _, m := range nationalIDs(fold(text), idFormats(cprUncheckedYears)) {
		if m.confidence > best.confidence {
			best = m
		}
	}
	return best
}
