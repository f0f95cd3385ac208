package runner

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/alert"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/product"
)

// saveLinks keeps what a plan found; the links of a rollback are among what was ours
// before.
func saveLinks(ctx context.Context, tx pgx.Tx, d *deployment.Deployment, links []plan.Link) error {
	for _, l := range links {
		if err := saveLink(ctx, tx, linkOf(d, l)); err != nil {
			return err
		}
	}
	return nil
}

// saveLink tells whoever had the link until now.
func saveLink(ctx context.Context, tx pgx.Tx, l product.Link) error {
	taken, err := product.SaveLink(ctx, tx, l)
	if err != nil {
		return err
	}
	return alert.TellHands(ctx, tx, alert.LinksTaken, taken)
}

// returnLinks gives back what a deployment that is undone had taken over, and tells whoever
// has it again.
func returnLinks(ctx context.Context, tx pgx.Tx, deploymentID string) error {
	back, err := product.ReturnLinks(ctx, tx, deploymentID)
	if err != nil {
		return err
	}
	return alert.TellHands(ctx, tx, alert.LinksReturned, back)
}

// relink keeps the links of what is for sale again, before the run ends.
func (r *run) relink(ctx context.Context, back *plan.Plan) error {
	if len(back.Links) == 0 {
		return nil
	}
	return postgres.InTx(ctx, r.db, func(tx pgx.Tx) error {
		if err := deployment.Lock(ctx, tx, r.d.ID, r.epoch); err != nil {
			return err
		}
		return saveLinks(ctx, tx, r.d, back.Links)
	})
}

func linkOf(d *deployment.Deployment, l plan.Link) product.Link {
	return product.Link{
		LiveAccountID: d.LiveAccountID, TestID: l.TestID, Resource: l.Resource, LiveID: l.LiveID,
		TestProductID: d.StripeProductID, TenantID: d.TenantID, DeploymentID: &d.ID, Adopted: l.Adopted,
	}
}
