package sensitive

import (
	"fmt"
	"os"
	"sort"
	"strings"
	"testing"
)

func TestAuditTmp(t *testing.T) {
	if os.Getenv("AUDIT") == "" {
		t.Skip()
	}
	l, _ := loadLexicon(lexiconFiles)
	type st struct{ pos, neg int }
	m := map[string]*st{}
	for _, x := range readLetters(t, "seen") {
		r := l.read(x.text)
		ss := r.sentences()
		for i, e := range examples(l, &x) {
			seen := map[string]bool{}
			for _, h := range ss[i].hits {
				if h.topic >= numCategories {
					continue
				}
				var w []string
				for _, p := range h.words {
					s := ""
					if p.before {
						s = "*"
					}
					for _, b := range p.text {
						s += string(rune(b))
					}
					if p.more {
						s += "*"
					}
					w = append(w, s)
				}
				key := fmt.Sprintf("%s/%s %d: %s", languageFolders[h.language], topicCategories[h.topic], h.strength, strings.Join(w, " "))
				if seen[key] {
					continue
				}
				seen[key] = true
				if m[key] == nil {
					m[key] = &st{}
				}
				if e.tells[h.topic] {
					m[key].pos++
				} else {
					m[key].neg++
				}
			}
		}
	}
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(a, b int) bool { return m[keys[a]].neg > m[keys[b]].neg })
	for _, k := range keys {
		if s := m[k]; s.neg >= 3 && s.pos*6 < s.neg || strings.Contains(k, " 2:") && s.neg >= 2 && s.pos < s.neg {
			fmt.Printf("%d/%d %s\n", s.pos, s.neg, k)
		}
	}
}
