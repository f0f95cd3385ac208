package deployment

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/notice"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/tenant"
)

// CancelInput says what to cancel. A Version that is not the deployment's any
// more is VERSION_CONFLICT.
type CancelInput struct {
	DeploymentID string
	Version      *int
	Reason       *string
}

// Cancel stops a deployment: one that has not begun at once, one under way at its
// next step, after which it turns back by itself. Repeating it changes nothing;
// one that has ended otherwise is INVALID_STATE.
func (s *Service) Cancel(ctx context.Context, in CancelInput) (*Deployment, error) {
	if err := (asking{reason: in.Reason}).validate(); err != nil {
		return nil, err
	}
	d, err := s.Get(ctx, in.DeploymentID)
	if err != nil {
		return nil, err
	}
	if err := tenant.Require(ctx, d.TenantID, tenant.RoleDeployer); err != nil {
		return nil, err
	}
	ended := false
	err = postgres.InTx(ctx, s.DB, func(tx pgx.Tx) (err error) {
		d, ended, err = cancel(ctx, tx, in)
		return err
	})
	if err != nil {
		return d, err
	}
	if ended {
		s.Observe.End(ctx, d, Cancelled, Unchanged, nil)
	}
	s.Notify.Ring(append(Topics(d), CommandTopic(d.ID))...)
	if d.Status == Cancelled {
		s.Fill(ctx, d.LiveAccountID)
	}
	return d, nil
}

func cancel(ctx context.Context, tx pgx.Tx, in CancelInput) (d *Deployment, ended bool, err error) {
	if err := lock(ctx, tx, in.DeploymentID); err != nil {
		return nil, false, err
	}
	d, err = ByID(ctx, tx, in.DeploymentID)
	if err != nil {
		return nil, false, err
	}
	switch {
	case d.Status == Cancelled || d.CancelRequestedAt != nil && !d.Status.Terminal():
		return d, false, nil
	case d.Status.Terminal():
		return d, false, fault.New(fault.InvalidState, "This deployment is already %s, so there's nothing to cancel.", d.Status)
	case d.Direction == Undo:
		return d, false, fault.New(fault.InvalidState, "This deployment failed and is already being undone.")
	case in.Version != nil && *in.Version != d.Version:
		return d, false, d.conflict(*in.Version)
	}
	return cancelNow(ctx, tx, d, in.Reason)
}

// cancelNow ends what has not begun, and leaves a request on what has.
func cancelNow(ctx context.Context, tx pgx.Tx, d *Deployment, reason *string) (after *Deployment, ended bool, err error) {
	actor, err := tenant.ActorFrom(ctx)
	if err != nil {
		return nil, false, err
	}
	action, why := "deployment.cancel_requested", ""
	if reason != nil && *reason != "" {
		why = ": " + strings.TrimSuffix(*reason, ".")
	}
	m := Move{Status: d.Status, Message: actor.Email + " cancelled this" + why + "; stopping at the next step", Set: setCancel(actor.Email)}
	begun := d.Status != Pending && d.Status != Scheduled
	if !begun {
		action = "deployment.cancelled"
		m = Move{
			Status: Cancelled, Message: "Cancelled by " + actor.Email + why + ". Nothing was changed in live mode.", Set: []Set{SetOutcome(Unchanged)},
		}
	}
	m.Set = append(m.Set, changed(actor.Email, "cancelled it"+why)...)
	moved, err := Advance(ctx, tx, d.ID, nil, m)
	if err != nil {
		return nil, false, err
	}
	if !begun {
		if err := Tell(ctx, tx, d, moved, notice.Cancelled); err != nil {
			return nil, false, err
		}
	}
	err = audit.Record(ctx, tx, audit.Entry{
		TenantID: d.TenantID, Actor: actor.Email, Action: action, Subject: d.ID, Reason: reason, Details: map[string]any{"reason": reason},
	})
	if err != nil {
		return nil, false, err
	}
	after, err = ByID(ctx, tx, d.ID)
	return after, !begun, err
}
