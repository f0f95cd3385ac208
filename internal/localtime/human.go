package localtime

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Moment is a time as a person wrote it: exactly one of Instant and Local is set.
type Moment struct {
	// Instant is set where the words name one in any zone: "in 2 hours".
	Instant *time.Time
	Local   *DateTime
	// Zone is the one that was named, else the reader's own.
	Zone *Zone
}

// Resolve returns the moment's instant. Only that of a Local may need how.
func (m Moment) Resolve(how Disambiguation) (Resolved, error) {
	if m.Instant != nil {
		return Resolved{*m.Instant, Unique}, nil
	}
	return m.Zone.Resolve(*m.Local, how)
}

// ParseHuman reads a time as people write it, seen at now: "tomorrow 9:00
// Europe/Berlin", "2026-12-25 09:00 America/New_York", "friday 18:30", "9pm", "in 2
// hours", 2026-12-25T14:00:00Z. A zone may be named by a large city: "tomorrow 9:00
// Berlin". Where none is named it is home. A weekday or an
// hour alone is the next one; whoever says the words back to the person learns
// whether that was meant. An unknown zone is an *UnknownZoneError, the error of
// anything else a sentence.
func ParseHuman(text string, now time.Time, home *Zone) (Moment, error) {
	words := tokens(text)
	if len(words) == 0 {
		return Moment{}, notUnderstood(text)
	}
	if t, err := time.Parse(time.RFC3339, words[0]); err == nil && t.Nanosecond() == 0 {
		zone, err := zoneOf(words[1:], text, home)
		utc := t.UTC()
		return Moment{Instant: &utc, Zone: zone}, err
	}
	if words[0] == "in" && len(words) > 2 {
		return parseSpan(words[1:], text, now, home)
	}
	n := slices.IndexFunc(words, func(w string) bool { return !ofCalendar.MatchString(w) })
	if n < 0 {
		n = len(words)
	}
	if n == 0 {
		return Moment{}, notUnderstood(text)
	}
	zone, err := zoneOf(words[n:], text, home)
	if err != nil {
		return Moment{}, err
	}
	here, _ := zone.At(now)
	local, ok := calendar(words[:n], here)
	if !ok {
		return Moment{}, notUnderstood(text)
	}
	return Moment{Local: &local, Zone: zone}, nil
}

func notUnderstood(text string) error {
	return fmt.Errorf(`can't read %q as a time: write it like "tomorrow 9:00 Europe/Berlin", `+
		`"friday 18:30", "2026-12-25 09:00 America/New_York", "in 2 hours" or 2026-12-25T14:00:00Z`, text)
}

// tokens splits text into words, a date and its time apart, 9 and pm together.
func tokens(text string) []string {
	var words []string
	for word := range strings.FieldsSeq(text) {
		word = strings.TrimSuffix(word, ",")
		lower := strings.ToLower(word)
		_, err := ParseDateTime(word)
		switch {
		case err == nil:
			words = append(words, word[:len(time.DateOnly)], word[len("2026-12-25T"):])
		case (lower == "am" || lower == "pm") && len(words) > 0:
			words[len(words)-1] += lower
		case lower == "in" || ofCalendar.MatchString(lower):
			words = append(words, lower)
		default:
			words = append(words, word)
		}
	}
	return words
}

// zoneOf is the zone that the words name, home where there are none.
func zoneOf(words []string, text string, home *Zone) (*Zone, error) {
	if len(words) > 1 && words[0] == "in" {
		words = words[1:]
	}
	name := strings.Join(words, " ")
	switch {
	case name == "":
		return home, nil
	case name[0] >= '0' && name[0] <= '9' || ofCalendar.MatchString(words[0]):
		return nil, notUnderstood(text)
	}
	return loadPlace(name)
}

var units = map[string]time.Duration{
	"second": time.Second, "minute": time.Minute, "min": time.Minute, "hour": time.Hour, "h": time.Hour,
	"day": day, "week": 7 * day,
}

const day = 24 * time.Hour

// parseSpan reads "2 hours". Days are days of the calendar: the clock shows the
// same then, whatever the zone does in between.
func parseSpan(words []string, text string, now time.Time, home *Zone) (Moment, error) {
	n, err := strconv.ParseInt(words[0], 10, 32)
	unit, known := units[strings.TrimSuffix(strings.ToLower(words[1]), "s")]
	if err != nil || n < 0 || n > 100_000 || !known {
		return Moment{}, notUnderstood(text)
	}
	zone, err := zoneOf(words[2:], text, home)
	if err != nil {
		return Moment{}, err
	}
	span := time.Duration(n) * unit
	if unit >= day {
		here, _ := zone.At(now)
		local := here.add(span)
		return Moment{Local: &local, Zone: zone}, nil
	}
	// Up to the second: "in 1 minute" is not less.
	instant := now.UTC().Add(span + time.Second - 1).Truncate(time.Second)
	return Moment{Instant: &instant, Zone: zone}, nil
}

var (
	weekdays = []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}
	// What ofCalendar matches, calendar reads or finds wrong.
	ofCalendar = regexp.MustCompile(`^(at|today|tomorrow|` + strings.Join(weekdays, "|") + `|\d{4}-\d\d-\d\d|\d{1,2}:\d\d(:\d\d)?([ap]m)?|\d{1,2}[ap]m)$`)
	clockForm  = regexp.MustCompile(`^(\d+)(?::(\d\d))?(?::(\d\d))?([ap]m)?$`)
)

// calendar reads words such as "friday", "at", "18:30", for someone whose clock
// shows here. Not ok is what names no day that is, or no time of day, or two.
func calendar(words []string, here DateTime) (local DateTime, ok bool) {
	today := DateTime{here.seconds - here.seconds%int64(day/time.Second)}
	date, again := today, day // again is what leads from a date that will not do to the next one, 0 where it was named
	days, clocks, clock := 0, 0, time.Duration(0)
	for _, word := range words {
		weekday := slices.Index(weekdays, word)
		switch {
		case word == "at":
		case word == "today":
			days, again = days+1, 0
		case word == "tomorrow":
			days, date, again = days+1, today.add(day), 0
		case weekday >= 0:
			ahead := (weekday - int(today.utc().Weekday()) + 7) % 7
			days, date, again = days+1, today.add(time.Duration(ahead)*day), 7*day
		case strings.Contains(word, "-"):
			t, err := time.Parse(time.DateOnly, word)
			if err != nil {
				return DateTime{}, false
			}
			days, date, again = days+1, reading(t), 0
		default:
			var real bool
			if clock, real = timeOfDay(word); !real {
				return DateTime{}, false
			}
			clocks++
		}
	}
	local = date.add(clock)
	if local.Compare(here) <= 0 {
		local = local.add(again)
	}
	return local, days <= 1 && clocks == 1
}

// timeOfDay reads 9:00, 18:30:15, 9pm and 9:30am.
func timeOfDay(word string) (since time.Duration, ok bool) {
	parts := clockForm.FindStringSubmatch(word)
	if parts == nil {
		return 0, false
	}
	number := func(i int) int {
		n, _ := strconv.Atoi(parts[i]) // digits, or nothing
		return n
	}
	hour, minute, second := number(1), number(2), number(3)
	if half := parts[4]; half != "" {
		if hour < 1 || hour > 12 {
			return 0, false
		}
		hour %= 12
		if half == "pm" {
			hour += 12
		}
	}
	since = time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute + time.Duration(second)*time.Second
	return since, hour < 24 && minute < 60 && second < 60
}
