package policy

// Councillor is an elected person whose mail is judged.
type Councillor struct {
	Address  Address
	Name     string
	Aliases  []Address
	Private  []Address
	Language string // "" for the municipality's
}

// Policy is a valid policy, ready to judge with. It never changes; a reload makes
// a new one.
type Policy struct{}
