package deployment

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/notice"
	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/postgres"
)

// system is who acts where nobody does.
const system = "golive"

// Holding is why a schedule waits for a person from now on.
type Holding struct {
	Reason WaitReason
	// Why is a sentence; what people can do about it is told with it.
	Why string
	// Change is what happened, for those who meant the version before: "held it …".
	Change string
	// Set is what else is kept with it.
	Set []Set
}

const whatNow = " Deploy it now, reschedule it, or cancel it."

// HoldForPerson makes a schedule wait for a person. It locks nothing from then on, and no
// sweep reads it. epoch is as for Advance. ErrLost: it was cancelled, has ended, or
// belongs to somebody else.
func HoldForPerson(ctx context.Context, tx pgx.Tx, d *Deployment, epoch *int64, h Holding) error {
	m := Move{
		Status: Scheduled, Message: h.Why + whatNow, WaitReason: &h.Reason,
		Set:  append(append(setUnstarted(), changed(system, h.Change)...), h.Set...),
		only: []clause{where("status IN ('SCHEDULED', 'PENDING', 'VALIDATING') AND cancel_requested_at IS NULL")},
	}
	moved, err := Advance(ctx, tx, d.ID, epoch, m)
	if err != nil {
		return err
	}
	action, kind := "deployment.held", notice.Held
	if h.Reason == WaitMissed {
		action, kind = "deployment.missed", notice.Missed
	}
	err = audit.Record(ctx, tx, audit.Entry{
		TenantID: d.TenantID, Actor: system, Action: action, Subject: d.ID, Details: map[string]any{"reason": h.Reason, "why": h.Why, "dueAt": d.DueAt},
	})
	if err != nil {
		return err
	}
	return Tell(ctx, tx, d, moved, kind)
}

// ChangedSince says why a deployment is not what was scheduled any more; nil where it
// is, or where nobody minds.
func ChangedSince(ctx context.Context, db postgres.Querier, d *Deployment, e *plan.Evidence) (*Holding, error) {
	if d.IfChanged == nil || *d.IfChanged != Hold {
		return nil, nil
	}
	then, err := TestSnapshot(ctx, db, d.ID)
	if err != nil {
		return nil, err
	}
	if changes := plan.ChangesInTest(then, e.Test.Value); len(changes) > 0 {
		return &Holding{
			Reason: WaitChanged, Why: "On hold: the product changed in test mode after it was scheduled (" + plan.Listed(changes) + ").",
			Change: "put it on hold because the product changed in test mode",
		}, nil
	}
	seen, err := driftSeen(ctx, db, d.ID)
	if err != nil {
		return nil, err
	}
	if plan.DriftedSince(e, seen) {
		return &Holding{
			Reason: WaitChanged, Why: "On hold: someone changed the product in live mode after it was scheduled.",
			Change: "put it on hold because the product changed in live mode",
		}, nil
	}
	return nil, nil
}

// HoldEarlier holds the schedules of the product that were made before a rollback's end,
// which is in tx: whoever turned back did not mean them to go forward again by
// themselves. With the product locked there are no others. It returns what is held.
func HoldEarlier(ctx context.Context, tx pgx.Tx, rollback *Deployment) ([]*Deployment, error) {
	found, err := postgres.All(ctx, tx, row, `SELECT `+columns+` FROM deployments
		WHERE product_id = $1 AND status = 'SCHEDULED' AND wait_reason = 'DUE_TIME'
		ORDER BY deployments.id FOR NO KEY UPDATE`, rollback.ProductID)
	if err != nil {
		return nil, err
	}
	h := Holding{
		Reason: WaitChanged, Why: "On hold: " + rollback.RequestedBy + " rolled the product back after it was scheduled.",
		Change: "put it on hold because the product was rolled back",
	}
	for _, d := range found {
		if err := HoldForPerson(ctx, tx, d, nil, h); err != nil {
			return nil, err
		}
	}
	return found, nil
}
