package plan_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/plan"
)

// Whatever is for sale before a go-live and after it can be bought at every moment
// in between: by one of Golive's prices, as the default price, and by its lookup key.
func TestDiffKeepsProductForSale(t *testing.T) {
	t.Parallel()
	for seed := range uint64(stories) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			w := newWorld(seed)
			w.goLive(t)
			for range 4 {
				w.people()
				w.alwaysForSale(t, w.goLive(t))
			}
		})
	}
}

func (w *world) alwaysForSale(t *testing.T, moments []*catalog.Snapshot) {
	t.Helper()
	first, last := moments[0], moments[len(moments)-1]
	if first == nil {
		return
	}
	for i, now := range moments {
		if w.sells(first) && w.sells(last) && !w.sells(now) {
			t.Errorf("moment %d: nothing is for sale", i)
		}
		if first.Product.DefaultPrice != "" && last.Product.DefaultPrice != "" && now.Product.DefaultPrice == "" {
			t.Errorf("moment %d: there is no default price", i)
		}
		for _, p := range first.ActivePrices() {
			named := last.PriceByLookupKey(p.LookupKey)
			if named != nil && named.Active && !inCircle(first, last, p.LookupKey) && now.PriceByLookupKey(p.LookupKey) == nil {
				t.Errorf("moment %d: the lookup key %s names no price", i, p.LookupKey)
			}
		}
	}
}

func (w *world) sells(s *catalog.Snapshot) bool {
	return s.Product.Active && slices.ContainsFunc(s.ActivePrices(), func(p catalog.Price) bool {
		_, found := w.testIDOf(p.ID)
		return found
	})
}

func (w *world) testIDOf(liveID string) (string, bool) {
	for testID, id := range w.account.links {
		if id == liveID {
			return testID, true
		}
	}
	return "", false
}

// inCircle tells that prices pass their keys round, of which Stripe moves one at a
// time: whoever comes first leaves a key behind for a moment.
func inCircle(first, last *catalog.Snapshot, key string) bool {
	at := key
	for length := range len(first.Prices) {
		heir := last.PriceByLookupKey(at)
		if heir == nil || first.Price(heir.ID) == nil {
			return false
		}
		at = first.Price(heir.ID).LookupKey
		if at == key {
			return length > 0 // a price that keeps its key moves nothing
		}
	}
	return false
}

// A new price is there before the old one is archived, whichever order of the
// steps is taken, and the default price moves in between.
func TestDiffReplacesInOrder(t *testing.T) {
	t.Parallel()
	p := plan.Diff(reprice())
	var actions []string
	for _, s := range p.Steps {
		actions = append(actions, fmt.Sprintf("%s %s %v", s.Action, s.Resource, s.After))
	}
	want := []string{"CREATE price []", "UPDATE product [0]", "ARCHIVE price [0 1]"}
	if !slices.Equal(actions, want) {
		t.Errorf("steps %q, want %q", actions, want)
	}
}
