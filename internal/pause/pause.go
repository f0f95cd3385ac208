// Package pause knows whether an operator has stopped everything, and why. What a pause
// means for a deployment is said where deployments start, run and are taken over.
package pause

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// Holds is SQL that tells whether there is a pause, and Reason what it is for.
const (
	Holds  = `EXISTS (SELECT FROM standstill)`
	Reason = `(SELECT reason FROM standstill)`
)

// Begin stops the world: nothing new starts, and what runs parks at its next
// step. It takes effect within a heartbeat, and is for operators.
func Begin(ctx context.Context, db postgres.Beginner, by, reason string) error {
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

// End lets the world go on; the sweeps take up within a second what had parked.
func End(ctx context.Context, db postgres.Beginner, by string) error {
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

// State is who stopped the world, why and since when.
type State struct {
	By     string    `db:"paused_by"`
	Reason string    `db:"reason"`
	Since  time.Time `db:"since"`
}

// Current returns the pause that holds now, nil where nothing is paused.
func Current(ctx context.Context, db postgres.Querier) (*State, error) {
	return postgres.One(ctx, db, pgx.RowToAddrOfStructByName[State], nil, `SELECT paused_by, reason, since FROM standstill`)
}
