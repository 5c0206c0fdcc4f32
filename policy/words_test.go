package policy

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestWords(t *testing.T) {
	p, err := ParseWith(testVocabulary, "test.yaml", []byte(`
internal: [norreaa.example]
words:
  - {category: health, language: da, entry: "telling: bostedet solsikken"}
  - category: religion
    language: sv
    entry: 'livets ord*'
cpr_without_check: [1960, 1965]
`))
	if err != nil {
		t.Fatal(err)
	}
	want := []Word{{Health, "da", "telling: bostedet solsikken"}, {Religion, "sv", "livets ord*"}}
	if got := p.Words(); !reflect.DeepEqual(got, want) {
		t.Errorf("words %+v", got)
	}
	if got := p.CPRWithoutCheck(); !slices.Equal(got, []int{1960, 1965}) {
		t.Errorf("years %v", got)
	}
	if p := Default(); len(p.Words()) > 0 || len(p.CPRWithoutCheck()) > 0 {
		t.Error("the default policy has words or years of its own")
	}
}

func TestWordsAreBounded(t *testing.T) {
	item := "  - {category: health, language: da, entry: bostedet}\n"
	text := "internal: [norreaa.example]\nwords:\n" + strings.Repeat(item, maxWords)
	if _, err := Parse("test.yaml", []byte(text)); err != nil {
		t.Error(err)
	}
	if _, err := Parse("test.yaml", []byte(text+item)); err == nil || !strings.HasPrefix(err.Error(), "test.yaml:3: words: lists more than 500") {
		t.Errorf("error %v", err)
	}
	long := strings.Replace(item, "bostedet", strings.Repeat("x", maxEntry+1), 1)
	if _, err := Parse("test.yaml", []byte("internal: [norreaa.example]\nwords:\n"+long)); err == nil || !strings.Contains(err.Error(), "words[0].entry: is longer than 200 bytes") {
		t.Errorf("error %v", err)
	}
}
