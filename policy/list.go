package policy

import "slices"

// Person is somebody whom a mail reaches, or a list of whom only the number of
// people is known.
type Person struct {
	Address Address
	Count   int // 1, or the size of the list
}

// lists tells what addresses stand for many people.
type lists struct {
	sizes   map[Address]int       // from the policy file
	members map[Address][]Address // from list files
	local   map[string][]Address  // the same, by a name in any internal domain
}

// People gives the distinct people whom the recipients of a mail stand for, each
// once. The members of a list take its place; a list of known size is one Person;
// two spellings or aliases of one mailbox are one Person, too.
func (p *Policy) People(rcpts []Address) []Person {
	people := make([]Person, 0, len(rcpts))
	met := make(map[Address]bool, len(rcpts))
	for _, a := range p.destinations(rcpts, true) {
		n, isList := p.lists.sizes[a]
		if !isList {
			a, n = mailbox(a), 1
		}
		if !met[a] {
			met[a] = true
			people = append(people, Person{a, n})
		}
	}
	return people
}

// destinations gives the addresses at which a mail ends up as far as list files
// tell, each once. A list of known size is left as it is if sized says so.
func (p *Policy) destinations(rcpts []Address, sized bool) []Address {
	if len(p.lists.members)+len(p.lists.local) == 0 {
		return rcpts
	}
	ends := make([]Address, 0, len(rcpts))
	seen := make(map[Address]bool, len(rcpts))
	// A list may name lists; each is looked into once, whatever names it.
	for queue := slices.Clone(rcpts); len(queue) > 0; queue = queue[1:] {
		a := queue[0]
		if seen[a] {
			continue
		}
		seen[a] = true
		var members []Address
		if _, known := p.lists.sizes[a]; !known || !sized {
			members = p.members(a)
		}
		// A list that names itself means the mailbox of that name (aliases(5)).
		if len(members) == 0 || slices.Contains(members, a) {
			ends = append(ends, a)
		}
		queue = append(queue, members...)
	}
	return ends
}

// members gives the members of a list, nil if the address is none.
func (p *Policy) members(a Address) []Address {
	if members, ok := p.lists.members[a]; ok {
		return members
	}
	if len(p.lists.local) > 0 && p.isInternal(a) {
		return p.lists.local[a.Local]
	}
	return nil
}

// ListFiles names the files that the members of lists are read from.
func (p *Policy) ListFiles() []string { return p.config.ListFiles }

// peopleCount is the number of people.
func peopleCount(people []Person) int {
	n := 0
	for _, person := range people {
		n += person.Count
	}
	return n
}
