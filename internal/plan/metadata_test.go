package plan_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/plan"
)

// A rollback takes back the keys that the deployment wrote, each only where nobody has
// changed it since, and tells which stay for that.
func TestRestoreMetadataKeyByKey(t *testing.T) {
	t.Parallel()
	before := map[string]string{"changed": "old", "gone": "old", "kept": "1"}
	wrote := map[string]string{"changed": "new", "added": "new", "kept": "1"}
	for name, c := range map[string]struct {
		now, want map[string]string
		told      []string
	}{
		"as it was left":         {now: wrote, want: before},
		"somebody added one":     {now: with(wrote, "theirs", "x"), want: with(before, "theirs", "x")},
		"changed since":          {now: with(wrote, "changed", "theirs"), want: with(before, "changed", "theirs"), told: []string{"changed"}},
		"taken away since":       {now: with(wrote, "changed", ""), want: with(before, "changed", ""), told: []string{"changed"}},
		"an added one changed":   {now: with(wrote, "added", "theirs"), want: with(before, "added", "theirs"), told: []string{"added"}},
		"a removed one is back":  {now: with(wrote, "gone", "theirs"), want: with(before, "gone", "theirs"), told: []string{"gone"}},
		"put back by hand":       {now: before, want: before},
		"what it did not write":  {now: with(wrote, "kept", "2"), want: with(before, "kept", "2")},
		"all of it, by somebody": {now: nil, want: map[string]string{"gone": "old"}, told: []string{"changed"}},
	} {
		for _, resource := range []catalog.Resource{catalog.ResourceProduct, catalog.ResourcePrice} {
			on := func(metadata map[string]string) func(*catalog.Product, *catalog.Price) {
				return func(p *catalog.Product, price *catalog.Price) {
					if resource == catalog.ResourceProduct {
						p.Metadata = metadata
					} else {
						price.Metadata = metadata
					}
				}
			}
			in := pairOf(on(wrote), on(before))
			in.Known.Product, in.Known.Prices = &in.Live.Product, map[string]catalog.Price{"price_a": in.Live.Prices[0]}
			links := plain(in.Known.Links)
			touched := touched(t, plan.Diff(in), links)
			account := &liveAccount{live: pairOf(nil, on(maps.Clone(c.now))).Live, links: links}
			back := plan.Restore(plan.Restoration{Touched: touched, Live: account.clone().live, Known: in.Known})
			for _, s := range back.Steps {
				if _, err := account.apply(s); err != nil {
					t.Fatal(err)
				}
			}
			got := account.live.Product.Metadata
			if resource == catalog.ResourcePrice {
				got = account.live.Prices[0].Metadata
			}
			if !maps.Equal(got, c.want) {
				t.Errorf("%s, %s: %v, want %v", resource, name, got, c.want)
			}
			if len(back.Notes) != len(c.told) || len(c.told) == 1 && !strings.Contains(back.Notes[0], `"`+c.told[0]+`"`) {
				t.Errorf("%s, %s: told %q, want one each of %v", resource, name, back.Notes, c.told)
			}
			again := plan.Restore(plan.Restoration{Touched: touched, Live: account.live, Known: in.Known})
			if len(again.Changes) > 0 {
				t.Errorf("%s, %s: there is still to do: %+v", resource, name, again.Changes)
			}
		}
	}
}

// with is metadata with one key set, or without it where value is "".
func with(metadata map[string]string, key, value string) map[string]string {
	m := maps.Clone(metadata)
	if m[key] = value; value == "" {
		delete(m, key)
	}
	return m
}

// A step of a journal that names metadata as a whole took effect where all of it is
// there; one that names keys, where those are, whatever others keep.
func TestMetadataShowsWhetherAStepTookEffect(t *testing.T) {
	t.Parallel()
	p := catalog.Product{Metadata: map[string]string{"a": "1", "crm": "42", catalog.StampKey: "x"}}
	for name, c := range map[string]struct {
		want map[string]any
		has  bool
	}{
		"a key":                       {map[string]any{"metadata.a": "1"}, true},
		"another value":               {map[string]any{"metadata.a": "2"}, false},
		"a key less":                  {map[string]any{"metadata.b": nil}, true},
		"a key that is still there":   {map[string]any{"metadata.a": nil}, false},
		"the whole, but for theirs":   {map[string]any{"metadata": map[string]any{"a": "1"}}, false},
		"the whole, and theirs":       {map[string]any{"metadata": map[string]any{"a": "1", "crm": "42"}}, true},
		"nothing at all":              {map[string]any{"metadata": nil}, false},
		"a key beside another field":  {map[string]any{"metadata.a": "1", "name": "x"}, false},
		"a key with a dot and blanks": {map[string]any{"metadata.a.b & c": nil}, true},
	} {
		if has := plan.ProductHas(&p, c.want); has != c.has {
			t.Errorf("%s: has %t", name, has)
		}
	}
}

// What a plan reads is not changed by it.
func TestMetadataOfTheInputStays(t *testing.T) {
	t.Parallel()
	in := pairOf(nil, func(p *catalog.Product, price *catalog.Price) {
		p.Metadata, price.Metadata = map[string]string{"crm": "1"}, map[string]string{"crm": "2"}
	})
	plan.Diff(in)
	plan.Restore(plan.Restoration{Live: in.Live, Known: in.Known})
	if in.Live.Product.Metadata["crm"] != "1" || in.Live.Prices[0].Metadata["crm"] != "2" {
		t.Errorf("live is %+v", in.Live)
	}
}

// What is taken over keeps what it had, and no plan ever takes that away later.
func TestMetadataOfWhatIsAdoptedStays(t *testing.T) {
	t.Parallel()
	in := pairOf(func(p *catalog.Product, _ *catalog.Price) { p.Metadata = map[string]string{"a": "1"} },
		func(p *catalog.Product, _ *catalog.Price) { p.Metadata = map[string]string{"a": "0", "crm": "42"} })
	in.Known.Links, in.Adopt = nil, true
	var fields []string
	for _, c := range plan.Diff(in).Changes {
		for _, f := range c.Fields {
			fields = append(fields, f.Field)
		}
	}
	if !slices.Equal(fields, []string{"metadata.a"}) {
		t.Errorf("taking over changes %v", fields)
	}
}

// What a schedule was told of is told again in the version that stored it: there,
// metadata of others counted.
func TestMetadataOfOthersIsNoDrift(t *testing.T) {
	t.Parallel()
	e := healthy()
	deployed(&e)
	product := &e.Live.Value.Product
	product.Metadata["crm"] = "42"
	if digest := plan.DriftDigest(&e); digest != "" || plan.DriftedSince(&e, "") {
		t.Errorf("a key of others is drift: %q", digest)
	}
	product.Name = "Pro!"
	seen := plan.DriftDigest(&e)
	if !strings.HasPrefix(seen, "v2:") || !plan.DriftedSince(&e, "") || plan.DriftedSince(&e, seen) || plan.DriftedSince(&e, "1d4af9c5d43cc2b2653a27aec0edb6cb") {
		t.Errorf("a new name is told wrongly: %q", seen)
	}
	if product.Metadata["crm"] = "43"; plan.DriftedSince(&e, seen) {
		t.Error("another value of others is another drift")
	}
	if !plan.DriftedSince(&e, "1d4af9c5d43cc2b2653a27aec0edb6cb") {
		t.Error("to the version before it was")
	}
	product.Name, product.Metadata["crm"] = "Pro", "44"
	if plan.DriftedSince(&e, "0f4ab31834afaa16e85c09a5b9147124") {
		t.Error("what is no drift any more holds a schedule of the version before")
	}
	product.Metadata["crm"], product.Metadata["tier"] = "42", "3"
	e.Live.Value.Prices = e.Live.Value.Prices[1:]
	if plan.DriftedSince(&e, "bfa21fbb5de7084f510df257101388cb price_month") || !strings.HasSuffix(plan.DriftDigest(&e), " price_month") {
		t.Error("a price that is gone is told wrongly")
	}
	e.Live.Value = nil
	if plan.DriftDigest(&e) != "gone" || plan.DriftedSince(&e, "gone") {
		t.Error("a product that is gone is told wrongly")
	}
}

// What is to be taken over is seen by the keys that test has.
func TestMetadataOfOthersIsNotAdopted(t *testing.T) {
	t.Parallel()
	e := healthy()
	deployed(&e)
	e.Known, e.Adopt = plan.Known{}, true
	seen := plan.DriftDigest(&e)
	e.Live.Value.Product.Metadata["crm"], e.Live.Value.Prices[0].Metadata["crm"] = "42", "42"
	if plan.DriftDigest(&e) != seen {
		t.Error("a key of others counts")
	}
	if e.Live.Value.Product.Metadata["tier"] = "3"; plan.DriftDigest(&e) == seen {
		t.Error("a key that test has does not count")
	}
}
