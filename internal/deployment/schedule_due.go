package deployment

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/golive-hq/golive/internal/postgres"
)

// grace is how late a scheduled deployment may begin. What nobody could begin by
// then waits for a person.
const grace = 15 * time.Minute

// LateFrom is what people are told of; below it nobody waited.
const LateFrom = 5 * time.Second

// dueSchedule is a schedule whose time has come.
type dueSchedule struct {
	job
	TenantID string        `db:"tenant_id"`
	Late     time.Duration `db:"late"`
}

// StartDue lets every scheduled deployment begin whose time has come and whose
// product is free, and returns how many did. Every worker does it, five times a
// second: there is no leader to lose.
//
// The product's lock is that of GoLive. What others have locked is passed over, so
// that nothing waits here; the next sweep is near.
func (s *Service) StartDue(ctx context.Context) (started int, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.SweepTime)
	defer cancel()
	for {
		var lot []dueSchedule
		err := postgres.InTx(ctx, s.DB, func(tx pgx.Tx) (err error) {
			lot, err = startLot(ctx, tx, s.Jobs)
			return err
		})
		if err != nil {
			return started, fmt.Errorf("start what is due: %w", err)
		}
		for _, d := range lot {
			s.Notify.Ring(Topics(&Deployment{ID: d.ID, TenantID: d.TenantID})...)
		}
		started += len(lot)
		if len(lot) < sweepLot {
			return started, nil
		}
	}
}

func startLot(ctx context.Context, tx pgx.Tx, jobs *river.Client[pgx.Tx]) ([]dueSchedule, error) {
	products, err := lockDueProducts(ctx, tx)
	if err != nil || len(products) == 0 {
		return nil, err
	}
	// A new statement, and so a new snapshot: what was active when the locks were
	// asked for need not be what is active now that they are held.
	lot, err := firstDue(ctx, tx, products)
	if err != nil || len(lot) == 0 {
		return nil, err
	}
	if lot, err = makePending(ctx, tx, lot); err != nil || len(lot) == 0 {
		return nil, err
	}
	last := make([]job, len(lot))
	for i, d := range lot {
		last[i] = d.job
	}
	return lot, dispatch(ctx, tx, jobs, last)
}

// startable is a row of deployments that is due and may begin: not held, not late
// beyond the grace, its live object free, the world not paused. The bounds are
// stable expressions, so the index on due_at answers them, however many wait.
const startable = `status = 'SCHEDULED' AND wait_reason = 'DUE_TIME' AND due_at <= golive_now() AND due_at > golive_now() - $1::interval
	AND NOT ` + busy + ` AND NOT EXISTS (SELECT FROM standstill)`

// dueProducts passes over what others have locked before it counts.
const dueProducts = `SELECT p.id::text FROM deployments JOIN products p ON p.id = deployments.product_id
	WHERE ` + startable + ` ORDER BY deployments.due_at, deployments.id LIMIT $2 FOR NO KEY UPDATE OF p SKIP LOCKED`

func lockDueProducts(ctx context.Context, tx pgx.Tx) ([]string, error) {
	return postgres.All(ctx, tx, pgx.RowTo[string], dueProducts, grace, sweepLot)
}

// firstDue picks the oldest per live object, for two tenants may share an account,
// and locks it. One that somebody is moving or cancelling just now is passed over,
// and its product with it. All sweeps take live objects in one order, or two of them
// might wait for each other at the index deployments_one_active.
func firstDue(ctx context.Context, tx pgx.Tx, products []string) ([]dueSchedule, error) {
	return postgres.All(ctx, tx, pgx.RowToStructByName[dueSchedule], `SELECT id::text, tenant_id::text, dispatch, golive_now() - due_at AS late
		FROM deployments WHERE `+startable+` AND id IN (
			SELECT DISTINCT ON (live_account_id, stripe_product_id) id FROM deployments
			WHERE product_id = ANY($2::uuid[]) AND `+startable+`
			ORDER BY live_account_id, stripe_product_id, due_at, id)
		ORDER BY deployments.live_account_id, deployments.stripe_product_id FOR NO KEY UPDATE SKIP LOCKED`, grace, products)
}

// makePending returns those that became so. A deployment of another tenant that
// shares the account may have become active since we looked: its live object is
// then no longer ours to take, and all others are.
func makePending(ctx context.Context, tx pgx.Tx, lot []dueSchedule) ([]dueSchedule, error) {
	err := advanceDue(ctx, tx, lot...)
	if !postgres.IsUnique(err, "deployments_one_active") {
		return lot, err
	}
	var made []dueSchedule
	for _, d := range lot {
		err := advanceDue(ctx, tx, d)
		switch {
		case err == nil:
			made = append(made, d)
		case !postgres.IsUnique(err, "deployments_one_active"):
			return nil, err
		}
	}
	return made, nil
}

func advanceDue(ctx context.Context, tx pgx.Tx, lot ...dueSchedule) error {
	ids, moves := make([]string, len(lot)), make([]Move, len(lot))
	for i, d := range lot {
		ids[i], moves[i] = d.ID, pendingMove(d.message())
	}
	return advanceAll(ctx, tx, ids, moves)
}

func (d dueSchedule) message() string {
	if d.Late < LateFrom {
		return "Due now; waiting for a worker"
	}
	return fmt.Sprintf("Due %s ago; waiting for a worker", d.Late.Round(time.Second))
}
