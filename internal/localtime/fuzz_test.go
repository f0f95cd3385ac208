package localtime_test

import (
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/localtime"
)

// Whatever somebody calls a time, it is refused, or read as one that can be written and
// read again; and where a zone has it, that zone's clocks show it then.
func FuzzLocalTime(f *testing.F) {
	for _, seed := range []string{
		"2026-12-25T09:00:00", "0000-01-01T00:00:00", "9999-12-31T23:59:59", "2027-03-28T02:30:00", "2026-02-30T00:00:00", "tomorrow 9:00", "in 3 hours",
		"monday 9am Europe/Berlin", "next friday 12:00 PM", "1 jan 2027 0:00 UTC", "in 99999999999999999999 days", "tomorrow 25:00", "", " ", "\x00", "９:００",
	} {
		for _, zone := range []string{"Europe/Berlin", "America/New_York", "UTC", "Pacific/Apia", "Nowhere/City", ""} {
			f.Add(seed, zone)
		}
	}
	now := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text, name string) {
		zone, err := localtime.Load(name)
		if err != nil {
			return
		}
		if m, err := localtime.ParseHuman(text, now, zone); err == nil {
			if r, err := m.Resolve(localtime.Earlier); err == nil {
				zone.Words(r.Instant, now)
			}
		}
		local, err := localtime.ParseDateTime(text)
		if err != nil {
			return
		}
		if again, err := localtime.ParseDateTime(local.String()); err != nil || again != local {
			t.Errorf("%q is %s, and that %s, %v", text, local, again, err)
		}
		r, err := zone.Resolve(local, localtime.Earlier)
		if err != nil {
			return
		}
		if shown, _ := zone.At(r.Instant); r.Resolution == localtime.Unique && shown != local {
			t.Errorf("%s in %s is %s, when clocks show %s", local, name, r.Instant, shown)
		}
	})
}
