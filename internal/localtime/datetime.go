package localtime

import (
	"cmp"
	"database/sql/driver"
	"fmt"
	"regexp"
	"time"
)

// DateTime is a wall-clock reading to the second, without a zone: what a clock
// on a wall shows, wherever the wall is. DateTimes are compared with == and
// Compare. In Postgres it is a timestamp without time zone.
type DateTime struct {
	seconds int64 // Unix time, were the wall in UTC
}

const layout = "2006-01-02T15:04:05"

// Date returns a reading; values out of range go over into the next larger
// unit, as with time.Date.
func Date(year int, month time.Month, day, hour, minute, second int) DateTime {
	return reading(time.Date(year, month, day, hour, minute, second, 0, time.UTC))
}

// reading is what t shows where it is, its fraction cut off.
func reading(t time.Time) DateTime {
	_, offset := t.Zone()
	return DateTime{t.Unix() + int64(offset)}
}

var offsetAtEnd = regexp.MustCompile(`\d(Z|z|[+-]\d\d(:?\d\d)?)(\[.*\])?$`)

// ParseDateTime reads 2026-12-25T09:00:00, or 2026-12-25T09:00. The error of
// anything else is a sentence for whoever wrote it.
func ParseDateTime(text string) (DateTime, error) {
	whole := text
	if len(text) == len("2026-12-25T09:00") {
		whole += ":00"
	}
	t, err := time.Parse(layout, whole)
	// time.Parse lets through fractions and hours of one digit.
	if err == nil && t.Format(layout) == whole {
		return reading(t), nil
	}
	if len(text) > len("2026-12-25") && offsetAtEnd.MatchString(text) {
		return DateTime{}, fmt.Errorf("%q has an offset, but a local time takes its offset from the time zone: remove the offset, or pass an instant instead", text)
	}
	return DateTime{}, fmt.Errorf("%q isn't a valid local time: write it like 2026-12-25T09:00:00", text)
}

// utc is the instant at which a wall in UTC shows d.
func (d DateTime) utc() time.Time { return time.Unix(d.seconds, 0).UTC() }

// String gives 2026-12-25T09:00:00.
func (d DateTime) String() string { return d.utc().Format(layout) }

// Compare is negative where d is the earlier reading, zero where they are the
// same, positive where d is the later one.
func (d DateTime) Compare(other DateTime) int { return cmp.Compare(d.seconds, other.seconds) }

// add is what a clock that nobody sets shows when by has gone by.
func (d DateTime) add(by time.Duration) DateTime {
	return DateTime{d.seconds + int64(by/time.Second)}
}

// MarshalText is String, for JSON.
func (d DateTime) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText is ParseDateTime, for JSON.
func (d *DateTime) UnmarshalText(text []byte) (err error) {
	*d, err = ParseDateTime(string(text))
	return err
}

// Value gives d to the database.
func (d DateTime) Value() (driver.Value, error) { return d.utc(), nil }

// Scan takes d from the database.
func (d *DateTime) Scan(from any) error {
	t, ok := from.(time.Time)
	if !ok {
		return fmt.Errorf("%T is not a timestamp", from)
	}
	*d = reading(t)
	return nil
}
