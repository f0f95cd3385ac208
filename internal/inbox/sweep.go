package inbox

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/postgres"
)

// sweepLot bounds one sweep, so that no transaction gets long.
const sweepLot = 100

// neglected is an object that is dirty and that nobody reads.
type neglected struct {
	Tenant   string `db:"tenant_id"`
	Account  string `db:"account_id"`
	Livemode bool   `db:"livemode"`
	Kind     Kind   `db:"kind"`
	ID       string `db:"id"`
	JobID    *int64 `db:"job_id"`
	Attempts int    `db:"attempts"`
}

func (n neglected) object() Object {
	return Object{n.Tenant, n.Account, modeOf(n.Livemode), n.Kind, n.ID}
}

const (
	neglectedColumns = `SELECT o.tenant_id::text, o.account_id, o.livemode, o.kind, o.id, o.job_id, o.attempts FROM stripe_objects o `
	unread           = `WHERE o.dirty_seq > o.clean_seq AND NOT o.dead `
)

// TakeUp gives a new job to objects that are due to be read again, and to those whose reader's
// process has died, and returns how many there were. Every worker does so every so often.
func (s *Service) TakeUp(ctx context.Context) (int, error) {
	due, err := s.takeUp(ctx, neglectedColumns+unread+`AND o.next_try_at <= golive_now() ORDER BY o.next_try_at LIMIT $1 FOR UPDATE SKIP LOCKED`)
	if err != nil {
		return due, err
	}
	// A lifeline has ended if its lock can be had: see deployments.
	orphans, err := s.takeUp(ctx, `WITH ended AS MATERIALIZED (SELECT lifeline FROM
			(SELECT DISTINCT lifeline FROM stripe_objects WHERE lifeline IS NOT NULL) AS reading WHERE pg_try_advisory_xact_lock_shared(lifeline))
		`+neglectedColumns+unread+`AND o.lifeline IN (SELECT lifeline FROM ended) LIMIT $1 FOR UPDATE SKIP LOCKED`)
	return due + orphans, err
}

// TakeUpLost is TakeUp for objects whose job is gone, which only a fault of ours can do. Each
// time counts as a try, because a read that panics would be begun for ever.
func (s *Service) TakeUpLost(ctx context.Context) (int, error) {
	return s.takeUpBy(ctx, s.wakeLost, neglectedColumns+`LEFT JOIN river_job j ON j.id = o.job_id `+unread+`AND o.next_try_at IS NULL
		AND (j.id IS NULL OR j.state IN ('cancelled', 'completed', 'discarded') OR j.state = 'running' AND o.lifeline IS NULL AND j.attempted_at < now() - $2::interval)
		LIMIT $1 FOR UPDATE OF o SKIP LOCKED`, lostAfter)
}

// lostAfter is how long a job may run before it begins to read.
const lostAfter = time.Minute

func (s *Service) takeUp(ctx context.Context, sql string) (n int, err error) {
	return s.takeUpBy(ctx, func(ctx context.Context, tx pgx.Tx, o neglected) error { return s.wake(ctx, tx, o.object()) }, sql)
}

// wakeLost gives an object up that has been lost too often.
func (s *Service) wakeLost(ctx context.Context, tx pgx.Tx, o neglected) error {
	if o.Attempts+1 >= mostTries {
		return s.abandon(ctx, tx, o.object())
	}
	if _, err := tx.Exec(ctx, `UPDATE stripe_objects SET attempts = attempts + 1`+is, o.object().arguments()...); err != nil {
		return wrap(err, "count a job that was lost")
	}
	return s.wake(ctx, tx, o.object())
}

// abandon is giveUp for an object that nobody reads. All of its events end, since a read that
// never got far has noted none.
func (s *Service) abandon(ctx context.Context, tx pgx.Tx, o Object) error {
	_, err := tx.Exec(ctx, `UPDATE stripe_objects SET dead = true, attempts = attempts + 1, error = $6, next_try_at = NULL, job_id = NULL, lifeline = NULL`+is, o.arguments(oursToExplain)...)
	if err == nil {
		_, err = tx.Exec(ctx, `UPDATE stripe_events SET status = 'DEAD', error = $6
			WHERE tenant_id = $1 AND account_id = $2 AND livemode = $3 AND kind = $4 AND object_id = $5 AND status = 'RECEIVED'`, o.arguments(oursToExplain)...)
	}
	if err == nil {
		s.Log.ErrorContext(ctx, "gave up on an object of Stripe's whose jobs were lost; its events are dead", "object", o.String(), "tenant_id", o.TenantID)
	}
	return wrap(err, "give an object up")
}

func (s *Service) takeUpBy(ctx context.Context, take func(context.Context, pgx.Tx, neglected) error, sql string, args ...any) (n int, err error) {
	ctx = postgres.Across(ctx, postgres.Sweeps)
	err = postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		found, err := postgres.All(ctx, tx, pgx.RowToStructByName[neglected], sql, append([]any{sweepLot}, args...)...)
		if err != nil {
			return wrap(err, "look for objects that nobody reads")
		}
		n = len(found)
		for _, o := range found {
			if err := take(ctx, tx, o); err != nil {
				return err
			}
		}
		return supersede(ctx, tx, found)
	})
	return n, err
}

// supersede puts the old jobs out of River's way.
func supersede(ctx context.Context, tx pgx.Tx, found []neglected) error {
	old := []int64{}
	for _, o := range found {
		if o.JobID != nil {
			old = append(old, *o.JobID)
		}
	}
	if len(old) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `UPDATE river_job SET state = 'discarded', finalized_at = now(), metadata = metadata || '{"superseded": true}'
		WHERE id = ANY($1) AND state NOT IN ('cancelled', 'completed', 'discarded')`, old)
	return wrap(err, "put old jobs away")
}
