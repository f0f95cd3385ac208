package deployment

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/engine"
	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/product"
)

// enterDeploying writes the whole journal before the first effect: from here on
// nothing is planned again.
func (r *run) enterDeploying(ctx context.Context, f *findings) error {
	n := len(f.plan.Steps)
	err := postgres.InTx(ctx, r.DB, func(tx pgx.Tx) error {
		m := move{
			Status: Deploying, Message: fmt.Sprintf("All checks passed; %d calls to make", n),
			Percentage: percentage(0, n), Validation: f.report,
		}
		if err := advance(ctx, tx, r.d.ID, &r.epoch, m); err != nil {
			return err
		}
		if err := r.keepPlan(ctx, tx, f.plan, f.evidence.Test.Value); err != nil {
			return err
		}
		if err := insertSteps(ctx, tx, r.d, f.plan.Steps); err != nil {
			return err
		}
		return r.audit(ctx, tx, "deployment.started", map[string]any{"planHash": f.plan.Hash, "steps": n})
	})
	if err := r.ringing(err); err != nil {
		return err
	}
	r.d.Status = Deploying
	return nil
}

// percentage weighs the checks, every step and the reading back alike.
func percentage(done, steps int) int { return 100 * (done + 1) / (steps + 2) }

// keepPlan stores the plan, what it wants, and the links that it found.
func (r *run) keepPlan(ctx context.Context, tx pgx.Tx, p *plan.Plan, test *catalog.Snapshot) error {
	_, err := tx.Exec(ctx, `UPDATE deployments SET plan = $2, test_snapshot = COALESCE($3, test_snapshot) WHERE id = $1`,
		r.d.ID, p, test)
	if err != nil || test == nil {
		return err
	}
	for _, l := range p.Links {
		if err := product.SaveLink(ctx, tx, r.link(l)); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) link(l plan.Link) product.Link {
	return product.Link{
		LiveAccountID: r.d.LiveAccountID, TestID: l.TestID, Resource: l.Resource, LiveID: l.LiveID,
		TestProductID: r.d.StripeProductID, TenantID: r.d.TenantID, DeploymentID: &r.d.ID, Adopted: l.Adopted,
	}
}

func insertSteps(ctx context.Context, tx pgx.Tx, d *Deployment, steps []plan.Step) error {
	batch := &pgx.Batch{}
	for i, s := range steps {
		stamp := catalog.Stamp{Tenant: d.TenantID, TestID: s.TestID, Deployment: d.ID, Step: i}.String()
		batch.Queue(`INSERT INTO deployment_steps (deployment_id, index, change, action, resource, test_id, live_id, summary,
				method, path, body, after, stamp, idempotency_key, api_version, want, before)
			VALUES ($1, $2, $3, $4, $5, $6, NULLIF($7, ''), $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
			d.ID, i, s.Change, s.Action, s.Resource, s.TestID, s.LiveID, s.Summary,
			s.Method, s.Path, stamped(s.Body, stamp), notNil(s.After), stamp, fmt.Sprintf("golive:%s:%d", d.ID, i),
			catalog.APIVersion, wantOf(s), s.Before)
	}
	return tx.SendBatch(ctx, batch).Close()
}

// stamped fills in the deployment's stamp, which needs no escaping: it is made of
// ids and slashes.
func stamped(body, stamp string) string { return strings.ReplaceAll(body, "{stamp}", stamp) }

func notNil(after []int) []int {
	if after == nil {
		return []int{}
	}
	return after
}

func wantOf(s plan.Step) map[string]any {
	if s.Want == nil {
		return map[string]any{}
	}
	return s.Want
}

// stepRow is a step as stored.
type stepRow struct {
	Index          int              `db:"index"`
	Action         plan.Action      `db:"action"`
	Resource       catalog.Resource `db:"resource"`
	TestID         string           `db:"test_id"`
	LiveID         *string          `db:"live_id"`
	Summary        string           `db:"summary"`
	Path           string           `db:"path"`
	Body           string           `db:"body"`
	After          []int            `db:"after"`
	Want           json.RawMessage  `db:"want"`
	Stamp          string           `db:"stamp"`
	IdempotencyKey string           `db:"idempotency_key"`
	Status         engine.Status    `db:"status"`
	Attempts       int              `db:"attempts"`
}

// journalSteps reads the journal for the engine.
func journalSteps(ctx context.Context, db postgres.Querier, id string) ([]engine.Step, error) {
	stored, err := postgres.All(ctx, db, pgx.RowToStructByName[stepRow], `SELECT index, action, resource, test_id, live_id, summary, path, body, after, want,
			stamp, idempotency_key, status, attempts
		FROM deployment_steps WHERE deployment_id = $1 ORDER BY deployment_steps.index`, id)
	if err != nil {
		return nil, err
	}
	steps := make([]engine.Step, len(stored))
	for i, row := range stored {
		if steps[i], err = row.step(); err != nil {
			return nil, err
		}
	}
	return steps, nil
}

func (row stepRow) step() (engine.Step, error) {
	s := engine.Step{
		Step: plan.Step{
			Action: row.Action, Resource: row.Resource, TestID: row.TestID, Summary: row.Summary,
			Method: "POST", Path: row.Path, Body: row.Body, After: row.After,
		},
		Index: row.Index, Status: row.Status, Stamp: row.Stamp, Key: row.IdempotencyKey, Attempts: row.Attempts,
	}
	if row.LiveID != nil {
		s.LiveID = *row.LiveID
	}
	return s, json.Unmarshal(row.Want, &s.Want)
}

// journal notes the engine's steps in the database. Each note is also fence and
// renewal: it succeeds only under the owner's epoch.
type journal struct{ *run }

// Begin notes RUNNING before the call; key differs from the stored one where the
// first key holds a stored failure.
func (j *journal) Begin(ctx context.Context, s engine.Step, key string) error {
	return j.fenced(ctx, `UPDATE deployment_steps SET status = 'RUNNING', attempts = attempts + 1, idempotency_key = $4,
			started_at = COALESCE(started_at, clock_timestamp())
		FROM held WHERE deployment_id = held.id AND index = $3`, s.Index, key)
}

// Done notes the effect, the link of a created object and the event in one
// transaction.
func (j *journal) Done(ctx context.Context, s engine.Step, w catalog.Written) error {
	err := postgres.InTx(ctx, j.DB, func(tx pgx.Tx) error {
		done, total, err := markDone(ctx, tx, j.d.ID, s.Index, w)
		if err != nil {
			return err
		}
		if s.Action == plan.Create {
			link := plan.Link{Resource: s.Resource, TestID: s.TestID, LiveID: w.ID}
			if err := product.SaveLink(ctx, tx, j.link(link)); err != nil {
				return err
			}
		}
		return advance(ctx, tx, j.d.ID, &j.epoch, move{Status: Deploying, Message: s.Summary, Percentage: percentage(done, total)})
	})
	return j.ringing(err)
}

// markDone locks the deployment first, so that steps done side by side count
// each other.
func markDone(ctx context.Context, tx pgx.Tx, id string, index int, w catalog.Written) (done, total int, err error) {
	if _, err = tx.Exec(ctx, `SELECT FROM deployments WHERE id = $1 FOR NO KEY UPDATE`, id); err != nil {
		return 0, 0, err
	}
	_, err = tx.Exec(ctx, `UPDATE deployment_steps SET status = 'DONE', live_id = $3, stripe_request_id = NULLIF($4, ''),
			finished_at = clock_timestamp()
		WHERE deployment_id = $1 AND index = $2`, id, index, w.ID, w.RequestID)
	if err != nil {
		return 0, 0, err
	}
	err = tx.QueryRow(ctx, `SELECT count(*) FILTER (WHERE status = 'DONE'), count(*)
		FROM deployment_steps WHERE deployment_id = $1`, id).Scan(&done, &total)
	return done, total, err
}

// Waiting tells people why nothing moves.
func (j *journal) Waiting(ctx context.Context, s engine.Step, cause *catalog.Error) error {
	reason, message := WaitStripeUnavailable, "Stripe does not answer properly; trying again"
	if cause.Kind == catalog.KindRateLimit {
		reason, message = WaitStripeRateLimit, "Stripe is limiting us; continuing shortly"
	}
	return j.move(ctx, move{Status: Deploying, Message: message, WaitReason: &reason})
}

// fenced runs one statement on a deployment held under our epoch.
func (j *journal) fenced(ctx context.Context, statement string, args ...any) error {
	tag, err := j.DB.Exec(ctx, `WITH held AS (
		UPDATE deployments SET lease_until = clock_timestamp() + $5::interval
		WHERE id = $1 AND epoch = $2 AND status = 'DEPLOYING' RETURNING id) `+statement,
		append([]any{j.d.ID, j.epoch}, append(args, j.Lease)...)...)
	if err != nil {
		return err
	}
	if tag.RowsAffected() == 0 {
		return ErrLost
	}
	return nil
}
