package deployment

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/golive-hq/golive/internal/fair"
	"github.com/golive-hq/golive/internal/pause"
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
	TenantID      string        `db:"tenant_id"`
	LiveAccountID string        `db:"live_account_id"`
	Late          time.Duration `db:"late"`
}

// StartDue lets every scheduled deployment begin whose time has come and whose
// product is free, and returns how many did. Every worker does it, five times a
// second: there is no leader to lose. It takes live objects, not rows, and those of
// different accounts in turn: whatever one tenant piles up, another's is in the next lot.
//
// The product's lock is that of GoLive. What others have locked is passed over, so
// that nothing waits here; the next sweep is near.
func (s *Service) StartDue(ctx context.Context) (started int, err error) {
	ctx = postgres.Across(ctx, postgres.Sweeps)
	ctx, cancel := context.WithTimeout(ctx, s.SweepTime)
	defer cancel()
	for {
		accounts, products, err := s.due(ctx)
		if err != nil || len(accounts) == 0 {
			return started, err
		}
		var lot []dueSchedule
		err = postgres.InTx(ctx, s.DB, func(tx pgx.Tx) (err error) {
			lot, err = startLot(ctx, tx, s.Jobs, accounts, products)
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

// dueSince also says, of no live object, what time it is. It begins at the first that there
// is: what has begun stays in the index until a vacuum, and only that look clears it away.
const dueSince = `SELECT live_account_id, stripe_product_id, count(*), golive_now() FROM deployments
	WHERE status = 'SCHEDULED' AND wait_reason = 'DUE_TIME' AND due_at <= golive_now() AND due_at >= (SELECT min(due_at) FROM deployments
		WHERE status = 'SCHEDULED' AND wait_reason = 'DUE_TIME' AND due_at > $1 AND due_at <= golive_now()) GROUP BY 1, 2
	UNION ALL SELECT '', '', 0, golive_now()`

// due returns the accounts and the products of the live objects with schedules that are due.
func (s *Service) due(ctx context.Context) (accounts, products []string, err error) {
	return s.lookout.Look(ctx, func(ctx context.Context, since time.Time) ([]fair.Due, error) {
		return postgres.All(ctx, s.DB, pgx.RowToStructByPos[fair.Due], dueSince, since)
	})
}

func startLot(ctx context.Context, tx pgx.Tx, jobs *river.Client[pgx.Tx], accounts, products []string) ([]dueSchedule, error) {
	locked, err := postgres.All(ctx, tx, pgx.RowTo[string], lockDueProducts, grace, accounts, products, fair.Places, sweepLot)
	if err != nil || len(locked) == 0 {
		return nil, err
	}
	// A new statement, and so a new snapshot: what was active when the locks were
	// asked for need not be what is active now that they are held.
	lot, err := postgres.All(ctx, tx, pgx.RowToStructByName[dueSchedule], firstDue, grace, accounts, products, locked)
	if err != nil || len(lot) == 0 {
		return nil, err
	}
	if lot, err = makePending(ctx, tx, lot); err != nil || len(lot) == 0 {
		return nil, err
	}
	of := make([]string, len(lot))
	for i, d := range lot {
		of[i] = d.LiveAccountID
	}
	_, err = fill(ctx, tx, jobs, of)
	return lot, err
}

// startable is a row of deployments that is due and may begin, if its live object is
// free: not held, not late beyond the grace, the world not paused.
const startable = `due_at <= (SELECT golive_now()) AND NOT (` + overdue + `) AND NOT ` + pause.Holds

// overdue is a schedule that was not begun within the grace, $1. The bound comes first,
// for an index to answer it.
const overdue = `due_at <= (SELECT golive_now()) - $1::interval
	AND due_at + account_full_time(live_account_id, due_at) <= (SELECT golive_now()) - $1::interval`

// inLineOf is a row that waits for its time at a live object, which a query calls account
// and product. It is written as the index deployments_in_line is, and as no other: the
// planner, which knows little of what has just been scheduled, must not take another one.
const inLineOf = `live_account_id = account COLLATE "C" AND stripe_product_id = product COLLATE "C" AND dispatch >= 0 AND wait_reason = 'DUE_TIME'`

// lockDueProducts locks the products whose schedules are the first of their live objects,
// of each account one before the second of any, and no more than may soon have a place. It
// passes over what others have locked before it counts.
const lockDueProducts = `WITH accounts AS MATERIALIZED (SELECT account, $4 - (SELECT count(*) FROM deployments
			WHERE live_account_id = account AND status = 'PENDING' AND job_id IS NULL AND trigger = 'SCHEDULED') AS room
		FROM (SELECT DISTINCT unnest($2::text[]) AS account) AS due),
	free AS MATERIALIZED (SELECT live_account_id AS account, stripe_product_id AS product, room FROM unnest($2::text[], $3::text[]) AS deployments (live_account_id, stripe_product_id)
		JOIN accounts ON accounts.account = live_account_id WHERE room > 0 AND NOT ` + busy + `)
	SELECT p.id::text FROM (SELECT first.*, room, row_number() OVER (PARTITION BY account ORDER BY first.due_at, first.id) AS turn
		FROM free CROSS JOIN LATERAL (SELECT id, product_id, due_at FROM deployments
			WHERE ` + inLineOf + ` AND ` + startable + `
			ORDER BY due_at, id LIMIT 1) first) next
	JOIN products p ON p.id = next.product_id WHERE turn <= room ORDER BY turn, next.due_at LIMIT $5 FOR NO KEY UPDATE OF p SKIP LOCKED`

// firstDue picks the oldest per live object, for two tenants may share an account,
// and locks it. One that somebody is moving or cancelling just now is passed over,
// and its product with it. All sweeps take live objects in one order, or two of them
// might wait for each other at the index deployments_one_active.
const firstDue = `SELECT id::text, tenant_id::text, live_account_id, dispatch, 0 AS place, golive_now() - due_at AS late
	FROM deployments WHERE wait_reason = 'DUE_TIME' AND due_at <= golive_now() AND NOT ` + busy + ` AND id = ANY (ARRAY(
		SELECT first.id FROM unnest($2::text[], $3::text[]) AS due (account, product) CROSS JOIN LATERAL (
			SELECT id, product_id FROM deployments WHERE ` + inLineOf + ` AND ` + startable + `
			ORDER BY due_at, id LIMIT 1) first
		WHERE first.product_id = ANY($4::uuid[]) AND product IN (SELECT stripe_product_id FROM products WHERE id = ANY($4::uuid[]))))
	ORDER BY deployments.live_account_id, deployments.stripe_product_id FOR NO KEY UPDATE SKIP LOCKED`

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
		return "Due now; about to start"
	}
	return fmt.Sprintf("Due %s ago; about to start", d.Late.Round(time.Second))
}
