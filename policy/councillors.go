package policy

import (
	"fmt"
	"slices"
)

// Councillors come from up to three sources: the policy file, the file that
// councillors_file names, and the directory that councillors_ldap tells of. The first
// two are written by hand or by an export that can be mended, so that contradictions
// between them are refused. What a directory says is taken as far as it contradicts
// nothing: a slip there must not keep a new councillor's mail from being judged.

// listedElsewhere reports whether councillors may come from another source than the
// policy file itself.
func (c *config) listedElsewhere() bool {
	return c.CouncillorsFile != "" || c.CouncillorsLDAP.URL != ""
}

// withCouncillors gives the policy with another list of councillors.
func (p *Policy) withCouncillors(list []councillorConfig) *Policy {
	c := *p.config
	c.Councillors = list
	with := build(&c)
	with.lists, with.dir = p.lists, p.dir
	return with
}

// holders tells whose an address is: the index of the councillor in a list.
type holders struct {
	own     map[Address]int // addresses and aliases
	private map[Address]int
}

func holdersOf(list []councillorConfig) holders {
	h := holders{own: make(map[Address]int), private: make(map[Address]int)}
	for i, c := range list {
		for _, a := range addresses(append([]string{c.Address}, c.Aliases...)) {
			h.own[a] = i
		}
		for _, a := range addresses(c.Private) {
			h.private[a] = i
		}
	}
	return h
}

// mergeCouncillors adds the entries of a file to the councillors of the policy. An
// entry with the address of one of them is about the same person: its lists are added,
// and name and language must not differ. All else that both claim is a fault of the
// file, told at the path of the entry.
func mergeCouncillors(base, entries []councillorConfig, faults *faultList) []councillorConfig {
	merged := slices.Clone(base)
	known := holdersOf(base)
	for i, e := range entries {
		path := fmt.Sprintf("councillors[%d]", i)
		same := -1
		if n, ok := known.own[address(e.Address)]; ok && address(base[n].Address) == address(e.Address) {
			same = n
		}
		claim := func(path, s string) {
			a := address(s)
			if n, taken := known.own[a]; taken && n != same {
				faults.add(path, "is an address of another councillor in the policy; an address belongs to one councillor: remove it from one of the two files")
			} else if _, private := known.private[a]; private {
				faults.add(path, "is a private mailbox in the policy; remove it from one of the two files")
			}
		}
		claim(path+".address", e.Address)
		for j, s := range e.Aliases {
			claim(fmt.Sprintf("%s.aliases[%d]", path, j), s)
		}
		for j, s := range e.Private {
			if _, taken := known.own[address(s)]; taken {
				faults.add(fmt.Sprintf("%s.private[%d]", path, j), "is an address of a councillor in the policy; remove it from one of the two files")
			}
		}
		if same < 0 {
			merged = append(merged, e)
			continue
		}
		c := &merged[same]
		for _, field := range []struct {
			name string
			into *string
			text string
		}{{"name", &c.Name, e.Name}, {"language", &c.Language, e.Language}} {
			if *field.into != "" && field.text != "" && *field.into != field.text {
				faults.add(path+"."+field.name, "differs from what the policy says of this councillor; remove it from one of the two files")
			}
			if *field.into == "" {
				*field.into = field.text
			}
		}
		c.Aliases = union(c.Aliases, e.Aliases)
		c.Private = union(c.Private, e.Private)
	}
	return merged
}

// union adds the addresses to a list that are not in it, and leaves the list given as
// it is.
func union(list, more []string) []string {
	known := addresses(list)
	list = slices.Clone(list)
	for _, s := range more {
		if a := address(s); !slices.Contains(known, a) {
			known = append(known, a)
			list = append(list, s)
		}
	}
	return list
}
