package importing

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/golive-hq/golive/internal/postgres"
)

// sweepLot bounds one sweep, so that no transaction gets long.
const sweepLot = 100

// abandoned is an import that nobody works on although somebody should.
type abandoned struct {
	ID       string `db:"id"`
	Dispatch int    `db:"dispatch"`
	JobID    *int64 `db:"job_id"`
}

// TakeUp gives a new job to imports whose owner is dead, or whose job is gone, and returns
// how many there were. Every worker does so every so often.
func (s *Service) TakeUp(ctx context.Context) (n int, err error) {
	ctx = postgres.Across(ctx, postgres.Sweeps)
	err = postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		found, err := findAbandoned(ctx, tx, s.Lease)
		n = len(found)
		if err != nil || n == 0 {
			return wrap(err, "look for abandoned imports")
		}
		return s.dispatch(ctx, tx, found)
	})
	return n, err
}

// findAbandoned takes a job that has run for longer than patience without owning its import
// for dead.
func findAbandoned(ctx context.Context, tx pgx.Tx, patience time.Duration) ([]abandoned, error) {
	return postgres.All(ctx, tx, pgx.RowToStructByName[abandoned], `SELECT i.id::text, i.dispatch, i.job_id
		FROM imports i LEFT JOIN river_job j ON j.id = i.job_id
		WHERE i.finished_at IS NULL AND (i.lease_until < now()
			OR i.lease_until IS NULL AND (j.id IS NULL OR j.state IN ('cancelled', 'completed', 'discarded')
				OR j.state = 'running' AND j.attempted_at < now() - $1::interval))
		ORDER BY i.started_at LIMIT $2 FOR UPDATE OF i SKIP LOCKED`, patience, sweepLot)
}

// dispatch makes new jobs the only ones that may act, and fences out whoever still thinks
// that it may.
func (s *Service) dispatch(ctx context.Context, tx pgx.Tx, found []abandoned) error {
	jobs := make([]river.InsertManyParams, len(found))
	for i, a := range found {
		jobs[i] = river.InsertManyParams{Args: RunArgs{ImportID: a.ID, Dispatch: a.Dispatch + 1}}
	}
	inserted, err := s.Jobs.InsertManyTx(ctx, tx, jobs)
	if err != nil {
		return fmt.Errorf("insert jobs: %w", err)
	}
	ids, next, old := make([]string, len(found)), make([]int64, len(found)), []int64{}
	for i, a := range found {
		ids[i], next[i] = a.ID, inserted[i].Job.ID
		if a.JobID != nil {
			old = append(old, *a.JobID)
		}
	}
	_, err = tx.Exec(ctx, `UPDATE imports i SET job_id = n.job, dispatch = dispatch + 1, epoch = epoch + 1, lease_until = NULL
		FROM unnest($1::uuid[], $2::bigint[]) AS n (id, job) WHERE i.id = n.id`, ids, next)
	if err == nil && len(old) > 0 {
		_, err = tx.Exec(ctx, `UPDATE river_job SET state = 'discarded', finalized_at = now(), metadata = metadata || '{"superseded": true}'
			WHERE id = ANY($1) AND state NOT IN ('cancelled', 'completed', 'discarded')`, old)
	}
	return wrap(err, "dispatch imports")
}
