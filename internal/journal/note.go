package journal

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/postgres"
)

// NoteDone notes a step's effect and counts what is done of the way there. A step
// back that is done shows what it undid as UNDONE; changed are the indices of all that look
// different now.
func NoteDone(ctx context.Context, tx pgx.Tx, id string, index int, w catalog.Written) (done, total int, changed []int, err error) {
	changed, err = postgres.All(ctx, tx, pgx.RowTo[int], `WITH done AS (
			UPDATE deployment_steps SET status = 'DONE', live_id = $3, stripe_request_id = NULLIF($4, ''), finished_at = clock_timestamp()
			WHERE deployment_id = $1 AND index = $2 RETURNING deployment_id, index, resource, live_id, undo),
		undone AS (UPDATE deployment_steps s SET status = 'UNDONE' FROM done
			WHERE done.undo AND s.deployment_id = done.deployment_id AND NOT s.undo AND s.resource = done.resource AND s.live_id = done.live_id
				AND s.status = 'DONE' RETURNING s.index)
		SELECT index FROM done UNION ALL SELECT index FROM undone`,
		id, index, w.ID, w.RequestID)
	if err != nil {
		return 0, 0, nil, err
	}
	err = tx.QueryRow(ctx, `SELECT count(*) FILTER (WHERE status IN ('DONE', 'UNDONE')), count(*)
		FROM deployment_steps WHERE deployment_id = $1 AND NOT undo`, id).Scan(&done, &total)
	return done, total, changed, err
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

// Refused returns the indices of the steps that Stripe refused.
func Refused(ctx context.Context, db postgres.Querier, id string) ([]int, error) {
	return postgres.All(ctx, db, pgx.RowTo[int], `SELECT index FROM deployment_steps WHERE deployment_id = $1 AND status = 'FAILED' ORDER BY index`, id)
}
