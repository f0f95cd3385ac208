package deployment

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/plan"
)

// driftOf identifies what of a product in live is not as Golive left it: "" where
// all is. What Golive was to adopt it has never left in any way, so all of that
// counts; what it made and did not get to complete does not.
//
// Whoever schedules sees the drift there is. What others change later is another
// drift; what Golive itself deploys in between is none.
func driftOf(e *plan.Evidence) string {
	live := e.Live.Value
	if live == nil {
		if e.Known.Product != nil {
			return "gone"
		}
		return ""
	}
	var drifted catalog.Snapshot
	if base := e.Known.Product; base != nil && len(plan.ProductDrift(base, &live.Product)) > 0 || e.Known.Links[e.StripeProductID] == "" {
		drifted.Product = live.Product
	}
	prices, gone := driftedPrices(e, live)
	if drifted.Product.ID == "" && len(prices) == 0 && len(gone) == 0 {
		return ""
	}
	drifted = catalog.NewSnapshot(drifted.Product, prices)
	return strings.Join(append([]string{plan.Digest(&drifted)}, gone...), " ")
}

func driftedPrices(e *plan.Evidence, live *catalog.Snapshot) (drifted []catalog.Price, gone []string) {
	testIDs := map[string]string{}
	for testID, liveID := range e.Known.Links {
		testIDs[liveID] = testID
	}
	for _, p := range live.Prices {
		testID, ours := testIDs[p.ID]
		base, deployed := e.Known.Prices[testID]
		if !ours && e.Adopt || deployed && len(plan.PriceDrift(&base, &p)) > 0 {
			drifted = append(drifted, p)
		}
	}
	for _, testID := range slices.Sorted(maps.Keys(e.Known.Prices)) {
		if live.Price(e.Known.Links[testID]) == nil {
			gone = append(gone, testID)
		}
	}
	return drifted, gone
}

// changesInTest says in which of the fields that Golive copies two states of test
// differ, in words; none where a plan could not tell them apart.
func changesInTest(then, now *catalog.Snapshot) []string {
	var changes []string
	if fields := plan.ProductDrift(&then.Product, &now.Product); len(fields) > 0 {
		changes = append(changes, "product: "+strings.Join(fields, ", "))
	}
	for _, p := range now.Prices {
		was := then.Price(p.ID)
		switch {
		case was == nil && p.Active:
			changes = append(changes, "new price "+p.ID)
		case was != nil:
			if fields := plan.PriceDrift(was, &p); len(fields) > 0 {
				changes = append(changes, p.ID+": "+strings.Join(fields, ", "))
			}
		}
	}
	for _, p := range then.Prices {
		if now.Price(p.ID) == nil {
			changes = append(changes, p.ID+" is gone")
		}
	}
	return changes
}

// mostChanges bounds what a message lists.
const mostChanges = 5

func listed(changes []string) string {
	if more := len(changes) - mostChanges; more > 0 {
		return fmt.Sprintf("%s; and %d more", strings.Join(changes[:mostChanges], "; "), more)
	}
	return strings.Join(changes, "; ")
}
