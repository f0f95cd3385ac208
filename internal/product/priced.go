package product

import (
	"context"
	"encoding/json"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/postgres"
)

// Priced is a price of an imported product, with what somebody who sells it has to know.
type Priced struct {
	ProductName     string        `db:"name"`
	StripeProductID string        `db:"stripe_product_id"`
	TestAccountID   string        `db:"test_account_id"`
	Archived        bool          `db:"archived"` // the product, in test
	Price           catalog.Price `db:"price"`
	// Live is its live price, nil where it has none; Sold tells that it, and its product,
	// can be sold as far as anybody has looked.
	Live *catalog.Price `db:"-"`
	Sold bool           `db:"-"`

	Seen json.RawMessage `db:"live_seen"`
}

// PricesNamed returns the tenant's prices that are there in test under these ids or lookup
// keys. Where a key is held by several, those that can be sold come first.
func PricesNamed(ctx context.Context, db postgres.Querier, tenantID string, ids, lookupKeys []string) ([]Priced, error) {
	wants := make([]string, 0, len(ids)+len(lookupKeys))
	for _, id := range ids {
		wants = append(wants, member("id", id))
	}
	for _, key := range lookupKeys {
		wants = append(wants, member("lookup_key", key))
	}
	found, err := postgres.All(ctx, db, pgx.RowToStructByName[Priced], `SELECT DISTINCT ON (p.stripe_product_id, price ->> 'id')
			p.name, p.stripe_product_id, p.test_account_id, coalesce((p.snapshot #>> '{product,active}')::boolean, false) = false AS archived, price, p.live_seen
		FROM unnest($2::jsonb[]) AS n (want)
		JOIN products p ON p.tenant_id = $1 AND p.gone_at IS NULL AND p.snapshot -> 'prices' @> n.want
		CROSS JOIN LATERAL jsonb_array_elements(p.snapshot -> 'prices') AS price
		WHERE price @> (n.want -> 0)
		ORDER BY p.stripe_product_id, price ->> 'id', p.imported_at DESC`, tenantID, wants)
	return found, wrap(err, "find prices")
}

// member is JSON that an array contains which has an object with that member.
func member(name, value string) string {
	b, err := json.Marshal([]map[string]string{{name: value}})
	if err != nil {
		panic(err) // strings always encode
	}
	return string(b)
}

// AddLive finds what prices went live as in an account. One that a deployment has not
// completed yet is not live.
func AddLive(ctx context.Context, db postgres.Querier, tenantID, liveAccountID string, prices []Priced) error {
	ids := make([]string, len(prices))
	for i, p := range prices {
		ids[i] = p.Price.ID
	}
	links, err := postgres.All(ctx, db, pgx.RowToStructByName[liveLink], `SELECT test_id, live_id, base FROM links
		WHERE tenant_id = $1 AND live_account_id = $2 AND resource = 'price' AND test_id = ANY($3) AND base IS NOT NULL`, tenantID, liveAccountID, ids)
	if err != nil {
		return wrap(err, "read links of prices")
	}
	byTest := map[string]liveLink{}
	for _, l := range links {
		byTest[l.TestID] = l
	}
	for i := range prices {
		if l, linked := byTest[prices[i].Price.ID]; linked {
			if err := prices[i].sell(l); err != nil {
				return err
			}
		}
	}
	return nil
}

type liveLink struct {
	TestID string          `db:"test_id"`
	LiveID string          `db:"live_id"`
	Base   json.RawMessage `db:"base"`
}

// sell takes the live price as it was left, and whether it is for sale as it was last seen.
func (p *Priced) sell(l liveLink) error {
	p.Live = new(catalog.Price)
	if err := json.Unmarshal(l.Base, p.Live); err != nil {
		return wrap(err, "decode live price "+l.LiveID)
	}
	p.Live.ID, p.Sold = l.LiveID, p.Live.Active
	var seen *catalog.Snapshot
	if len(p.Seen) == 0 {
		return nil
	}
	if err := json.Unmarshal(p.Seen, &seen); err != nil {
		return wrap(err, "decode live product of "+p.StripeProductID)
	}
	if seen == nil {
		p.Sold = false
		return nil
	}
	now := seen.Price(l.LiveID)
	p.Sold = seen.Product.Active && now != nil && now.Active
	return nil
}
