package connection

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// Disconnect forgets the key of a mode. It needs the role ADMIN. It is
// refused as INVALID_STATE while a deployment or a payment that has not ended needs the key;
// where nothing is connected it does nothing.
func (s *Service) Disconnect(ctx context.Context, tenantID string, mode catalog.Mode) error {
	if err := tenant.Require(ctx, tenantID, tenant.RoleAdmin); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.deps.DB, func(tx pgx.Tx) error { return s.disconnect(ctx, tx, tenantID, mode) })
}

func (s *Service) disconnect(ctx context.Context, tx pgx.Tx, tenantID string, mode catalog.Mode) error {
	had, err := lockConnections(ctx, tx, tenantID)
	if err != nil {
		return err
	}
	c, ok := had[mode]
	if !ok {
		return nil
	}
	unfinished, err := s.deps.Unfinished(ctx, tx, tenantID)
	if err != nil {
		return err
	}
	if unfinished {
		return fault.New(fault.InvalidState, "An unfinished deployment needs this key. Wait for it to finish, or cancel it. To replace the key, connect the new one without disconnecting.")
	}
	paying, err := s.deps.Paying(ctx, tx, tenantID, mode)
	if err != nil {
		return err
	}
	if paying != "" {
		return fault.New(fault.InvalidState, "Payments of orders are on their way, and need this key. Wait until they have ended, or cancel those orders. To replace the key, connect the new one without disconnecting.")
	}
	if err := deleteConnection(ctx, tx, tenantID, mode); err != nil {
		return err
	}
	actor, err := tenant.ActorFrom(ctx)
	if err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		TenantID: tenantID, Actor: actor.Email, Action: "stripe.disconnected", Subject: c.AccountID,
		Details: map[string]any{"mode": mode, "keyHint": c.KeyHint}, Before: connected(c),
	})
}
