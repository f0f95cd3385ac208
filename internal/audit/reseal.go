package audit

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/seal"
)

// Reseal seals the keys of all chains, which old opens, anew with the primary key of
// keys, all or none, and returns how many there were. The keys themselves stay, and so
// old entries stay verifiable.
func Reseal(ctx context.Context, db *pgxpool.Pool, old, keys *seal.Keys) (n int, err error) {
	ctx = postgres.Across(ctx, postgres.Auditing)
	type sealed struct {
		TenantID string `db:"tenant_id"`
		Sealed   []byte `db:"sealed_key"`
		Version  int    `db:"seal_version"`
	}
	err = postgres.InTx(ctx, db, func(tx pgx.Tx) error {
		found, err := postgres.All(ctx, tx, pgx.RowToStructByName[sealed],
			`SELECT tenant_id::text, sealed_key, seal_version FROM audit_heads ORDER BY audit_heads.tenant_id FOR NO KEY UPDATE`)
		if n = len(found); err != nil {
			return err
		}
		var tenantIDs []string
		for _, s := range found {
			tenantIDs = append(tenantIDs, s.TenantID)
			key, err := openKey(old, s.TenantID, s.Sealed, s.Version)
			if err != nil {
				return err
			}
			again, err := keys.Seal(string(key), keySlot(s.TenantID, keyVersion))
			if err != nil {
				return err
			}
			_, err = tx.Exec(ctx, `UPDATE audit_heads SET sealed_key = $2, seal_version = $3 WHERE tenant_id = $1`, s.TenantID, again, keyVersion)
			if err != nil {
				return err
			}
		}
		if n == 0 {
			return nil
		}
		return RecordEach(ctx, tx, tenantIDs, Entry{Actor: "operator", Action: "audit.resealed", Subject: "golive"})
	})
	return n, err
}
