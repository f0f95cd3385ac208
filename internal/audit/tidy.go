package audit

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/postgres"
)

// tidy deletes the aliases that stand in no entry any more: what is known of people is
// kept for no longer than the entries that it was for.
//
// The log is read before its end is locked: it may be long, and others would wait for it.
func (c *Chain) tidy(ctx context.Context, tenantID string) error {
	through, err := postgres.One(ctx, c.DB, pgx.RowTo[int64], nil, `SELECT entries FROM audit_heads WHERE tenant_id = $1`, tenantID)
	if err != nil {
		return err
	}
	used, err := postgres.All(ctx, c.DB, pgx.RowTo[string], `SELECT DISTINCT m[1] FROM audit_log l, regexp_matches(l::text, $2, 'g') AS m
		WHERE tenant_id = $1 AND number <= $3`, tenantID, aliased+`([0-9a-f-]{36})`, through)
	if err != nil {
		return err
	}
	return postgres.InTx(ctx, c.DB, func(tx pgx.Tx) error {
		if _, err := c.lock(ctx, tx, []string{tenantID}, nil, 0); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `DELETE FROM audit_aliases a WHERE tenant_id = $1 AND NOT id::text = ANY(coalesce($2::text[], '{}'))
			AND NOT EXISTS (SELECT FROM audit_log l WHERE l.tenant_id = $1 AND number > $3 AND position(a.id::text IN l::text) > 0)`, tenantID, used, through)
		return err
	})
}
