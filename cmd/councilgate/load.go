package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"

	"councilgate/filter"
	"councilgate/policy"
)

// A loaded policy is what a policy file says, and the files that it names.
type loaded struct {
	policy *policy.Policy
	lists  listStamps
	signer *filter.Signer
	key    []byte // of override codes
}

// load reads a policy file and all that serve needs of the files that it names. files
// lists those that were asked for, also if one is wrong or missing.
func load(file string) (l loaded, files []string, err error) {
	if file != "" {
		files = append(files, file)
	}
	p, err := parseFile(file)
	if err != nil {
		return l, files, err
	}
	for _, named := range namedFiles(p) {
		files = append(files, named.Path)
	}
	if l.policy, l.lists, err = readNamed(p); err != nil {
		return l, files, err
	}
	if l.signer, err = newSigner(p); err != nil {
		return l, files, err
	}
	l.key, err = overrideKey(p)
	return l, files, err
}

// loadPolicy reads a policy file, and the councillors and lists of the files that it
// names; "" stands for the built-in policy.
func loadPolicy(file string) (*policy.Policy, error) {
	p, _, err := loadWithLists(file)
	return p, err
}

// loadWithMembers is loadPolicy for who judges, and so needs to know the councillors of
// a directory, too.
func loadWithMembers(file string) (*policy.Policy, error) {
	p, err := loadPolicy(file)
	if err != nil {
		return nil, err
	}
	d, ok := p.Directory()
	if !ok {
		return p, nil
	}
	members, err := lookUp(context.Background(), d)
	if err != nil {
		return nil, fmt.Errorf("councillors_ldap: %w", err)
	}
	p, _ = p.WithMembers(members)
	return p, nil
}

// loadWithLists is loadPolicy for who wants to know when a list file changes.
func loadWithLists(file string) (*policy.Policy, listStamps, error) {
	p, err := parseFile(file)
	if err != nil {
		return nil, nil, err
	}
	return readNamed(p)
}

// parseFile reads a policy file alone.
func parseFile(file string) (*policy.Policy, error) {
	if file == "" {
		return policy.Default(), nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	return policy.ParseWith(vocabulary, file, data)
}

// readNamed adds to a policy what the files with councillors and lists hold.
func readNamed(p *policy.Policy) (*policy.Policy, listStamps, error) {
	p, err := p.WithCouncillorsFile(func(file string) ([]byte, error) {
		data, err := readFile(file, policy.MaxFile)
		if err != nil {
			err = &fs.PathError{Op: "open", Path: file, Err: err}
		}
		return data, err
	})
	if err != nil {
		return nil, nil, err
	}
	return readLists(p)
}
