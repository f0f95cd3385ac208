package plan

import (
	"slices"

	"github.com/golive-hq/golive/internal/catalog"
)

// createPrices creates the prices that are new in live. A lookup key that one of
// the product's own live prices holds moves along in the same call: there is no
// instant at which it names no price.
func (d *differ) createPrices() {
	for _, p := range d.pairs {
		if !p.needsCreate() {
			continue
		}
		want := wires(priceFields, p.test)
		old := d.predecessor(p)
		change := d.change(Change{
			Action: Create, Resource: catalog.ResourcePrice, TestID: p.test.ID,
			Summary: d.createSummary(p, old), RollbackNote: noteCreatedPrice,
			Fields: d.fieldChanges(names(priceFields), want, wiresOf(old), nil),
		})
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
		want, have := wires(priceFields, p.test), wires(priceFields, p.live)
		changed := d.updatable(p, want, have)
		if len(changed) == 0 {
			continue
		}
		old := d.predecessorIfReactivated(p)
		change := d.change(d.priceChange(p, changed, want, have, old))
		d.inherit(old, change)
		d.updateSteps(change, p, changed, want, have)
	}
	d.orderKeyMoves()
}

// updatable returns the fields to write: those that differ, less what Stripe
// refuses to change on an archived price, less a lookup key that another step
// takes away anyway (clearing it first would leave the key without a price).
func (d *differ) updatable(p pair, want, have values) []string {
	var out []string
	for _, f := range differing(priceFields, p.test, p.live) {
		taken := f.name == "lookup_key" && want[f.name] == nil && d.takerOf(p.live) != nil
		if !taken && (f.frozen == nil || !f.frozen(p.live)) {
			out = append(out, f.name)
		}
	}
	return out
}

// updateSteps is one call, or two where a currency option goes: Stripe merges
// options one by one and clears them only all together.
func (d *differ) updateSteps(change int, p pair, changed []string, want, have values) {
	step := Step{
		Action: updateAction(p), Resource: catalog.ResourcePrice, TestID: p.test.ID, LiveID: p.live.ID,
		Summary: d.changes[change].Summary, Path: "/v1/prices/" + p.live.ID, Before: raw(p.live),
	}
	var after []*draft
	if slices.Contains(changed, "currency_options") && losesMember(want["currency_options"], have["currency_options"]) {
		cleared := step
		cleared.Body = updateBody([]string{"currency_options"}, values{}, have, "")
		cleared.Want = map[string]any{"currency_options": nil}
		after = append(after, d.draft(change, cleared))
	}
	d.take(d.write(&step, p, changed, want, have), d.draft(change, step, after...))
}

// write has a step write the changed fields. A lookup key that another price of ours
// holds is taken from it; write returns that price, or nil.
func (d *differ) write(step *Step, p pair, changed []string, want, have values) *catalog.Price {
	holder, transfer := d.holder(p), ""
	if slices.Contains(changed, "lookup_key") && holder != nil {
		transfer, step.KeyFrom = "transfer_lookup_key", rawPrice(holder)
	}
	step.Body, step.Want = updateBody(changed, want, have, transfer), pick(want, changed)
	return holder
}

func updateAction(p pair) Action {
	if p.test.Active && !p.live.Active {
		return Reactivate
	}
	return Update
}

func losesMember(want, have any) bool {
	for k := range members(have) {
		if _, kept := members(want)[k]; !kept && want != nil {
			return true
		}
	}
	return false
}

// decidesTax tells that a currency option that stays says for the first time
// whether it includes tax.
func decidesTax(want, have any) bool {
	behavior := func(option any) string {
		text, _ := members(option)["tax_behavior"].(string)
		return text
	}
	for currency, old := range members(have) {
		if !decided(behavior(old)) && decided(behavior(members(want)[currency])) {
			return true
		}
	}
	return false
}

func (d *differ) priceChange(p pair, changed []string, want, have values, old *catalog.Price) Change {
	var base values
	if known, ok := d.in.Known.Prices[p.test.ID]; ok {
		base = wires(priceFields, &known)
	}
	action := updateAction(p)
	summary := d.updateSummary(p, changed, old)
	if p.archived() {
		action, summary = Archive, d.archiveSummary(p)
	}
	note := ""
	if slices.Contains(changed, "tax_behavior") || decidesTax(want["currency_options"], have["currency_options"]) {
		note = noteTaxBehavior
	}
	return Change{
		Action: action, Resource: catalog.ResourcePrice, TestID: p.test.ID, LiveID: p.live.ID, Summary: summary,
		Reversible: note == "", RollbackNote: note, Fields: d.fieldChanges(changed, want, have, base),
	}
}

// holder returns the other live price of ours that holds p's lookup key, or nil.
// A key that is not ours is never taken: Stripe then refuses the step.
func (d *differ) holder(p pair) *catalog.Price {
	if d.in.Live == nil {
		return nil
	}
	held := d.in.Live.PriceByLookupKey(p.test.LookupKey)
	if held == nil || (p.live == held && !p.needsCreate()) || !d.ours(held) {
		return nil
	}
	return held
}

func (d *differ) ours(live *catalog.Price) bool {
	for _, p := range d.pairs {
		if p.live == live {
			return true
		}
	}
	for _, id := range d.in.Known.Links {
		if id == live.ID {
			return true
		}
	}
	return false
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
		if dr.LiveID != "" && taker != nil && taker != dr && !taker.waitsFor(dr) {
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
	return wires(priceFields, p)
}
