package ratelimit

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// lot is what one request for slots brought.
type lot struct {
	// slots are times of the local monotonic clock.
	slots []time.Time
	// unmet tells that there were fewer slots than wanted: the next request
	// should come again, from now, and then has a turn.
	unmet bool
	again time.Duration
}

// answer is a lot by the clock of the database.
type answer struct {
	At    time.Time   `db:"at"`
	Slots []time.Time `db:"slots"`
	Again *time.Time  `db:"again"`
}

// take asks for slots. One statement, so that a process that is stopped in the
// middle holds no lock.
func (l *Limiter) take(s scope, want, share int, turn bool) (lot, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	conn, err := l.db.Acquire(ctx)
	if err != nil {
		return lot{}, fmt.Errorf("take slots: %w", err)
	}
	defer conn.Release()
	ofAccount, ofEndpoint := l.ratesOf(s)
	asked := time.Now()
	rows, err := conn.Query(ctx, `SELECT at, slots, again FROM take_rate_slots($1, $2, $3, $4, $5, $6, $7, $8)`,
		s.account, s.live, s.endpoint, want, share, turn, ofAccount, ofEndpoint)
	if err != nil {
		return lot{}, fmt.Errorf("take slots: %w", err)
	}
	a, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[answer])
	if err != nil {
		return lot{}, fmt.Errorf("take slots: %w", err)
	}
	return a.local(asked, time.Now()), nil
}

// local translates the times. The database's now was between asked and answered;
// counted from the latter, no slot is used too early.
func (a answer) local(asked, answered time.Time) lot {
	got := lot{unmet: a.Again != nil}
	if got.unmet {
		got.again = a.Again.Sub(a.At) - answered.Sub(asked)
	}
	if answered.Sub(asked) > slowest {
		got.unmet = false
		return got
	}
	for _, slot := range a.Slots {
		got.slots = append(got.slots, answered.Add(slot.Sub(a.At)))
	}
	return got
}

// slow leaves a part of what is left of the rate, at least a second after the last time.
func (l *Limiter) slow(ctx context.Context, s scope, part float64) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_, err := l.db.Exec(ctx, `UPDATE rate_slots r
		SET slowed_at = clock_timestamp(),
		    slowed_to = greatest(0.1, least(1, r.slowed_to + extract(epoch FROM clock_timestamp() - r.slowed_at) / 20) * $4)
		WHERE account_id = $1 AND live = $2 AND endpoint = $3 AND slowed_at < clock_timestamp() - interval '1 s'`,
		s.account, s.live, s.endpoint, part)
	return err
}
