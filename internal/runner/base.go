package runner

import (
	"context"
	"encoding/json"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/product"
)

// keepBase keeps live as the deployment left it: the base against which drift is
// told from change. A live that holds nothing (the product was archived before
// it ever went live) leaves nothing to keep. The product shows what was
// deployed as imported, for nothing newer was read.
func keepBase(ctx context.Context, tx pgx.Tx, d *deployment.Deployment, test, live *catalog.Snapshot) error {
	if d.Kind == deployment.Rollback {
		if err := returnLinks(ctx, tx, *d.RollbackOfID); err != nil {
			return err
		}
	}
	if live == nil {
		return nil
	}
	if d.Kind == deployment.Rollback {
		if err := keepRollbackBase(ctx, tx, d, live); err != nil {
			return err
		}
		return product.NoteLive(ctx, tx, d.ProductID, live)
	}
	if err := saveBases(ctx, tx, d, test, live); err != nil {
		return err
	}
	if err := product.Refresh(ctx, tx, d.ProductID, *test); err != nil {
		return err
	}
	if err := product.MarkDeployed(ctx, tx, d.ProductID, d.LiveAccountID, live.Product.ID, product.Digest(*test)); err != nil {
		return err
	}
	return product.NoteLive(ctx, tx, d.ProductID, live)
}

// keepRollbackBase shows the product as what the newest go-live that still stands
// made of it; where none does, it is not live any more.
func keepRollbackBase(ctx context.Context, tx pgx.Tx, d *deployment.Deployment, live *catalog.Snapshot) error {
	standing, err := deployment.Standing(ctx, tx, d.ProductID, d.LiveAccountID)
	if err != nil {
		return err
	}
	if err := saveBases(ctx, tx, d, standing, live); err != nil {
		return err
	}
	if standing == nil {
		return product.MarkNotLive(ctx, tx, d.ProductID)
	}
	return product.MarkDeployed(ctx, tx, d.ProductID, d.LiveAccountID, live.Product.ID, product.Digest(*standing))
}

// saveBases keeps what is ours of each linked live object; test is what live was made
// from, nil where that was undone.
func saveBases(ctx context.Context, tx pgx.Tx, d *deployment.Deployment, test, live *catalog.Snapshot) error {
	links, err := product.Links(ctx, tx, d.LiveAccountID, d.StripeProductID)
	if err != nil {
		return err
	}
	for _, l := range links {
		if l.TenantID != d.TenantID {
			continue
		}
		written, err := metadataOf(l, test)
		if err != nil {
			return err
		}
		if base := liveObject(live, l, written); base != nil {
			if err := product.SaveBase(ctx, tx, d.LiveAccountID, l.Resource, l.TestID, base); err != nil {
				return err
			}
		}
	}
	return nil
}

// metadataOf is the metadata that Golive has written on a live object: what test has, or
// else what was left last. The rest is others', as all was on what was adopted and has
// been given back.
func metadataOf(l product.Link, test *catalog.Snapshot) (written map[string]string, err error) {
	if test != nil && l.Resource == catalog.ResourceProduct {
		return test.Product.Metadata, nil
	}
	if test != nil && test.Price(l.TestID) != nil {
		return test.Price(l.TestID).Metadata, nil
	}
	if l.Adopted || l.Base == nil {
		return nil, nil
	}
	var left struct{ Metadata map[string]string }
	err = json.Unmarshal(l.Base, &left)
	return left.Metadata, err
}

// liveObject is the linked live object as JSON, with metadata as far as Golive has
// written it; nil where it is not there.
func liveObject(live *catalog.Snapshot, l product.Link, written map[string]string) json.RawMessage {
	var object any
	if l.Resource == catalog.ResourcePrice {
		price := live.Price(l.LiveID)
		if price == nil {
			return nil
		}
		own := *price
		own.Metadata = plan.Narrowed(own.Metadata, written)
		object = own
	} else {
		own := live.Product
		own.Metadata = plan.Narrowed(own.Metadata, written)
		object = own
	}
	b, err := json.Marshal(object)
	if err != nil {
		panic(err) // plain values always encode
	}
	return b
}
