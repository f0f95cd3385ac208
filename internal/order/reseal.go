package order

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/seal"
)

// resealLot is how many rows one transaction seals anew.
const resealLot = 200

// resealing seals anew what is of one order or tenant.
type resealing struct {
	// find takes the id after which to go on, and how many rows to take.
	find, write string
	slot        func(tenantID string, version int) seal.Slot
	version     int
}

// resealings are all that orders keep sealed: calls are so until their outcome is known.
var resealings = [...]resealing{
	{
		`SELECT order_id::text AS id, tenant_id::text, sealed, seal_version FROM order_contacts WHERE order_id > $1 ORDER BY order_contacts.order_id LIMIT $2 FOR NO KEY UPDATE`,
		`UPDATE order_contacts SET sealed = $2, seal_version = $3 WHERE order_id = $1`, contactSlot, contactSeal,
	},
	{
		`SELECT tenant_id::text AS id, tenant_id::text, sealed, seal_version FROM contact_keys WHERE tenant_id > $1 ORDER BY contact_keys.tenant_id LIMIT $2 FOR NO KEY UPDATE`,
		`UPDATE contact_keys SET sealed = $2, seal_version = $3 WHERE tenant_id = $1`, keySlot, keySeal,
	},
	{
		`SELECT id::text, tenant_id::text, body AS sealed, seal_version FROM stripe_calls WHERE state = 'SENT' AND id > $1 ORDER BY stripe_calls.id LIMIT $2 FOR NO KEY UPDATE`,
		`UPDATE stripe_calls SET body = $2, seal_version = $3 WHERE id = $1`, callSlot, callSeal,
	},
	{
		`SELECT id::text, tenant_id::text, evidence AS sealed, seal_version FROM disputes WHERE evidence IS NOT NULL AND id > $1 ORDER BY disputes.id LIMIT $2 FOR NO KEY UPDATE`,
		keepEvidence, evidenceSlot, evidenceSeal,
	},
}

// Resealed counts what was sealed anew.
type Resealed struct{ Contacts, Evidence int }

// Reseal seals customers' contacts, the keys by which they are found, calls whose outcome
// nobody knows yet, and evidence of disputes anew with the primary key. It is a use case for
// operators: no actor is asked for.
func Reseal(ctx context.Context, db *pgxpool.Pool, keys *seal.Keys) (Resealed, error) {
	ctx = postgres.Across(ctx, postgres.Operators)
	var n [len(resealings)]int
	for i, r := range resealings {
		var err error
		if n[i], err = r.all(ctx, db, keys); err != nil {
			return Resealed{}, err
		}
	}
	return Resealed{Contacts: n[0], Evidence: n[3]}, nil
}

func (r resealing) all(ctx context.Context, db *pgxpool.Pool, keys *seal.Keys) (n int, err error) {
	for after, lot := "00000000-0000-0000-0000-000000000000", resealLot; err == nil && lot == resealLot; n += lot {
		err = postgres.InTx(ctx, db, func(tx pgx.Tx) error {
			lot, after, err = r.lot(ctx, tx, keys, after)
			return err
		})
	}
	return n, err
}

// lot goes on after an id, and tells how far it came.
func (r resealing) lot(ctx context.Context, tx pgx.Tx, keys *seal.Keys, after string) (n int, last string, err error) {
	type sealed struct {
		ID       string `db:"id"`
		TenantID string `db:"tenant_id"`
		Sealed   []byte `db:"sealed"`
		Version  int    `db:"seal_version"`
	}
	rows, err := postgres.All(ctx, tx, pgx.RowToStructByName[sealed], r.find, after, resealLot)
	if err != nil {
		return 0, after, wrap(err, "read what is sealed")
	}
	for _, row := range rows {
		text, err := keys.Open(row.Sealed, r.slot(row.TenantID, row.Version))
		if err != nil {
			return 0, after, err
		}
		again, err := keys.Seal(text, r.slot(row.TenantID, r.version))
		if err != nil {
			return 0, after, err
		}
		if _, err := tx.Exec(ctx, r.write, row.ID, again, r.version); err != nil {
			return 0, after, wrap(err, "seal anew")
		}
		after = row.ID
	}
	return len(rows), after, nil
}
