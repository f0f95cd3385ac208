package deployment

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// Pause stops the world: nothing new starts, and what runs parks at its next
// step. It takes effect within a heartbeat, and is for operators.
func Pause(ctx context.Context, db postgres.Beginner, by, reason string) error {
	if reason == "" {
		return fault.New(fault.InvalidInput, "A pause needs a reason, so others know why.")
	}
	return postgres.InTx(ctx, db, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `INSERT INTO standstill (paused_by, reason) VALUES ($1, $2) ON CONFLICT DO NOTHING`, by, reason)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return fault.New(fault.InvalidState, "Golive is already paused.")
		}
		return tenant.RecordEverywhere(ctx, tx, audit.Entry{Actor: by, Action: "operations.paused", Subject: "golive", Reason: &reason, Details: map[string]any{"reason": reason}})
	})
}

// Resume lets the world go on; the sweeps take up within a second what had parked.
func Resume(ctx context.Context, db postgres.Beginner, by string) error {
	return postgres.InTx(ctx, db, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `DELETE FROM standstill`)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return fault.New(fault.InvalidState, "Golive isn't paused.")
		}
		return tenant.RecordEverywhere(ctx, tx, audit.Entry{Actor: by, Action: "operations.resumed", Subject: "golive"})
	})
}

// PauseState is who stopped the world, why and since when.
type PauseState struct {
	By     string    `db:"paused_by"`
	Reason string    `db:"reason"`
	Since  time.Time `db:"since"`
}

// CurrentPause returns the pause that holds now, nil where nothing is paused.
func CurrentPause(ctx context.Context, db postgres.Querier) (*PauseState, error) {
	return postgres.One(ctx, db, pgx.RowToAddrOfStructByName[PauseState], nil, `SELECT paused_by, reason, since FROM standstill`)
}
