package deployment

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/golive-hq/golive/internal/postgres"
)

// sweepLot bounds one sweep, so that no transaction gets long.
const sweepLot = 100

// stuck is a deployment that nobody works on although it should be.
type stuck struct {
	ID       string `db:"id"`
	Dispatch int    `db:"dispatch"`
	JobID    *int64 `db:"job_id"`
}

// Sweep gives a new job to every active deployment whose owner is dead, whose
// job is gone, or whose time to be tried again has come, and returns how many
// there were. Every worker sweeps; there is no leader to lose. It asks River's
// own rescue for nothing, which takes minutes and may complete the wrong attempt.
func (s *Service) Sweep(ctx context.Context) (n int, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.Lease)
	defer cancel()
	err = postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		found, err := s.stuck(ctx, tx)
		if err != nil || len(found) == 0 {
			return err
		}
		n = len(found)
		return s.redispatch(ctx, tx, found)
	})
	if err != nil {
		return 0, fmt.Errorf("sweep: %w", err)
	}
	return n, nil
}

// stuck uses now(), the start of this short transaction: the volatile
// clock_timestamp() cannot be an index condition.
func (s *Service) stuck(ctx context.Context, tx pgx.Tx) ([]stuck, error) {
	return postgres.All(ctx, tx, pgx.RowToStructByName[stuck], `SELECT d.id::text, d.dispatch, d.job_id
		FROM deployments d LEFT JOIN river_job j ON j.id = d.job_id
		WHERE d.status IN ('PENDING', 'VALIDATING', 'DEPLOYING') AND NOT EXISTS (SELECT FROM standstill)
			AND (d.lease_until < now() OR d.lease_until IS NULL AND coalesce(d.retry_at, '-infinity') <= now()
				AND (j.id IS NULL OR j.state IN ('cancelled', 'completed', 'discarded')
					OR j.state = 'running' AND j.attempted_at < now() - $1::interval))
		ORDER BY d.id LIMIT $2 FOR UPDATE OF d SKIP LOCKED`, s.Lease, sweepLot)
}

func (s *Service) redispatch(ctx context.Context, tx pgx.Tx, found []stuck) error {
	params := make([]river.InsertManyParams, len(found))
	for i, d := range found {
		params[i].Args = RunArgs{DeploymentID: d.ID, Dispatch: d.Dispatch + 1}
	}
	jobs, err := s.Jobs.InsertManyTx(ctx, tx, params)
	if err != nil {
		return err
	}
	ids, next, old := make([]string, len(found)), make([]int64, len(found)), make([]int64, 0, len(found))
	for i, d := range found {
		ids[i], next[i] = d.ID, jobs[i].Job.ID
		if d.JobID != nil {
			old = append(old, *d.JobID)
		}
	}
	return takeOver(ctx, tx, ids, next, old)
}

// takeOver makes the new jobs the only ones that may act, fences out whoever
// still thinks that it may, and puts the old jobs out of River's way.
func takeOver(ctx context.Context, tx pgx.Tx, ids []string, jobs, old []int64) error {
	_, err := tx.Exec(ctx, `UPDATE deployments d SET epoch = epoch + 1, owner = NULL, lease_until = NULL, retry_at = NULL,
			job_id = next.job, dispatch = dispatch + 1
		FROM unnest($1::uuid[], $2::bigint[]) AS next (id, job) WHERE d.id = next.id`, ids, jobs)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE river_job SET state = 'discarded', finalized_at = now(), metadata = metadata || '{"superseded": true}'
		WHERE id = ANY($1) AND state NOT IN ('cancelled', 'completed', 'discarded')`, old)
	return err
}
