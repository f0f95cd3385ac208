package deployment

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/golive-hq/golive/internal/pause"
	"github.com/golive-hq/golive/internal/postgres"
)

// sweepLot bounds one sweep, so that no transaction gets long.
const sweepLot = 100

// abandoned is a deployment that nobody works on although it should be.
type abandoned struct {
	job
	JobID *int64 `db:"job_id"`
}

// Redispatch gives a new job to active deployments whose owner is dead or its lifeline
// gone, or whose job is gone, as many as fit into one transaction, and returns how many
// there were. They keep their places; what waits for one is for FillAll. A job that has
// run for longer than patience without owning its deployment is dead. It asks River's own
// rescue for nothing, which takes minutes and may complete the wrong attempt.
func (s *Service) Redispatch(ctx context.Context, tx pgx.Tx, patience time.Duration) (n int, err error) {
	found, err := findAbandoned(ctx, tx, patience)
	if err != nil || len(found) == 0 {
		return 0, err
	}
	return len(found), redispatch(ctx, tx, s.Jobs, found)
}

// findAbandoned uses now(), the start of this short transaction: the volatile
// clock_timestamp() cannot be an index condition. What asks for more than this worker
// knows waits for the sweep of one that knows it.
//
// A lifeline has ended if its lock can be had. It is tried once for each lifeline, and
// shared, so that sweeps of several workers see the same; nobody takes a number twice.
func findAbandoned(ctx context.Context, tx pgx.Tx, patience time.Duration) ([]abandoned, error) {
	return postgres.All(ctx, tx, pgx.RowToStructByName[abandoned], `WITH owning AS (
			SELECT DISTINCT lifeline FROM deployments
			WHERE `+active+` AND lease_until IS NOT NULL AND lifeline_epoch = epoch),
		ended AS MATERIALIZED (SELECT lifeline FROM owning WHERE pg_try_advisory_xact_lock_shared(lifeline))
		SELECT d.id::text, d.dispatch, 0 AS place, d.job_id
		FROM deployments d LEFT JOIN river_job j ON j.id = d.job_id
		WHERE d.status IN ('PENDING', 'VALIDATING', 'DEPLOYING') AND d.job_id IS NOT NULL
			AND NOT `+pause.Holds+` AND d.requires <= $3
			AND (d.lease_until < now()
				OR d.lease_until IS NOT NULL AND d.lifeline_epoch = d.epoch AND d.lifeline IN (SELECT lifeline FROM ended)
				OR d.lease_until IS NULL AND coalesce(d.retry_at, '-infinity') <= now()
				AND (j.id IS NULL OR j.state IN ('cancelled', 'completed', 'discarded')
					OR j.state = 'running' AND j.attempted_at < now() - $1::interval))
		ORDER BY d.id LIMIT $2 FOR UPDATE OF d SKIP LOCKED`, patience, sweepLot, knows)
}

// redispatch makes new jobs the only ones that may act, fences out whoever still thinks
// that it may, and puts the old jobs out of River's way.
func redispatch(ctx context.Context, tx pgx.Tx, jobs *river.Client[pgx.Tx], found []abandoned) error {
	last, old := make([]job, len(found)), make([]int64, 0, len(found))
	for i, d := range found {
		last[i] = d.job
		if d.JobID != nil {
			old = append(old, *d.JobID)
		}
	}
	if err := dispatch(ctx, tx, jobs, last, setDisowned()...); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE river_job SET state = 'discarded', finalized_at = now(), metadata = metadata || '{"superseded": true}'
		WHERE id = ANY($1) AND state NOT IN ('cancelled', 'completed', 'discarded')`, old)
	return err
}
