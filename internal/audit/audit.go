package audit

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
)

// Entry is one line of a tenant's audit log.
type Entry struct {
	// ID grows with every entry; it and At are the database's.
	ID       string    `db:"id"`
	At       time.Time `db:"at"`
	TenantID string    `db:"tenant_id"`
	// Actor is the e-mail address of a member, or what acted for nobody in
	// particular: "operator" or "golive".
	Actor string `db:"actor"`
	// Action is in the past tense: "deployment.started".
	Action string `db:"action"`
	// Subject is the id of what was acted on.
	Subject string `db:"subject"`
	// Details is a struct or a map that encoding/json takes, nil for none. Secrets
	// have no place in it.
	Details any `db:"details"`
}

// Page is a part of an audit log, newest entry first.
type Page struct {
	Entries     []Entry
	HasNextPage bool
}

// Record writes e, whose ID and At are ignored, in the transaction of the change
// that it tells of.
func Record(ctx context.Context, tx pgx.Tx, e Entry) error {
	_, err := tx.Exec(ctx, `INSERT INTO audit_log (tenant_id, actor, action, subject, details)
		VALUES ($1, $2, $3, $4, $5::jsonb)`, e.TenantID, e.Actor, e.Action, e.Subject, e.Details)
	if err != nil {
		return fmt.Errorf("record %s: %w", e.Action, err)
	}
	return nil
}

// RecordEach writes e into the log of each of these tenants, whatever its own
// TenantID.
func RecordEach(ctx context.Context, tx pgx.Tx, tenantIDs []string, e Entry) error {
	_, err := tx.Exec(ctx, `INSERT INTO audit_log (tenant_id, actor, action, subject, details)
		SELECT id, $2, $3, $4, $5::jsonb FROM unnest($1::uuid[]) AS each (id)`, tenantIDs, e.Actor, e.Action, e.Subject, e.Details)
	if err != nil {
		return fmt.Errorf("record %s: %w", e.Action, err)
	}
	return nil
}

// List returns the first entries of a tenant (0 to 100) that are older than the
// one with the id after; "" starts at the newest. Any other number or id is
// INVALID_INPUT.
func List(ctx context.Context, db postgres.Querier, tenantID string, first int, after string) (Page, error) {
	if first < 0 || first > 100 {
		return Page{}, fault.New(fault.InvalidInput, "first must be between 0 and 100.").At("first")
	}
	before, err := cursor(after)
	if err != nil {
		return Page{}, err
	}
	entries, err := postgres.All(ctx, db, pgx.RowToStructByName[Entry], `SELECT id::text, at, tenant_id, actor, action, subject, details
		FROM audit_log WHERE tenant_id = $1 AND ($2::bigint IS NULL OR id < $2)
		ORDER BY audit_log.id DESC LIMIT $3`, tenantID, before, first+1)
	if err != nil {
		return Page{}, fmt.Errorf("list audit log: %w", err)
	}
	return Page{Entries: entries[:min(first, len(entries))], HasNextPage: len(entries) > first}, nil
}

func cursor(after string) (*int64, error) {
	if after == "" {
		return nil, nil
	}
	id, err := strconv.ParseInt(after, 10, 64)
	if err != nil {
		return nil, fault.New(fault.InvalidInput, "after must be the endCursor of a previous page.").At("after")
	}
	return &id, nil
}
