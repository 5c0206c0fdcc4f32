package policy

import (
	"fmt"
	"path/filepath"
	"strings"
)

// maxCouncillors bounds the councillors of all sources together.
const maxCouncillors = 10_000

// CouncillorsFile is the path of the file with further councillors, "" if there is
// none. A relative name in the policy is one beside the policy file.
func (p *Policy) CouncillorsFile() string {
	file := p.config.CouncillorsFile
	if file == "" || filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(p.dir, file)
}

// WithCouncillorsFile returns the policy with the councillors that its
// councillors_file lists; read reads a file. One whose name ends with .csv is a table,
// any other YAML in the shape of the key councillors. The error is Faults of that file,
// or that of read.
func (p *Policy) WithCouncillorsFile(read func(file string) ([]byte, error)) (*Policy, error) {
	file := p.CouncillorsFile()
	if file == "" {
		return p, nil
	}
	data, err := read(file)
	if err != nil {
		return nil, fmt.Errorf("councillors_file: %w", err)
	}
	faults := newFaultList(file)
	entries := parseCouncillors(file, data, faults)
	if len(faults.list) == 0 {
		v := validator{faultList: faults, internal: p.internal, secure: p.secure}
		v.councillors(entries)
	}
	merged := p.config.Councillors
	if len(faults.list) == 0 {
		merged = mergeCouncillors(merged, entries, faults)
	}
	if err := faults.err(); err != nil {
		return nil, err
	}
	return p.withCouncillors(merged), nil
}

// parseCouncillors reads the entries of a file.
func parseCouncillors(file string, data []byte, faults *faultList) []councillorConfig {
	if len(data) > MaxFile {
		faults.addLine(1, "", "is larger than %d MiB; is it a list of councillors?", MaxFile>>20)
		return nil
	}
	var entries []councillorConfig
	if strings.EqualFold(filepath.Ext(file), ".csv") {
		entries = parseCouncillorTable(data, faults)
	} else {
		decodeCouncillors(data, &entries, faults)
	}
	switch {
	case len(faults.list) > 0:
	case len(entries) == 0:
		// Without any councillor, every sender in the house would be judged.
		faults.addLine(1, "", "lists no councillor; remove councillors_file from the policy if it is not needed")
	case len(entries) > maxCouncillors:
		faults.addLine(1, "", "lists more than %d councillors; is it the right file?", maxCouncillors)
	}
	return entries
}
