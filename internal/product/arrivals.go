package product

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
)

const (
	// mostOfOne bounds a product with all its prices, and what is put together at once, in
	// bytes of JSON.
	mostOfOne = 8 << 20
	// mostWords bounds what is kept of why something cannot be read.
	mostWords = 500
)

// Arrivals are what an import has read of a test account. Nobody sees them before Store.
type Arrivals struct {
	ImportID, TenantID, AccountID string
	// Asked are the ids that were asked for, nil for all.
	Asked []string
}

// Added counts what an import had not read before: objects, the products among them, and
// their bytes.
type Added struct {
	Objects  int   `db:"objects"`
	Products int   `db:"products"`
	Bytes    int64 `db:"bytes"`
}

// arrival is a product or a price as it is kept meanwhile.
type arrival struct {
	ProductID, Resource, ID, Unreadable string
	Body                                []byte
}

// Add keeps what is wanted of products and prices.
func (a *Arrivals) Add(ctx context.Context, tx pgx.Tx, products []catalog.Product, prices []catalog.Price) (Added, error) {
	var rows []arrival
	for _, p := range products {
		rows = append(rows, arrival{ProductID: p.ID, Resource: "product", ID: p.ID, Unreadable: p.Unreadable, Body: encode(p)})
	}
	for _, p := range prices {
		rows = append(rows, arrival{ProductID: p.Product, Resource: "price", ID: p.ID, Unreadable: p.Unreadable, Body: encode(p)})
	}
	if a.Asked != nil {
		asked := map[string]bool{}
		for _, id := range a.Asked {
			asked[id] = true
		}
		rows = slices.DeleteFunc(rows, func(r arrival) bool { return !asked[r.ProductID] })
	}
	return addArrivals(ctx, tx, a.ImportID, rows)
}

func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // plain values always encode
	}
	return b
}

// storable makes a text one that Postgres takes: ids that cannot be read may hold anything.
func storable(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", `\x00`)
}

// kept makes the row one that Postgres takes. Of what cannot be read only the name is kept.
func (r arrival) kept() arrival {
	if r.Unreadable == "" {
		return r
	}
	r.ProductID, r.ID, r.Body = storable(r.ProductID), storable(r.ID), nil
	r.Unreadable = storable(r.Unreadable[:min(len(r.Unreadable), mostWords)])
	return r
}

// Assemble puts some of the products that were read together with their prices, as they
// will be stored, and tells whether all are.
func (a *Arrivals) Assemble(ctx context.Context, tx pgx.Tx) (all bool, err error) {
	ids, err := a.nextLot(ctx, tx)
	if err != nil || len(ids) == 0 {
		return err == nil, err
	}
	rows, err := arrivalsOf(ctx, tx, a.ImportID, ids)
	if err != nil {
		return false, err
	}
	products := map[string]*assembled{}
	for _, r := range rows {
		if products[r.ProductID] == nil {
			products[r.ProductID] = &assembled{}
		}
		if err := products[r.ProductID].take(r); err != nil {
			return false, err
		}
	}
	return false, a.replace(ctx, tx, products)
}

// nextLot are the products to put together next; one that is too large is put aside.
func (a *Arrivals) nextLot(ctx context.Context, tx pgx.Tx) ([]string, error) {
	sizes, err := sizesOf(ctx, tx, a.ImportID)
	if err != nil || len(sizes) == 0 {
		return nil, err
	}
	var ids []string
	total := int64(0)
	for _, s := range sizes {
		if total += s.Bytes; total > mostOfOne {
			break
		}
		ids = append(ids, s.ProductID)
	}
	if len(ids) > 0 {
		return ids, nil
	}
	why := fmt.Sprintf("with its prices it's larger than %d MiB", mostOfOne>>20)
	if err := putAside(ctx, tx, a.ImportID, sizes[0].ProductID, why); err != nil {
		return nil, err
	}
	return a.nextLot(ctx, tx)
}

// assembled is a product with its prices.
type assembled struct {
	product    catalog.Product
	prices     []catalog.Price
	unreadable string
}

func (s *assembled) take(r arrival) error {
	switch {
	case r.Unreadable != "":
		s.unreadable = cmp.Or(s.unreadable, fmt.Sprintf("price %q: %s", r.ID, r.Unreadable))
		return nil
	case r.Resource == "product":
		return json.Unmarshal(r.Body, &s.product)
	}
	var p catalog.Price
	err := json.Unmarshal(r.Body, &p)
	s.prices = append(s.prices, p)
	return err
}

// replace keeps the products with their prices instead of both.
func (a *Arrivals) replace(ctx context.Context, tx pgx.Tx, products map[string]*assembled) error {
	var ready readyRows
	for _, id := range slices.Sorted(maps.Keys(products)) {
		s := products[id]
		if s.unreadable != "" {
			if err := putAside(ctx, tx, a.ImportID, id, s.unreadable); err != nil {
				return err
			}
			continue
		}
		snapshot := catalog.NewSnapshot(s.product, s.prices)
		ready.ids = append(ready.ids, id)
		ready.newIDs = append(ready.newIDs, uuid.Must(uuid.NewV7()).String())
		ready.digests = append(ready.digests, Digest(snapshot))
		ready.snapshots = append(ready.snapshots, encode(snapshot))
	}
	return keepReady(ctx, tx, a.ImportID, slices.Collect(maps.Keys(products)), ready)
}
