package audit

import (
	"cmp"
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/mailbox"
	"github.com/golive-hq/golive/internal/postgres"
)

// OfPerson returns the entries of all tenants that a person wrote or that name them, oldest
// first, and the addresses of the network that are known of them.
func OfPerson(ctx context.Context, db postgres.Querier, email string) (entries []Entry, addresses []string, err error) {
	ctx = postgres.Across(ctx, postgres.Auditing)
	person := mailbox.Normal(email)
	ids, err := postgres.All(ctx, db, pgx.RowTo[string], `SELECT id::text FROM audit_aliases WHERE person = $1 ORDER BY id`, person)
	if err != nil {
		return nil, nil, err
	}
	entries, err = postgres.All(ctx, db, pgx.RowToStructByName[Entry], `SELECT `+entryColumns+` FROM audit_log l
		WHERE ($1 <> '' AND number IS NOT NULL AND l::text ~ $1) OR (number IS NULL AND position($2 IN lower(l::text)) > 0) ORDER BY l.id`,
		strings.Join(ids, "|"), person)
	if err != nil {
		return nil, nil, err
	}
	for i := range entries {
		if err := reveal(ctx, db, entries[i].TenantID, entries[i:i+1]); err != nil {
			return nil, nil, err
		}
	}
	addresses, err = postgres.All(ctx, db, pgx.RowTo[string],
		`SELECT DISTINCT value FROM audit_aliases WHERE person = $1 AND value NOT LIKE '%@%' ORDER BY value`, person)
	return entries, addresses, err
}

// Forget makes all audit logs forget a person: what stands for them in entries stands for
// nobody any more. The entries, and so the chains, stay as they are. It returns in how
// many tenants there was something to forget, and writes an entry in each.
//
// INVALID_STATE: entries that have not been chained yet name the person, or those of a
// tenant that is held do.
func Forget(ctx context.Context, tx pgx.Tx, email string, held []string) (n int, err error) {
	ctx = postgres.Across(ctx, postgres.Auditing)
	person := mailbox.Normal(email)
	// Nobody makes another alias meanwhile. This waits for what is under way, and what
	// comes next waits for this.
	if _, err := tx.Exec(ctx, `SELECT FROM audit_heads ORDER BY tenant_id FOR NO KEY UPDATE`); err != nil {
		return 0, err
	}
	if err := mayForget(ctx, tx, person, held); err != nil {
		return 0, err
	}
	type gone struct {
		TenantID string   `db:"tenant_id"`
		IDs      []string `db:"ids"`
	}
	all, err := postgres.All(ctx, tx, pgx.RowToStructByName[gone], `WITH gone AS (DELETE FROM audit_aliases WHERE person = $1 RETURNING tenant_id, id)
		SELECT tenant_id::text, array_agg(id::text ORDER BY id) AS ids FROM gone GROUP BY tenant_id ORDER BY gone.tenant_id`, person)
	if err != nil {
		return 0, err
	}
	for _, g := range all {
		e := Entry{TenantID: g.TenantID, Actor: "operator", Action: Forgotten, Subject: "person", Details: forgotten{g.IDs}}
		if err := Record(ctx, tx, e); err != nil {
			return 0, err
		}
	}
	return len(all), nil
}

func mayForget(ctx context.Context, tx pgx.Tx, person string, held []string) error {
	waits, err := waitsNaming(ctx, tx, person)
	if err != nil {
		return err
	}
	if waits {
		return fault.New(fault.InvalidState, "Audit entries that aren't chained yet name this person. Run a worker, and try again in a few seconds.")
	}
	on, err := postgres.One(ctx, tx, pgx.RowTo[string], nil,
		`SELECT tenant_id::text FROM audit_aliases WHERE person = $1 AND tenant_id = ANY(coalesce($2::uuid[], '{}')) ORDER BY tenant_id LIMIT 1`, person, held)
	if err == nil && on != "" {
		err = fault.New(fault.InvalidState, "The audit log of tenant %s names this person, and the tenant is on hold, so nothing is erased. End the hold first: golive tenant release SLUG", on)
	}
	return err
}

// waitsNaming tells that an entry which is not chained yet names a person, in whatever
// spelling: a sweep would make another alias for it.
func waitsNaming(ctx context.Context, tx pgx.Tx, person string) (named bool, err error) {
	rows, err := postgres.All(ctx, tx, scanRow, `SELECT `+rowColumns+` FROM audit_log l WHERE number IS NULL AND position('@' IN l::text) > 0`)
	for _, r := range rows {
		err = cmp.Or(err, r.hide(func(p personal) string {
			named = named || p.person == person
			return p.value
		}))
	}
	return named, err
}
