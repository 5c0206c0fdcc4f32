package mail

import (
	"net/mail"
	"strings"
)

// Mailbox is one entry of an address field.
type Mailbox struct {
	Name    string // decoded display name, "" if none
	Address string // addr-spec
}

// All gives the values of every field of a name, unfolded but not decoded, topmost
// first.
func (h Header) All(name string) []string { return h.fields.all(name) }

// Mailboxes lists the entries of the address fields of the given names. Of a broken
// field it takes what has the shape of an address.
func (h Header) Mailboxes(names ...string) []Mailbox {
	var list []Mailbox
	for _, name := range names {
		for _, value := range h.fields.all(name) {
			list = append(list, mailboxes(value)...)
		}
	}
	return list
}

func mailboxes(value string) []Mailbox {
	var list []Mailbox
	value = toUTF8([]byte(value), "")
	if parsed, err := mail.ParseAddressList(value); err == nil {
		for _, m := range parsed {
			list = append(list, Mailbox{Name: m.Name, Address: m.Address})
		}
		return list
	}
	for entry := range strings.SplitSeq(value, ",") {
		name, _, _ := strings.Cut(decodeField(entry), "<")
		for _, spec := range addresses(entry) {
			list = append(list, Mailbox{Name: strings.Trim(name, "\" \t"), Address: spec})
		}
	}
	return list
}
