package audit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/seal"
)

// Chain chains what is recorded.
type Chain struct {
	DB   *pgxpool.Pool
	Keys *seal.Keys
	Log  *slog.Logger
}

// Attach makes all that is recorded in transactions of these pools part of the chain, at
// once and in the same transaction.
func (c *Chain) Attach(ctx context.Context, pools ...*pgxpool.Pool) error {
	for _, pool := range pools {
		if err := postgres.Carry(ctx, pool, c); err != nil {
			return fmt.Errorf("chain the audit log: %w", err)
		}
	}
	return nil
}

// LeaveUnchained lets what is recorded in transactions of the pool wait for a worker's
// sweep. It is for commands that have no sealing keys.
func LeaveUnchained(ctx context.Context, pool *pgxpool.Pool) error {
	return postgres.Carry(ctx, pool, (*Chain)(nil))
}

// errKey is a chain's key that the sealing keys don't open.
var errKey = errors.New("GOLIVE_SEALING_KEYS doesn't open the key of the audit log's chain")

// head is the end of a tenant's chain, locked.
type head struct {
	TenantID string    `db:"tenant_id"`
	Entries  int64     `db:"entries"`
	Hash     []byte    `db:"hash"`
	Sealed   []byte    `db:"sealed_key"`
	Version  int       `db:"seal_version"`
	At       time.Time `db:"at"`
	// IDs are for new entries.
	IDs []int64 `db:"ids"`

	key     []byte
	aliases aliases
}

// write chains the rows (each a row) at the end of their tenants' chains.
func (c *Chain) write(ctx context.Context, tx pgx.Tx, rows []any) error {
	byTenant, people := map[string][]row{}, []personal{}
	ctx = reaching(ctx, rows)
	for _, any := range rows {
		r := any.(row) //nolint:forcetypeassert // record alone calls it
		byTenant[r.TenantID] = append(byTenant[r.TenantID], r)
		_ = r.hide(func(p personal) string { people = append(people, p); return p.value })
	}
	heads, err := c.lock(ctx, tx, slices.Sorted(maps.Keys(byTenant)), people, most(byTenant))
	if errors.Is(err, errKey) {
		// Nobody's change may fail for this: a worker that has the key chains it.
		c.Log.WarnContext(ctx, "audit entry waits to be chained", "error", err)
		return unchained(ctx, tx, rows)
	}
	if err != nil {
		return err
	}
	for _, h := range heads {
		for i := range byTenant[h.TenantID] {
			r := &byTenant[h.TenantID][i]
			r.ID, r.At = h.IDs[i], h.At
			if err := h.add(r); err != nil {
				return err
			}
		}
	}
	return save(ctx, tx, heads, byTenant, insertSQL)
}

// reaching is for writing into the logs of the rows' tenants, whosever work tells of them.
func reaching(ctx context.Context, rows []any) context.Context {
	ids := make([]string, len(rows))
	for i, any := range rows {
		ids[i] = any.(row).TenantID //nolint:forcetypeassert // record alone calls it
	}
	return postgres.Including(ctx, ids...)
}

func most(byTenant map[string][]row) (n int) {
	for _, rows := range byTenant {
		n = max(n, len(rows))
	}
	return n
}

// add makes r the newest entry.
func (h *head) add(r *row) (err error) {
	if err := r.hide(h.aliases.of); err != nil {
		return err
	}
	r.Number = h.Entries + 1
	if r.Hash, err = r.mac(h.key, h.Hash); err != nil {
		return err
	}
	h.Entries, h.Hash = r.Number, r.Hash
	return nil
}

// lock locks the heads of these tenants in one order for all, and makes those that are
// not there. IDs and times are taken under the lock, so that they grow along a chain.
func (c *Chain) lock(ctx context.Context, tx pgx.Tx, tenantIDs []string, people []personal, ids int) ([]*head, error) {
	heads, known, err := lockHeads(ctx, tx, tenantIDs, people, ids)
	if err == nil && len(heads) < len(tenantIDs) {
		if err := c.begin(ctx, tx, tenantIDs); err != nil {
			return nil, err
		}
		heads, known, err = lockHeads(ctx, tx, tenantIDs, people, ids)
	}
	if err != nil {
		return nil, fmt.Errorf("lock the audit log's end: %w", err)
	}
	for _, h := range heads {
		if h.key, err = openKey(c.Keys, h.TenantID, h.Sealed, h.Version); err != nil {
			return nil, err
		}
		h.know(known)
	}
	return heads, nil
}

func openKey(keys *seal.Keys, tenantID string, sealed []byte, version int) ([]byte, error) {
	key, err := keys.Open(sealed, keySlot(tenantID, version))
	if err != nil {
		return nil, fmt.Errorf("%w of tenant %s", errKey, tenantID)
	}
	return []byte(key), nil
}

// lockHeads takes in one round all that a chain needs of the database. What is known of
// people is read by a statement of its own, which so sees what those have left that the
// lock was waited for.
func lockHeads(ctx context.Context, tx pgx.Tx, tenantIDs []string, people []personal, ids int) (heads []*head, known []alias, err error) {
	batch := &pgx.Batch{}
	batch.Queue(`WITH head AS MATERIALIZED (
			SELECT tenant_id, entries, hash, sealed_key, seal_version FROM audit_heads
			WHERE tenant_id = ANY($1::uuid[]) ORDER BY tenant_id FOR NO KEY UPDATE)
		SELECT tenant_id::text, entries, CASE WHEN entries = 0 THEN $3 ELSE hash END AS hash, sealed_key, seal_version, clock_timestamp() AS at,
			ARRAY(SELECT nextval('audit_log_id_seq') FROM generate_series(1, $2::int) WHERE head.entries >= 0) AS ids
		FROM head ORDER BY head.tenant_id`, tenantIDs, ids, beginning).Query(func(rows pgx.Rows) (err error) {
		heads, err = pgx.CollectRows(rows, pgx.RowToAddrOfStructByName[head])
		return err
	})
	if len(people) > 0 {
		persons, values := split(people)
		batch.Queue(`SELECT `+aliasColumns+` FROM audit_aliases JOIN unnest($2::text[], $3::text[]) AS p (person, value) USING (person, value)
			WHERE tenant_id = ANY($1::uuid[]) ORDER BY id`, tenantIDs, persons, values).Query(func(rows pgx.Rows) (err error) {
			known, err = pgx.CollectRows(rows, pgx.RowToStructByName[alias])
			return err
		})
	}
	err = tx.SendBatch(ctx, batch).Close()
	return heads, known, err
}

// begin makes the heads that are not there, with keys of their own.
func (c *Chain) begin(ctx context.Context, tx pgx.Tx, tenantIDs []string) error {
	sealed := make([][]byte, len(tenantIDs))
	for i, id := range tenantIDs {
		var err error
		if sealed[i], err = newKey(c.Keys, id); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `INSERT INTO audit_heads (tenant_id, sealed_key, seal_version)
		SELECT id, key, $3 FROM unnest($1::uuid[], $2::bytea[]) AS new (id, key) ORDER BY id ON CONFLICT DO NOTHING`, tenantIDs, sealed, keyVersion)
	return err
}
