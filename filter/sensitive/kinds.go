package sensitive

import (
	"io/fs"
	"path"
	"slices"
	"sync"

	"councilgate/policy"
)

// Kinds that stand in no lexicon.
const (
	requestKind = "request" // somebody is asked for such data
	localKind   = "local"   // a word of the operator's
)

// Kinds lists the kinds of findings of a category, in alphabetical order: the
// sections of its lexicons or the formats of its numbers. The caller must not
// change the list.
func Kinds(c policy.Category) []string { return kinds()[c] }

var kinds = sync.OnceValue(func() map[policy.Category][]string {
	sets := map[policy.Category][]string{policy.NationalID: {hetuKind}}
	for _, f := range idFormats(nil) {
		sets[policy.NationalID] = append(sets[policy.NationalID], f.kind)
	}
	for _, c := range topicCategories {
		sets[c] = []string{localKind}
		for _, folder := range languageFolders {
			// The files are part of the program.
			data, _ := fs.ReadFile(lexiconFiles, path.Join("lexicon", folder, string(c)+".txt"))
			for _, line := range lexiconLines(string(data)) {
				if section, ok, _ := sectionOf(line); ok {
					sets[c] = append(sets[c], section)
				}
			}
		}
	}
	sets[policy.Sexuality] = append(sets[policy.Sexuality], coupleKind)
	for c, list := range sets {
		list = append(list, requestKind)
		slices.Sort(list)
		sets[c] = slices.Compact(list)
	}
	return sets
})
