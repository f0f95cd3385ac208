package deployment

import (
	"context"

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
}

const whatNow = " Deploy it now, give it another time, or cancel it."

// putOnHold makes a schedule wait for a person. It locks nothing from then on, and no
// sweep reads it. epoch is as for advance. ErrLost: it was cancelled, has ended, or
// belongs to somebody else.
func (s *Service) putOnHold(ctx context.Context, tx pgx.Tx, d *Deployment, epoch *int64, h holding) error {
	if err := shelve(ctx, tx, d.ID, epoch, h); err != nil {
		return err
	}
	if err := advance(ctx, tx, d.ID, nil, move{Status: Scheduled, Message: h.why + whatNow, WaitReason: &h.reason}); err != nil {
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
	return s.tell(ctx, tx, d, kind)
}

// shelve takes a deployment from whoever has it, job and lease and all; a stale
// owner finds another epoch. It has not begun, whatever has been looked at.
func shelve(ctx context.Context, tx pgx.Tx, id string, epoch *int64, h holding) error {
	tag, err := tx.Exec(ctx, `UPDATE deployments SET job_id = NULL, owner = NULL, lease_until = NULL, retry_at = NULL, outage = '0', trouble = '0',
			started_at = NULL, epoch = epoch + 1, trigger = 'SCHEDULED', version = version + 1,
			changed_by = $3, changed_at = clock_timestamp(), last_change = $4
		WHERE id = $1 AND ($2::bigint IS NULL OR epoch = $2) AND finished_at IS NULL
			AND status IN ('SCHEDULED', 'PENDING', 'VALIDATING') AND cancel_requested_at IS NULL`, id, epoch, system, h.change)
	if err == nil && tag.RowsAffected() == 0 {
		return ErrLost
	}
	return err
}

// giveBack ends the run before anything was written, and gives the deployment back
// to people.
func (r *run) giveBack(ctx context.Context, h holding, f *findings) error {
	r.lease.setEnding()
	err := postgres.InTx(ctx, r.DB, func(tx pgx.Tx) error {
		if err := r.putOnHold(ctx, tx, r.d, &r.epoch, h); err != nil || f == nil {
			return err
		}
		// What people are told now is what the next run compares with.
		_, err := tx.Exec(ctx, `UPDATE deployments SET test_snapshot = $2, drift_seen = $3, validation = $4, plan = $5 WHERE id = $1`,
			r.d.ID, f.evidence.Test.Value, driftOf(&f.evidence), f.report, f.plan)
		return err
	})
	return r.ringing(err)
}

// holdChanged holds the deployment where it is not what was scheduled any more.
func (r *run) holdChanged(ctx context.Context, f *findings) (held bool, err error) {
	h, err := r.changed(ctx, &f.evidence)
	if h == nil || err != nil {
		return false, err
	}
	return true, r.giveBack(ctx, *h, f)
}

// changed says why the deployment is not what was scheduled any more; nil where it
// is, or where nobody minds.
func (r *run) changed(ctx context.Context, e *plan.Evidence) (*holding, error) {
	if r.d.IfChanged == nil || *r.d.IfChanged != Hold {
		return nil, nil
	}
	then, err := r.testSnapshot(ctx, r.d.ID)
	if err != nil {
		return nil, err
	}
	if changes := changesInTest(then, e.Test.Value); len(changes) > 0 {
		return &holding{
			WaitChanged, "Held, because test has changed since it was scheduled (" + listed(changes) + ").",
			"held it, because test had changed",
		}, nil
	}
	var seen string
	if err := r.DB.QueryRow(ctx, `SELECT drift_seen FROM deployments WHERE id = $1`, r.d.ID).Scan(&seen); err != nil {
		return nil, err
	}
	if drift := driftOf(e); drift != "" && drift != seen {
		return &holding{
			WaitChanged, "Held, because somebody has changed the product in live since it was scheduled.",
			"held it, because live had been changed",
		}, nil
	}
	return nil, nil
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
		WaitChanged, "Held, because " + rollback.RequestedBy + " has rolled the product back since it was scheduled.",
		"held it, because the product was rolled back",
	}
	for _, d := range found {
		if err := s.putOnHold(ctx, tx, d, nil, h); err != nil {
			return nil, err
		}
	}
	return found, nil
}
