package inbox

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// mostReason bounds a reason, in characters.
const mostReason = 500

// DisableInput says what to disable, and why.
type DisableInput struct {
	TenantID string
	Mode     catalog.Mode
	Reason   string
}

// Disable keeps new orders and payments of a mode from beginning, in all processes. The
// endpoint stays, so that what is in flight settles. It needs the role ADMIN and may be
// repeated.
func (s *Service) Disable(ctx context.Context, in DisableInput) (m Module, err error) {
	if err := tenant.Require(ctx, in.TenantID, tenant.RoleAdmin); err != nil {
		return Module{}, err
	}
	in.Reason = strings.TrimSpace(in.Reason)
	if n := utf8.RuneCountInString(in.Reason); n == 0 || n > mostReason {
		return Module{}, fault.New(fault.InvalidInput, "Say why, in at most %d characters.", mostReason).At("input", "reason")
	}
	err = postgres.InTx(ctx, s.DB, func(tx pgx.Tx) error {
		if err := stillAdmin(ctx, tx, in.TenantID); err != nil {
			return err
		}
		if err := closeModule(ctx, tx, in); err != nil {
			return err
		}
		m, err = moduleOf(ctx, tx, in.TenantID, in.Mode)
		return err
	})
	return m, err
}

// closeModule takes the turn from whoever is enabling payments, because they would undo it. The
// turn's time goes on, since that one may still be at Stripe.
func closeModule(ctx context.Context, tx pgx.Tx, in DisableInput) error {
	type closed struct {
		Account string `db:"account_id"`
		Was     bool   `db:"was"`
	}
	m, err := postgres.One(ctx, tx, pgx.RowToStructByName[closed], nil, `WITH was AS (SELECT enabled, turn FROM payments_modules
			WHERE tenant_id = $1 AND livemode = $2 AND (enabled OR turn IS NOT NULL) FOR UPDATE)
		UPDATE payments_modules m SET enabled = false, since = NULL, turn = CASE WHEN m.turn IS NOT NULL THEN gen_random_uuid() END FROM was
		WHERE tenant_id = $1 AND livemode = $2 RETURNING account_id, was.enabled AS was`, in.TenantID, live(in.Mode))
	if err != nil || m.Account == "" {
		return wrap(err, "disable payments")
	}
	actor, err := tenant.ActorFrom(ctx)
	if err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		TenantID: in.TenantID, Actor: actor.Email, Action: "payments.disabled", Subject: m.Account, Reason: &in.Reason,
		Details: map[string]any{"mode": in.Mode}, Before: map[string]any{"enabled": m.Was}, After: map[string]any{"enabled": false},
	})
}
