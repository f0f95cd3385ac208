package identity

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/postgres"
)

const (
	invitationColumns = `SELECT id::text, tenant_id::text, email, role, invited_by, expires_at FROM invitations`
	waits             = `settled_at IS NULL AND expires_at > now()`
)

// insertInvitation replaces one for the same address.
func insertInvitation(ctx context.Context, tx pgx.Tx, i *Invitation) error {
	_, err := tx.Exec(ctx, `UPDATE invitations SET settled_at = now() WHERE tenant_id = $1 AND email = $2 AND settled_at IS NULL`, i.TenantID, i.Email)
	if err != nil {
		return wrap(err, "replace invitation")
	}
	err = tx.QueryRow(ctx, `INSERT INTO invitations (id, tenant_id, email, role, invited_by, expires_at)
		VALUES ($1, $2, $3, $4, $5, now() + $6::interval) RETURNING expires_at`,
		i.ID, i.TenantID, i.Email, i.Role, i.InvitedBy, invitingTime).Scan(&i.ExpiresAt)
	return wrap(err, "insert invitation")
}

func countOpen(ctx context.Context, tx pgx.Tx, tenantID string) (n int, err error) {
	err = tx.QueryRow(ctx, `SELECT count(*) FROM invitations WHERE tenant_id = $1 AND `+waits, tenantID).Scan(&n)
	return n, wrap(err, "count invitations")
}

func openInvitations(ctx context.Context, db postgres.Querier, tenantID string) ([]Invitation, error) {
	all, err := postgres.All(ctx, db, pgx.RowToStructByName[Invitation], invitationColumns+` WHERE tenant_id = $1 AND `+waits+` ORDER BY invitations.id`, tenantID)
	return all, wrap(err, "list invitations")
}

func openInvitation(ctx context.Context, db postgres.Querier, id string) (Invitation, error) {
	i, err := postgres.One(ctx, db, pgx.RowToStructByName[Invitation], noInvitation(), invitationColumns+` WHERE id = $1 AND `+waits, id)
	if postgres.IsBadID(err) {
		err = noInvitation()
	}
	return i, wrap(err, "read invitation")
}

func lockInvitation(ctx context.Context, tx pgx.Tx, id string) (Invitation, error) {
	i, err := postgres.One(ctx, tx, pgx.RowToStructByName[Invitation], noInvitation(), invitationColumns+` WHERE id = $1 AND `+waits+` FOR UPDATE`, id)
	if postgres.IsBadID(err) {
		err = noInvitation()
	}
	return i, wrap(err, "lock invitation")
}

func invitationsFor(ctx context.Context, tx pgx.Tx, address string) ([]Invitation, error) {
	all, err := postgres.All(ctx, tx, pgx.RowToStructByName[Invitation], invitationColumns+` WHERE email = $1 AND `+waits+` ORDER BY invitations.tenant_id`, address)
	return all, wrap(err, "find invitations")
}

func settle(ctx context.Context, tx pgx.Tx, ids []string) error {
	_, err := tx.Exec(ctx, `UPDATE invitations SET settled_at = now() WHERE id = ANY($1::uuid[])`, ids)
	return wrap(err, "settle invitations")
}
