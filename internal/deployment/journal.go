package deployment

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/engine"
	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/product"
)

func callsToMake(n int) string {
	if n == 1 {
		return "1 call to make"
	}
	return fmt.Sprintf("%d calls to make", n)
}

// enterDeploying writes the whole journal before the first effect: from here on
// nothing is planned again.
func (r *run) enterDeploying(ctx context.Context, f *findings) error {
	n := len(f.plan.Steps)
	err := postgres.InTx(ctx, r.DB, func(tx pgx.Tx) error {
		m := Move{
			Status: Deploying, Message: "All checks passed; " + callsToMake(n), Percentage: percentage(0, n),
			Set: append(planned(f.plan, f.evidence.Test.Value), SetValidation(f.report)),
		}
		if err := Advance(ctx, tx, r.d.ID, &r.epoch, m); err != nil {
			return err
		}
		if err := r.saveLinks(ctx, tx, f.plan.Links); err != nil {
			return err
		}
		if err := insertSteps(ctx, tx, r.d, f.plan.Steps, 0, false); err != nil {
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

// planned stores the plan and what it wants; Stripe has answered, so an outage is over.
// A go-live that does not begin takes nothing over, and so has no test.
func planned(p *plan.Plan, test *catalog.Snapshot) []Set {
	sets := append(SetStripeAnswered(), SetPlan(p))
	if test != nil {
		sets = append(sets, SetTestSnapshot(test))
	}
	return sets
}

// saveLinks keeps what a plan found; the links of a rollback are among what was ours
// before.
func (r *run) saveLinks(ctx context.Context, tx pgx.Tx, links []plan.Link) error {
	for _, l := range links {
		if err := product.SaveLink(ctx, tx, r.link(l)); err != nil {
			return err
		}
	}
	return nil
}

// relink keeps the links of what is for sale again, before the run ends.
func (r *run) relink(ctx context.Context, back *plan.Plan) error {
	if len(back.Links) == 0 {
		return nil
	}
	return postgres.InTx(ctx, r.DB, func(tx pgx.Tx) error {
		if err := Lock(ctx, tx, r.d.ID, r.epoch); err != nil {
			return err
		}
		return r.saveLinks(ctx, tx, back.Links)
	})
}

func (r *run) link(l plan.Link) product.Link {
	return product.Link{
		LiveAccountID: r.d.LiveAccountID, TestID: l.TestID, Resource: l.Resource, LiveID: l.LiveID,
		TestProductID: r.d.StripeProductID, TenantID: r.d.TenantID, DeploymentID: &r.d.ID, Adopted: l.Adopted,
	}
}

// insertSteps appends steps to the journal from an index on.
func insertSteps(ctx context.Context, tx pgx.Tx, d *Deployment, steps []plan.Step, from int, undo bool) error {
	batch := &pgx.Batch{}
	for n, s := range steps {
		i := from + n
		stamp := catalog.Stamp{Tenant: d.TenantID, TestID: s.TestID, Deployment: d.ID, Step: i}.String()
		batch.Queue(`INSERT INTO deployment_steps (deployment_id, index, change, action, resource, test_id, live_id, summary,
				method, path, body, after, stamp, idempotency_key, api_version, want, before, key_from, undo)
			VALUES ($1, $2, $3, $4, $5, $6, NULLIF($7, ''), $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`,
			d.ID, i, s.Change, s.Action, s.Resource, s.TestID, s.LiveID, s.Summary,
			s.Method, s.Path, stamped(s.Body, stamp), shifted(s.After, from), stamp, fmt.Sprintf("golive:%s:%d", d.ID, i),
			catalog.APIVersion, wantOf(s), s.Before, s.KeyFrom, undo)
	}
	return tx.SendBatch(ctx, batch).Close()
}

// stamped fills in the deployment's stamp.
func stamped(body, stamp string) string {
	return strings.ReplaceAll(body, "{stamp}", url.QueryEscape(stamp))
}

// shifted numbers dependencies as the journal does. It is never nil.
func shifted(after []int, from int) []int {
	out := make([]int, len(after))
	for i, a := range after {
		out[i] = a + from
	}
	return out
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
	Change         int              `db:"change"`
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
	Before         json.RawMessage  `db:"before"`
	KeyFrom        json.RawMessage  `db:"key_from"`
	Undo           bool             `db:"undo"`
}

// journalOf reads the journal: the way forward, and the way back as far as it
// has been planned.
func journalOf(ctx context.Context, db postgres.Querier, id string) (forward, undo []engine.Step, err error) {
	stored, err := postgres.All(ctx, db, pgx.RowToStructByName[stepRow], `SELECT index, change, action, resource, test_id, live_id, summary,
			path, body, after, want, stamp, idempotency_key, status, attempts, before, key_from, undo
		FROM deployment_steps WHERE deployment_id = $1 ORDER BY deployment_steps.index`, id)
	if err != nil {
		return nil, nil, err
	}
	for _, row := range stored {
		s, err := row.step()
		if err != nil {
			return nil, nil, fmt.Errorf("read step %d: %w", row.Index, err)
		}
		if row.Undo {
			undo = append(undo, s)
		} else {
			forward = append(forward, s)
		}
	}
	return forward, undo, nil
}

func (row stepRow) step() (engine.Step, error) {
	s := engine.Step{
		Step: plan.Step{
			Change: row.Change, Action: row.Action, Resource: row.Resource, TestID: row.TestID, Summary: row.Summary,
			Method: "POST", Path: row.Path, Body: row.Body, After: row.After, Before: row.Before, KeyFrom: row.KeyFrom,
		},
		Index: row.Index, Status: row.Status, Stamp: row.Stamp, Key: row.IdempotencyKey, Attempts: row.Attempts,
	}
	if row.LiveID != nil {
		s.LiveID = *row.LiveID
	}
	return s, json.Unmarshal(row.Want, &s.Want)
}
