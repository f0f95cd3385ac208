package deployment

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// OpsStatus is how the service as a whole stands, for those who run it.
type OpsStatus struct {
	Paused bool `db:"paused"`
	// Overdue counts the schedules whose time has come and that have not begun, because
	// their product is busy, the world is paused, or no worker sweeps.
	Overdue int `db:"overdue"`
	// Latest is by how much the oldest of them is late.
	Latest time.Duration `db:"latest"`
}

// opsStatusSQL has a lower bound for the planner: see outbox.QueueState.
const opsStatusSQL = `SELECT EXISTS (SELECT FROM standstill) AS paused, count(*) AS overdue,
		coalesce((SELECT golive_now()) - min(due_at), '0') AS latest
	FROM deployments WHERE status = 'SCHEDULED' AND wait_reason = 'DUE_TIME'
		AND due_at BETWEEN '-infinity' AND (SELECT golive_now())`

// OpsStatus reads all tenants' schedules that are due.
func (s *Service) OpsStatus(ctx context.Context) (OpsStatus, error) {
	rows, err := s.DB.Query(ctx, opsStatusSQL)
	if err != nil {
		return OpsStatus{}, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[OpsStatus])
}
