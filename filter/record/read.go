package record

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
)

// read reads the lines of a record, up to an end that no file grows beyond meanwhile,
// and counts those that are broken.
func read(r io.Reader, note func(Entry)) (lines, broken int, err error) {
	in := bufio.NewReaderSize(r, maxLine)
	for {
		data, err := in.ReadSlice('\n')
		long := errors.Is(err, bufio.ErrBufferFull)
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = in.ReadSlice('\n')
		}
		if data = bytes.TrimSuffix(data, []byte("\n")); long {
			broken++
		} else if len(data) > 0 {
			if e, parseErr := parse(data); parseErr == nil {
				lines++
				note(e)
			} else {
				broken++
			}
		}
		if errors.Is(err, io.EOF) {
			return lines, broken, nil
		}
		if err != nil {
			return lines, broken, err
		}
	}
}

// readAll reads what is on disk, the oldest first.
func (f *files) readAll(note func(Entry)) (lines, broken int, err error) {
	list, err := f.past()
	if err != nil {
		return 0, 0, err
	}
	for _, p := range append(list, past{path: f.File, size: f.size}) {
		file, openErr := os.Open(p.path)
		if openErr != nil {
			err = errors.Join(err, openErr)
			continue
		}
		n, bad, readErr := read(io.LimitReader(file, p.size), note)
		file.Close()
		lines, broken, err = lines+n, broken+bad, errors.Join(err, readErr)
	}
	return lines, broken, err
}
