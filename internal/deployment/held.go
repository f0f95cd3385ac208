package deployment

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/postgres"
)

// system is who acts where nobody does.
const system = "golive"

// holding is why a schedule waits for a person from now on.
type holding struct {
	reason WaitReason
	// why is a sentence; what people can do about it is told with it.
	why string
	// change is what happened, for those who meant the version before: "held it …".
	change string
	// set is what else is kept with it.
	set []Set
}

const whatNow = " Deploy it now, give it another time, or cancel it."

// putOnHold makes a schedule wait for a person. It locks nothing from then on, and no
// sweep reads it. epoch is as for advance. ErrLost: it was cancelled, has ended, or
// belongs to somebody else.
func (s *Service) putOnHold(ctx context.Context, tx pgx.Tx, d *Deployment, epoch *int64, h holding) error {
	m := Move{
		Status: Scheduled, Message: h.why + whatNow, WaitReason: &h.reason,
		Set:  append(append(setUnstarted(), changed(system, h.change)...), h.set...),
		only: []clause{where("status IN ('SCHEDULED', 'PENDING', 'VALIDATING') AND cancel_requested_at IS NULL")},
	}
	if err := Advance(ctx, tx, d.ID, epoch, m); err != nil {
		return err
	}
	action, kind := "deployment.held", NoticeHeld
	if h.reason == WaitMissed {
		action, kind = "deployment.missed", NoticeMissed
	}
	err := audit.Record(ctx, tx, audit.Entry{
		TenantID: d.TenantID, Actor: system, Action: action, Subject: d.ID, Details: map[string]any{"reason": h.reason, "why": h.why, "dueAt": d.DueAt},
	})
	if err != nil {
		return err
	}
	return Tell(ctx, tx, d.ID, kind)
}

// giveBack ends the run before anything was written, and gives the deployment back
// to people.
func (r *run) giveBack(ctx context.Context, h holding) error {
	r.lease.setEnding()
	err := postgres.InTx(ctx, r.DB, func(tx pgx.Tx) error { return r.putOnHold(ctx, tx, r.d, &r.epoch, h) })
	return r.ringing(err)
}

// holdChanged holds the deployment where it is not what was scheduled any more.
func (r *run) holdChanged(ctx context.Context, f *findings) (held bool, err error) {
	h, err := r.changed(ctx, &f.evidence)
	if h == nil || err != nil {
		return false, err
	}
	// What people are told now is what the next run compares with.
	h.set = []Set{
		SetTestSnapshot(f.evidence.Test.Value), SetDriftSeen(plan.DriftDigest(&f.evidence)), SetValidation(f.report), SetPlan(f.plan),
	}
	return true, r.giveBack(ctx, *h)
}

// changed says why the deployment is not what was scheduled any more; nil where it
// is, or where nobody minds.
func (r *run) changed(ctx context.Context, e *plan.Evidence) (*holding, error) {
	if r.d.IfChanged == nil || *r.d.IfChanged != Hold {
		return nil, nil
	}
	then, err := TestSnapshot(ctx, r.DB, r.d.ID)
	if err != nil {
		return nil, err
	}
	if changes := plan.ChangesInTest(then, e.Test.Value); len(changes) > 0 {
		return &holding{
			reason: WaitChanged, why: "Held, because test has changed since it was scheduled (" + listed(changes) + ").",
			change: "held it, because test had changed",
		}, nil
	}
	seen, err := DriftSeen(ctx, r.DB, r.d.ID)
	if err != nil {
		return nil, err
	}
	if drift := plan.DriftDigest(e); drift != "" && drift != seen {
		return &holding{
			reason: WaitChanged, why: "Held, because somebody has changed the product in live since it was scheduled.",
			change: "held it, because live had been changed",
		}, nil
	}
	return nil, nil
}

// mostChanges bounds what a message lists.
const mostChanges = 5

func listed(changes []string) string {
	if more := len(changes) - mostChanges; more > 0 {
		return fmt.Sprintf("%s; and %d more", strings.Join(changes[:mostChanges], "; "), more)
	}
	return strings.Join(changes, "; ")
}

// holdEarlier holds the schedules of the product that were made before a rollback:
// whoever turned back did not mean them to go forward again by themselves. It
// returns what is held.
func (s *Service) holdEarlier(ctx context.Context, tx pgx.Tx, rollback *Deployment) ([]*Deployment, error) {
	found, err := postgres.All(ctx, tx, row, `SELECT `+columns+` FROM deployments
		WHERE product_id = $1 AND status = 'SCHEDULED' AND wait_reason = 'DUE_TIME' AND created_at < $2
		ORDER BY deployments.id FOR NO KEY UPDATE`, rollback.ProductID, rollback.CreatedAt)
	if err != nil {
		return nil, err
	}
	h := holding{
		reason: WaitChanged, why: "Held, because " + rollback.RequestedBy + " has rolled the product back since it was scheduled.",
		change: "held it, because the product was rolled back",
	}
	for _, d := range found {
		if err := s.putOnHold(ctx, tx, d, nil, h); err != nil {
			return nil, err
		}
	}
	return found, nil
}
