package deployment

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
)

// Standing is how the service as a whole stands, for those who run it.
type Standing struct {
	Paused bool `db:"paused"`
	// Overdue counts the schedules whose time has come and that have not begun, because
	// their product is busy, the world is paused, or no worker sweeps.
	Overdue int `db:"overdue"`
	// Latest is by how much the oldest of them is late.
	Latest time.Duration `db:"latest"`
}

// standingSQL has a lower bound for the planner: see mailQueueSQL.
const standingSQL = `SELECT EXISTS (SELECT FROM standstill) AS paused, count(*) AS overdue,
		coalesce((SELECT golive_now()) - min(due_at), '0') AS latest
	FROM deployments WHERE status = 'SCHEDULED' AND wait_reason = 'DUE_TIME'
		AND due_at BETWEEN '-infinity' AND (SELECT golive_now())`

// Standing reads all tenants' schedules that are due.
func (s *Service) Standing(ctx context.Context) (Standing, error) {
	rows, err := s.DB.Query(ctx, standingSQL)
	if err != nil {
		return Standing{}, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Standing])
}

// tellPaused lets those who watch know why nothing moves. It is told and no more:
// a run that cannot tell is let go all the same.
func (r *run) tellPaused(ctx context.Context) {
	var reason string
	err := r.DB.QueryRow(ctx, `SELECT reason FROM standstill`).Scan(&reason)
	if err == nil {
		err = r.move(ctx, Move{Status: r.status(), Message: "Golive is paused by its operators: " + reason})
	}
	if err != nil && !errors.Is(err, pgx.ErrNoRows) && !errors.Is(err, ErrLost) {
		r.Log.WarnContext(ctx, "tell of the pause", "deployment", r.d.ID, "error", err)
	}
}
