package journal

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
)

// Insert appends steps to the journal from an index on.
func Insert(ctx context.Context, tx pgx.Tx, tenantID, id string, steps []plan.Step, from int, undo bool) error {
	batch := &pgx.Batch{}
	for n, s := range steps {
		i := from + n
		stamp := catalog.Stamp{Tenant: tenantID, TestID: s.TestID, Deployment: id, Step: i}.String()
		batch.Queue(`INSERT INTO deployment_steps (deployment_id, index, change, action, resource, test_id, live_id, summary,
				method, path, body, after, stamp, idempotency_key, api_version, want, before, key_from, undo, form)
			VALUES ($1, $2, $3, $4, $5, $6, NULLIF($7, ''), $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)`,
			id, i, s.Change, s.Action, s.Resource, s.TestID, s.LiveID, s.Summary,
			s.Method, s.Path, stamped(s.Body, stamp), shifted(s.After, from), stamp, fmt.Sprintf("golive:%s:%d", id, i),
			catalog.APIVersion, wantOf(s), s.Before, s.KeyFrom, undo, form)
	}
	return tx.SendBatch(ctx, batch).Close()
}

// form is how steps name what earlier ones create: by a plan.Ref. In form 1, which
// earlier versions write, it is {test id}, unescaped and without the kind.
const form = 2

// stamped fills in the deployment's stamp.
func stamped(body, stamp string) string {
	return strings.ReplaceAll(body, plan.StampPlaceholder, url.QueryEscape(stamp))
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
	Form           int              `db:"form"`
	Aged           bool             `db:"aged"`
}

// Read reads the journal: the way forward, and the way back as far as it
// has been planned. A step is aged an hour before Stripe may forget its key.
func Read(ctx context.Context, db postgres.Querier, id string) (forward, undo []engine.Step, err error) {
	stored, err := postgres.All(ctx, db, pgx.RowToStructByName[stepRow], `SELECT index, change, action, resource, test_id, live_id, summary,
			path, body, after, want, stamp, idempotency_key, status, attempts, before, key_from, undo, form,
			coalesce(started_at < clock_timestamp() - interval '23 hours', false) AS aged
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
		Index: row.Index, Status: row.Status, Stamp: row.Stamp, Key: row.IdempotencyKey, Attempts: row.Attempts, Aged: row.Aged,
	}
	if row.LiveID != nil {
		s.LiveID = *row.LiveID
	}
	if err := json.Unmarshal(row.Want, &s.Want); err != nil {
		return s, err
	}
	if row.Form < form {
		renew(&s.Step)
	}
	return s, nil
}
