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
		if box := mailbox(a); !met[box] {
			met[box] = true
			people = append(people, Person{box, max(1, p.size(a))})
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
		if !sized || p.size(a) == 0 {
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

// size gives the size of a list, 0 if none is known.
func (p *Policy) size(a Address) int {
	if n, ok := p.lists.sizes[a]; ok {
		return n
	}
	return p.lists.sizes[withoutTag(a)]
}

// members gives the members of a list, nil if the address is none.
func (p *Policy) members(a Address) []Address {
	// As Postfix does, with the tag before without (recipient_delimiter).
	for _, a := range []Address{a, withoutTag(a)} {
		if members, ok := p.lists.members[a]; ok {
			return members
		}
		if members, ok := p.lists.local[a.Local]; ok && p.isInternal(a) {
			return members
		}
	}
	return nil
}

func withoutTag(a Address) Address { return Address{Local: untagged(a.Local), Domain: a.Domain} }

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
