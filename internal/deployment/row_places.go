package deployment

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"github.com/golive-hq/golive/internal/postgres"
)

// Places is how many deployments of one live account have a job at a time: more of them
// could not go faster than the account's rate. The others wait in the table, so that the
// queue stays short and no account's batch is in the way of another account.
const Places = 16

// An active row with a job has a place; one without waits for one, or is parked.
const (
	placed   = active + ` AND job_id IS NOT NULL`
	unplaced = active + ` AND job_id IS NULL`
	// inLine wants a place now. $1 is what this worker knows of.
	inLine = unplaced + ` AND coalesce(retry_at, '-infinity') <= now() AND requires <= $1 AND NOT EXISTS (SELECT FROM standstill)`
)

// placesLock is held by whoever gives away places of an account, from before counting
// them until that is committed. It comes after the product's lock, and before a row
// becomes active: who holds it may wait for such a row's end, and no end waits for it.
func placesLock(account string) string { return `hashtextextended('places of ' || ` + account + `, 0)` }

// countPlaces locks an account's places and returns how many are taken. The count is a
// statement of its own, and so sees what was committed until the lock was there.
func countPlaces(ctx context.Context, tx pgx.Tx, account string) (taken int, err error) {
	var both pgx.Batch
	both.Queue(`SELECT pg_advisory_xact_lock(`+placesLock("$1")+`)`, account)
	both.Queue(`SELECT count(*) FROM deployments WHERE live_account_id = $1 AND `+placed, account).
		QueryRow(func(row pgx.Row) error { return row.Scan(&taken) })
	if err := tx.SendBatch(ctx, &both).Close(); err != nil {
		return 0, fmt.Errorf("count places: %w", err)
	}
	return taken, nil
}

// waitsFor is what a deployment waits for that has a place, or hasn't.
func waitsFor(taken int) string {
	if taken < Places {
		return "a worker"
	}
	return fmt.Sprintf("one of the %d running deployments of this Stripe account to finish", taken)
}

// dispatchPlaced is dispatch for one that has a place; one that has none waits.
func dispatchPlaced(ctx context.Context, tx pgx.Tx, jobs *river.Client[pgx.Tx], j job) error {
	if j.Place >= Places {
		return nil
	}
	return dispatch(ctx, tx, jobs, []job{j})
}

// Fill gives the free places of an account to those that wait for one. Whoever leaves a
// place calls it afterwards; what that misses is for the sweep.
func (s *Service) Fill(ctx context.Context, account string) {
	ctx, cancel := context.WithTimeout(ctx, s.SweepTime)
	defer cancel()
	wanted, err := postgres.One(ctx, s.DB, pgx.RowTo[bool], nil,
		`SELECT EXISTS (SELECT FROM deployments WHERE live_account_id = $2 AND `+inLine+`)`, knows, account)
	if wanted {
		err = postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
			if _, err := countPlaces(ctx, tx, account); err != nil {
				return err
			}
			_, err := fill(ctx, tx, s.Jobs, []string{account})
			return err
		})
	}
	if err != nil && ctx.Err() == nil {
		s.Log.WarnContext(ctx, "could not give away a place; a sweep will", "account", account, "error", err)
	}
}

// FillAll does so for all accounts, notes which of them are full, and returns how many
// deployments got a place.
func (s *Service) FillAll(ctx context.Context) (n int, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.SweepTime)
	defer cancel()
	for got := sweepLot; got > 0 && err == nil; n += got {
		err = postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
			accounts, err := postgres.All(ctx, tx, pgx.RowTo[string], lines, knows, Places, sweepLot)
			if err == nil {
				got, err = fillFree(ctx, tx, s.Jobs, accounts)
			}
			return err
		})
	}
	if err = errors.Join(err, noteFull(ctx, s.DB)); err != nil {
		return n, fmt.Errorf("fill places: %w", err)
	}
	return n, nil
}

// lines are the accounts with a free place and somebody who waits for one.
const lines = `SELECT live_account_id FROM deployments AS line WHERE ` + inLine + ` GROUP BY live_account_id
	HAVING (SELECT count(*) FROM deployments WHERE live_account_id = line.live_account_id AND ` + placed + `) < $2 LIMIT $3`

// fillFree is fill for those accounts whose places nobody else gives away just now: so it
// waits for nobody, whatever tx has locked.
func fillFree(ctx context.Context, tx pgx.Tx, jobs *river.Client[pgx.Tx], accounts []string) (int, error) {
	free, err := postgres.All(ctx, tx, pgx.RowTo[string], `SELECT DISTINCT account FROM unnest($1::text[]) AS account
		WHERE pg_try_advisory_xact_lock(`+placesLock("account")+`)`, accounts)
	if err != nil {
		return 0, err
	}
	return fill(ctx, tx, jobs, free)
}

// fill is for those who hold the accounts' locks. What has begun to write comes first,
// then the oldest.
func fill(ctx context.Context, tx pgx.Tx, jobs *river.Client[pgx.Tx], accounts []string) (int, error) {
	if len(accounts) == 0 {
		return 0, nil
	}
	next, err := postgres.All(ctx, tx, pgx.RowToStructByName[job], `SELECT next.id::text, next.dispatch,
			free.taken - 1 + row_number() OVER (PARTITION BY account ORDER BY next.waits, next.id) AS place
		FROM (SELECT account, (SELECT count(*) FROM deployments WHERE live_account_id = account AND `+placed+`) AS taken
			FROM unnest($2::text[]) AS account) free
		CROSS JOIN LATERAL (SELECT id, dispatch, status <> 'DEPLOYING' AS waits FROM deployments
			WHERE live_account_id = account AND `+inLine+` ORDER BY (status <> 'DEPLOYING'), id
			LIMIT greatest(0, $3 - taken) FOR NO KEY UPDATE SKIP LOCKED) next
		ORDER BY place, next.id`, knows, accounts, Places)
	if err != nil || len(next) == 0 {
		return 0, err
	}
	return len(next), dispatch(ctx, tx, jobs, next)
}

// noteFull keeps account for the grace of schedules: an account is full while workers see
// it so, and nobody has paused the world.
func noteFull(ctx context.Context, db *pgxpool.Pool) error {
	const full = `SELECT live_account_id FROM deployments WHERE ` + placed + ` AND NOT EXISTS (SELECT FROM standstill)
		GROUP BY live_account_id HAVING count(*) >= $1`
	_, err := db.Exec(ctx, `UPDATE account_full SET until = CASE WHEN seen > now() - interval '10 seconds' THEN golive_now() ELSE until END,
			seen = CASE WHEN seen > now() - interval '10 seconds' AND live_account_id IN (`+full+`) THEN now() END
		WHERE (live_account_id, since) IN (SELECT live_account_id, since FROM account_full WHERE seen IS NOT NULL
			AND (seen < now() - interval '1 second' OR live_account_id NOT IN (`+full+`)) FOR UPDATE SKIP LOCKED)`, Places)
	if err == nil {
		_, err = db.Exec(ctx, `INSERT INTO account_full (live_account_id, since, until, seen) SELECT live_account_id, golive_now(), golive_now(), now()
			FROM (`+full+`) AS now_full ON CONFLICT DO NOTHING`, Places)
	}
	return err
}
