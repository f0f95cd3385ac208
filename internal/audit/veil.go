package audit

import (
	"strings"
	"unicode/utf8"
)

// people are the beginnings of actions whose entries say who else there is, and how
// others may be reached or are known.
var people = []string{"member.", "invitation.", "token.", "session.", "mail.", "calendar.", "person.", "recipient", "sign_in"}

// Veil takes out of entries what only admins may read: where others acted from, and what
// is told of people but oneself.
func Veil(entries []Entry, reader string) {
	for i := range entries {
		e := &entries[i]
		if e.Actor == reader {
			continue
		}
		e.RemoteAddress = nil
		if tellsOfPeople(e.Action) {
			e.Details, e.Before, e.After, e.Reason = nil, nil, nil, nil
			e.Subject = Masked(e.Subject, reader)
		}
	}
}

// Mask takes others' addresses out of who acted.
func Mask(entries []Entry, reader string) {
	for i := range entries {
		entries[i].Actor = Masked(entries[i].Actor, reader)
	}
}

// IsOthers tells that a name is an address, and not the reader's.
func IsOthers(name, reader string) bool { return strings.Contains(name, "@") && name != reader }

// Masked leaves of others' addresses the first letter and the domain: enough to tell people
// apart, too little to write to them.
func Masked(name, reader string) string {
	local, domain, _ := strings.Cut(name, "@")
	if !IsOthers(name, reader) || local == "" {
		return name
	}
	first, _ := utf8.DecodeRuneInString(local)
	return string(first) + "…@" + domain
}

func tellsOfPeople(action string) bool {
	for _, prefix := range people {
		if strings.HasPrefix(action, prefix) {
			return true
		}
	}
	return false
}
