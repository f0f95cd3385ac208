package stripegw

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/golive-hq/golive/internal/catalog"
)

// Limits of one read of many products.
const (
	maxIDs = 100 // product ids that one list call takes
	// fewProducts is up to where prices are read product by product, two calls
	// each; beyond it the whole account's lists are cheaper than that.
	fewProducts = 50
	sideBySide  = 16
)

// productBody is a product as Stripe answers it.
type productBody struct {
	catalog.Product
	deleted bool
}

func (b *productBody) whole() bool { return b.ID != "" }

// UnmarshalJSON also notes what the catalogue has no place for. A product that cannot
// be read is no error, so that others in a list can, unless nobody knows which it is.
func (b *productBody) UnmarshalJSON(raw []byte) (err error) {
	b.deleted = deleted(raw)
	if b.Product, err = readObject[catalog.Product](raw); err == nil {
		b.Unknown, err = catalog.Unknown[catalog.Product](raw)
	}
	n := nameOf(raw)
	if err == nil || n.ID == "" {
		return err
	}
	b.Product = catalog.Product{ID: n.ID, Unreadable: cmp.Or(misreading(err), "it is malformed")}
	return nil
}

func deleted(raw []byte) bool {
	var got struct {
		Deleted bool `json:"deleted"`
	}
	_ = json.Unmarshal(raw, &got) // whatever else it is, it is there
	return got.Deleted
}

// Product reads one product; nil where it does not exist or was deleted.
func (a *Account) Product(ctx context.Context, id string) (*catalog.Product, error) {
	return readableProduct(a.products.ask(ctx, id))
}

func readableProduct(product *catalog.Product, err error) (*catalog.Product, error) {
	if product == nil || err != nil {
		return nil, err
	}
	if err := unreadable("product", product.ID, product.Unreadable); err != nil {
		return nil, err
	}
	own := *product
	return &own, nil
}

// readProducts reads one product by itself, and several by lists.
func (a *Account) readProducts(ctx context.Context, all []*question[string, *catalog.Product]) found[string, *catalog.Product] {
	ids := unique(abouts(all))
	most := min(1, worth(all, 0)) // one call, as for those with given ids
	if products, err := a.productsWithin(ctx, most); !errors.Is(err, errTooLong) {
		of := func(id string) (*catalog.Product, bool) { return productIn(products, id), true }
		return answerAll(all, of, err)
	}
	if len(ids) == 1 {
		product, err := a.readProduct(ctx, ids[0])
		answerAll(all, func(string) (*catalog.Product, bool) { return product, true }, err)
		return nil
	}
	products, err := a.listProducts(ctx, ids)
	answerAll(all, func(id string) (*catalog.Product, bool) { return productIn(products, id), true }, err)
	return nil
}

// productsWithin reads the account's products where they take most pages at most, and
// else returns errTooLong.
func (a *Account) productsWithin(ctx context.Context, most int) ([]catalog.Product, error) {
	return within(&a.productPages, most, func() ([]catalog.Product, error) { return a.productList(ctx, url.Values{}, most) })
}

func productIn(products []catalog.Product, id string) *catalog.Product {
	if i := slices.IndexFunc(products, func(p catalog.Product) bool { return p.ID == id }); i >= 0 {
		return &products[i]
	}
	return nil
}

func (a *Account) readProduct(ctx context.Context, id string) (*catalog.Product, error) {
	if id == "" { // that would be the list
		return nil, nil
	}
	got, err := get[productBody](ctx, a, catalog.ResourceProduct.Path(id), nil)
	if got.deleted {
		return nil, nil
	}
	return orNil(&got.Product, err)
}

// Catalogue reads products with all their prices, active and not, sorted by
// product id: those with the given ids, or all for nil (none for an empty list). Ids that
// do not exist are absent from the result: they were asked for by themselves, too, unless
// a hundred others had been and did not exist either. A product or price that cannot be
// read says so. The lists are read side by side, page by page, so that what changes
// meanwhile may be missed.
func (a *Account) Catalogue(ctx context.Context, productIDs []string) ([]catalog.Snapshot, error) {
	all := productIDs == nil
	if productIDs = unique(productIDs); len(productIDs) == 0 && !all {
		return nil, nil
	}
	var products []catalog.Product
	var prices []catalog.Price
	both, ctx := errgroup.WithContext(ctx)
	both.Go(func() (err error) { products, err = a.allProducts(ctx, productIDs); return err })
	both.Go(func() (err error) { prices, err = a.pricesOfAll(ctx, productIDs); return err })
	if err := both.Wait(); err != nil {
		return nil, err
	}
	return assemble(products, prices), nil
}

// allProducts is listProducts with those that the list does not show, though they are
// asked for and exist.
func (a *Account) allProducts(ctx context.Context, ids []string) ([]catalog.Product, error) {
	listed, err := a.listProducts(ctx, ids)
	if err != nil {
		return nil, err
	}
	missing := slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
		return slices.ContainsFunc(listed, func(p catalog.Product) bool { return p.ID == id })
	})
	// Whoever deletes all test data leaves thousands that are missing: once a hundred are
	// so without exception, the list was right.
	for _, lot := range lots(missing, maxIDs) {
		more, err := a.productsByID(ctx, lot)
		if err != nil {
			return nil, err
		}
		if listed = append(listed, more...); len(more) == 0 {
			break
		}
	}
	return listed, nil
}

func (a *Account) productsByID(ctx context.Context, ids []string) ([]catalog.Product, error) {
	return gather(ctx, ids, func(ctx context.Context, id string) ([]catalog.Product, error) {
		product, err := a.readProduct(ctx, id)
		if product == nil || err != nil {
			return nil, err
		}
		return []catalog.Product{*product}, nil
	})
}

// listProducts lists products, active and not, those with the given ids or all
// for nil: without a filter, Stripe's list of products holds both, unlike that of
// prices.
func (a *Account) listProducts(ctx context.Context, ids []string) ([]catalog.Product, error) {
	if ids == nil {
		return a.productList(ctx, url.Values{}, 0)
	}
	return gather(ctx, lots(ids, maxIDs), func(ctx context.Context, lot []string) ([]catalog.Product, error) {
		return a.productList(ctx, url.Values{"ids[]": lot}, 0)
	})
}

// productList lists products; where they have more than most pages (0 for any number) it
// returns errTooLong.
func (a *Account) productList(ctx context.Context, filter url.Values, most int) ([]catalog.Product, error) {
	bodies, err := listing[productBody]{
		path: "/v1/products", query: filter, few: len(filter) > 0, id: func(b *productBody) string { return b.ID }, most: most,
	}.read(ctx, a)
	return each(bodies, func(b productBody) catalog.Product { return b.Product }), err
}

// pricesOfAll reads the prices of the products with these ids, perhaps with
// others; for nil those of the account.
func (a *Account) pricesOfAll(ctx context.Context, ids []string) ([]catalog.Price, error) {
	if ids == nil || len(ids) > fewProducts {
		return a.prices(ctx, url.Values{}, 0)
	}
	return gather(ctx, ids, a.pricesOfOne)
}

// assemble gives each product its prices and drops prices of other products.
func assemble(products []catalog.Product, prices []catalog.Price) []catalog.Snapshot {
	byProduct := map[string][]catalog.Price{}
	for _, p := range prices {
		byProduct[p.Product] = append(byProduct[p.Product], p)
	}
	slices.SortFunc(products, func(p, q catalog.Product) int { return cmp.Compare(p.ID, q.ID) })
	products = slices.CompactFunc(products, func(p, q catalog.Product) bool { return p.ID == q.ID })
	snapshots := make([]catalog.Snapshot, len(products))
	for i, p := range products {
		snapshots[i] = catalog.NewSnapshot(p, byProduct[p.ID])
	}
	return snapshots
}

// gather calls read for each of parts, some side by side, and joins the results
// in the order of parts.
func gather[P, T any](ctx context.Context, parts []P, read func(context.Context, P) ([]T, error)) ([]T, error) {
	results := make([][]T, len(parts))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(sideBySide)
	for i, part := range parts {
		group.Go(func() (err error) { results[i], err = read(ctx, part); return err })
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return slices.Concat(results...), nil
}

// each returns what of makes of every one of items, nil of none.
func each[S, T any](items []S, of func(S) T) []T {
	var made []T
	for _, item := range items {
		made = append(made, of(item))
	}
	return made
}

// unique returns values sorted, each once.
func unique(values []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(values)))
}

// lots cuts values into lots of at most size.
func lots(values []string, size int) [][]string {
	return slices.Collect(slices.Chunk(values, size))
}
