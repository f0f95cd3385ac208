package importing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/product"
)

// errLost tells an owner that the import is not its own any more.
var errLost = errors.New("import: another worker took over, or it has ended")

const (
	seen    = `id, tenant_id, requested_by, started_at, finished_at, read, added, changed, gone, error`
	columns = seen + `, account_id, asked, credential, actor_kind, request_id, remote_address, begun_at, place, imported, error_code, error_field, job_id, epoch`
	// owned takes the id and the epoch.
	owned = ` WHERE id = $1 AND epoch = $2 AND finished_at IS NULL`
)

// NewestOf returns a tenant's newest import, nil for none. It asks for no actor.
func NewestOf(ctx context.Context, db postgres.Querier, tenantID string) (*Import, error) {
	i, err := postgres.One(ctx, db, pgx.RowToAddrOfStructByName[Import], nil, `SELECT `+seen+` FROM imports
		WHERE tenant_id = $1 ORDER BY started_at DESC, id DESC LIMIT 1`, tenantID)
	return i, wrap(err, "read the newest import")
}

func byID(ctx context.Context, db postgres.Querier, id string) (*row, error) {
	r, err := postgres.One(ctx, db, pgx.RowToAddrOfStructByName[row], errLost, `SELECT `+columns+` FROM imports WHERE id = $1`, id)
	return r, wrap(err, "read an import")
}

// running returns the tenant's import that has not ended, nil for none.
func running(ctx context.Context, db postgres.Querier, tenantID string) (*row, error) {
	r, err := postgres.One(ctx, db, pgx.RowToAddrOfStructByName[row], nil, `SELECT `+columns+` FROM imports
		WHERE tenant_id = $1 AND finished_at IS NULL`, tenantID)
	return r, wrap(err, "read the running import")
}

// insert makes the row, and tells whether it did: another import of the tenant may run. A
// lease is for one that is carried out at once, by its maker.
func insert(ctx context.Context, tx pgx.Tx, r *row, lease time.Duration) (made bool, err error) {
	tag, err := tx.Exec(ctx, `INSERT INTO imports (id, tenant_id, account_id, asked, requested_by, credential, actor_kind, request_id, remote_address, epoch, begun_at, lease_until)
		SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10::bigint, CASE WHEN $10 > 0 THEN now() END, CASE WHEN $10 > 0 THEN clock_timestamp() + $11::interval END
		ON CONFLICT (tenant_id) WHERE finished_at IS NULL DO NOTHING`,
		r.ID, r.TenantID, r.AccountID, r.Asked, r.By, r.Credential, r.Kind, r.RequestID, r.Remote, r.Epoch, lease)
	return tag.RowsAffected() == 1, wrap(err, "insert an import")
}

// take makes the caller the owner, under a new epoch; nil where the job may not, or not yet.
func take(ctx context.Context, db postgres.Querier, id string, jobID int64, lease time.Duration) (*row, error) {
	r, err := postgres.One(ctx, db, pgx.RowToAddrOfStructByName[row], nil, `UPDATE imports SET epoch = epoch + 1,
			begun_at = coalesce(begun_at, now()), lease_until = clock_timestamp() + $3::interval
		WHERE id = $1 AND job_id = $2 AND finished_at IS NULL AND (lease_until IS NULL OR lease_until < clock_timestamp())
		RETURNING `+columns, id, jobID, lease)
	return r, wrap(err, "take an import")
}

// held tells that the job's import has an owner.
func held(ctx context.Context, db postgres.Querier, id string, jobID int64) (bool, error) {
	is, err := postgres.One(ctx, db, pgx.RowTo[bool], nil, `SELECT true FROM imports WHERE id = $1 AND job_id = $2 AND finished_at IS NULL`, id, jobID)
	return is, wrap(err, "look for an import's owner")
}

func renew(ctx context.Context, db postgres.Execer, r *row, lease time.Duration) error {
	return onlyOwner(db.Exec(ctx, `UPDATE imports SET lease_until = clock_timestamp() + $3::interval`+owned+` AND lease_until IS NOT NULL`, r.ID, r.Epoch, lease))
}

func letGo(ctx context.Context, db postgres.Execer, r *row) error {
	return onlyOwner(db.Exec(ctx, `UPDATE imports SET lease_until = NULL`+owned, r.ID, r.Epoch))
}

// advance notes how far the import has come. It is the fence of what tx writes.
func advance(ctx context.Context, tx pgx.Tx, r *row, to place) error {
	return onlyOwner(tx.Exec(ctx, `UPDATE imports SET place = $3`+owned, r.ID, r.Epoch, to))
}

// tally counts what was read, and returns how much that is in all.
func tally(ctx context.Context, tx pgx.Tx, r *row, added product.Added) (read int, bytes int64, err error) {
	err = tx.QueryRow(ctx, `UPDATE imports SET read = read + $3, bytes = bytes + $4`+owned+` RETURNING read, bytes`,
		r.ID, r.Epoch, added.Products, added.Bytes).Scan(&read, &bytes)
	return read, bytes, wrap(err, "count what an import read")
}

// finish is the last change of the row; why is nil where all went well.
func finish(ctx context.Context, tx pgx.Tx, r *row, got product.ImportResult, why *fault.Error) error {
	var code, message *string
	var field []string
	if why != nil {
		code, message, field = (*string)(&why.Code), &why.Message, why.Field
	}
	return onlyOwner(tx.Exec(ctx, `UPDATE imports SET finished_at = clock_timestamp(), lease_until = NULL, imported = $3, added = $4,
			changed = $5, gone = $6, error_code = $7, error = $8, error_field = $9`+owned,
		r.ID, r.Epoch, got.Imported, got.Added, got.Changed, got.Gone, code, message, field))
}

// othersWait tells that imports of other tenants have a job and no worker.
func othersWait(ctx context.Context, db postgres.Querier, id string) (bool, error) {
	ctx = postgres.Across(ctx, postgres.Sweeps)
	wait, err := postgres.One(ctx, db, pgx.RowTo[bool], nil, `SELECT EXISTS (SELECT FROM imports
		WHERE finished_at IS NULL AND lease_until IS NULL AND id <> $1)`, id)
	return wait, wrap(err, "look for imports that wait")
}

func onlyOwner(tag interface{ RowsAffected() int64 }, err error) error {
	if err == nil && tag.RowsAffected() == 0 {
		return errLost
	}
	return wrap(err, "write an import")
}

// wrap says what a statement was for, unless the error is for a person already.
func wrap(err error, doing string) error {
	if err == nil || errors.Is(err, errLost) || fault.As(err) != nil {
		return err
	}
	return fmt.Errorf("%s: %w", doing, err)
}
