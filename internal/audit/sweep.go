package audit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/postgres"
)

// lot bounds how many entries are chained in one transaction.
const lot = 500

// What no entry of ours has makes none unreadable: it is an entry that was changed.
const rowColumns = `id, CASE WHEN isfinite(at) THEN at ELSE 'epoch' END AS at, tenant_id::text, actor, coalesce(actor_kind, '') AS kind, action, subject, coalesce(reason, '') AS reason,
	coalesce(request_id, '') AS request_id, coalesce(remote_address, '') AS remote, details::text AS details, before::text AS before,
	after::text AS after, coalesce(number, 0) AS number, coalesce(hash, '') AS hash`

func scanRow(r pgx.CollectableRow) (row, error) {
	var out row
	var details, before, after *string
	err := r.Scan(&out.ID, &out.At, &out.TenantID, &out.Actor, &out.Kind, &out.Action, &out.Subject, &out.Reason,
		&out.RequestID, &out.Remote, &details, &before, &after, &out.Number, &out.Hash)
	for _, part := range []struct {
		text *string
		to   *[]byte
	}{{details, &out.Details}, {before, &out.Before}, {after, &out.After}} {
		if part.text != nil {
			*part.to = []byte(*part.text)
		}
	}
	return out, err
}

// Sweep chains what has no place in a chain yet: entries of earlier versions, and of those
// who have no sealing keys. What tells of people is replaced by aliases first. It returns
// how many entries it has chained.
func (c *Chain) Sweep(ctx context.Context) (n int, err error) {
	ctx = postgres.Across(ctx, postgres.Auditing)
	for tenantID := uuid.Nil.String(); ; {
		next, failed := postgres.One(ctx, c.DB, pgx.RowTo[string], nil, `SELECT tenant_id::text FROM audit_log
			WHERE number IS NULL AND tenant_id > $1::uuid ORDER BY audit_log.tenant_id LIMIT 1`, tenantID)
		if failed != nil || next == "" {
			return n, cmp.Or(err, failed)
		}
		done, failed := c.sweepTenant(ctx, next)
		// What can't be chained of one tenant must not keep others waiting.
		n, err, tenantID = n+done, cmp.Or(err, failed), next
	}
}

func (c *Chain) sweepTenant(ctx context.Context, tenantID string) (n int, err error) {
	for done := lot; done == lot; n += done {
		done, err = c.sweep(ctx, tenantID)
		if errors.Is(err, errKey) {
			c.Log.WarnContext(ctx, "audit entries can't be chained", "tenant_id", tenantID, "error", err)
			return n, nil
		}
		if err != nil {
			return n, fmt.Errorf("chain audit entries of tenant %s: %w", tenantID, err)
		}
	}
	return n, nil
}

func (c *Chain) sweep(ctx context.Context, tenantID string) (n int, err error) {
	err = postgres.InTx(ctx, c.DB, func(tx pgx.Tx) error {
		heads, err := c.lock(ctx, tx, []string{tenantID}, nil, 0)
		if err != nil {
			return err
		}
		rows, err := postgres.All(ctx, tx, scanRow, `SELECT `+rowColumns+` FROM audit_log
			WHERE tenant_id = $1 AND number IS NULL ORDER BY audit_log.id LIMIT $2`, tenantID, lot)
		if n = len(rows); err != nil || n == 0 {
			return err
		}
		return c.chain(ctx, tx, heads[0], rows)
	})
	return n, err
}

// chain chains rows that are there already.
func (c *Chain) chain(ctx context.Context, tx pgx.Tx, h *head, rows []row) error {
	if err := h.knowing(ctx, tx, rows); err != nil {
		return err
	}
	for i := range rows {
		if rows[i].Late = true; rows[i].Kind == "" {
			rows[i].Kind = string(kindOf(rows[i].Actor))
		}
		if err := h.add(&rows[i]); err != nil {
			return err
		}
	}
	return save(ctx, tx, []*head{h}, map[string][]row{h.TenantID: rows}, updateSQL)
}

// knowing reads the aliases that rows will need. Under the lock nobody makes others.
func (h *head) knowing(ctx context.Context, tx pgx.Tx, rows []row) error {
	var values []string
	for _, r := range rows {
		if err := r.hide(func(p personal) string { values = append(values, p.value); return p.value }); err != nil {
			return err
		}
	}
	found, err := postgres.All(ctx, tx, pgx.RowToStructByName[alias],
		`SELECT `+aliasColumns+` FROM audit_aliases WHERE tenant_id = $1 AND value = ANY($2) ORDER BY id`, h.TenantID, values)
	h.know(found)
	return err
}

// waiting tells how many entries of a tenant have no place in its chain, and since when.
func waiting(ctx context.Context, db postgres.Querier, tenantID string) (n int, since *time.Time, err error) {
	type count struct {
		N     int        `db:"n"`
		Since *time.Time `db:"since"`
	}
	found, err := postgres.One(ctx, db, pgx.RowToStructByName[count], nil,
		`SELECT count(*) AS n, min(at) AS since FROM audit_log WHERE tenant_id = $1 AND number IS NULL`, tenantID)
	return found.N, found.Since, err
}
