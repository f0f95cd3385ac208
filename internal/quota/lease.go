package quota

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// lapse is how long what was leased may be spent. A process that used it up sooner
	// than in a second leases more the next time.
	lapse = 5 * time.Second
	// leaseEvery bounds the leases of a caller who wants more than there is.
	leaseEvery = 200 * time.Millisecond
)

// allowance is what a process may let one caller do.
type allowance struct {
	// used is of Rates.mu, and all else of mu.
	used time.Time

	mu   sync.Mutex
	left int
	// leased is when, and size how much.
	leased time.Time
	size   int
	// none is until when there is no use in asking for more.
	none time.Time
	// full is when a bucket of this process alone would be full.
	full time.Time
}

func (a *allowance) spend(now time.Time, n int) bool {
	if now.Sub(a.leased) > lapse {
		a.left = 0
	}
	if a.left < n {
		return false
	}
	a.left -= n
	return true
}

// wants is how much to lease: what a caller needs in about a second, as far as is known.
func (a *allowance) wants(now time.Time, of Quota, n int) int {
	least := max(1, of.Most/5)
	if now.Sub(a.leased) < time.Second {
		a.size = min(2*a.size, of.Most)
	} else {
		a.size /= 2
	}
	a.size = max(a.size, least)
	return max(a.size, n-a.left)
}

// gets adds what was granted of what it wanted and spends n, or returns how long to wait.
func (a *allowance) gets(now time.Time, of Quota, granted, wanted, n int) (after time.Duration) {
	a.left += granted
	a.leased = now
	if granted < wanted {
		after = max(leaseEvery, time.Duration(n-a.left)*of.one())
		a.none = now.Add(after)
	}
	if a.left < n {
		return after
	}
	a.left -= n
	return 0
}

// alone counts in this process, and returns how long to wait.
func (a *allowance) alone(now time.Time, of Quota, n int) (after time.Duration) {
	full := now
	if a.full.After(now) {
		full = a.full
	}
	full = full.Add(time.Duration(n) * of.one())
	if after := full.Sub(now) - time.Duration(of.AtOnce())*of.one(); after > 0 {
		return after
	}
	a.full = full
	return 0
}

// leaseSQL grants as much of what is wanted ($3) as there is, by the time at which all would
// be there again.
const leaseSQL = `INSERT INTO rates AS r (name, whose, full_at, leased)
	VALUES ($1, $2, statement_timestamp() + $3::int * $4::interval, $3)
	ON CONFLICT (name, whose) DO UPDATE SET (full_at, leased) = (
		SELECT full_at + granted * $4, granted FROM (
			SELECT full_at, greatest(0, least($3, floor(extract(epoch FROM statement_timestamp() + $5::interval - full_at) / extract(epoch FROM $4))))::int AS granted
			FROM (SELECT greatest(r.full_at, statement_timestamp()) AS full_at) AS spent) AS lease)
	RETURNING leased`

// forgetSQL drops a few that are full again.
const forgetSQL = `DELETE FROM rates WHERE (name, whose) IN
	(SELECT name, whose FROM rates WHERE full_at < statement_timestamp() - interval '1 min' LIMIT 2 FOR UPDATE SKIP LOCKED)`

// lease takes as much as there is of what is wanted.
func (r *Rates) lease(ctx context.Context, of Quota, whose string, want int) (granted int, err error) {
	// Whoever asked may go away; others wait for the same lease.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.Patience)
	defer cancel()
	batch := &pgx.Batch{}
	// In this order, so that no two wait for each other.
	batch.Queue(leaseSQL, of.name, whose, want, of.one(), time.Duration(of.AtOnce())*of.one()).QueryRow(func(row pgx.Row) error { return row.Scan(&granted) })
	batch.Queue(forgetSQL)
	if err := r.db.SendBatch(ctx, batch).Close(); err != nil {
		return 0, fmt.Errorf("lease %s: %w", of.name, err)
	}
	return granted, nil
}
