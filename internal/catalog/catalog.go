// Package catalog holds Stripe's promotable objects as plain values.
//
// Its types mirror Stripe's objects of API version 2023-10-16 field by field,
// with the same JSON names, so that a raw answer of Stripe decodes into them and
// a stored one reads like Stripe's. They keep what typed clients lose: decimals
// stay exact strings, null stays apart from zero. What Stripe derives (type,
// created, livemode) is left out.
package catalog

import "sort"

// APIVersion is the version of Stripe's API that these types describe.
const APIVersion = "2023-10-16"

// StampKey is the one metadata key that Golive writes on objects it creates. No
// comparison sees it.
const StampKey = "golive"

// MaxMetadataKeys is Stripe's limit of metadata keys per object.
const MaxMetadataKeys = 50

// Mode is one of Stripe's two worlds.
type Mode string

// The modes.
const (
	Test Mode = "TEST"
	Live Mode = "LIVE"
)

// Resource names a kind of promotable object.
type Resource string

// The resources.
const (
	ResourceProduct Resource = "product"
	ResourcePrice   Resource = "price"
)

// Snapshot is a product with all its prices, active and not, as one read found
// them. Prices are sorted by id.
type Snapshot struct {
	Product Product `json:"product"`
	Prices  []Price `json:"prices"`
}

// NewSnapshot returns the snapshot of product and prices in canonical order.
func NewSnapshot(product Product, prices []Price) Snapshot {
	sort.Slice(prices, func(i, j int) bool { return prices[i].ID < prices[j].ID })
	return Snapshot{Product: product, Prices: prices}
}

// Price returns the price with that id, or nil.
func (s *Snapshot) Price(id string) *Price {
	for i := range s.Prices {
		if s.Prices[i].ID == id {
			return &s.Prices[i]
		}
	}
	return nil
}

// PriceByLookupKey returns the price that holds key, or nil.
func (s *Snapshot) PriceByLookupKey(key string) *Price {
	for i := range s.Prices {
		if key != "" && s.Prices[i].LookupKey == key {
			return &s.Prices[i]
		}
	}
	return nil
}

// ActivePrices returns the prices that can be sold.
func (s *Snapshot) ActivePrices() []Price {
	var active []Price
	for _, p := range s.Prices {
		if p.Active {
			active = append(active, p)
		}
	}
	return active
}
