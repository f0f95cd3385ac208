package deployment

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/product"
)

// Known is what the tenant's earlier deployments of a product left behind. What
// another tenant made in a live account that they share is not ours to change.
func Known(ctx context.Context, db postgres.Querier, tenantID, liveAccountID, stripeProductID string) (plan.Known, error) {
	k := plan.Known{Links: plan.Links{}, Prices: map[string]catalog.Price{}, Foreign: map[plan.Object]bool{}}
	links, err := product.Links(ctx, db, liveAccountID, stripeProductID)
	if err != nil {
		return k, err
	}
	for _, l := range links {
		if l.TenantID != tenantID {
			k.Foreign[plan.Object{Resource: l.Resource, ID: l.LiveID}] = true
			continue
		}
		k.Links[plan.Object{Resource: l.Resource, ID: l.TestID}] = l.LiveID
		if l.Base == nil {
			continue
		}
		if err := remember(&k, l); err != nil {
			return k, fmt.Errorf("read base of %s: %w", l.TestID, err)
		}
	}
	return k, nil
}

func remember(k *plan.Known, l product.Link) error {
	if l.Resource == catalog.ResourceProduct {
		k.Product = &catalog.Product{}
		return json.Unmarshal(l.Base, k.Product)
	}
	var price catalog.Price
	err := json.Unmarshal(l.Base, &price)
	k.Prices[l.TestID] = price
	return err
}

// recordSeen keeps for lists what a check saw in test and live, unless something has
// been going on meanwhile that knows better.
func recordSeen(ctx context.Context, db postgres.Beginner, p *product.Product, e *plan.Evidence) error {
	if e.ActiveDeployment != "" {
		return nil
	}
	return postgres.InTx(ctx, db, func(tx pgx.Tx) error {
		if err := product.LockForDeployment(ctx, tx, p.ID); err != nil {
			return err
		}
		now, err := product.ForDeployment(ctx, tx, p.ID)
		if err != nil || !now.ImportedAt.Equal(p.ImportedAt) {
			return err
		}
		if e.Test.Err == nil && e.Test.Value != nil && product.Digest(*e.Test.Value) != p.Digest {
			if err := product.Refresh(ctx, tx, p.ID, *e.Test.Value); err != nil {
				return err
			}
		}
		if e.Live.Err != nil {
			return nil
		}
		return product.MarkDrifted(ctx, tx, p.ID, plan.DriftOf(e).Any())
	})
}
