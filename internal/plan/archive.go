package plan

import (
	"slices"

	"github.com/golive-hq/golive/internal/catalog"
)

// archivePrices comes after everything else: the old price is sold until the
// new one is there, with all its options.
func (d *differ) archivePrices() {
	edits, first := d.archives(), slices.Clone(d.drafts)
	for i := range edits {
		d.clearOptions(&edits[i], Update, first...)
	}
	first = slices.Clone(d.drafts)
	for i := range edits {
		d.write(&edits[i], first...)
	}
}

// archives are the prices that were replaced, those that test archived, and those
// that test has no more.
func (d *differ) archives() []edit {
	var all []edit
	for _, p := range append(slices.Clone(d.pairs), d.orphans()...) {
		switch {
		case p.replaced() && p.live.Active:
			all = append(all, d.archive(pair{test: retired(p.live), live: p.live}))
		case p.archived():
			all = append(all, d.archive(p))
		}
	}
	return all
}

func (d *differ) archive(p pair) edit {
	e := d.edit(p)
	change, folded := d.foldedInto[p.live.ID]
	if !folded {
		change = d.change(d.priceChange(&e, nil))
	}
	e.begin(change, Archive, d.archiveSummary(p))
	return e
}

// archived tells that test archived what live still sells.
func (p pair) archived() bool { return p.live != nil && p.live.Active && !p.test.Active }

// orphans are the linked live prices whose test price is no more.
func (d *differ) orphans() []pair {
	if d.in.Live == nil {
		return nil
	}
	var gone []pair
	linked := d.in.Known.Links.Prices()
	for _, testID := range sortedKeys(linked) {
		live := d.in.Live.Price(linked[testID])
		if live != nil && live.Active && d.in.Test.Price(testID) == nil {
			copied := archivedCopy(live)
			copied.ID = testID
			gone = append(gone, pair{test: copied, live: live})
		}
	}
	return gone
}

// retired is a price that was replaced, as it stays behind: a lookup key that nobody
// took from it would be of use to no other price any more.
func retired(live *catalog.Price) *catalog.Price {
	p := archivedCopy(live)
	p.LookupKey = ""
	return p
}

func archivedCopy(live *catalog.Price) *catalog.Price {
	p := *live
	p.Active = false
	return &p
}
