package evidence

import (
	"context"
	"slices"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/plan"
)

// ReadHolders asks who holds lookup keys.
func ReadHolders(ctx context.Context, live Stripe, keys []string) plan.Read[[]catalog.Price] {
	return readFrom(live, func(a Stripe) ([]catalog.Price, error) {
		if len(keys) == 0 {
			return nil, nil
		}
		return a.PricesByLookupKeys(ctx, keys)
	})
}

// unheld are the keys that none of these prices holds. Who holds a key that one of ours
// had when we last looked is seen from the product itself, and where it lost the key,
// asked then.
func unheld(keys []string, by []catalog.Price) []string {
	return slices.DeleteFunc(keys, func(key string) bool {
		return slices.ContainsFunc(by, func(p catalog.Price) bool { return p.LookupKey == key })
	})
}

func pricesOf(s *catalog.Snapshot) []catalog.Price {
	if s == nil {
		return nil
	}
	return s.Prices
}

// addHolders adds the product's own prices that hold a lookup key unseen by the list
// of its holders.
func addHolders(e *plan.Evidence) {
	if e.Live.Value == nil || e.KeyHolders.Err != nil {
		return
	}
	wanted := lookupKeys(e.Test.Value)
	for _, p := range e.Live.Value.Prices {
		listed := slices.ContainsFunc(e.KeyHolders.Value, func(h catalog.Price) bool { return h.ID == p.ID })
		if !listed && slices.Contains(wanted, p.LookupKey) {
			e.KeyHolders.Value = append(e.KeyHolders.Value, p)
		}
	}
}

func lookupKeys(s *catalog.Snapshot) []string {
	if s == nil {
		return nil
	}
	var keys []string
	for _, p := range s.Prices {
		if p.LookupKey != "" {
			keys = append(keys, p.LookupKey)
		}
	}
	return keys
}

func subset(part, whole []string) bool {
	return !slices.ContainsFunc(part, func(s string) bool { return !slices.Contains(whole, s) })
}
