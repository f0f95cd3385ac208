package localtime_test

import (
	"errors"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/localtime"
)

func load(t *testing.T, name string) *localtime.Zone {
	t.Helper()
	zone, err := localtime.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func parse(t *testing.T, text string) localtime.DateTime {
	t.Helper()
	local, err := localtime.ParseDateTime(text)
	if err != nil {
		t.Fatal(err)
	}
	return local
}

// What people will ask for, by hand: "" is an instant that does not depend on how.
func TestResolve(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		zone, local    string
		resolution     localtime.Resolution // under COMPATIBLE
		earlier, later string
	}{
		{"America/New_York", "2026-12-25T09:00:00", "UNIQUE", "2026-12-25T14:00:00Z", ""},
		{"UTC", "2026-12-25T09:00:00", "UNIQUE", "2026-12-25T09:00:00Z", ""},
		{"America/New_York", "2027-03-14T02:30:00", "GAP_SHIFTED", "2027-03-14T06:30:00Z", "2027-03-14T07:30:00Z"},
		{"Europe/Berlin", "2027-03-28T02:30:00", "GAP_SHIFTED", "2027-03-28T00:30:00Z", "2027-03-28T01:30:00Z"},
		{"Europe/Berlin", "2026-10-25T02:30:00", "OVERLAP_EARLIER", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"},
		{"Europe/Berlin", "2026-10-25T03:00:00", "UNIQUE", "2026-10-25T02:00:00Z", ""},
		{"Europe/Dublin", "2026-10-25T01:30:00", "OVERLAP_EARLIER", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"},
		{"Australia/Lord_Howe", "2026-10-04T02:15:00", "GAP_SHIFTED", "2026-10-03T15:15:00Z", "2026-10-03T15:45:00Z"},
		// A whole day that never was.
		{"Pacific/Apia", "2011-12-30T12:00:00", "GAP_SHIFTED", "2011-12-29T22:00:00Z", "2011-12-30T22:00:00Z"},
		// The last day of leap years, beyond the transitions that the data lists.
		{"America/New_York", "2028-12-31T12:00:00", "UNIQUE", "2028-12-31T17:00:00Z", ""},
		{"Australia/Sydney", "2032-12-31T23:59:59", "UNIQUE", "2032-12-31T12:59:59Z", ""},
		{"America/New_York", "2096-12-31T00:00:00", "UNIQUE", "2096-12-31T05:00:00Z", ""},
	} {
		zone, local := load(t, c.zone), parse(t, c.local)
		if c.later == "" {
			c.later = c.earlier
		}
		compatible := c.earlier
		if c.resolution == localtime.GapShifted {
			compatible = c.later
		}
		for how, want := range map[localtime.Disambiguation]string{
			localtime.Earlier: c.earlier, localtime.Later: c.later, localtime.Compatible: compatible,
		} {
			if got, err := zone.Resolve(local, how); err != nil || got.Instant.Format(time.RFC3339) != want {
				t.Errorf("%s in %s, %s: %v (%v), want %s", local, zone, how, got, err, want)
			}
		}
		if got, _ := zone.Resolve(local, localtime.Compatible); got.Resolution != c.resolution {
			t.Errorf("%s in %s is %s, want %s", local, zone, got.Resolution, c.resolution)
		}
		if _, err := zone.Resolve(local, localtime.Reject); (err == nil) != (c.resolution == localtime.Unique) {
			t.Errorf("%s in %s, REJECT: %v", local, zone, err)
		}
	}
}

func TestRejectSaysWhatThereIsToChoose(t *testing.T) {
	t.Parallel()
	zone := load(t, "America/New_York")
	_, err := zone.Resolve(parse(t, "2027-03-14T02:30:00"), localtime.Reject)
	var nonexistent *localtime.NonexistentError
	if !errors.As(err, &nonexistent) {
		t.Fatal(err)
	}
	sayOrFail(t, err, "2027-03-14T02:30:00 doesn't exist in America/New_York because clocks go forward; "+
		"choose EARLIER (2027-03-14T01:30:00-05:00) or LATER (2027-03-14T03:30:00-04:00).")
	candidatesOrFail(t, nonexistent.Candidates, "2027-03-14T06:30:00Z", "-05:00", "2027-03-14T07:30:00Z", "-04:00")

	_, err = zone.Resolve(parse(t, "2027-11-07T01:30:00"), "")
	var ambiguous *localtime.AmbiguousError
	if !errors.As(err, &ambiguous) {
		t.Fatal(err)
	}
	sayOrFail(t, err, "2027-11-07T01:30:00 occurs twice in America/New_York because clocks go back; "+
		"choose EARLIER (2027-11-07T01:30:00-04:00) or LATER (2027-11-07T01:30:00-05:00).")
	candidatesOrFail(t, ambiguous.Candidates, "2027-11-07T05:30:00Z", "-04:00", "2027-11-07T06:30:00Z", "-05:00")
}

func sayOrFail(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func candidatesOrFail(t *testing.T, got []localtime.Candidate, earlier, itsOffset, later, laterOffset string) {
	t.Helper()
	if len(got) != 2 || got[0].Instant.Format(time.RFC3339) != earlier || got[0].UTCOffset != itsOffset ||
		got[1].Instant.Format(time.RFC3339) != later || got[1].UTCOffset != laterOffset ||
		got[0].Disambiguation != localtime.Earlier || got[1].Disambiguation != localtime.Later {
		t.Errorf("%v", got)
	}
}

// A choice that is offered leads to what it says.
func TestCandidatesAreWhatTheirWordsChoose(t *testing.T) {
	t.Parallel()
	zone, local := load(t, "Europe/Berlin"), parse(t, "2027-03-28T02:30:00")
	_, err := zone.Resolve(local, localtime.Reject)
	var nonexistent *localtime.NonexistentError
	if !errors.As(err, &nonexistent) {
		t.Fatal(err)
	}
	for _, c := range nonexistent.Candidates {
		if got, err := zone.Resolve(local, c.Disambiguation); err != nil || !got.Instant.Equal(c.Instant) {
			t.Errorf("%v: %v, %v", c, got, err)
		}
	}
}
