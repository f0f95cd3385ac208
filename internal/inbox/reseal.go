package inbox

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/seal"
)

// resealLot is how many payloads one transaction seals anew.
const resealLot = 200

// sealedPayload is a row of stripe_payloads.
type sealedPayload struct {
	EventID  string `db:"event_id"`
	TenantID string `db:"tenant_id"`
	Sealed   []byte `db:"sealed"`
	Version  int    `db:"seal_version"`
}

// Reseal seals the secrets of all endpoints, and what events said, anew with the primary key,
// and returns how many there were of each. It is a use case for operators: no actor is asked
// for.
func Reseal(ctx context.Context, db *pgxpool.Pool, keys *seal.Keys) (secrets, payloads int, err error) {
	ctx = postgres.Across(ctx, postgres.Operators)
	err = postgres.InTx(ctx, db, func(tx pgx.Tx) error {
		secrets, err = resealSecrets(ctx, tx, keys)
		return err
	})
	for after, lot := "00000000-0000-0000-0000-000000000000", resealLot; err == nil && lot == resealLot; payloads += lot {
		lot, after, err = resealPayloads(ctx, db, keys, after)
	}
	return secrets, payloads, err
}

func resealSecrets(ctx context.Context, tx pgx.Tx, keys *seal.Keys) (int, error) {
	rows, err := postgres.All(ctx, tx, pgx.RowToStructByName[sealedSecret], `SELECT tenant_id, livemode, number, sealed, seal_version FROM webhook_secrets
		ORDER BY tenant_id, livemode, number FOR NO KEY UPDATE`)
	if err != nil {
		return 0, wrap(err, "read endpoints' secrets")
	}
	for _, row := range rows {
		if err := resealSecret(ctx, tx, keys, row); err != nil {
			return 0, err
		}
	}
	return len(rows), nil
}

func resealSecret(ctx context.Context, tx pgx.Tx, keys *seal.Keys, row sealedSecret) error {
	secret, err := keys.Open(row.Sealed, row.slot())
	if err != nil {
		return err
	}
	row.Version = sealVersion
	if row.Sealed, err = keys.Seal(secret, row.slot()); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE webhook_secrets SET sealed = $4, seal_version = $5 WHERE tenant_id = $1 AND livemode = $2 AND number = $3`,
		row.TenantID, row.Livemode, row.Number, row.Sealed, row.Version)
	return wrap(err, "seal an endpoint's secret anew")
}

// resealPayloads goes on after an event, and tells how far it came.
func resealPayloads(ctx context.Context, db *pgxpool.Pool, keys *seal.Keys, after string) (n int, last string, err error) {
	err = postgres.InTx(ctx, db, func(tx pgx.Tx) error {
		rows, err := postgres.All(ctx, tx, pgx.RowToStructByName[sealedPayload], `SELECT event_id, tenant_id, sealed, seal_version FROM stripe_payloads
			WHERE event_id > $1 ORDER BY stripe_payloads.event_id LIMIT $2 FOR NO KEY UPDATE`, after, resealLot)
		n, last = len(rows), after
		if err != nil {
			return wrap(err, "read what events said")
		}
		for _, row := range rows {
			if err := resealPayload(ctx, tx, keys, row); err != nil {
				return err
			}
			last = row.EventID
		}
		return nil
	})
	return n, last, err
}

func resealPayload(ctx context.Context, tx pgx.Tx, keys *seal.Keys, row sealedPayload) error {
	said, err := keys.Open(row.Sealed, payloadSlot(row.TenantID, row.EventID, row.Version))
	if err != nil {
		return err
	}
	sealed, err := keys.Seal(said, payloadSlot(row.TenantID, row.EventID, sealVersion))
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE stripe_payloads SET sealed = $2, seal_version = $3 WHERE event_id = $1`, row.EventID, sealed, sealVersion)
	return wrap(err, "seal what an event said anew")
}
