package runner

import (
	"context"
	"encoding/json"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/product"
)

// keepBase keeps live as the deployment left it: the base against which drift is
// told from change. A live that holds nothing (the product was archived before
// it ever went live) leaves nothing to keep. The product shows what was
// deployed as imported, for nothing newer was read.
func keepBase(ctx context.Context, tx pgx.Tx, d *deployment.Deployment, test, live *catalog.Snapshot) error {
	if d.Kind == deployment.Rollback {
		if err := product.ReturnLinks(ctx, tx, *d.RollbackOfID); err != nil {
			return err
		}
	}
	if live == nil {
		return nil
	}
	links, err := product.Links(ctx, tx, d.LiveAccountID, d.StripeProductID)
	if err != nil {
		return err
	}
	for _, l := range links {
		if l.TenantID != d.TenantID {
			continue
		}
		if base := liveObject(live, l); base != nil {
			if err := product.SaveBase(ctx, tx, d.LiveAccountID, l.Resource, l.TestID, base); err != nil {
				return err
			}
		}
	}
	if d.Kind == deployment.Rollback {
		return keepRollbackBase(ctx, tx, d, live)
	}
	if err := product.Refresh(ctx, tx, d.ProductID, *test); err != nil {
		return err
	}
	return product.MarkDeployed(ctx, tx, d.ProductID, d.LiveAccountID, live.Product.ID, product.Digest(*test))
}

// keepRollbackBase shows the product as what the newest go-live that still stands
// made of it; where none does, it is not live any more.
func keepRollbackBase(ctx context.Context, tx pgx.Tx, d *deployment.Deployment, live *catalog.Snapshot) error {
	standing, err := deployment.Standing(ctx, tx, d.ProductID, d.LiveAccountID)
	if err != nil {
		return err
	}
	if standing == nil {
		return product.MarkNotLive(ctx, tx, d.ProductID)
	}
	return product.MarkDeployed(ctx, tx, d.ProductID, d.LiveAccountID, live.Product.ID, product.Digest(*standing))
}

// liveObject is the linked live object as JSON, nil where it is not there.
func liveObject(live *catalog.Snapshot, l product.Link) json.RawMessage {
	var object any = live.Product
	if l.Resource == catalog.ResourcePrice {
		price := live.Price(l.LiveID)
		if price == nil {
			return nil
		}
		object = price
	}
	b, err := json.Marshal(object)
	if err != nil {
		panic(err) // plain values always encode
	}
	return b
}
