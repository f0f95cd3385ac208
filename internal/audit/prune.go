package audit

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/postgres"
)

// Pruned is the action of the entry that says what retention has taken away.
const Pruned = "audit.pruned"

// Held returns the ids of tenants of whom nothing may be taken away. It is asked again
// before anything is.
type Held func(ctx context.Context, db postgres.Querier) ([]string, error)

// Prune takes away what is older than keep from the beginning of the chains of all
// tenants but the held ones, and says so in an entry of each; then whatever only those
// entries needed to know of people. It returns how many entries are gone.
func (c *Chain) Prune(ctx context.Context, keep time.Duration, held Held) (n int, err error) {
	ctx = postgres.Across(ctx, postgres.Auditing)
	due, err := postgres.All(ctx, c.DB, pgx.RowTo[string], `SELECT tenant_id::text FROM audit_heads h
		WHERE (SELECT at FROM audit_log l WHERE l.tenant_id = h.tenant_id AND number IS NOT NULL
			ORDER BY number LIMIT 1) < now() - $1::interval
		ORDER BY tenant_id`, keep)
	for _, tenantID := range due {
		// What can't be pruned of one tenant must not keep others' for longer.
		done, failed := c.pruneTenant(ctx, tenantID, keep, held)
		n, err = n+done, cmp.Or(err, failed)
	}
	return n, err
}

func (c *Chain) pruneTenant(ctx context.Context, tenantID string, keep time.Duration, held Held) (n int, err error) {
	for done := int64(lot); done == lot; n += int(done) {
		if done, err = c.prune(ctx, tenantID, keep, held); err != nil {
			break
		}
	}
	if err == nil && n > 0 {
		err = c.tidy(ctx, tenantID)
	}
	if errors.Is(err, errKey) {
		c.Log.WarnContext(ctx, "audit entries can't be pruned", "tenant_id", tenantID, "error", err)
		return n, nil
	}
	if err != nil {
		return n, fmt.Errorf("prune the audit log of tenant %s: %w", tenantID, err)
	}
	return n, nil
}

// cut is what is taken away at once.
type cut struct {
	Through int64     `db:"number"`
	Hash    []byte    `db:"hash"`
	Before  time.Time `db:"before"`
	Entries int64     `db:"entries"`
}

// prune takes away at most a lot. The entry that says so is the newest, and thus never
// among what it speaks of.
func (c *Chain) prune(ctx context.Context, tenantID string, keep time.Duration, held Held) (n int64, err error) {
	err = postgres.InTx(ctx, c.DB, func(tx pgx.Tx) error {
		n = 0
		if _, err := c.lock(ctx, tx, []string{tenantID}, nil, 0); err != nil {
			return err
		}
		if ids, err := held(ctx, tx); err != nil || slices.Contains(ids, tenantID) {
			return err
		}
		gone, err := oldest(ctx, tx, tenantID, keep)
		if n = gone.Entries; err != nil || n == 0 {
			return err
		}
		if err := cutOff(ctx, tx, tenantID, gone); err != nil {
			return err
		}
		return c.write(ctx, tx, []any{row{
			TenantID: tenantID, Actor: "golive", Kind: string(System), Action: Pruned, Subject: tenantID, Details: mustEncode(cutDetails{
				Through: gone.Through, Hash: hex.EncodeToString(gone.Hash), Entries: gone.Entries, Before: gone.Before,
			}),
		}})
	})
	return n, err
}

// oldest finds the beginning of the chain up to the first entry that is to be kept.
func oldest(ctx context.Context, tx pgx.Tx, tenantID string, keep time.Duration) (cut, error) {
	return postgres.One(ctx, tx, pgx.RowToStructByName[cut], nil, `WITH first AS MATERIALIZED (
			SELECT number, hash, at, count(*) FILTER (WHERE at >= now() - $2::interval) OVER (ORDER BY number) AS kept
			FROM (SELECT number, hash, at FROM audit_log WHERE tenant_id = $1 AND number IS NOT NULL ORDER BY number LIMIT $3) AS l)
		SELECT number, hash, now() - $2::interval AS before, (SELECT count(*) FROM first WHERE kept = 0) AS entries
		FROM first WHERE kept = 0 ORDER BY number DESC LIMIT 1`, tenantID, keep, lot)
}

func cutOff(ctx context.Context, tx pgx.Tx, tenantID string, gone cut) error {
	if _, err := tx.Exec(ctx, `SELECT set_config('golive.audit_cut', $1, true)`, tenantID); err != nil {
		return err
	}
	tag, err := tx.Exec(ctx, `DELETE FROM audit_log WHERE tenant_id = $1 AND number <= $2`, tenantID, gone.Through)
	if err == nil && tag.RowsAffected() != gone.Entries {
		err = fmt.Errorf("%d rows of %d", tag.RowsAffected(), gone.Entries)
	}
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE audit_heads SET cut = $2, cut_hash = $3 WHERE tenant_id = $1`, tenantID, gone.Through, gone.Hash)
	return err
}

func mustEncode(d cutDetails) []byte {
	text, err := encode(d)
	if err != nil {
		panic(err) // numbers, texts and a time
	}
	return text
}
