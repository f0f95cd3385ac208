package engine

import (
	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/plan"
)

// Effect tells whether a step's effect is in live already, and on which object:
// a create by its stamp, on any of the product's prices, active or not; an
// update by the fields it writes. Lists show it at once, Stripe's search would
// not.
func Effect(s Step, live *catalog.Snapshot, liveID plan.LiveID) (id string, found bool) {
	if live == nil {
		return "", false
	}
	if s.Action == plan.Create {
		return stamped(s, live)
	}
	want, err := plan.FillWant(s.Want, liveID)
	if err != nil {
		return "", false
	}
	if s.Resource == catalog.ResourceProduct {
		return live.Product.ID, plan.ProductHas(&live.Product, want)
	}
	price := live.Price(s.LiveID)
	return s.LiveID, price != nil && plan.PriceHas(price, want)
}

func stamped(s Step, live *catalog.Snapshot) (string, bool) {
	if s.Resource == catalog.ResourceProduct {
		return live.Product.ID, live.Product.Metadata[catalog.StampKey] == s.Stamp
	}
	for _, p := range live.Prices {
		if p.Metadata[catalog.StampKey] == s.Stamp {
			return p.ID, true
		}
	}
	return "", false
}
