package mail

import "strings"

// method says what a notice does to calendars, "" for nothing. A go-live without
// a due time never was in one.
func method(n Notice) string {
	if n.Due.IsZero() {
		return ""
	}
	switch n.Kind {
	case Scheduled, Rescheduled, TimeZoneMoved:
		return request
	case Cancelled:
		return cancel
	default:
		return ""
	}
}

// event is the notice as a calendar's entry: stamped with the moment of sending,
// because calendars drop what seems older than what they have.
func event(n Notice, l letter) Event {
	var about []string
	for _, f := range l.Facts {
		about = append(about, f.Label+": "+f.Value)
	}
	if l.URL != "" {
		about = append(about, l.Action+": "+l.URL)
	}
	return Event{
		UID: UID(n.Deployment), Sequence: n.Sequence, Start: n.Due.At, Changed: n.Now,
		Summary:     "Go-live: " + clean(n.Product, short),
		Description: strings.Join(about, "\n"), URL: l.URL,
	}
}
