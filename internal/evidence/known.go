package evidence

import (
	"context"
	"encoding/json"
	"fmt"

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
