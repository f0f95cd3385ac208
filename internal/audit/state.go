package audit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/postgres"
)

// State is what is known of a tenant's chain.
type State struct {
	// Entries are all that the log has, those that wait to be chained among them.
	Entries int `db:"entries"`
	// VerifiedAt is when somebody last looked at the whole chain; nil for never.
	VerifiedAt *time.Time `db:"verified_at"`
	// BrokenAt is the id of the first entry that did not fit then, nil for a whole chain.
	BrokenAt *string `db:"broken_at"`
	// Stale tells that it is worth another look.
	Stale bool `db:"stale"`
}

// fresh is how long a look at the chain is not repeated for those who ask.
const fresh = time.Minute

// shortLog is how many entries are looked at while somebody waits: less than 100 ms.
const shortLog = 2_000

// StateOf returns what is known of a tenant's chain; of a short one that nobody has
// looked at for a minute it looks first, where it has the keys.
func (c *Chain) StateOf(ctx context.Context, tenantID string) (State, error) {
	s, err := stateOf(ctx, c.DB, tenantID)
	if err != nil || !s.Stale || s.Entries > shortLog {
		return s, err
	}
	if _, err := c.Look(ctx, tenantID); errors.Is(err, errKey) {
		c.Log.WarnContext(ctx, "an audit log can't be verified", "tenant_id", tenantID, "error", err)
		return s, nil
	} else if err != nil {
		return s, err
	}
	return stateOf(ctx, c.DB, tenantID)
}

func stateOf(ctx context.Context, db postgres.Querier, tenantID string) (State, error) {
	s, err := postgres.One(ctx, db, pgx.RowToStructByName[State], nil, `SELECT h.verified_at, h.broken_at,
			h.tenant_id IS NOT NULL AND coalesce(h.verified_at < now() - $2::interval, true) AS stale,
			coalesce(h.entries - h.cut, 0)::int + (SELECT count(*) FROM audit_log WHERE tenant_id = $1 AND number IS NULL)::int AS entries
		FROM (SELECT) AS one LEFT JOIN audit_heads h ON h.tenant_id = $1`, tenantID, fresh)
	if err != nil {
		return s, fmt.Errorf("state of the audit log: %w", err)
	}
	return s, nil
}

// Look verifies a tenant's chain and keeps what it found.
func (c *Chain) Look(ctx context.Context, tenantID string) (Verdict, error) {
	v, err := Verify(ctx, c.DB, c.Keys, tenantID, nil)
	if err != nil {
		return v, err
	}
	_, err = c.DB.Exec(ctx, `UPDATE audit_heads SET verified_at = now(), broken_at = nullif($2, '') WHERE tenant_id = $1`, tenantID, v.BrokenAt)
	return v, err
}

// lookEvery is how often a worker looks at each chain as a whole.
const lookEvery = 24 * time.Hour

// lookAtOnce bounds the chains of one round, so that workers stop in time.
const lookAtOnce = 20

// LookAround verifies chains that nobody has looked at for a day, in any order: one that
// can't be looked at stays due, and must not stand before others. It returns how many it
// has found broken, and tells the log of each.
func (c *Chain) LookAround(ctx context.Context) (n int, err error) {
	ctx = postgres.Across(ctx, postgres.Auditing)
	due, err := postgres.All(ctx, c.DB, pgx.RowTo[string], `SELECT tenant_id::text FROM audit_heads
		WHERE verified_at IS NULL OR verified_at < now() - $1::interval ORDER BY random() LIMIT $2`, lookEvery, lookAtOnce)
	for _, tenantID := range due {
		v, failed := c.Look(ctx, tenantID)
		switch {
		case errors.Is(failed, errKey):
			c.Log.WarnContext(ctx, "an audit log can't be verified", "tenant_id", tenantID, "error", failed)
		case failed != nil:
			err = cmp.Or(err, failed)
		case !v.Whole():
			n++
			c.Log.ErrorContext(ctx, "an audit log was tampered with", "tenant_id", tenantID, "entry", v.BrokenAt, "says", v.Why)
		}
	}
	return n, err
}
