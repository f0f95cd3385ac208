package localtime

import (
	"fmt"
	"strings"
	"time"
)

// Words says t as people do, seen at now: "Friday, 25 December 2026, 09:00 in
// America/New_York (UTC-05:00), which is 14:00 UTC, in 33 days".
func (z *Zone) Words(t, now time.Time) string { return z.Said(t) + ", " + Until(t, now) }

// Said is Words without how far that is from now.
func (z *Zone) Said(t time.Time) string {
	here, utc := t.In(z.location), t.UTC()
	said := here.Format("Monday, 2 January 2006, ") + clock(here)
	if z.name == "UTC" {
		said += " UTC"
	} else {
		said += fmt.Sprintf(" in %s (UTC%s), which is %s UTC%s", z.name, offsetOf(here), clock(utc), dayBeside(here, utc))
	}
	return said
}

// Plainly says t without its offset: "Friday, 25 December 2026, 15:00 in Europe/Berlin".
func (z *Zone) Plainly(t time.Time) string {
	here := t.In(z.location)
	return here.Format("Monday, 2 January 2006, ") + clock(here) + " in " + z.name
}

// Brief says t in few words: "2026-12-25 09:00 America/New_York (14:00 UTC)".
func (z *Zone) Brief(t time.Time) string {
	here, utc := t.In(z.location), t.UTC()
	day := here.Format(time.DateOnly) + " "
	said := day + clock(here) + " " + z.name
	if here.Format(time.DateTime) == utc.Format(time.DateTime) {
		return said
	}
	return said + " (" + strings.TrimPrefix(utc.Format(time.DateOnly)+" ", day) + clock(utc) + " UTC)"
}

// UTC says t as it is everywhere alike: "2026-12-25 14:00:00 UTC".
func UTC(t time.Time) string { return t.UTC().Format(time.DateTime) + " UTC" }

// WithoutSeconds leaves them away from a time of day where there are none.
func WithoutSeconds(clock string) string { return strings.TrimSuffix(clock, ":00") }

// clock leaves seconds away where there are none.
func clock(t time.Time) string {
	return WithoutSeconds(t.Format(time.TimeOnly))
}

// dayBeside tells where UTC has another date than here.
func dayBeside(here, utc time.Time) string {
	switch _, offset := here.Zone(); {
	case here.Day() == utc.Day():
		return ""
	case offset > 0:
		return " the day before"
	default:
		return " the day after"
	}
}

// Until says how far t is from now: "in 3 hours 12 minutes", "in 33 days", "2
// minutes ago".
func Until(t, now time.Time) string {
	if t.Before(now) {
		return length(now.Sub(t)) + " ago"
	}
	return "in " + length(t.Sub(now))
}

// length cuts d off rather than rounding it, as clocks do.
func length(d time.Duration) string {
	switch {
	case d < time.Minute:
		return count(d/time.Second, "second")
	case d < time.Hour:
		return count(d/time.Minute, "minute")
	case d < 2*day && d%time.Hour < time.Minute:
		return count(d/time.Hour, "hour")
	case d < 2*day:
		return count(d/time.Hour, "hour") + " " + count(d%time.Hour/time.Minute, "minute")
	}
	return count(d/day, "day")
}

func count(n time.Duration, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return fmt.Sprintf("%d %ss", int64(n), unit)
}
