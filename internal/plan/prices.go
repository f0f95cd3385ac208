package plan

import "github.com/golive-hq/golive/internal/catalog"

// createPrices creates the prices that are new in live. A lookup key that one of
// the product's own live prices holds moves along in the same call: there is no
// instant at which it names no price.
func (d *differ) createPrices() {
	for _, p := range d.pairs {
		if !p.needsCreate() {
			continue
		}
		want := valuesOf(priceFields, p.test)
		old := d.predecessor(p)
		change := d.change(repricing(d.label(p.test), p, old, Change{
			Action: Create, Resource: catalog.ResourcePrice, TestID: p.test.ID,
			Summary: d.createSummary(p, old), RollbackNote: noteCreatedPrice,
			Fields: d.fieldChanges(names(priceFields), want, wiresOf(old), nil),
		}))
		d.inherit(old, change)
		holder := d.holder(p)
		d.take(holder, d.draft(change, Step{
			Action: Create, Resource: catalog.ResourcePrice, TestID: p.test.ID,
			Summary: d.changes[change].Summary, Path: "/v1/prices",
			Body: createPriceBody(d.productID, want, holder != nil), KeyFrom: rawPrice(holder),
		}, d.productFirst()...))
	}
}

// updatePrices changes what Stripe lets change, reactivations included.
func (d *differ) updatePrices() {
	for _, p := range d.pairs {
		if p.live == nil || p.needsCreate() || p.archived() {
			continue
		}
		e := d.edit(p)
		if len(e.changed) == 0 {
			continue
		}
		old := d.predecessorIfReactivated(p)
		change := d.change(d.priceChange(&e, old))
		d.inherit(old, change)
		e.begin(change, updateAction(p), d.changes[change].Summary)
		d.take(d.holder(p), d.write(&e, d.clearOptions(&e, e.step.Action)...))
	}
	d.orderKeyMoves()
}

// holder returns the other live price of ours that holds p's lookup key, or nil.
// A key that is not ours is never taken: Stripe then refuses the step.
func (d *differ) holder(p pair) *catalog.Price {
	if d.in.Live == nil {
		return nil
	}
	held := d.in.Live.PriceByLookupKey(p.test.LookupKey)
	if held == nil || (p.live == held && !p.needsCreate()) || !d.mayLoseKey(held) {
		return nil
	}
	return held
}

// mayLoseKey tells that Golive made a price or took it over. One that another one
// replaced is linked no more, and may hold its key still, or again.
func (d *differ) mayLoseKey(live *catalog.Price) bool {
	_, made := d.in.stampOf(Object{catalog.ResourcePrice, live.ID}, live.Metadata)
	return made || d.ours(live)
}

func (d *differ) ours(live *catalog.Price) bool {
	for _, p := range d.pairs {
		if p.live == live {
			return true
		}
	}
	return d.in.Known.Links.HasPrice(live.ID)
}

func (d *differ) take(holder *catalog.Price, by *draft) {
	if holder != nil {
		d.takes[holder.ID] = by
	}
}

// takerOf returns the test price whose step takes live's lookup key, or nil.
func (d *differ) takerOf(live *catalog.Price) *catalog.Price {
	for _, p := range d.pairs {
		if (p.needsCreate() || p.live != nil) && d.holder(p) == live {
			return p.test
		}
	}
	return nil
}

// orderKeyMoves lets a price give up its lookup key for another one only once
// its own key has been taken over. Two prices that swap keys cannot both wait.
func (d *differ) orderKeyMoves() {
	for _, dr := range d.drafts {
		taker := d.takes[dr.LiveID]
		if dr.Resource == catalog.ResourcePrice && taker != nil && taker != dr && !taker.waitsFor(dr) {
			dr.after = append(dr.after, taker)
		}
	}
}

func (dr *draft) waitsFor(other *draft) bool {
	for _, a := range dr.after {
		if a == other || a.waitsFor(other) {
			return true
		}
	}
	return false
}

// predecessor returns the live price that p replaces in the eyes of a customer:
// its own frozen one, the one whose lookup key it takes, or the default price it
// succeeds, if that one is archived by this plan.
func (d *differ) predecessor(p pair) *catalog.Price {
	if p.replaced() {
		return p.live
	}
	if old := d.archivedHere(d.holder(p)); old != nil {
		return old
	}
	if d.in.Live != nil && p.test.ID == d.in.Test.Product.DefaultPrice {
		return d.archivedHere(d.in.Live.Price(d.in.Live.Product.DefaultPrice))
	}
	return nil
}

func (d *differ) predecessorIfReactivated(p pair) *catalog.Price {
	if updateAction(p) != Reactivate {
		return nil
	}
	return d.predecessor(p)
}

// archivedHere returns live if this plan archives it and nobody inherits from it yet.
func (d *differ) archivedHere(live *catalog.Price) *catalog.Price {
	if live == nil {
		return nil
	}
	if _, inherited := d.foldedInto[live.ID]; inherited {
		return nil
	}
	for _, p := range d.pairs {
		if p.live == live && p.archived() {
			return live
		}
	}
	return nil
}

func (d *differ) inherit(old *catalog.Price, change int) {
	if old != nil {
		d.foldedInto[old.ID] = change
	}
}

func (d *differ) productFirst() []*draft {
	if d.created == nil {
		return nil
	}
	return []*draft{d.created}
}

func wiresOf(p *catalog.Price) values {
	if p == nil {
		return values{}
	}
	return valuesOf(priceFields, p)
}
