package plan

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/golive-hq/golive/internal/catalog"
)

// Drift is what of a product in live is not as the last deployment left it. The
// check tells it, the product's live status shows it, and a schedule is held for it.
type Drift struct {
	// Deployed tells that there was a deployment; without one nothing has drifted.
	Deployed bool
	// ProductGone tells that the product was deleted in live.
	ProductGone bool
	// Product names the product's fields that were changed.
	Product []string
	// Prices are those that were changed or are gone, by their ids in test.
	Prices []DriftedPrice
}

// DriftedPrice is a price that is not as it was left.
type DriftedPrice struct {
	TestID string
	// Base is what was left, Now what is there: nil where it is gone.
	Base, Now *catalog.Price
	// Fields names those that were changed.
	Fields []string
}

// DriftOf compares live with what the last deployment left there, by the links of the
// product. What others keep in metadata beside that is no drift. Live must have been read.
func DriftOf(e *Evidence) Drift { return driftOf(e, e.ownLive()) }

func driftOf(e *Evidence, live *catalog.Snapshot) Drift {
	base := e.Known.Product
	d := Drift{Deployed: base != nil}
	if live == nil {
		d.ProductGone = d.Deployed
		return d
	}
	if base != nil {
		d.Product = changedIn(productFields, base, &live.Product)
	}
	for _, testID := range sortedKeys(e.Known.Prices) {
		base := e.Known.Prices[testID]
		p := DriftedPrice{TestID: testID, Base: &base, Now: live.Price(e.Known.Links.Price(testID))}
		if p.Now != nil {
			p.Fields = changedIn(priceFields, &base, p.Now)
		}
		if p.Now == nil || len(p.Fields) > 0 {
			d.Prices = append(d.Prices, p)
		}
	}
	return d
}

// changedIn names the fields in which now is not as it was left, metadata key by key.
func changedIn[T any](fields []field[T], left, now *T) []string {
	return differingNames(names(fields), valuesOf(fields, left), valuesOf(fields, now))
}

// Any tells that somebody has changed what a deployment left.
func (d Drift) Any() bool {
	return d.Deployed && (d.ProductGone || len(d.Product) > 0 || len(d.Prices) > 0)
}

// DriftDigest identifies what a schedule would overwrite in live: what has drifted,
// and what is to be adopted, which Golive never left in any way; what it made and did
// not get to complete does not count. It is "" where there is nothing.
//
// Whoever schedules sees the drift that there is. What others change later is another
// one; what Golive itself deploys in between is none. Digests are stored, so each names
// its version, and the same evidence has to give the same one for ever.
func DriftDigest(e *Evidence) string {
	digest := driftDigest(e, e.ownLive())
	if digest == "" || digest == productGone {
		return digest
	}
	return string(newest) + digest
}

// DriftedSince tells that live has drifted in another way than people were told of when
// a digest was stored, by whichever version.
func DriftedSince(e *Evidence, seen string) bool {
	now := DriftDigest(e)
	return now != "" && now != seen && driftDigest(e, e.Live.Value) != seen
}

const productGone = "gone"

func driftDigest(e *Evidence, live *catalog.Snapshot) string {
	d := driftOf(e, live)
	if d.ProductGone {
		return productGone
	}
	if live == nil {
		return ""
	}
	var drifted catalog.Snapshot
	if len(d.Product) > 0 || e.Known.Links.Product(e.StripeProductID) == "" {
		drifted.Product = live.Product
	}
	prices, gone := d.prices(), d.gone()
	if e.Adopt {
		prices = append(prices, unlinked(e, live)...)
	}
	if drifted.Product.ID == "" && len(prices) == 0 && len(gone) == 0 {
		return ""
	}
	drifted = catalog.NewSnapshot(drifted.Product, prices)
	return strings.Join(append([]string{Digest(&drifted)}, gone...), " ")
}

// prices are the changed ones as they are now.
func (d Drift) prices() (now []catalog.Price) {
	for _, p := range d.Prices {
		if p.Now != nil {
			now = append(now, *p.Now)
		}
	}
	return now
}

// gone are the test ids of prices that are not there any more, escaped, so that no two
// of them read like one.
func (d Drift) gone() (testIDs []string) {
	for _, p := range d.Prices {
		if p.Now == nil {
			testIDs = append(testIDs, url.QueryEscape(p.TestID))
		}
	}
	return testIDs
}

// unlinked are the live prices that are nobody's counterpart in test.
func unlinked(e *Evidence, live *catalog.Snapshot) (prices []catalog.Price) {
	for _, p := range live.Prices {
		if !e.Known.Links.HasPrice(p.ID) {
			prices = append(prices, p)
		}
	}
	return prices
}

// ChangesInTest says in which of the fields that Golive copies two states of test
// differ, in words; none where a plan could not tell them apart.
func ChangesInTest(then, now *catalog.Snapshot) []string {
	var changes []string
	if fields := ProductDrift(&then.Product, &now.Product); len(fields) > 0 {
		changes = append(changes, "product: "+strings.Join(fields, ", "))
	}
	for _, p := range now.Prices {
		changes = append(changes, priceChange(then.Price(p.ID), &p)...)
	}
	for _, p := range then.Prices {
		if now.Price(p.ID) == nil {
			changes = append(changes, p.ID+" removed")
		}
	}
	return changes
}

func priceChange(was, now *catalog.Price) []string {
	if was == nil {
		if now.Active {
			return []string{"new price " + now.ID}
		}
		return nil
	}
	if fields := PriceDrift(was, now); len(fields) > 0 {
		return []string{now.ID + ": " + strings.Join(fields, ", ")}
	}
	return nil
}

// mostChanges bounds what a message lists.
const mostChanges = 5

// Listed says what has changed in one sentence part: the first few, and how many more.
func Listed(changes []string) string {
	if more := len(changes) - mostChanges; more > 0 {
		return fmt.Sprintf("%s; and %d more", strings.Join(changes[:mostChanges], "; "), more)
	}
	return strings.Join(changes, "; ")
}
