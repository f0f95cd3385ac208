package localtime_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/localtime"
	"github.com/golive-hq/golive/internal/pgtest"
)

func TestDateTimeReadsAndPrints(t *testing.T) {
	t.Parallel()
	christmas := localtime.Date(2026, time.December, 25, 9, 0, 0)
	for _, text := range []string{"2026-12-25T09:00:00", "2026-12-25T09:00"} {
		if got := parse(t, text); got != christmas || got.String() != "2026-12-25T09:00:00" {
			t.Errorf("%s reads as %s", text, got)
		}
	}
	for text, want := range map[string]string{
		"2026-12-25T09:00:00Z":                     "has an offset, but a local time takes its offset",
		"2026-12-25T09:00:00-05:00":                "has an offset, but a local time takes its offset",
		"2026-12-25T09:00:00+01":                   "has an offset, but a local time takes its offset",
		"2026-12-25T09:00+0100":                    "has an offset, but a local time takes its offset",
		"2026-12-25T09:00:00+01:00[Europe/Berlin]": "has an offset, but a local time takes its offset",
		"2026-12-25T09:00:00.5":                    "isn't a valid local time",
		"2026-12-25T09:00:00.000":                  "isn't a valid local time",
		"2026-12-25T9:00:00":                       "write it like",
		"2026-12-25 09:00:00":                      "write it like",
		"2026-12-25":                               "write it like",
		"2026-02-29T09:00:00":                      "write it like",
		"2026-12-25T24:00:00":                      "write it like",
		"2026-12-25T23:59:60":                      "write it like",
		"12026-12-25T09:00:00":                     "write it like",
		"tomorrow":                                 "write it like",
		"":                                         "write it like",
	} {
		if got, err := localtime.ParseDateTime(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q reads as %s, %v", text, got, err)
		}
	}
	if christmas.Compare(parse(t, "2026-12-25T09:00:01")) >= 0 || christmas.Compare(christmas) != 0 {
		t.Error("readings are in no order")
	}
}

func TestDateTimeTravelsAsJSON(t *testing.T) {
	t.Parallel()
	christmas := parse(t, "2026-12-25T09:00:00")
	text, err := json.Marshal(&christmas)
	if err != nil || string(text) != `"2026-12-25T09:00:00"` {
		t.Fatal(string(text), err)
	}
	var back localtime.DateTime
	if err := json.Unmarshal(text, &back); err != nil || back != christmas {
		t.Error(back, err)
	}
}

// In the database it is what the clock shows, whatever zone the session has.
func TestDateTimeTravelsAsTimestamp(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	christmas := parse(t, "2026-12-25T09:00:00")
	for _, zone := range []string{"UTC", "America/New_York", "Asia/Tokyo"} {
		tx, err := db.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var back, literal localtime.DateTime
		var none *localtime.DateTime
		var some *localtime.DateTime
		var text string
		if _, err = tx.Exec(t.Context(), `SELECT set_config('timezone', $1, true)`, zone); err != nil {
			t.Fatal(err)
		}
		err = tx.QueryRow(t.Context(), `SELECT $1::timestamp, timestamp '2026-12-25 09:00:00', $2::timestamp, $3::timestamp, $1::timestamp::text`,
			christmas, none, &christmas).Scan(&back, &literal, &none, &some, &text)
		if err != nil || back != christmas || literal != christmas || none != nil || *some != christmas || text != "2026-12-25 09:00:00" {
			t.Error(zone, err, back, literal, none, some, text)
		}
		if err := tx.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	// What has a zone is no reading: 09:00 in Tokyo is not 09:00.
	var wrong localtime.DateTime
	if err := db.QueryRow(t.Context(), `SELECT 'x'::text`).Scan(&wrong); err == nil {
		t.Error(wrong)
	}
}
