package deployment

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/golive-hq/golive/internal/postgres"
)

// pulse is what a heartbeat learns of one run.
type pulse struct {
	ID        string `db:"id"`
	Cancelled bool   `db:"cancelled"`
	Paused    bool   `db:"paused"`
}

// stop is why the run has to end, nil where it has not.
func (p pulse) stop() error {
	switch {
	case p.Cancelled:
		return errCancelled
	case p.Paused:
		return errPaused
	default:
		return nil
	}
}

// renew extends the leases that are still ours; those of others are missing in
// the answer, and so is one that was let go: a late heartbeat must not take it
// back, or nobody else could take the deployment up.
func (s *Service) renew(ctx context.Context, ids []string, epochs []int64) ([]pulse, error) {
	return postgres.All(ctx, s.DB, pgx.RowToStructByName[pulse], `UPDATE deployments d
		SET lease_until = clock_timestamp() + $3::interval
		FROM unnest($1::uuid[], $2::bigint[]) AS held (id, epoch)
		WHERE d.id = held.id AND d.epoch = held.epoch AND d.lease_until IS NOT NULL AND d.status IN ('PENDING', 'VALIDATING', 'DEPLOYING')
		RETURNING d.id::text, d.cancel_requested_at IS NOT NULL AND d.direction = 'FORWARD' AS cancelled,
			EXISTS (SELECT FROM standstill) AS paused`, ids, epochs, s.Lease)
}

// execer is a pool or a transaction.
type execer interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

// letGo ends a lease; the deployment may be taken up again after wait.
func letGo(ctx context.Context, db execer, id string, epoch int64, wait time.Duration) error {
	_, err := db.Exec(ctx, `UPDATE deployments SET lease_until = NULL, owner = NULL, retry_at = clock_timestamp() + $3::interval
		WHERE id = $1 AND epoch = $2 AND finished_at IS NULL`, id, epoch, wait)
	return err
}
