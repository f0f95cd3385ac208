package deployment

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/postgres"
)

// NoteBegun notes a step as RUNNING under its key, and gives its owner more time. begun
// is false where it may not begin: the deployment was cancelled or everything is paused,
// or it has turned back, after which steps of the way forward are settled, not begun.
// Postgres may still be carrying out a statement whose caller has given up, so a lease
// that was let go is never taken back. ErrLost where epoch is not the owner's any more.
func NoteBegun(ctx context.Context, db postgres.Querier, id string, epoch int64, length time.Duration, index int, key string) (r Renewal, begun bool, err error) {
	sql, args := update{
		sets:  []Set{set("lease_until", "clock_timestamp() + ?::interval", length)},
		where: []clause{where("d.id = ?", id), where("d.epoch = ? AND status = 'DEPLOYING' AND lease_until IS NOT NULL", epoch)},
	}.sql(where("direction, " + renewal))
	type answer struct {
		Renewal
		Begun bool `db:"begun"`
	}
	a, err := postgres.One(ctx, db, pgx.RowToStructByName[answer], ErrLost, fmt.Sprintf(`WITH held AS (%s), begun AS (
			UPDATE deployment_steps SET status = 'RUNNING', attempts = attempts + 1, idempotency_key = $%d,
				started_at = COALESCE(started_at, clock_timestamp())
			FROM held WHERE deployment_id = held.id::uuid AND index = $%d AND NOT cancelled AND NOT paused
				AND (undo = (direction = 'UNDO') OR deployment_steps.status = 'RUNNING')
			RETURNING index)
		SELECT id, cancelled, paused, EXISTS (SELECT FROM begun) AS begun FROM held`, sql, len(args)+1, len(args)+2),
		append(args, key, index)...)
	return a.Renewal, a.Begun, err
}

// NoteDone notes a step's effect and counts what is done of the way there. A step
// back that is done shows what it undid as UNDONE.
func NoteDone(ctx context.Context, tx pgx.Tx, id string, index int, w catalog.Written) (done, total int, err error) {
	_, err = tx.Exec(ctx, `WITH done AS (
			UPDATE deployment_steps SET status = 'DONE', live_id = $3, stripe_request_id = NULLIF($4, ''), finished_at = clock_timestamp()
			WHERE deployment_id = $1 AND index = $2 RETURNING deployment_id, live_id, undo)
		UPDATE deployment_steps s SET status = 'UNDONE' FROM done
		WHERE done.undo AND s.deployment_id = done.deployment_id AND NOT s.undo AND s.live_id = done.live_id AND s.status = 'DONE'`,
		id, index, w.ID, w.RequestID)
	if err != nil {
		return 0, 0, err
	}
	err = tx.QueryRow(ctx, `SELECT count(*) FILTER (WHERE status IN ('DONE', 'UNDONE')), count(*)
		FROM deployment_steps WHERE deployment_id = $1 AND NOT undo`, id).Scan(&done, &total)
	return done, total, err
}

// NoteFailed notes that a step was refused.
func NoteFailed(ctx context.Context, tx pgx.Tx, id string, index int) error {
	_, err := tx.Exec(ctx, `UPDATE deployment_steps SET status = 'FAILED', finished_at = clock_timestamp()
		WHERE deployment_id = $1 AND index = $2`, id, index)
	return err
}

// NoteUnsent takes RUNNING back, so that no way back has to settle what never left.
func NoteUnsent(ctx context.Context, tx pgx.Tx, id string, index int) error {
	_, err := tx.Exec(ctx, `UPDATE deployment_steps SET status = 'PENDING', started_at = NULL
		WHERE deployment_id = $1 AND index = $2 AND status = 'RUNNING'`, id, index)
	return err
}
