package connection

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
)

const connectionColumns = `SELECT mode, account_id, key_hint, connected_at, account_name, publishable_key, problem, problem_at FROM stripe_connections `

func connections(ctx context.Context, db postgres.Querier, tenantID string) ([]Connection, error) {
	list, err := postgres.All(ctx, db, pgx.RowToStructByName[Connection],
		connectionColumns+`WHERE tenant_id = $1 ORDER BY mode DESC`, tenantID)
	return list, wrap(err, "list connections")
}

// AccountSQL is SQL for the account that a tenant is connected to in a mode, NULL
// for none, as part of a statement on other tables. tenantID is SQL, too: a column.
func AccountSQL(mode catalog.Mode, tenantID string) string {
	return `(SELECT c.account_id FROM stripe_connections c WHERE c.tenant_id = ` + tenantID + ` AND c.mode = '` + string(mode) + `')`
}

// lockConnections waits for whoever holds a connection, and lets nobody hold one
// before tx ends.
func lockConnections(ctx context.Context, tx pgx.Tx, tenantID string) (map[catalog.Mode]Connection, error) {
	list, err := postgres.All(ctx, tx, pgx.RowToStructByName[Connection],
		connectionColumns+`WHERE tenant_id = $1 ORDER BY mode FOR UPDATE`, tenantID)
	byMode := make(map[catalog.Mode]Connection, len(list))
	for _, c := range list {
		byMode[c.Mode] = c
	}
	return byMode, wrap(err, "lock connections")
}

func holdConnection(ctx context.Context, tx pgx.Tx, tenantID string, mode catalog.Mode) (string, error) {
	account, err := postgres.One(ctx, tx, pgx.RowTo[string], errNotConnected(mode),
		`SELECT account_id FROM stripe_connections WHERE tenant_id = $1 AND mode = $2 FOR KEY SHARE`, tenantID, mode)
	return account, wrap(err, "hold connection")
}

func saveConnection(ctx context.Context, tx pgx.Tx, tenantID string, c Connection, sealed []byte, version int) (time.Time, error) {
	at, err := postgres.One(ctx, tx, pgx.RowTo[time.Time], nil,
		`INSERT INTO stripe_connections (tenant_id, mode, account_id, sealed_key, seal_version, key_hint, account_name, publishable_key)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (tenant_id, mode) DO UPDATE SET account_id = EXCLUDED.account_id, sealed_key = EXCLUDED.sealed_key,
			seal_version = EXCLUDED.seal_version, key_hint = EXCLUDED.key_hint, connected_at = now(),
			account_name = EXCLUDED.account_name, publishable_key = EXCLUDED.publishable_key, problem = NULL, problem_at = NULL
		RETURNING connected_at`, tenantID, c.Mode, c.AccountID, sealed, version, c.KeyHint, c.AccountName, c.PublishableKey)
	return at, wrap(err, "save connection")
}

const keyRefused = "Stripe no longer accepts this key: it was revoked or has expired. Connect a valid one."

// noteSeen writes where that is news.
func noteSeen(ctx context.Context, tx pgx.Tx, tenantID string, k catalog.KeySeen) error {
	_, err := tx.Exec(ctx, `UPDATE stripe_connections SET account_name = coalesce(nullif($4, ''), account_name),
			problem = CASE WHEN $5 THEN $7 WHEN $6 THEN NULL ELSE problem END, problem_at = CASE WHEN $5 THEN coalesce(problem_at, now()) WHEN $6 THEN NULL ELSE problem_at END
		WHERE tenant_id = $1 AND mode = $2 AND account_id = $3
			AND ($5 AND problem IS NULL OR $6 AND problem IS NOT NULL OR nullif($4, '') IS DISTINCT FROM account_name AND $4 <> '')`,
		tenantID, k.Mode, k.AccountID, k.Name, k.Refused, k.Taken, keyRefused)
	return wrap(err, "note what was seen of a key")
}

func deleteConnection(ctx context.Context, tx pgx.Tx, tenantID string, mode catalog.Mode) error {
	_, err := tx.Exec(ctx, `DELETE FROM stripe_connections WHERE tenant_id = $1 AND mode = $2`, tenantID, mode)
	return wrap(err, "delete connection")
}

func sealedKeyOf(ctx context.Context, db postgres.Querier, tenantID string, mode catalog.Mode) (sealedKey, error) {
	row, err := postgres.One(ctx, db, pgx.RowToStructByName[sealedKey], errNotConnected(mode),
		`SELECT tenant_id, mode, account_id, sealed_key, seal_version FROM stripe_connections
		WHERE tenant_id = $1 AND mode = $2`, tenantID, mode)
	return row, wrap(err, "read sealed key")
}

func sealedKeys(ctx context.Context, db postgres.Querier) ([]sealedKey, error) {
	rows, err := postgres.All(ctx, db, pgx.RowToStructByName[sealedKey],
		`SELECT tenant_id, mode, account_id, sealed_key, seal_version FROM stripe_connections ORDER BY tenant_id, mode`)
	return rows, wrap(err, "read sealed keys")
}

func lockSealedKeys(ctx context.Context, tx pgx.Tx) ([]sealedKey, error) {
	rows, err := postgres.All(ctx, tx, pgx.RowToStructByName[sealedKey],
		`SELECT tenant_id, mode, account_id, sealed_key, seal_version FROM stripe_connections
		ORDER BY tenant_id, mode FOR NO KEY UPDATE`)
	return rows, wrap(err, "lock sealed keys")
}

func replaceSealed(ctx context.Context, tx pgx.Tx, row sealedKey) error {
	_, err := tx.Exec(ctx, `UPDATE stripe_connections SET sealed_key = $3, seal_version = $4
		WHERE tenant_id = $1 AND mode = $2`, row.TenantID, row.Mode, row.Sealed, row.Version)
	return wrap(err, "replace sealed key")
}

// wrap says what a statement was for, unless the error is for a person already.
func wrap(err error, doing string) error {
	if err == nil || fault.As(err) != nil {
		return err
	}
	return fmt.Errorf("%s: %w", doing, err)
}
