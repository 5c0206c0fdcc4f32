package main

import (
	"io/fs"
	"maps"
	"os"
	"time"
)

// watchEvery is how often serve -watch looks at its files. A change is taken up by the
// second look that finds the same.
const watchEvery = 2 * time.Second

// A watcher tells when files have changed and come to rest. It looks at them again and
// again, which also works on network file systems and for the symbolic links of a
// Kubernetes ConfigMap, and with editors that put a new file in the place of the old.
type watcher struct {
	taken fileStates // at the time of the last load
	seen  fileStates // at the last look
}

// fileStates are the states of files by name, nil for one that is not there.
type fileStates map[string]fs.FileInfo

func statesOf(files []string) fileStates {
	states := make(fileStates, len(files))
	for _, file := range files {
		states[file] = stateOf(file)
	}
	return states
}

// stateOf gives the state of a file, nil if it cannot be read: a file is not what it was
// when its permissions are mended.
func stateOf(file string) fs.FileInfo {
	info, err := os.Stat(file)
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil
	}
	defer f.Close()
	if info, err = f.Stat(); err != nil {
		return nil
	}
	return info
}

func (s fileStates) equal(other fileStates) bool {
	return maps.EqualFunc(s, other, func(a, b fs.FileInfo) bool {
		if a == nil || b == nil {
			return a == b
		}
		return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
	})
}

// look reports whether the files have changed since the last load and are at rest.
func (w *watcher) look() bool {
	files := make([]string, 0, len(w.taken))
	for file := range w.taken {
		files = append(files, file)
	}
	now := statesOf(files)
	resting := now.equal(w.seen)
	w.seen = now
	return resting && !now.equal(w.taken)
}

// take notes the files of a load, which looked at them after before was made: a change
// in between shows at the next look.
func (w *watcher) take(before fileStates, files []string) {
	w.taken = statesOf(files)
	for file := range w.taken {
		if state, ok := before[file]; ok {
			w.taken[file] = state
		}
	}
	w.seen = w.taken
}

// states gives the states of the files that are watched.
func (w *watcher) states() fileStates {
	files := make([]string, 0, len(w.taken))
	for file := range w.taken {
		files = append(files, file)
	}
	return statesOf(files)
}
