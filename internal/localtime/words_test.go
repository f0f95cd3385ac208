package localtime_test

import (
	"testing"
	"time"
)

func TestWords(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)
	for _, c := range []struct{ zone, at, want string }{
		{"America/New_York", "2026-12-25T14:00:00Z", "Friday, 25 December 2026, 09:00 in America/New_York (UTC-05:00), which is 14:00 UTC, in 33 days"},
		{"UTC", "2026-11-22T03:00:30Z", "Sunday, 22 November 2026, 03:00:30 UTC, in 30 seconds"},
		{"Asia/Tokyo", "2026-11-22T20:00:00Z", "Monday, 23 November 2026, 05:00 in Asia/Tokyo (UTC+09:00), which is 20:00 UTC the day before, in 17 hours"},
		{"America/Los_Angeles", "2026-11-22T05:01:00Z", "Saturday, 21 November 2026, 21:01 in America/Los_Angeles (UTC-08:00), which is 05:01 UTC the day after, in 2 hours 1 minute"},
		{"Europe/Berlin", "2026-11-22T02:58:59Z", "Sunday, 22 November 2026, 03:58:59 in Europe/Berlin (UTC+01:00), which is 02:58:59 UTC, 1 minute ago"},
		{"Europe/Berlin", "2026-11-24T02:59:59Z", "Tuesday, 24 November 2026, 03:59:59 in Europe/Berlin (UTC+01:00), which is 02:59:59 UTC, in 47 hours 59 minutes"},
		{"Europe/Berlin", "2027-07-01T07:00:00Z", "Thursday, 1 July 2027, 09:00 in Europe/Berlin (UTC+02:00), which is 07:00 UTC, in 221 days"},
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := load(t, c.zone).Words(at, now); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}
