package deployment

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/fair"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/pause"
	"github.com/golive-hq/golive/internal/postgres"
)

// columns are those of deployments, which a query must not call by another name. What
// checks and plan said is large, and asked for by itself: see Review. A
// schedule that is due waits for another deployment of its product while there is
// one, or for a place in its account, as what has begun without a job does, and whatever
// would run waits for the end of a pause: nobody has to note that, and nobody can forget to.
var columns = `id::text, tenant_id::text, product_id::text, live_account_id, stripe_product_id, kind, trigger, status,
	CASE WHEN ` + paused + ` THEN 'PAUSED' WHEN ` + due + ` AND ` + shownBusy + ` THEN 'PRODUCT_BUSY'
		WHEN status = 'PENDING' AND job_id IS NULL OR (` + due + ` OR ` + unparked + `) AND ` + shownFull + ` THEN 'ACCOUNT_BUSY' ELSE wait_reason END AS wait_reason,
	requested_by, reason, adopt, version, created_at, started_at, finished_at, touched_at, last_sequence,
	CASE WHEN ` + active + ` THEN retry_at END AS retry_at, CASE trigger WHEN 'SCHEDULED' THEN started_at + (golive_now() - now()) - due_at END AS late,
	progress_percentage, CASE WHEN ` + paused + ` THEN 'Paused by an operator: ' || ` + pause.Reason + `
		ELSE progress_message END AS progress_message, direction, undo_planned, cancel_requested_at, cancel_requested_by,
	rollback_of::text, expected_plan_hash, error, live_outcome, due_at, local_time, time_zone,
	time_resolution, if_changed, notifications, changed_by, changed_at, last_change,
	` + startedBy + ` AS started_by, ` + responsible + ` AS responsible,
	CASE WHEN started_by IS NULL AND last_change = '` + startedEarly + `' THEN '' ELSE coalesce(credential, '') END AS credential`

// Earlier versions say who started a schedule early by the last change alone.
const (
	startedBy   = `coalesce(started_by, CASE WHEN last_change = '` + startedEarly + `' THEN changed_by END)`
	responsible = `CASE WHEN started_by IS NULL AND last_change = '` + startedEarly + `' THEN changed_by ELSE coalesce(responsible, requested_by) END`
)

// due tells that the time of a row has come and that no person has to decide, unparked
// that what waited for Stripe waits for a place again, and paused that a row would run if
// there were no pause.
const (
	due      = `status = 'SCHEDULED' AND wait_reason = 'DUE_TIME' AND due_at <= golive_now()`
	unparked = active + ` AND job_id IS NULL AND retry_at <= now()`
	paused   = `(` + active + ` OR ` + due + `) AND ` + pause.Holds
)

// Whose deployments keep one waiting that share its live account is nobody's business, and
// that they do is: those who read ask functions that look across tenants.
var (
	shownBusy = `live_object_busy(live_account_id, stripe_product_id)`
	shownFull = fmt.Sprintf(`account_taken(live_account_id) >= %d`, fair.Places)
)

// busy tells that a deployment is active on the live object of a row of deployments.
const busy = `EXISTS (SELECT FROM deployments active WHERE active.live_account_id = deployments.live_account_id
	AND active.stripe_product_id = deployments.stripe_product_id AND active.status IN ('PENDING', 'VALIDATING', 'DEPLOYING'))`

var row = pgx.RowToAddrOfStructByName[Deployment]

// ByID returns a deployment whoever asks. It is NOT_FOUND where there is none.
func ByID(ctx context.Context, db postgres.Querier, id string) (*Deployment, error) {
	d, err := postgres.One(ctx, db, row, notFound(), `SELECT `+columns+` FROM deployments WHERE id = $1`, id)
	if postgres.IsBadID(err) {
		return nil, notFound()
	}
	return d, err
}

func notFound() error { return fault.New(fault.NotFound, "There's no deployment with this ID.") }

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
	d, err := ByID(ctx, db, a.ID)
	return d, a.Digest, err
}

// activeOn returns the deployment that locks a live object, nil where none does.
func activeOn(ctx context.Context, db postgres.Querier, liveAccountID, stripeProductID string) (*Deployment, error) {
	ctx = postgres.Across(ctx, postgres.LiveObjects)
	return postgres.One(ctx, db, row, nil, `SELECT `+columns+` FROM deployments
		WHERE live_account_id = $1 AND stripe_product_id = $2 AND `+active,
		liveAccountID, stripeProductID)
}
