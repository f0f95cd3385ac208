package connection

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/seal"
	"github.com/golive-hq/golive/internal/tenant"
)

// Reseal seals every stored secret anew with the primary key and returns how many
// there were, all or none. Once it has run after a rotation, nothing is left that
// needs the older keys. It is a use case for operators: no actor is asked for.
func Reseal(ctx context.Context, db *pgxpool.Pool, keys *seal.Keys) (n int, err error) {
	ctx = postgres.Across(ctx, postgres.Operators)
	err = postgres.InTx(ctx, db, func(tx pgx.Tx) error {
		rows, err := lockSealedKeys(ctx, tx)
		if err != nil {
			return err
		}
		n = len(rows)
		for _, row := range rows {
			if err := reseal(ctx, tx, keys, row); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

func reseal(ctx context.Context, tx pgx.Tx, keys *seal.Keys, row sealedKey) error {
	secret, err := keys.Open(row.Sealed, row.slot())
	if err != nil {
		return err
	}
	row.Version = sealVersion
	if row.Sealed, err = keys.Seal(secret, row.slot()); err != nil {
		return err
	}
	if err := replaceSealed(ctx, tx, row); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		TenantID: row.TenantID, Actor: tenant.Operator, Action: "stripe.resealed", Subject: row.AccountID,
		Details: map[string]any{"mode": row.Mode},
	})
}
