package can

import (
	"context"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/fault"
)

// Deployment is what may be done with a deployment.
type Deployment struct {
	Cancel, Reschedule, DeployNow Can
	// Of is the deployment, of which rolling back and trying again ask by themselves.
	Of *deployment.Deployment
}

// OfDeployments says what may be done with each of deployments.
func (s *Service) OfDeployments(ctx context.Context, deployments []*deployment.Deployment) (map[*deployment.Deployment]Deployment, error) {
	var ids []string
	for _, d := range deployments {
		if d.Status == deployment.Scheduled {
			ids = append(ids, d.ProductID)
		}
	}
	active, err := s.Deployments.ActiveOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	in, out := s.rights(), make(map[*deployment.Deployment]Deployment, len(deployments))
	for _, d := range deployments {
		r, err := in.of(ctx, d.TenantID)
		if err != nil {
			return nil, err
		}
		out[d] = Deployment{
			Cancel:     because(r.mayNot("to cancel it"), notCancelled(d)),
			Reschedule: because(r.mayNot("to move it"), begun(d)),
			DeployNow:  because(r.mayNot("to go live"), begun(d), running(active[d.ProductID])),
			Of:         d,
		}
	}
	return out, nil
}

// notCancelled says why there is nothing to stop.
func notCancelled(d *deployment.Deployment) string {
	switch {
	case d.Status.Terminal():
		return ended(d)
	case d.CancelRequestedBy != nil:
		return "It has been cancelled and is stopping."
	case d.TurningBack():
		return "It failed and is already being undone."
	}
	return ""
}

// begun says why a schedule is none any more.
func begun(d *deployment.Deployment) string {
	switch {
	case d.Status == deployment.Scheduled:
		return ""
	case d.Status.Terminal():
		return ended(d)
	case d.Kind == deployment.Rollback || d.DueAt == nil:
		return "It wasn't scheduled: it's running already."
	}
	return "It has already started. Stop it to undo it."
}

func ended(d *deployment.Deployment) string {
	switch d.Status {
	case deployment.Failed:
		return "It has already failed."
	case deployment.Cancelled:
		return "It has already been cancelled."
	case deployment.RolledBack:
		return "It has already been rolled back."
	}
	return "It has already finished."
}

// RollBack says whether a deployment may be rolled back.
func (s *Service) RollBack(ctx context.Context, d *deployment.Deployment) (Can, error) {
	r, err := s.rights().of(ctx, d.TenantID)
	if err != nil {
		return Can{}, err
	}
	if c := because(r.mayNot("to roll it back"), r.notConnected(), r.elsewhere(d)); !c.OK {
		return c, nil
	}
	err = deployment.MayRollBack(ctx, s.DB, d)
	if f := fault.As(err); f != nil {
		return no("%s", f.Message), nil
	}
	return Can{OK: err == nil}, err
}

func (r rights) elsewhere(d *deployment.Deployment) string {
	if r.accounts[catalog.Live] == d.LiveAccountID {
		return ""
	}
	return "It went live in a different Stripe account than the one connected now."
}

// TryAgain says whether what a deployment did not achieve may be tried once more, by
// another one.
func (s *Service) TryAgain(ctx context.Context, d *deployment.Deployment) (Can, error) {
	if d.Status != deployment.Failed && d.Status != deployment.Cancelled {
		return no("It hasn't failed."), nil
	}
	if d.Kind == deployment.Rollback {
		of, err := s.Deployments.Get(ctx, *d.RollbackOfID)
		if err != nil {
			return Can{}, err
		}
		return s.RollBack(ctx, of)
	}
	p, err := s.Deployments.Products.Get(ctx, d.ProductID)
	if err != nil {
		return Can{}, err
	}
	r, err := s.rights().of(ctx, d.TenantID)
	if err != nil {
		return Can{}, err
	}
	active, err := s.Deployments.ActiveOf(ctx, []string{p.ID})
	return r.product(p, active[p.ID]).GoLive, err
}
