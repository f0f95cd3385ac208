package plan_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/product"
)

func TestHashIsTheSameForTheSameInput(t *testing.T) {
	t.Parallel()
	in := reprice()
	first := plan.Diff(in).Hash
	if !strings.HasPrefix(first, "v1:") {
		t.Fatalf("hash %q does not name its format", first)
	}
	for range 20 {
		if again := plan.Diff(reprice()).Hash; again != first {
			t.Fatalf("hash %s, then %s", first, again)
		}
	}
}

// What would be written, and what it is based on, both change the hash.
func TestHashChangesWithItsBasis(t *testing.T) {
	t.Parallel()
	first := plan.Diff(reprice()).Hash
	changes := map[string]func(*plan.Input){
		"test amount":      func(in *plan.Input) { in.Test.Prices[1].UnitAmountDecimal = "2500" },
		"live name":        func(in *plan.Input) { in.Live.Product.Name = "Other" },
		"live price":       func(in *plan.Input) { in.Live.Prices[0].Nickname = "changed in live" },
		"test description": func(in *plan.Input) { in.Test.Product.Description = "new" },
	}
	for name, change := range changes {
		in := reprice()
		change(&in)
		if plan.Diff(in).Hash == first {
			t.Errorf("%s: same hash", name)
		}
	}
	in := reprice()
	in.Live.Product.Metadata = map[string]string{catalog.StampKey: "x"}
	if plan.Diff(in).Hash != first {
		t.Error("our own stamp changes the hash")
	}
}

// TestHashIgnoresUnknownFields: what was scheduled, imported or deployed before a
// field became known is still the same.
func TestHashIgnoresUnknownFields(t *testing.T) {
	t.Parallel()
	in := reprice()
	all := catalog.Snapshot{Product: *filled[catalog.Product](), Prices: []catalog.Price{*filled[catalog.Price]()}}
	all.Prices[0].Recurring.Meter = ""
	in.Test.Product.Unknown, in.Live.Prices[0].Unknown = []string{"x"}, []string{"y"}
	got := []string{
		plan.Diff(in).Hash, plan.Digest(&in.Test), product.Digest(in.Test),
		plan.Diff(plan.Input{Test: all}).Hash, plan.Digest(&all), product.Digest(all),
	}
	want := []string{
		"v1:8a485265e8aaccff54920e05c00458d8", "ced76ae23dff45913aad8565571a9355", "ae02a5ca7014c1891bac6077a3f42ac6f7a2691514d7822bd263bac29f5832ad",
		"v1:f91a547e6639c0b7f25bbab244dad6d3", "1949d5de3b093549a73dc24c3094a1af", "805a4e649e202bc4cd8462c8e431541efa0f90b285b5b1d388bd97cd6b1290a1",
	}
	if !slices.Equal(got, want) {
		t.Errorf("hashes %q\nwant %q", got, want)
	}
}
