package localtime_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/localtime"
)

// now is a Sunday, half past noon in Berlin.
var now = time.Date(2026, 11, 22, 11, 30, 0, 500, time.UTC)

func TestParseHuman(t *testing.T) {
	t.Parallel()
	home := load(t, "Europe/Berlin")
	for text, want := range map[string]string{
		"tomorrow 9:00 Europe/Berlin":          "2026-11-23T09:00:00 Europe/Berlin",
		"tomorrow 9:00":                        "2026-11-23T09:00:00 Europe/Berlin",
		"Tomorrow at 9:00, America/New_York":   "2026-11-23T09:00:00 America/New_York",
		"today 23:59:59":                       "2026-11-22T23:59:59 Europe/Berlin",
		"today 9:00":                           "2026-11-22T09:00:00 Europe/Berlin", // gone by, and said to be
		"tomorrow 00:30 Asia/Tokyo":            "2026-11-23T00:30:00 Asia/Tokyo",
		"today 21:00 Pacific/Auckland":         "2026-11-23T21:00:00 Pacific/Auckland", // there it is Monday
		"2026-12-25 09:00 America/New_York":    "2026-12-25T09:00:00 America/New_York",
		"2026-12-25T09:00:00 America/New_York": "2026-12-25T09:00:00 America/New_York",
		"2026-12-25T09:00":                     "2026-12-25T09:00:00 Europe/Berlin",
		"09:00 2026-12-25":                     "2026-12-25T09:00:00 Europe/Berlin",
		"friday 18:30":                         "2026-11-27T18:30:00 Europe/Berlin",
		"sunday 18:30":                         "2026-11-22T18:30:00 Europe/Berlin",
		"sunday 9:00":                          "2026-11-29T09:00:00 Europe/Berlin",
		"saturday 9am":                         "2026-11-28T09:00:00 Europe/Berlin",
		"18:30":                                "2026-11-22T18:30:00 Europe/Berlin",
		"9:00":                                 "2026-11-23T09:00:00 Europe/Berlin",
		"12:30":                                "2026-11-23T12:30:00 Europe/Berlin", // is now
		"tomorrow 12am":                        "2026-11-23T00:00:00 Europe/Berlin",
		"tomorrow 12:15 pm":                    "2026-11-23T12:15:00 Europe/Berlin",
		"tomorrow 9 PM UTC":                    "2026-11-23T21:00:00 UTC",
		"in 3 days":                            "2026-11-25T12:30:00 Europe/Berlin",
		"in 1 week UTC":                        "2026-11-29T11:30:00 UTC",
		"in 2 hours":                           "2026-11-22T13:30:01Z Europe/Berlin",
		"In 90 minutes UTC":                    "2026-11-22T13:00:01Z UTC",
		"2026-12-25T09:00:00Z":                 "2026-12-25T09:00:00Z Europe/Berlin",
		"in 2 hours new york":                  "2026-11-22T13:30:01Z America/New_York",
		"2026-12-25T09:00:00-05:00 UTC":        "2026-12-25T14:00:00Z UTC",
	} {
		got, err := localtime.ParseHuman(text, now, home)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		var said string
		switch {
		case (got.Instant == nil) == (got.Local == nil):
			t.Errorf("%q gives %+v", text, got)
			continue
		case got.Instant != nil:
			said = got.Instant.Format(time.RFC3339Nano)
		default:
			said = got.Local.String()
		}
		if said += " " + got.Zone.String(); said != want {
			t.Errorf("%q reads as %s, want %s", text, said, want)
		}
	}
}

func TestParseHumanRefuses(t *testing.T) {
	t.Parallel()
	home := load(t, "Europe/Berlin")
	for _, text := range []string{
		"", "soon", "tomorrow", "friday", "Europe/Berlin", "25.12.2026 9:00", "12/25/2026 9:00", "2026-02-29 9:00", "2026-12-25",
		"tomorrow 25:00", "tomorrow 9:60", "tomorrow 13pm", "tomorrow 0am", "tomorrow 9", "tomorrow friday 9:00", "9:00 10:00",
		"in", "in 2", "in two hours", "in -2 hours", "in 2 fortnights", "in 999999999 days", "in 2 days 9:00", "in 2 days at 9:00",
		"in 1 hour 30 minutes", "2026-12-25T09:00:00.5Z",
	} {
		got, err := localtime.ParseHuman(text, now, home)
		if err == nil || !strings.Contains(err.Error(), "tomorrow 9:00 Europe/Berlin") {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
	for text, meant := range map[string]string{
		"tomorrow 9:00 Europe/Berlim": "Europe/Berlin", "in 2 hours America/New_Yrok": "America/New_York", "2026-12-25T09:00:00Z EST": "America/New_York",
	} {
		_, err := localtime.ParseHuman(text, now, home)
		var unknown *localtime.UnknownZoneError
		if !errors.As(err, &unknown) || unknown.Suggestion != meant {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// A moment in a gap is for the person to decide.
func TestMomentsResolve(t *testing.T) {
	t.Parallel()
	m, err := localtime.ParseHuman("2027-03-28 02:30 Europe/Berlin", now, load(t, "UTC"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Resolve(localtime.Reject); err == nil {
		t.Error("a skipped reading was resolved")
	}
	if got, err := m.Resolve(localtime.Later); err != nil || got.Instant.Format(time.RFC3339) != "2027-03-28T01:30:00Z" {
		t.Error(got, err)
	}
	m, err = localtime.ParseHuman("2027-03-28T00:30:00Z", now, load(t, "Europe/Berlin"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := m.Resolve(localtime.Reject); err != nil || got.Resolution != localtime.Unique {
		t.Error(got, err)
	}
}
