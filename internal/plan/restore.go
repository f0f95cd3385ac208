package plan

import (
	"maps"
	"slices"

	"github.com/golive-hq/golive/internal/catalog"
)

// Touched is a live object that a deployment wrote, as its journal tells, or that
// lost its link to a price which was to replace it.
type Touched struct {
	Resource catalog.Resource
	TestID   string
	LiveID   string
	// Product or Price is the object as it was before, both nil where the
	// deployment created it.
	Product *catalog.Product
	Price   *catalog.Price
	// Fields are those that the deployment wrote; only they are restored, so that
	// what others changed since stays.
	Fields []string
	// Wrote is what the deployment wrote, by field.
	Wrote map[string]any
}

// Restoration is what Restore turns back.
type Restoration struct {
	Touched []Touched
	// Live is as it is now.
	Live *catalog.Snapshot
	// Known tells what the deployment left, so that drift is told from it.
	Known Known
	// Completed tells that live was read as the deployment left it and had all that it
	// wrote, so that what differs now is of others. Of one that turns back half way, nobody
	// has read that.
	Completed bool
	// Later is what later deployments touched that ended with their changes half undone.
	Later []Touched
	// Unrecorded are the stamps of ours in live, by live id, of which there is no journal:
	// a later deployment has made them, and a database that was restored from a backup,
	// or a second one, does not know of it.
	Unrecorded map[string]catalog.Stamp

	version version
	// notes are those of the plan, each once.
	notes []string
}

// Restore lists what brings the touched objects back to what they were before:
// fields get their old values, lookup keys their old holders, what was archived
// is sold again, and what was created is archived, last, because Stripe deletes
// no product with prices. Running it again on a restored live gives an empty plan.
// What others have changed since stays, and the plan's notes tell of it.
//
// A product that was there before and has been deleted in live since cannot come
// back: that is a change without a step.
//
// What another tenant has taken over since is left alone. The links are those of
// prices that are for sale again already, see resold.
func Restore(r Restoration) Plan {
	p := r.plan(newest)
	p.before = r.plan(first).Hash
	return p
}

func (r Restoration) plan(v version) Plan {
	if r.Live == nil {
		return r.lost(v)
	}
	r.version, r.Live = v, cloned(r.Live)
	r.Touched = slices.DeleteFunc(slices.Clone(r.Touched), func(t Touched) bool { return r.Known.Foreign[Object{t.Resource, t.LiveID}] })
	if v != first {
		r.narrow()
	}
	want := r.want()
	d := &differ{
		in: Input{Test: want, Live: r.Live, Known: r.Known}, version: v,
		restoring: true, productID: r.Live.Product.ID, takes: map[string]*draft{}, foldedInto: map[string]int{},
	}
	d.pairs, d.links = r.pairs(&want), r.resold()
	d.updatePrices()
	d.closeProduct(-1)
	d.archivePrices()
	p := d.plan()
	p.Notes = r.notes
	return p
}

// lost is the plan for a live product that is not there any more.
func (r *Restoration) lost(v version) Plan {
	d := &differ{version: v}
	for _, t := range r.Touched {
		if t.Product == nil && t.Price == nil {
			continue
		}
		name := "The product"
		if t.Product != nil {
			name = t.Product.Name
		} else if r.Known.Product != nil {
			name = r.Known.Product.Name
		}
		d.change(Change{
			Action: Create, Resource: catalog.ResourceProduct, TestID: t.TestID,
			Named: name, Summary: name + ": since deleted in live mode, which can't be undone; going live creates it again",
		})
		break
	}
	return d.plan()
}

// want is the live product as it shall be, under test ids where there are links:
// the differ works on those.
func (r *Restoration) want() catalog.Snapshot {
	want := catalog.Snapshot{Product: r.Live.Product, Prices: slices.Clone(r.Live.Prices)}
	for _, t := range r.Touched {
		if t.Resource == catalog.ResourceProduct {
			r.restoreProduct(&want.Product, t)
		} else {
			r.restorePrice(want.Price(t.LiveID), t)
		}
	}
	r.returnKeys(&want)
	r.keepDefault(&want)
	r.rename(&want)
	return want
}

// keepDefault lets the present default price stay where the one before is gone or
// archived. Stripe archives no default price, so one that goes must step down first.
func (r *Restoration) keepDefault(want *catalog.Snapshot) {
	forSale := func(id string) bool {
		p := want.Price(id)
		return p != nil && p.Active
	}
	if before := want.Product.DefaultPrice; before != "" && !forSale(before) {
		want.Product.DefaultPrice = r.Live.Product.DefaultPrice
	}
	if !forSale(want.Product.DefaultPrice) {
		want.Product.DefaultPrice = ""
	}
}

// returnKeys takes a lookup key away from the price that the deployment gave it
// to, where its earlier holder gets it back.
func (r *Restoration) returnKeys(want *catalog.Snapshot) {
	holder := map[string]string{}
	for _, t := range r.Touched {
		if back := want.Price(t.LiveID); t.Price != nil && back != nil && back.LookupKey == t.Price.LookupKey && slices.Contains(t.Fields, "lookup_key") {
			holder[t.Price.LookupKey] = t.LiveID
		}
	}
	delete(holder, "")
	for i := range want.Prices {
		p := &want.Prices[i]
		if id, back := holder[p.LookupKey]; back && id != p.ID {
			p.LookupKey = ""
		}
	}
}

func (r *Restoration) rename(want *catalog.Snapshot) {
	testIDs := map[Object]string{}
	for test, liveID := range r.Known.Links {
		testIDs[Object{test.Resource, liveID}] = test.ID
	}
	rename := func(resource catalog.Resource, id *string) {
		if testID, linked := testIDs[Object{resource, *id}]; linked {
			*id = testID
		}
	}
	rename(catalog.ResourceProduct, &want.Product.ID)
	rename(catalog.ResourcePrice, &want.Product.DefaultPrice)
	for i := range want.Prices {
		rename(catalog.ResourcePrice, &want.Prices[i].ID)
	}
}

// pairs leaves out what is neither linked nor touched: it is not ours.
func (r *Restoration) pairs(want *catalog.Snapshot) []pair {
	var pairs []pair
	for i := range want.Prices {
		live := &r.Live.Prices[i]
		touched := slices.ContainsFunc(r.Touched, func(t Touched) bool { return t.Resource == catalog.ResourcePrice && t.LiveID == live.ID })
		if touched || r.Known.Links.HasPrice(live.ID) {
			pairs = append(pairs, pair{test: &want.Prices[i], live: live})
		}
	}
	return pairs
}

// resold are the links of prices that are for sale again in the place of those
// that had replaced them under the same test id: what is linked is compared with
// test from now on.
func (r *Restoration) resold() []Link {
	var links []Link
	linked := slices.Collect(maps.Values(r.Known.Links.Prices()))
	for _, t := range r.Touched {
		wasSold := t.Price != nil && t.Price.Active && t.TestID != "" && t.TestID != t.LiveID
		if !wasSold || slices.Contains(linked, t.LiveID) || !r.sells(t.LiveID) || r.sells(r.Known.Links.Price(t.TestID)) {
			continue
		}
		linked = append(linked, t.LiveID)
		links = append(links, Link{Resource: t.Resource, TestID: t.TestID, LiveID: t.LiveID})
	}
	return links
}

func (r *Restoration) sells(liveID string) bool {
	p := r.Live.Price(liveID)
	return p != nil && p.Active
}

func (r *Restoration) restoreProduct(p *catalog.Product, t Touched) {
	if t.Product == nil {
		p.Active = false
		return
	}
	of := "product " + r.Live.Product.Name
	for _, f := range t.Fields {
		if set := productRestorers[f]; set != nil && !stays(r, productFields, f, t, p, t.Product) {
			set(p, t.Product)
		} else if set != nil {
			r.noteStays(f, of)
		}
	}
	p.Metadata = r.restoreKeys(t, p.Metadata, of)
}

func (r *Restoration) restorePrice(p *catalog.Price, t Touched) {
	if p == nil {
		return
	}
	if t.Price == nil {
		p.Active = false
		return
	}
	of := "price " + priceName(p)
	for _, f := range t.Fields {
		if set := priceRestorers[f]; set != nil && !stays(r, priceFields, f, t, p, t.Price) {
			set(p, t.Price)
		} else if set != nil {
			r.noteStays(f, of)
		}
	}
	p.Metadata = r.restoreKeys(t, p.Metadata, of)
}
