package devstack

import (
	"context"
	"fmt"
	"time"

	"github.com/golive-hq/golive/internal/postgres"
)

// Time is an instant at which a stack's clock starts.
type Time struct{ time.Time }

// UnmarshalText reads RFC 3339. Its errors are sentences.
func (t *Time) UnmarshalText(text []byte) error {
	const hint = "use a time such as 2026-12-25T08:55:00Z or 2026-12-25T08:55:00-05:00"
	at, err := time.Parse(time.RFC3339, string(text))
	switch {
	case err != nil:
		return fmt.Errorf("%q is not a valid time: %s", text, hint)
	case at.Year() < 2000 || at.Year() > 2099:
		return fmt.Errorf("%s is out of range: choose a time between 2000 and 2099", text)
	}
	t.Time = at
	return nil
}

// setClock lets the due times of the stack's database go by at from now on, for
// every process; nil is real time. Nothing but this and tests may move that clock.
func (d *database) setClock(ctx context.Context, at *Time) error {
	pool, err := postgres.Open(ctx, d.url)
	if err != nil {
		return err
	}
	defer pool.Close()
	if at == nil {
		_, err := pool.Exec(ctx, `DELETE FROM clock`)
		return err
	}
	// In seconds: a difference of timestamps is in days, and a day that is added may
	// have 23 hours where the session's zone sets its clocks forward.
	_, err = pool.Exec(ctx, `INSERT INTO clock (clock_offset) VALUES (make_interval(secs => extract(epoch FROM $1::timestamptz - clock_timestamp())))
		ON CONFLICT (singleton) DO UPDATE SET clock_offset = EXCLUDED.clock_offset`, at.Time)
	return err
}
