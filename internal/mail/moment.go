package mail

import (
	"fmt"
	"strings"
	"time"
)

const (
	longDate  = "Monday 2 January 2006"
	shortDate = "Mon 2 Jan 2006"
)

// long is what a mail's text says: the zone's own reading first, then UTC, with
// its date where that is another one.
func (m Moment) long() (string, error) {
	local, err := m.local()
	if err != nil {
		return "", err
	}
	utc := m.At.UTC()
	if m.isUTC(local) {
		return utc.Format(longDate) + ", " + clock(utc) + " UTC", nil
	}
	there := clock(utc) + " UTC"
	if utc.YearDay() != local.YearDay() {
		there = utc.Format(longDate) + ", " + there
	}
	return fmt.Sprintf("%s, %s %s (UTC%s), which is %s",
		local.Format(longDate), clock(local), clean(m.Zone, shortest), local.Format("-07:00"), there), nil
}

// short is what fits a subject.
func (m Moment) short() (string, error) {
	local, err := m.local()
	if err != nil {
		return "", err
	}
	zone := "UTC"
	if !m.isUTC(local) {
		zone = "UTC" + local.Format("-07:00")
	}
	return local.Format(shortDate) + ", " + clock(local) + " " + zone, nil
}

// clock shows seconds only where somebody asked for them.
func clock(t time.Time) string {
	if t.Second() != 0 {
		return t.Format("15:04:05")
	}
	return t.Format("15:04")
}

// span says a duration as people do, by its two largest units: "1 hour 30 minutes".
func span(d time.Duration) string {
	if d < time.Minute {
		return count(int(d.Round(time.Second)/time.Second), "second")
	}
	left := int(d.Round(time.Minute) / time.Minute)
	var parts []string
	for _, unit := range []struct {
		name    string
		minutes int
	}{{"day", 24 * 60}, {"hour", 60}, {"minute", 1}} {
		if n := left / unit.minutes; n > 0 && len(parts) < 2 {
			parts = append(parts, count(n, unit.name))
			left -= n * unit.minutes
		}
	}
	return strings.Join(parts, " ")
}

func count(n int, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return fmt.Sprintf("%d %ss", n, unit)
}
