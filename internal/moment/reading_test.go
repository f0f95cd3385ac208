package moment_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/localtime"
	"github.com/golive-hq/golive/internal/moment"
)

var sunday = time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)

func ptr[T any](v T) *T { return &v }

func shown(r moment.Reading) string {
	at, code := "-", fault.Code("")
	if r.Instant != nil {
		at = r.Instant.Format(time.RFC3339)
	}
	if r.Problem != nil {
		code = r.Problem.Code
	}
	return fmt.Sprintf("%s %s %d %s", r.TimeZone, at, len(r.Candidates), code)
}

func TestWordsAndClocksAreReadAlike(t *testing.T) {
	t.Parallel()
	for want, asked := range map[string]moment.Asked{
		"America/New_York 2026-12-25T14:00:00Z 0 ":          {Local: ptr(localtime.Date(2026, 12, 25, 9, 0, 0)), Zone: "America/New_York"},
		"Europe/Berlin 2026-11-23T08:00:00Z 0 ":             {Text: ptr("tomorrow 9:00 Berlin"), Zone: "America/New_York"},
		"Asia/Tokyo 2026-11-22T05:00:00Z 0 ":                {Text: ptr("in 2 hours"), Zone: "Asia/Tokyo"},
		"America/Sao_Paulo 2026-11-27T21:30:00Z 0 ":         {Text: ptr("friday 18:30 in São Paulo"), Zone: "UTC"},
		"Europe/Berlin 2027-03-28T00:30:00Z 0 ":             {Local: ptr(localtime.Date(2027, 3, 28, 2, 30, 0)), Zone: "Europe/Berlin", How: localtime.Earlier},
		"Europe/Berlin - 2 TIME_NONEXISTENT":                {Local: ptr(localtime.Date(2027, 3, 28, 2, 30, 0)), Zone: "Europe/Berlin"},
		"Europe/London - 2 TIME_AMBIGUOUS":                  {Text: ptr("2027-10-31 01:30 London"), Zone: "UTC"},
		"Europe/Berlin 2026-11-20T08:00:00Z 0 TIME_IN_PAST": {Local: ptr(localtime.Date(2026, 11, 20, 9, 0, 0)), Zone: "Europe/Berlin"},
		"UTC 2030-01-01T00:00:00Z 0 TIME_TOO_FAR":           {Text: ptr("2030-01-01 0:00"), Zone: "UTC"},
		"UTC - 0 INVALID_INPUT":                             {Text: ptr("when it suits you"), Zone: "UTC"},
		"Asia/Tokyo - 0 INVALID_INPUT":                      {Zone: "Asia/Tokyo"},
		"Mars/Olympus - 0 TIME_ZONE_UNKNOWN":                {Text: ptr("tomorrow 9:00"), Zone: "Mars/Olympus"},
		"Europe/Paris - 0 TIME_ZONE_UNKNOWN":                {Text: ptr("tomorrow 9:00 Olympus"), Zone: "Europe/Paris"},
		"Europe/Vienna - 0 INVALID_INPUT":                   {Text: ptr("tomorrow 9:00"), Local: ptr(localtime.Date(2027, 1, 1, 0, 0, 0)), Zone: "Europe/Vienna"},
	} {
		if got := shown(moment.Read(asked, sunday)); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestATimeIsSaidWhereItIsAndWhereTheReaderIs(t *testing.T) {
	t.Parallel()
	r := moment.Read(moment.Asked{Text: ptr("2026-12-25 9:00 New York"), Zone: "UTC", ViewerZone: ptr("Europe/Berlin")}, sunday)
	if *r.Words != "Friday, 25 December 2026, 09:00 in America/New_York (UTC-05:00), which is 14:00 UTC" ||
		*r.ViewerWords != "Friday, 25 December 2026, 15:00 in Europe/Berlin" || *r.Relative != "in 33 days" {
		t.Errorf("%q, %v, %v", *r.Words, *r.ViewerWords, *r.Relative)
	}
	same := moment.Read(moment.Asked{Text: ptr("2026-12-25 9:00 Vienna"), Zone: "UTC", ViewerZone: ptr("Europe/Berlin")}, sunday)
	if same.ViewerWords != nil {
		t.Errorf("where clocks show the same: %q", *same.ViewerWords)
	}
}
