package tenant

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
)

// Hold keeps all that there is of a tenant, whatever retention and people's wishes to be
// forgotten say, until Release. It is a use case for operators: no actor is asked for. A
// tenant that is on hold stays so for the reason given first.
func (s *Service) Hold(ctx context.Context, slug, reason string) error {
	if strings.TrimSpace(reason) == "" {
		return fault.New(fault.InvalidInput, "A hold needs a reason, so others know why.").At("reason")
	}
	return s.setHold(ctx, slug, &reason)
}

// Release ends a hold; where there is none it does nothing. It is a use case for
// operators.
func (s *Service) Release(ctx context.Context, slug string) error { return s.setHold(ctx, slug, nil) }

func (s *Service) setHold(ctx context.Context, slug string, reason *string) error {
	ctx = postgres.Across(ctx, postgres.Operators)
	return postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		t, err := tenantBySlug(ctx, tx, slug)
		if err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `UPDATE tenants SET held_since = CASE WHEN $2::text IS NOT NULL THEN now() END, hold_reason = $2
			WHERE id = $1 AND (held_since IS NULL) = ($2::text IS NOT NULL)`, t.ID, reason)
		if err != nil || tag.RowsAffected() == 0 {
			return wrap(err, "hold tenant")
		}
		action := "tenant.held"
		if reason == nil {
			action = "tenant.released"
		}
		return audit.Record(ctx, tx, audit.Entry{TenantID: t.ID, Actor: Operator, Action: action, Subject: t.ID, Reason: reason})
	})
}

// Held returns the ids of the tenants that are on hold.
func Held(ctx context.Context, db postgres.Querier) ([]string, error) {
	ctx = postgres.Across(ctx, postgres.Operators)
	ids, err := postgres.All(ctx, db, pgx.RowTo[string], `SELECT id::text FROM tenants WHERE held_since IS NOT NULL ORDER BY id`)
	return ids, wrap(err, "list held tenants")
}
