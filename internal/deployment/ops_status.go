package deployment

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/pause"
	"github.com/golive-hq/golive/internal/postgres"
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
const opsStatusSQL = `SELECT ` + pause.Holds + ` AS paused, count(*) AS overdue,
		coalesce((SELECT golive_now()) - min(due_at), '0') AS latest
	FROM deployments WHERE status = 'SCHEDULED' AND wait_reason = 'DUE_TIME'
		AND due_at BETWEEN '-infinity' AND (SELECT golive_now())`

// ReadOpsStatus reads all tenants' schedules that are due.
func ReadOpsStatus(ctx context.Context, db postgres.Querier) (OpsStatus, error) {
	ctx = postgres.Across(ctx, postgres.Sweeps)
	return postgres.One(ctx, db, pgx.RowToStructByName[OpsStatus], errors.New("no answer"), opsStatusSQL)
}

// ActiveCount tells how many deployments are in a status that will pass, and since
// when the oldest of them is there to be carried out: a schedule since its time.
type ActiveCount struct {
	Status Status    `db:"status"`
	Count  int       `db:"count"`
	Oldest time.Time `db:"oldest"`
}

// CountActive counts the active deployments of all tenants by status, for those who
// run the service. A status without any has no entry.
func CountActive(ctx context.Context, db postgres.Querier) ([]ActiveCount, error) {
	ctx = postgres.Across(ctx, postgres.Sweeps)
	return postgres.All(ctx, db, pgx.RowToStructByName[ActiveCount], `SELECT status, count(*),
			min(greatest(created_at, changed_at, least(now(), CASE WHEN trigger = 'SCHEDULED' THEN due_at END))) AS oldest
		FROM deployments WHERE `+active+` GROUP BY status`)
}
