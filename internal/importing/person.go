package importing

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/mailbox"
	"github.com/golive-hq/golive/internal/postgres"
)

// Trace is what an import keeps of who started it.
type Trace struct {
	TenantID      string    `db:"tenant_id" json:"tenantId"`
	StartedAt     time.Time `db:"started_at" json:"startedAt"`
	RemoteAddress string    `db:"remote_address" json:"remoteAddress"`
}

// OfPerson returns the imports that a person started. It is for operators.
func OfPerson(ctx context.Context, db postgres.Querier, email string) ([]Trace, error) {
	ctx = postgres.Across(ctx, postgres.Operators)
	found, err := postgres.All(ctx, db, pgx.RowToStructByName[Trace], `SELECT tenant_id::text, started_at, remote_address
		FROM imports WHERE requested_by = ANY($1) ORDER BY started_at`, mailbox.Spellings(email))
	return found, wrap(err, "imports of a person")
}

// Forget keeps nothing of who started imports. It is for operators. One that still runs ends,
// because nobody is left by whose right it could.
func Forget(ctx context.Context, tx pgx.Tx, email string) error {
	ctx = postgres.Across(ctx, postgres.Operators)
	_, err := tx.Exec(ctx, `UPDATE imports SET requested_by = 'erased', credential = '', request_id = '', remote_address = ''
		WHERE requested_by = ANY($1)`, mailbox.Spellings(email))
	return wrap(err, "forget who imported")
}
