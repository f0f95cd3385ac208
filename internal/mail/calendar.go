package mail

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Event is a scheduled go-live as a calendar shows it.
type Event struct {
	// UID stays the same for ever, see UID; Sequence counts up with every change.
	UID      string
	Sequence int
	Start    time.Time
	// Changed is when it last changed.
	Changed              time.Time
	Summary, Description string
	// URL is the page about it, "" for none.
	URL string
	// OnHold is true where it does not start by itself.
	OnHold bool
}

// The methods of RFC 5546 that are in use.
const (
	request = "REQUEST"
	cancel  = "CANCEL"
)

// length is how long a go-live stands in a calendar. It takes seconds, but an
// event of no length is drawn as a hair or not at all.
const length = 15 * time.Minute

// Feed returns an iCalendar object to subscribe to (RFC 5545). It has no METHOD: nobody
// publishes an event to somebody (RFC 5546), which would want an organizer for each. The
// same events give the same bytes.
func Feed(name string, events []Event) []byte {
	w := &calendar{}
	w.open("")
	w.text("NAME", name)
	w.text("X-WR-CALNAME", name) // the same for those from before RFC 7986
	w.line("REFRESH-INTERVAL;VALUE=DURATION:PT15M")
	w.line("X-PUBLISHED-TTL:PT15M")
	if len(events) == 0 {
		w.clock()
	}
	for _, e := range events {
		status := "CONFIRMED"
		if e.OnHold {
			status = "TENTATIVE"
		}
		w.event(e, status)
		w.line("END:VEVENT")
	}
	w.line("END:VCALENDAR")
	return []byte(w.b.String())
}

// invite returns the object that puts an event into one person's calendar, or
// takes it out of there again.
func invite(method string, e Event, organizer, attendee person) []byte {
	w := &calendar{}
	w.open(method)
	status := "CONFIRMED"
	if method == cancel {
		status = "CANCELLED"
	}
	w.event(e, status)
	w.line("ORGANIZER" + commonName(organizer) + ":mailto:" + organizer.Address)
	// No answer is asked for: nobody reads the sender's mailbox.
	w.line("ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=FALSE" + commonName(attendee) + ":mailto:" + attendee.Address)
	w.line("END:VEVENT")
	w.line("END:VCALENDAR")
	return []byte(w.b.String())
}

// calendar writes content lines as RFC 5545 wants them.
type calendar struct{ b strings.Builder }

func (w *calendar) open(method string) {
	w.line("BEGIN:VCALENDAR")
	w.line("VERSION:2.0")
	w.line("PRODID:-//Golive//Golive//EN")
	w.line("CALSCALE:GREGORIAN")
	if method != "" {
		w.line("METHOD:" + method)
	}
}

// clock writes the component that means nothing: a calendar has at least one (RFC 5545, 3.6).
func (w *calendar) clock() {
	for _, line := range []string{
		"BEGIN:VTIMEZONE", "TZID:UTC", "BEGIN:STANDARD", "DTSTART;VALUE=DATE-TIME:19700101T000000",
		"TZOFFSETFROM:+0000", "TZOFFSETTO:+0000", "END:STANDARD", "END:VTIMEZONE",
	} {
		w.line(line)
	}
}

// event leaves the event open for what only some have.
func (w *calendar) event(e Event, status string) {
	w.line("BEGIN:VEVENT")
	w.line("UID:" + clean(e.UID, short))
	w.line("SEQUENCE:" + strconv.Itoa(e.Sequence))
	w.line("DTSTAMP:" + stamp(e.Changed))
	w.line("DTSTART:" + stamp(e.Start))
	w.line("DTEND:" + stamp(e.Start.Add(length)))
	w.text("SUMMARY", e.Summary)
	if e.Description != "" {
		w.text("DESCRIPTION", e.Description)
	}
	if e.URL != "" {
		w.line("URL:" + clean(e.URL, 2*mostOf))
	}
	w.line("STATUS:" + status)
	w.line("TRANSP:TRANSPARENT") // nobody is busy because of it
}

// text writes a value in which anything may stand.
func (w *calendar) text(name, value string) {
	kept := strings.Split(value, "\n")
	for i, line := range kept {
		kept[i] = clean(line, mostOf)
	}
	w.line(name + ":" + escape.Replace(strings.Join(kept, "\n")))
}

var escape = strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\n", `\n`)

// longest is how many octets a line may have, its end not counted.
const longest = 75

// line folds where a character begins: half a character is none to a reader that
// decodes line by line.
func (w *calendar) line(text string) {
	room := longest
	for len(text) > room {
		cut := room
		for !utf8.RuneStart(text[cut]) {
			cut--
		}
		w.b.WriteString(text[:cut] + "\r\n ")
		text, room = text[cut:], longest-1 // the space counts
	}
	w.b.WriteString(text + "\r\n")
}

func stamp(t time.Time) string { return t.UTC().Format("20060102T150405Z") }

// commonName is a name as a parameter, where quotes cannot be escaped.
func commonName(p person) string {
	name := strings.ReplaceAll(clean(p.Name, short), `"`, "'")
	if name == "" {
		return ""
	}
	return fmt.Sprintf(`;CN="%s"`, name)
}
