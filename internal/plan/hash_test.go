package plan_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/plan"
	"github.com/golive-hq/golive/internal/product"
)

func TestHashIsTheSameForTheSameInput(t *testing.T) {
	t.Parallel()
	in := reprice()
	first := plan.Diff(in).Hash
	if !strings.HasPrefix(first, "v2:") || !plan.IsHash(first) {
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
		"v2:88e0ed8b7ceb2d2c941145e919a21a69", "ced76ae23dff45913aad8565571a9355", "ae02a5ca7014c1891bac6077a3f42ac6f7a2691514d7822bd263bac29f5832ad",
		"v2:3cfe2de6dde2aa21fbced56a06f1f847", "1949d5de3b093549a73dc24c3094a1af", "805a4e649e202bc4cd8462c8e431541efa0f90b285b5b1d388bd97cd6b1290a1",
	}
	if !slices.Equal(got, want) {
		t.Errorf("hashes %q\nwant %q", got, want)
	}
}

// A hash that somebody was shown by the version before is that of the same plan, made
// in that version's way: what others keep in live counted in it.
func TestHashOfTheVersionBefore(t *testing.T) {
	t.Parallel()
	stored, err := os.ReadFile("testdata/v1_hashes.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(stored)) {
		words := strings.Fields(line)
		archive, err := txtar.ParseFile("testdata/" + words[0] + ".txtar")
		if err != nil {
			t.Fatal(err)
		}
		there := plan.Diff(inputOf(t, archive))
		if !there.Has(words[1]) || !there.Has(there.Hash) || there.Has("v1:"+there.Hash[3:]) != (words[1][3:] == there.Hash[3:]) {
			t.Errorf("%s: the plan was %s", words[0], words[1])
		}
		if len(words) < 3 {
			continue
		}
		if back := turnedBack(t, inputOf(t, archive)); !back.Has(words[2]) {
			t.Errorf("%s: the way back was %s", words[0], words[2])
		}
	}
	in := reprice()
	in.Test.Product.Unknown = []string{"x"}
	all := catalog.Snapshot{Product: *filled[catalog.Product](), Prices: []catalog.Price{*filled[catalog.Price]()}}
	all.Prices[0].Recurring.Meter = ""
	whole, empty := plan.Diff(plan.Input{Test: all}), plan.Plan{}
	if p := plan.Diff(in); !p.Has("v1:8a485265e8aaccff54920e05c00458d8") || !whole.Has("v1:f91a547e6639c0b7f25bbab244dad6d3") {
		t.Error("the hash of a plan without metadata of others is another one")
	}
	if empty.Has("v1:8a485265e8aaccff54920e05c00458d8") {
		t.Error("a plan that was never made has a hash")
	}
}

// A hash has a form, and what has another one is none.
func TestHashForm(t *testing.T) {
	t.Parallel()
	digits := strings.Repeat("0af", 10) + "9b"
	for text, is := range map[string]bool{
		"v1:" + digits: true, "v2:" + digits: true,
		"": false, "v1:": false, "v1:…": false, "v3:" + digits: false, "v1:" + digits + "0": false, " v1:" + digits: false,
		"V1:" + digits: false, "v1:" + strings.ToUpper(digits): false, digits: false, "v1:" + digits + "\n": false,
	} {
		if plan.IsHash(text) != is {
			t.Errorf("%q is a hash: %t", text, !is)
		}
	}
}

// However an input was put together, the same content has the same hash: prices
// come in any order, and maps in none.
func TestHashIsStableUnderReordering(t *testing.T) {
	t.Parallel()
	for seed := range uint64(stories) {
		w := newWorld(seed)
		w.goLive(t)
		w.people()
		in := w.input()
		first, digest := plan.Diff(in).Hash, plan.Digest(&in.Test)
		in.Test = w.shuffled(in.Test)
		if in.Live != nil {
			live := w.shuffled(*in.Live)
			in.Live = &live
		}
		if again := plan.Diff(in).Hash; again != first {
			t.Errorf("seed %d: hash %s, shuffled %s", seed, first, again)
		}
		if again := plan.Digest(&in.Test); again != digest {
			t.Errorf("seed %d: digest %s, shuffled %s", seed, digest, again)
		}
	}
}

func (d *dice) shuffled(s catalog.Snapshot) catalog.Snapshot {
	prices := slices.Clone(s.Prices)
	d.Shuffle(len(prices), func(i, j int) { prices[i], prices[j] = prices[j], prices[i] })
	return catalog.NewSnapshot(s.Product, prices)
}

// Each field of test counts, and each of what is ours in live; what was found of
// what is not ours, and our memory of earlier deployments, do not.
func TestHashCoversWhatTheDecisionRestsOn(t *testing.T) {
	t.Parallel()
	theirs := sellable("price_theirs", "", "5")
	base := func() plan.Input {
		in := pairOf(func(p *catalog.Product, _ *catalog.Price) { p.Name = "Pro II" }, nil)
		in.Live.Prices = append(in.Live.Prices, theirs)
		in.Test.Prices[0].Metadata = map[string]string{"ours": "1"}
		in.Known.Product = &catalog.Product{Metadata: map[string]string{"left": "1"}}
		return in
	}
	first := plan.Diff(base()).Hash
	for name, c := range map[string]struct {
		change func(*plan.Input)
		counts bool
	}{
		"test name":                   {func(in *plan.Input) { in.Test.Product.Name = "Pro III" }, true},
		"test id":                     {func(in *plan.Input) { in.Test.Product.ID, in.Known.Links[test("prod_2")] = "prod_2", "prod_pro" }, true},
		"test price's id":             {func(in *plan.Input) { in.Test.Prices[0].ID, in.Known.Links[test("price_b")] = "price_b", "price_la" }, true},
		"test price's nickname":       {func(in *plan.Input) { in.Test.Prices[0].Nickname = "Best" }, true},
		"live description":            {func(in *plan.Input) { in.Live.Product.Description = "x" }, true},
		"live price's metadata":       {func(in *plan.Input) { in.Live.Prices[0].Metadata = map[string]string{"ours": "1"} }, true},
		"live product's metadata":     {func(in *plan.Input) { in.Live.Product.Metadata = map[string]string{"left": "1"} }, true},
		"their metadata":              {func(in *plan.Input) { in.Live.Prices[0].Metadata = map[string]string{"a": "1"} }, false},
		"their product's metadata":    {func(in *plan.Input) { in.Live.Product.Metadata = map[string]string{"ours": "1"} }, false},
		"live price's id":             {func(in *plan.Input) { in.Live.Prices[0].ID, in.Known.Links[test("price_a")] = "price_lb", "price_lb" }, true},
		"a price that was adopted":    {func(in *plan.Input) { in.Known.Links = nil; in.Adopt = true }, true},
		"both alike, as nothing does": {func(in *plan.Input) { in.Test.Product.Name = "Pro" }, true},
		"their price":                 {func(in *plan.Input) { in.Live.Prices[1].Nickname = "changed" }, false},
		"no price of theirs":          {func(in *plan.Input) { in.Live.Prices = in.Live.Prices[:1] }, false},
		"the last deployment":         {func(in *plan.Input) { in.Known.Product, in.Known.Prices = &in.Live.Product, nil }, false},
		"our stamps": {func(in *plan.Input) {
			stamp := map[string]string{catalog.StampKey: "us/x/d/1"}
			in.Live.Product.Metadata, in.Live.Prices[0].Metadata = stamp, stamp
		}, false},
		"products of theirs": {func(in *plan.Input) { in.Known.Foreign = ofOthers("prod_x") }, false},
		"empty for null": {func(in *plan.Input) {
			in.Live.Product.Images, in.Test.Product.Metadata = []string{}, map[string]string{}
		}, false},
	} {
		in := base()
		c.change(&in)
		if counts := plan.Diff(in).Hash != first; counts != c.counts {
			t.Errorf("%s counts: %v, want %v", name, counts, c.counts)
		}
	}
}

// A digest is of content: of what is copied, and of whose it is.
func TestHashDigestsContent(t *testing.T) {
	t.Parallel()
	first := plan.Digest(pairOf(nil, nil).Live)
	for name, c := range map[string]struct {
		change func(*catalog.Snapshot)
		counts bool
	}{
		"name":             {func(s *catalog.Snapshot) { s.Product.Name = "x" }, true},
		"product's id":     {func(s *catalog.Snapshot) { s.Product.ID = "x" }, true},
		"amount":           {func(s *catalog.Snapshot) { s.Prices[0].UnitAmountDecimal = "1900.0001" }, true},
		"price's id":       {func(s *catalog.Snapshot) { s.Prices[0].ID = "x" }, true},
		"a price less":     {func(s *catalog.Snapshot) { s.Prices = nil }, true},
		"a price more":     {func(s *catalog.Snapshot) { s.Prices = append(s.Prices, s.Prices[0]) }, true},
		"a price archived": {func(s *catalog.Snapshot) { s.Prices[0].Active = false }, true},
		"stamp":            {func(s *catalog.Snapshot) { s.Product.Metadata = map[string]string{catalog.StampKey: "x"} }, false},
		"a price's owner":  {func(s *catalog.Snapshot) { s.Prices[0].Product = "x" }, false},
	} {
		s := pairOf(nil, nil).Live
		c.change(s)
		if counts := plan.Digest(s) != first; counts != c.counts {
			t.Errorf("%s counts: %v, want %v", name, counts, c.counts)
		}
	}
}
