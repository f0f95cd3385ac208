package mail

import "strings"

// method says what a notice does to calendars, "" for nothing. A go-live without
// a due time never was in one.
func method(n Notice) string {
	switch {
	case n.Due.IsZero():
		return ""
	case n.Kind == Scheduled, n.moves():
		return request
	case n.Uninvited:
		return ""
	case n.early():
		return request
	case n.Kind == Cancelled:
		return cancel
	default:
		return ""
	}
}

// early tells that somebody did not wait for the due time: once it is over, calendars have
// to move the event to when it really was.
func (n Notice) early() bool {
	return n.runs() && n.Kind != Started && n.Happened.At.Before(n.Due.At)
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
	start := n.Due.At
	if n.early() {
		start = n.Happened.At
	}
	return Event{
		UID: UID(n.Deployment), Sequence: n.Sequence, Start: start, Changed: n.Now,
		Summary:     "Go-live: " + clean(n.Product, short),
		Description: strings.Join(about, "\n"), URL: l.URL,
	}
}
