package main

import (
	"io/fs"
	"os"
	"time"

	"councilgate/policy"
)

// maxListFile bounds a file of list members, in bytes.
const maxListFile = 16 << 20

// listCheckEvery is how often serve looks whether a list file has changed.
const listCheckEvery = 5 * time.Second

// listStamps tells the state of the list files at the time they were read, by
// name. A file that is not there has the zero stamp.
type listStamps map[string]listStamp

type listStamp struct {
	changed time.Time
	size    int64
}

func stampOf(file string) listStamp {
	info, err := os.Stat(file)
	if err != nil {
		return listStamp{}
	}
	return listStamp{info.ModTime(), info.Size()}
}

// stale reports whether a file has changed since.
func (s listStamps) stale() bool {
	for file, stamp := range s {
		if stampOf(file) != stamp {
			return true
		}
	}
	return false
}

// readLists reads the members of lists into a policy. The stamps are those of all
// files that were asked for, also when one of them could not be read.
func readLists(p *policy.Policy) (*policy.Policy, listStamps, error) {
	stamps := make(listStamps)
	with, err := p.WithLists(func(file string) ([]byte, error) {
		stamps[file] = stampOf(file) // before it is read: a change meanwhile shows
		data, err := readFile(file, maxListFile)
		if err != nil {
			err = &fs.PathError{Op: "open", Path: file, Err: err}
		}
		return data, err
	})
	return with, stamps, err
}

// reloadLists reads the list files again if one has changed. If one cannot be read,
// what was read before stays in force until the next change.
func (d *daemon) reloadLists() {
	if !d.lists.stale() {
		return
	}
	p, stamps, err := readLists(d.policy)
	d.lists = stamps
	if err != nil {
		d.metrics.LoadFailed()
		d.log.Error("lists not reloaded, those before stay in force", "error", err)
		return
	}
	d.policy = p
	d.enforce()
	d.metrics.Loaded(time.Now())
	d.log.Info("lists reloaded")
}
