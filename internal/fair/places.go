package fair

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/postgres"
)

// Places is how many deployments of one live account have a job at a time: more of them
// could not go faster than the account's rate. The others wait in the table, so that the
// queue stays short and no account's batch is in the way of another account.
const Places = 16

// lockKey is the advisory lock of what a piece of SQL names.
func lockKey(name string) string { return `hashtextextended(` + name + `, 0)` }

const ofAccount = "places of "

// Count reads what must not change before tx ends: whoever counts under the same name
// waits until then. It comes after a product's lock, and before a row becomes active: who
// holds it may wait for such a row's end, and no end waits for it. The count is a
// statement of its own, and so sees what was committed until the lock was there.
func Count(ctx context.Context, tx pgx.Tx, name string, into []any, sql string, args ...any) error {
	var both pgx.Batch
	both.Queue(`SELECT pg_advisory_xact_lock(`+lockKey(`$1::text`)+`)`, name)
	both.Queue(sql, args...).QueryRow(func(row pgx.Row) error { return row.Scan(into...) })
	if err := tx.SendBatch(ctx, &both).Close(); err != nil {
		return fmt.Errorf("count %s: %w", name, err)
	}
	return nil
}

// TryCount locks the places of an account until tx ends, and returns how many are taken by
// sql; it waits for nobody who has locked them, and calls all of them taken then.
func TryCount(ctx context.Context, tx pgx.Tx, account, sql string) (taken int, err error) {
	var both pgx.Batch
	var locked bool
	both.Queue(`SELECT pg_try_advisory_xact_lock(`+lockKey(`$1::text`)+`)`, ofAccount+account).
		QueryRow(func(row pgx.Row) error { return row.Scan(&locked) })
	both.Queue(sql, account).QueryRow(func(row pgx.Row) error { return row.Scan(&taken) })
	if err := tx.SendBatch(ctx, &both).Close(); err != nil {
		return 0, fmt.Errorf("count places: %w", err)
	}
	if !locked {
		taken = Places
	}
	return taken, nil
}

// TryLockPlaces locks the places of those accounts for which nobody else has done so, and
// returns them. It waits for nobody.
func TryLockPlaces(ctx context.Context, tx pgx.Tx, accounts []string) ([]string, error) {
	return postgres.All(ctx, tx, pgx.RowTo[string], `SELECT account FROM (SELECT DISTINCT unnest($1::text[]) AS account) AS wanted
		WHERE pg_try_advisory_xact_lock(`+lockKey(`$2 || account`)+`)`, accounts, ofAccount)
}

// NoteFull keeps account of when all places were taken, given the accounts for which it is
// so now: account_full_time() counts it for the grace of schedules. Only what a living
// worker saw counts, at least every ten seconds. A spell that ended less than a second ago
// goes on, so that there are not more of them than somebody may have to add up. What ended
// before oldest, SQL of an instant that may be null, counts for nobody and is forgotten.
func NoteFull(ctx context.Context, db postgres.Execer, accounts []string, oldest string) error {
	const fresh = `seen > now() - interval '10 seconds'`
	_, err := db.Exec(ctx, `UPDATE account_full SET until = CASE WHEN `+fresh+` THEN golive_now() ELSE until END,
			seen = CASE WHEN `+fresh+` AND live_account_id = ANY($1) THEN now() END
		WHERE (live_account_id, since) IN (SELECT live_account_id, since FROM account_full WHERE seen IS NOT NULL
			AND (seen < now() - interval '1 second' OR live_account_id <> ALL($1)) ORDER BY live_account_id FOR UPDATE SKIP LOCKED)`, accounts)
	if err != nil {
		return err
	}
	if err := forgetFull(ctx, db, oldest); err != nil || len(accounts) == 0 {
		return err
	}
	_, err = db.Exec(ctx, `WITH again AS (UPDATE account_full SET seen = now(), until = golive_now()
			WHERE seen IS NULL AND until > golive_now() - interval '1 second' AND (live_account_id, since) IN
				(SELECT live_account_id, since FROM account_full f WHERE live_account_id = ANY($1)
					AND NOT EXISTS (SELECT FROM account_full l WHERE l.live_account_id = f.live_account_id AND l.since > f.since)
				 ORDER BY live_account_id FOR UPDATE SKIP LOCKED)
			RETURNING live_account_id)
		INSERT INTO account_full (live_account_id, since, until, seen) SELECT account, golive_now(), golive_now(), now()
		FROM unnest($1::text[]) AS account WHERE account NOT IN (SELECT live_account_id FROM again) ORDER BY account ON CONFLICT DO NOTHING`, accounts)
	return err
}

func forgetFull(ctx context.Context, db postgres.Execer, oldest string) error {
	_, err := db.Exec(ctx, `DELETE FROM account_full WHERE seen IS NULL AND until < least(golive_now() - interval '1 second', (`+oldest+`))`)
	return err
}

// WaitsFor is what a deployment waits for that comes after so many others of its account.
func WaitsFor(taken int) string {
	if taken < Places {
		return "a worker"
	}
	return fmt.Sprintf("one of the %d running deployments of this Stripe account to finish", taken)
}

// Priority is that of River's, 1 to 4, for a job which comes after so many others of its
// account: the first few of each go before the many of some. Where workers are short a
// batch waits, and somebody's single go-live does not.
func Priority(taken int) int { return min(1+4*taken/Places, 4) }
