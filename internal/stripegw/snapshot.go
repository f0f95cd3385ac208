package stripegw

import (
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/golive-hq/golive/internal/catalog"
)

// Snapshot reads a product and all its prices, active and not, side by side; nil
// where the product does not exist. known are ids of its own that must be there or
// may be, such as those that are linked, and its own: what the lists do not show of
// them is asked for by id. One that was archived or reactivated between the list of
// the active and the list of the archived prices is in neither, and would be taken
// for gone.
func (a *Account) Snapshot(ctx context.Context, productID string, known []string) (*catalog.Snapshot, error) {
	productOf := func(ctx context.Context, id string) (*catalog.Product, error) {
		return a.knownProduct(ctx, id, slices.Contains(known, id))
	}
	return a.snapshot(ctx, productID, known, productOf, a.pricesOf.ask)
}

// Effect is Snapshot as whoever has just written it needs it: without the archived prices
// that are none of known.
func (a *Account) Effect(ctx context.Context, productID string, known []string) (*catalog.Snapshot, error) {
	return a.snapshot(ctx, productID, known, a.oneProduct, func(ctx context.Context, id string) ([]catalog.Price, error) {
		return a.activePricesOf(ctx, id, known)
	})
}

func (a *Account) snapshot(
	ctx context.Context, productID string, known []string,
	productOf func(context.Context, string) (*catalog.Product, error), pricesOf func(context.Context, string) ([]catalog.Price, error),
) (*catalog.Snapshot, error) {
	var product *catalog.Product
	var prices []catalog.Price
	both, together := errgroup.WithContext(ctx)
	both.Go(func() (err error) { product, err = productOf(together, productID); return err })
	both.Go(func() (err error) { prices, err = pricesOf(together, productID); return err })
	if err := both.Wait(); err != nil {
		return nil, err
	}
	if product == nil {
		return nil, nil
	}
	missed, err := a.missed(ctx, product, prices, known)
	if err != nil {
		return nil, err
	}
	snapshot := catalog.NewSnapshot(*product, append(prices, missed...))
	return &snapshot, readable(snapshot.Prices...)
}

// knownProduct is Product; whether the product is known decides whether its absence
// from a list is believed.
func (a *Account) knownProduct(ctx context.Context, id string, known bool) (*catalog.Product, error) {
	product, err := a.Product(ctx, id)
	if product != nil || err != nil || !known {
		return product, err
	}
	return a.oneProduct(ctx, id)
}

func (a *Account) oneProduct(ctx context.Context, id string) (*catalog.Product, error) {
	return readableProduct(a.readProduct(ctx, id))
}

// missed reads those of known, and the product's default price, that are prices of
// the product and not among prices.
func (a *Account) missed(ctx context.Context, product *catalog.Product, prices []catalog.Price, known []string) ([]catalog.Price, error) {
	ids := unseen(append(slices.Clone(known), product.DefaultPrice), product.ID, prices)
	return gather(ctx, ids, func(ctx context.Context, id string) ([]catalog.Price, error) {
		price, err := a.Price(ctx, id)
		if err != nil || price == nil || price.Product != product.ID {
			return nil, err
		}
		return []catalog.Price{*price}, nil
	})
}

// unseen are those of known that may be prices of the product and are not among prices.
func unseen(known []string, productID string, prices []catalog.Price) []string {
	return slices.DeleteFunc(unique(known), func(id string) bool {
		return id == "" || id == productID || slices.ContainsFunc(prices, func(p catalog.Price) bool { return p.ID == id })
	})
}
