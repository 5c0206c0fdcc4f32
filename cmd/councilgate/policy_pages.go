package main

import (
	"os"
	"path/filepath"

	"councilgate/policy"
	"councilgate/policy/explain"
)

// writePages writes the help pages for a policy as files below dir, which is made
// if it is not there, and returns how many. Other files in it stay.
func writePages(p *policy.Policy, dir string) (int, error) {
	pages := explain.Pages(p)
	for _, page := range pages {
		file := filepath.Join(dir, filepath.FromSlash(page.Path))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return 0, err
		}
		if err := os.WriteFile(file, page.HTML, 0o644); err != nil {
			return 0, err
		}
	}
	return len(pages), nil
}
