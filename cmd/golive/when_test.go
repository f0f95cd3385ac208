package main

import (
	"strings"
	"testing"
	"time"
)

// The service may have newer zones than this command: whoever agreed to a time
// learns that it is another.
func TestAnotherTimeThanAgreedIsTold(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)
	at, err := when{Time: "2026-12-25 09:00 America/New_York", Disambiguation: "reject"}.read(clock{Now: now, TimeZone: "UTC"}, "")
	if err != nil {
		t.Fatal(err)
	}
	for agreed, later := range map[bool]time.Duration{true: 0, false: time.Hour} {
		var said strings.Builder
		taken := at.instant.Add(later)
		at.confirmed(&terminal{err: &said}, &deployment{ScheduledFor: &taken}, now)
		if (said.Len() == 0) != agreed || !agreed && !strings.Contains(said.String(), "Friday, 25 December 2026, 10:00 in America/New_York") {
			t.Errorf("%s later: %q", later, said.String())
		}
	}
}

// A tenant's zone that this command does not know, or that is none any more, is no
// reason to fail.
func TestHomeIsAlwaysSomewhere(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]clock{"Europe/Berlin": {TimeZone: "Europe/Berlin"}, "UTC": {TimeZone: "Mars/Olympus"}} {
		if got := c.home(""); got.String() != want {
			t.Errorf("%+v is at home in %s", c, got)
		}
	}
}
