package deployment

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/moment"
	"github.com/golive-hq/golive/internal/notice"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// RescheduleInput says what is to go live when instead.
type RescheduleInput struct {
	DeploymentID string
	// Version is the one that the person saw.
	Version int
	When    moment.When
}

// Reschedule gives a schedule another time, and frees a held one: what people were
// told when it was held is what it is compared with at the new time. It asks Stripe
// nothing. One that has this very time changes nothing, version among it, and nobody is
// told. Whoever reschedules becomes responsible for it.
//
// VERSION_CONFLICT says who changed the schedule in between, INVALID_STATE that it
// has begun or ended; the Schedule then holds the deployment as it is. The time is
// refused as by ScheduleGoLive.
func (s *Service) Reschedule(ctx context.Context, in RescheduleInput) (*Schedule, error) {
	d, err := s.mayChange(ctx, in.DeploymentID)
	if err != nil {
		return &Schedule{}, err
	}
	m, candidates, err := moment.Resolve(ctx, s.DB, in.When)
	if err != nil {
		return &Schedule{Deployment: d, Candidates: candidates}, err
	}
	err = postgres.InTx(ctx, s.DB, func(tx pgx.Tx) (err error) {
		d, err = reschedule(ctx, tx, in, m)
		return err
	})
	if err != nil {
		return &Schedule{Deployment: d}, err
	}
	s.Notify.Ring(Topics(d)...)
	return &Schedule{Deployment: d}, nil
}

// mayChange returns the deployment if the actor may change it.
func (s *Service) mayChange(ctx context.Context, id string) (*Deployment, error) {
	d, err := s.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := tenant.Require(ctx, d.TenantID, tenant.RoleDeployer); err != nil {
		return nil, err
	}
	return d, nil
}

// reschedule is one UPDATE that either meets the schedule as the person saw it, or
// nothing: whoever starts, moves or cancels it has been first.
func reschedule(ctx context.Context, tx pgx.Tx, in RescheduleInput, m moment.Time) (*Deployment, error) {
	actor, err := tenant.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	before, err := ByID(ctx, tx, in.DeploymentID)
	if err != nil {
		return nil, err
	}
	if before.Status == Scheduled && before.Version == in.Version && !before.held() && isOf(m, before) {
		return before, nil
	}
	wait := WaitDueTime
	moved, err := Advance(ctx, tx, in.DeploymentID, nil, Move{
		Status: Scheduled, Message: "Rescheduled by " + actor.Email + " from " + before.dueWords() + " to " + m.String(), WaitReason: &wait,
		Set:  append(append(setDue(m), changed(actor.Email, "rescheduled it to "+m.String())...), set("responsible", "?", actor.Email)),
		only: []clause{where("version = ? AND status = 'SCHEDULED'", in.Version)},
	})
	if errors.Is(err, ErrLost) {
		return whyNotChanged(ctx, tx, in.DeploymentID, &in.Version)
	}
	if err != nil {
		return nil, err
	}
	err = audit.Record(ctx, tx, audit.Entry{
		TenantID: before.TenantID, Actor: actor.Email, Action: "deployment.rescheduled", Subject: in.DeploymentID, Details: map[string]any{
			"from": before.DueAt, "dueAt": m.At, "localTime": m.Local, "timeZone": m.Zone.String(), "wasHeld": before.held(),
		}, Before: map[string]any{"dueAt": before.DueAt}, After: map[string]any{"dueAt": m.At},
	})
	if err != nil {
		return nil, err
	}
	after, err := ByID(ctx, tx, in.DeploymentID)
	if err != nil {
		return nil, err
	}
	return after, Tell(ctx, tx, after, moved, notice.Rescheduled)
}
