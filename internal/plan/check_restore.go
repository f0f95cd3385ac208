package plan

import (
	"encoding/json"
	"slices"

	"github.com/golive-hq/golive/internal/catalog"
)

// KeysBack are the lookup keys that a plan gives to prices that are there.
func (p *Plan) KeysBack() (keys []string) {
	for _, s := range p.Steps {
		if key := s.keyBack(); key != "" {
			keys = append(keys, key)
		}
	}
	return keys
}

func (s *Step) keyBack() string {
	key, _ := s.Want["lookup_key"].(string)
	return key
}

// CheckRestore judges whether the way back that was made is open: whatever Stripe would
// refuse on it is found before the first write. holders are the live prices, of any
// product, that hold one of its KeysBack.
func CheckRestore(r Restoration, made *Plan, holders []catalog.Price) []Result {
	if r.Live == nil {
		return nil
	}
	checks := []struct {
		name  string
		found []problem
		ok    string
	}{
		{"lookup_keys", keysTaken(made, holders), "No lookup key to give back is used by another live price."},
		{"default_price", r.defaultLost(), "The default price doesn't have to change, or the one to go back to is for sale."},
		{"live_prices", r.pricesLost(), "Every price to bring back is still in live mode."},
		{"live_product", r.archivedSince(), "The live product is as active as Golive left it."},
		{"records", r.unrecorded(), "Golive has a record of everything it made in live mode."},
	}
	results := make([]Result, len(checks))
	for i, c := range checks {
		results[i] = verdict(passed("%s", c.ok), c.found)
		results[i].Check = c.name
	}
	return results
}

// keysTaken are those that somebody else has taken since: Stripe has one holder of a key.
func keysTaken(made *Plan, holders []catalog.Price) (found []problem) {
	for _, s := range made.Steps {
		var from catalog.Price
		if len(s.KeyFrom) > 0 && json.Unmarshal(s.KeyFrom, &from) != nil {
			from = catalog.Price{}
		}
		for _, held := range holders {
			if key := s.keyBack(); key != "" && held.LookupKey == key && held.ID != s.LiveID && held.ID != from.ID {
				found = append(found, failure(map[string]any{"lookupKey": key, "livePrice": held.ID, "liveProduct": held.Product},
					"The lookup key %q can't be given back: it's now used by price %s of live product %s. Free it in live mode, then roll back.", key, held.ID, held.Product))
			}
		}
	}
	return found
}

// defaultLost tells where the default price before is none that Stripe would take as one
// any more. The present one is never taken away for that.
func (r *Restoration) defaultLost() []problem {
	t := r.defaultBefore()
	if t == nil || t.Product.DefaultPrice == "" || stays(r, productFields, "default_price", *t, &r.Live.Product, t.Product) {
		return nil
	}
	before := t.Product.DefaultPrice
	about := map[string]any{"livePrice": before}
	switch p := r.pricesBack().Price(before); {
	case p == nil:
		return []problem{failure(about, "The earlier default price %s is no longer in live mode, so it can't be the default again. Make a go-live with the default price you want instead.", before)}
	case !p.Active:
		return []problem{failure(about, "The earlier default price %s has been archived in live mode since, so it can't be the default again. Reactivate it in live mode, then roll back.", before)}
	}
	return nil
}

// defaultBefore is the product as the deployment touched it where it wrote another default
// price, else nil.
func (r *Restoration) defaultBefore() *Touched {
	for i, t := range r.Touched {
		if _, wrote := t.Wrote["default_price"]; wrote && t.Product != nil {
			return &r.Touched[i]
		}
	}
	return nil
}

// pricesBack are the prices as they will be again.
func (r *Restoration) pricesBack() *catalog.Snapshot {
	back := cloned(r.Live)
	for _, t := range r.Touched {
		if p := back.Price(t.LiveID); t.Resource == catalog.ResourcePrice && p != nil {
			r.restorePrice(p, t)
		}
	}
	return back
}

// pricesLost are those that were for sale before the deployment and are not there to be
// sold again.
func (r *Restoration) pricesLost() (found []problem) {
	told := map[string]bool{}
	for _, t := range r.Touched {
		if t.Price == nil || !t.Price.Active || !slices.Contains(t.Fields, "active") || told[t.LiveID] || r.Known.Foreign[Object{t.Resource, t.LiveID}] || r.Live.Price(t.LiveID) != nil {
			continue
		}
		told[t.LiveID] = true
		found = append(found, failure(map[string]any{"livePrice": t.LiveID},
			"The price %s, which was for sale before, is no longer in live mode, so it can't be brought back. Go live with the price you want instead.", priceName(t.Price)))
	}
	return found
}

// archivedSince tells that somebody archived the product, which no way back undoes.
func (r *Restoration) archivedSince() []problem {
	left := r.Known.Product
	if left == nil || !left.Active || r.Live.Product.Active {
		return nil
	}
	for _, t := range r.Touched {
		if _, wrote := t.Wrote["active"]; t.Resource == catalog.ResourceProduct && (t.Product == nil || wrote) {
			return nil
		}
	}
	return []problem{warning(map[string]any{"liveProduct": r.Live.Product.ID},
		"The product %s was archived in live mode since, and a rollback leaves it archived. Reactivate it in live mode if it should be for sale.", r.Live.Product.ID)}
}

// unrecorded tells of what a deployment made that nobody here knows of: what came before
// it is not what live was last.
func (r *Restoration) unrecorded() (found []problem) {
	for _, id := range sortedKeys(r.Unrecorded) {
		by := r.Unrecorded[id].Deployment
		found = append(found, failure(map[string]any{"liveId": id, "deployment": by},
			"Live mode has %s from deployment %s, which Golive has no record of. Its database may have been restored from a backup, so rolling back could undo the wrong changes. Go live with what you want instead.", id, by))
	}
	return found
}

// Stamps are a tenant's stamps in live, by live id.
func Stamps(live *catalog.Snapshot, tenant string) map[string]catalog.Stamp {
	stamps := map[string]catalog.Stamp{}
	if live == nil {
		return stamps
	}
	note := func(id string, metadata map[string]string) {
		if stamp, ok := catalog.StampOf(metadata); ok && stamp.Tenant == tenant {
			stamps[id] = stamp
		}
	}
	note(live.Product.ID, live.Product.Metadata)
	for _, p := range live.Prices {
		note(p.ID, p.Metadata)
	}
	return stamps
}
