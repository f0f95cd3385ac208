package deployment

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/postgres"
)

// ErrLost tells a worker that the deployment is no longer its own: another one
// took over, or it has ended. It stops and touches nothing.
var ErrLost = errors.New("deployment: another worker took over")

// columns are those of deployments, which a query must not call by another name. What
// checks and plan said is large, and asked for by itself: see Review. A
// schedule that is due waits for another deployment of its product while there is
// one: nobody has to note that, and nobody can forget to.
const columns = `id::text, tenant_id::text, product_id::text, live_account_id, stripe_product_id, kind, trigger, status,
	CASE WHEN status = 'SCHEDULED' AND wait_reason = 'DUE_TIME' AND due_at <= golive_now() AND ` + busy + `
		THEN 'PRODUCT_BUSY' ELSE wait_reason END AS wait_reason,
	requested_by, reason, adopt, version, created_at, started_at, finished_at, last_sequence,
	progress_percentage, progress_message, direction, undo_planned, cancel_requested_at, cancel_requested_by,
	rollback_of::text, expected_plan_hash, error, live_outcome, due_at, local_time, time_zone,
	time_resolution, if_changed, notifications, changed_by, changed_at, last_change`

// busy tells that a deployment is active on the live object of a row of deployments.
const busy = `EXISTS (SELECT FROM deployments active WHERE active.live_account_id = deployments.live_account_id
	AND active.stripe_product_id = deployments.stripe_product_id AND active.status IN ('PENDING', 'VALIDATING', 'DEPLOYING'))`

var row = pgx.RowToAddrOfStructByName[Deployment]

// byID is NOT_FOUND where there is none.
func byID(ctx context.Context, db postgres.Querier, id string) (*Deployment, error) {
	d, err := postgres.One(ctx, db, row, notFound(), `SELECT `+columns+` FROM deployments WHERE id = $1`, id)
	if postgres.IsBadID(err) {
		return nil, notFound()
	}
	return d, err
}

func notFound() error { return fault.New(fault.NotFound, "There is no deployment with this id.") }

// byKey returns the deployment that a tenant once asked for under an idempotency
// key, with the digest of what was asked; nil where there is none.
func byKey(ctx context.Context, db postgres.Querier, tenantID, key string) (*Deployment, string, error) {
	type asked struct {
		ID     string `db:"id"`
		Digest string `db:"input_digest"`
	}
	a, err := postgres.One(ctx, db, pgx.RowToStructByName[asked], nil, `SELECT id::text, input_digest FROM deployments
		WHERE tenant_id = $1 AND idempotency_key = $2`, tenantID, key)
	if err != nil || a.ID == "" {
		return nil, "", err
	}
	d, err := byID(ctx, db, a.ID)
	return d, a.Digest, err
}

// activeOn returns the deployment that locks a live object, nil where none does.
func activeOn(ctx context.Context, db postgres.Querier, liveAccountID, stripeProductID string) (*Deployment, error) {
	return postgres.One(ctx, db, row, nil, `SELECT `+columns+` FROM deployments
		WHERE live_account_id = $1 AND stripe_product_id = $2 AND status IN ('PENDING', 'VALIDATING', 'DEPLOYING')`,
		liveAccountID, stripeProductID)
}

// insert adds a deployment that begins at once, PENDING. created is false, and
// nothing happened, where another one is active on the same live object: the index
// decides.
func insert(ctx context.Context, tx pgx.Tx, d *Deployment, key *string, digest string) (created bool, err error) {
	tag, err := tx.Exec(ctx, `INSERT INTO deployments (id, tenant_id, product_id, live_account_id, stripe_product_id,
			kind, trigger, status, wait_reason, requested_by, reason, idempotency_key, input_digest, expected_plan_hash, adopt,
			rollback_of)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 'PENDING', 'WORKER', $8, $9, $10, $11, $12, $13, $14)
		ON CONFLICT (live_account_id, stripe_product_id) WHERE status IN ('PENDING', 'VALIDATING', 'DEPLOYING') DO NOTHING`,
		d.ID, d.TenantID, d.ProductID, d.LiveAccountID, d.StripeProductID, d.Kind, d.Trigger,
		d.RequestedBy, d.Reason, key, digest, d.ExpectedPlanHash, d.Adopt, d.RollbackOfID)
	return tag.RowsAffected() == 1, err
}

// dispatch makes jobID the only job that may act.
func dispatch(ctx context.Context, tx pgx.Tx, id string, jobID int64, number int) error {
	_, err := tx.Exec(ctx, `UPDATE deployments SET job_id = $2, dispatch = $3 WHERE id = $1`, id, jobID, number)
	return err
}

// move is a change of a deployment's state that people are told of.
type move struct {
	Status  Status
	Message string
	// Percentage is what is done by now; a lower one than before changes nothing,
	// and only completion is 100.
	Percentage int
	WaitReason *WaitReason
	Validation *Report
	Error      *Failure
	Outcome    *Outcome
}

// advance applies a move and writes its event, whose sequence continues without
// a gap. epoch fences out a stale owner: ErrLost. A nil epoch is for those who
// act without a lease.
func advance(ctx context.Context, tx pgx.Tx, id string, epoch *int64, m move) error {
	tag, err := tx.Exec(ctx, `WITH moved AS (
			UPDATE deployments SET status = $3, progress_message = $4,
				progress_percentage = CASE WHEN $3 = 'COMPLETED' THEN 100 ELSE GREATEST(progress_percentage, LEAST($5, 99)) END,
				wait_reason = $6, validation = COALESCE($7, validation), error = COALESCE($8, error),
				live_outcome = COALESCE($9, live_outcome), last_sequence = last_sequence + 1,
				started_at = CASE WHEN $3 = 'VALIDATING' THEN COALESCE(started_at, clock_timestamp()) ELSE started_at END,
				finished_at = CASE WHEN $10 THEN clock_timestamp() END,
				lease_until = CASE WHEN $10 THEN NULL ELSE lease_until END
			WHERE id = $1 AND ($2::bigint IS NULL OR epoch = $2) AND finished_at IS NULL
				-- A cancel that came first wins: "cancelled but live" cannot happen.
				AND ($3 <> 'COMPLETED' OR cancel_requested_at IS NULL AND direction = 'FORWARD')
			RETURNING id, last_sequence, status, progress_percentage, progress_message)
		INSERT INTO deployment_events (deployment_id, sequence, status, percentage, message, terminal)
		SELECT id, last_sequence, status, progress_percentage, progress_message, $10 FROM moved`,
		id, epoch, m.Status, m.Message, m.Percentage, m.WaitReason, m.Validation, m.Error, m.Outcome, m.Status.Terminal())
	if err != nil {
		return fmt.Errorf("advance to %s: %w", m.Status, err)
	}
	if tag.RowsAffected() == 0 {
		return ErrLost
	}
	return nil
}
