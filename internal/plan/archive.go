package plan

import (
	"slices"

	"github.com/golive-hq/golive/internal/catalog"
)

// archivePrices comes after everything else: the old price is sold until the
// new one is there.
func (d *differ) archivePrices() {
	first := slices.Clone(d.drafts)
	for _, p := range append(slices.Clone(d.pairs), d.orphans()...) {
		switch {
		case p.replaced() && p.live.Active:
			d.archive(pair{test: archivedCopy(p.live), live: p.live}, first)
		case p.live != nil && p.archived():
			d.archive(p, first)
		}
	}
}

func (d *differ) archive(p pair, first []*draft) {
	want, have := wires(priceFields, p.test), wires(priceFields, p.live)
	changed := d.updatable(p, want, have)
	change, folded := d.foldedInto[p.live.ID]
	if !folded {
		change = d.change(d.priceChange(p, changed, want, have, nil))
	}
	step := Step{
		Action: Archive, Resource: catalog.ResourcePrice, TestID: p.test.ID, LiveID: p.live.ID,
		Summary: d.archiveSummary(p), Path: "/v1/prices/" + p.live.ID, Before: raw(p.live),
	}
	d.write(&step, p, changed, want, have)
	d.draft(change, step, first...)
}

// archived tells that test archived what live still sells.
func (p pair) archived() bool { return p.live != nil && p.live.Active && !p.test.Active }

// orphans are the linked live prices whose test price is no more.
func (d *differ) orphans() []pair {
	if d.in.Live == nil {
		return nil
	}
	var gone []pair
	for _, testID := range sortedKeys(d.in.Known.Links) {
		live := d.in.Live.Price(d.in.Known.Links[testID])
		if live != nil && live.Active && d.in.Test.Price(testID) == nil {
			copied := archivedCopy(live)
			copied.ID = testID
			gone = append(gone, pair{test: copied, live: live})
		}
	}
	return gone
}

func archivedCopy(live *catalog.Price) *catalog.Price {
	p := *live
	p.Active = false
	return &p
}
