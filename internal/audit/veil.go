package audit

import "strings"

// people are the beginnings of actions whose entries say who else there is, and how
// others may be reached or are known.
var people = []string{"member.", "invitation.", "token.", "session.", "mail.", "calendar.", "person.", "signin."}

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
		}
	}
}

func tellsOfPeople(action string) bool {
	for _, prefix := range people {
		if strings.HasPrefix(action, prefix) {
			return true
		}
	}
	return false
}
