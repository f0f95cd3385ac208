package deployment

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/fair"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/product"
	"github.com/golive-hq/golive/internal/tenant"
)

// DeployNowInput says which schedule shall not wait for its time. A Version that is
// not the deployment's any more is VERSION_CONFLICT.
type DeployNowInput struct {
	DeploymentID string
	Version      *int
}

// DeployNow starts a schedule at once, and frees a held one. For one that was held
// because something had changed it means: deploy what test holds now. It becomes an
// IMMEDIATE deployment, by the rights of whoever says so, with no time to miss.
//
// INVALID_STATE where it has begun or ended. With DEPLOYMENT_IN_PROGRESS the
// deployment returned is the one in progress, nil where it is another tenant's, and
// the schedule waits on as it did.
func (s *Service) DeployNow(ctx context.Context, in DeployNowInput) (*Deployment, error) {
	d, err := s.mayChange(ctx, in.DeploymentID)
	if err != nil {
		return nil, err
	}
	scheduled := d
	err = postgres.InTx(ctx, s.DB, func(tx pgx.Tx) (err error) {
		// As a go-live: those of one product queue up here.
		if err := product.LockForDeployment(ctx, tx, scheduled.ProductID); err != nil {
			return err
		}
		d, err = deployNow(ctx, tx, s.Jobs, in)
		return err
	})
	if postgres.IsUnique(err, "deployments_one_active") {
		return inProgress(ctx, s.DB, scheduled)
	}
	if err != nil {
		return d, err
	}
	s.Notify.Ring(Topics(d)...)
	fillFor(ctx, s, d)
	return d, nil
}

func deployNow(ctx context.Context, tx pgx.Tx, jobs *river.Client[pgx.Tx], in DeployNowInput) (*Deployment, error) {
	actor, err := tenant.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	before, err := ByID(ctx, tx, in.DeploymentID)
	if err != nil {
		return nil, err
	}
	taken, err := countPlaces(ctx, tx, before.LiveAccountID)
	if err != nil {
		return nil, err
	}
	m := pendingMove("Started early by " + actor.Email + " (was due " + before.dueWords() + "); waiting for " + fair.WaitsFor(taken))
	m.Set = append(setStarted(actor), setNow()...)
	m.only = []clause{where("status = 'SCHEDULED' AND (?::int IS NULL OR version = ?)", in.Version, in.Version)}
	_, err = Advance(ctx, tx, in.DeploymentID, nil, m)
	if errors.Is(err, ErrLost) {
		return whyNotChanged(ctx, tx, in.DeploymentID, in.Version)
	}
	if err != nil {
		return nil, fmt.Errorf("start the schedule: %w", err)
	}
	last, err := lastJob(ctx, tx, in.DeploymentID)
	if err != nil {
		return nil, err
	}
	last.Place = taken
	if err := dispatch(ctx, tx, jobs, []job{last}); err != nil {
		return nil, err
	}
	err = audit.Record(ctx, tx, audit.Entry{
		TenantID: before.TenantID, Actor: actor.Email, Action: "deployment.deployed_now", Subject: in.DeploymentID,
		Details: map[string]any{"dueAt": before.DueAt, "held": before.held(), "waitReason": before.WaitReason},
	})
	if err != nil {
		return nil, err
	}
	return ByID(ctx, tx, in.DeploymentID)
}
