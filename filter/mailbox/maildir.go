package mailbox

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// A Maildir is a folder with the folders cur and new, in which each file is a mail
// (maildir(5) of qmail), and with the subfolders of Maildir++ as Dovecot and Courier
// have them: folders beside cur whose names begin with a dot.
type Maildir string

// batch is how many names of a folder are in memory at a time.
const batch = 1000

// Size implements Box.
func (d Maildir) Size() int64 {
	var size int64
	_ = d.walk(func(_ string, entry fs.DirEntry) bool {
		if info, err := entry.Info(); err == nil {
			size += info.Size()
		}
		return true
	})
	return size
}

// Each implements Box.
func (d Maildir) Each(limits Limits, yield func(Mail) bool) error {
	return d.walk(func(dir string, entry fs.DirEntry) bool {
		if !entry.Type().IsRegular() {
			return yield(Mail{Err: ErrFile})
		}
		return yield(readFile(filepath.Join(dir, entry.Name()), limits))
	})
}

// walk visits the mails until visit returns false.
func (d Maildir) walk(visit func(dir string, entry fs.DirEntry) bool) error {
	folders, err := d.folders()
	if err != nil {
		return err
	}
	for _, folder := range folders {
		more := true
		err := eachEntry(folder, func(entry fs.DirEntry) bool {
			if entry.IsDir() || strings.HasPrefix(entry.Name(), ".") {
				return true
			}
			more = visit(folder, entry)
			return more
		})
		if err != nil || !more {
			return err
		}
	}
	return nil
}

// folders lists all folders cur and new.
func (d Maildir) folders() ([]string, error) {
	bases := []string{string(d)}
	err := eachEntry(string(d), func(entry fs.DirEntry) bool {
		if entry.IsDir() && strings.HasPrefix(entry.Name(), ".") {
			bases = append(bases, filepath.Join(string(d), entry.Name()))
		}
		return true
	})
	if err != nil {
		return nil, err
	}
	var folders []string
	for _, base := range bases {
		for _, name := range []string{"cur", "new"} {
			folder := filepath.Join(base, name)
			if info, err := os.Stat(folder); err == nil && info.IsDir() {
				folders = append(folders, folder)
			}
		}
	}
	if len(folders) == 0 {
		return nil, errors.New("no Maildir: there is neither cur nor new in it")
	}
	return folders, nil
}

// eachEntry visits the entries of a folder until visit returns false.
func eachEntry(dir string, visit func(fs.DirEntry) bool) error {
	f, err := os.Open(dir)
	if err != nil {
		return errors.Unwrap(err) // the caller names the mailbox
	}
	defer f.Close()
	for {
		entries, err := f.ReadDir(batch)
		for _, entry := range entries {
			if !visit(entry) {
				return nil
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return errors.New("cannot be listed")
		}
	}
}
