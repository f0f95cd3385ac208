package plan_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/plan"
)

// A product that is gone from live comes back by nobody's doing: that is told once,
// and only of what was there before.
func TestRestoreOfWhatIsGone(t *testing.T) {
	t.Parallel()
	before := &catalog.Product{ID: "prod_pro", Name: "Pro"}
	changed := plan.Touched{Resource: catalog.ResourceProduct, TestID: "prod_pro", LiveID: "prod_pro", Product: before, Fields: []string{"name"}}
	price := plan.Touched{Resource: catalog.ResourcePrice, TestID: "price_a", LiveID: "price_la", Price: &catalog.Price{ID: "price_la"}}
	created := plan.Touched{Resource: catalog.ResourcePrice, TestID: "price_b", LiveID: "price_lb"}
	for name, c := range map[string]struct {
		touched []plan.Touched
		known   plan.Known
		testID  string
		summary string
	}{
		"nothing":                    {},
		"only what was created":      {touched: []plan.Touched{created}},
		"a product":                  {touched: []plan.Touched{created, changed}, testID: "prod_pro", summary: "Pro"},
		"a product and its price":    {touched: []plan.Touched{changed, price}, testID: "prod_pro", summary: "Pro"},
		"a price":                    {touched: []plan.Touched{price}, testID: "price_a", summary: "The product"},
		"a price of a known product": {touched: []plan.Touched{price, changed}, known: plan.Known{Product: &catalog.Product{Name: "Max"}}, testID: "price_a", summary: "Max"},
	} {
		p := plan.Restore(plan.Restoration{Touched: c.touched, Known: c.known})
		if !p.IsEmpty() || len(p.Links) != 0 {
			t.Errorf("%s: steps %v, links %v", name, p.Steps, p.Links)
		}
		if c.testID == "" {
			if len(p.Changes) != 0 {
				t.Errorf("%s: changes %+v", name, p.Changes)
			}
			continue
		}
		if len(p.Changes) != 1 || p.Changes[0].TestID != c.testID || p.Changes[0].Action != plan.Create || p.Changes[0].Resource != catalog.ResourceProduct {
			t.Fatalf("%s: changes %+v", name, p.Changes)
		}
		if got := p.Changes[0].Summary; got[:len(c.summary)+1] != c.summary+":" {
			t.Errorf("%s: %q does not begin with %q", name, got, c.summary)
		}
	}
}

func TestRestoreTouchedBy(t *testing.T) {
	t.Parallel()
	product, price := json.RawMessage(`{"id":"prod_pro","name":"Pro"}`), json.RawMessage(`{"id":"price_la","lookup_key":"pro"}`)
	robbed := plan.Touched{
		Resource: catalog.ResourcePrice, LiveID: "price_la", Fields: []string{"lookup_key"},
		Price: &catalog.Price{ID: "price_la", LookupKey: "pro"},
	}
	for name, c := range map[string]struct {
		step plan.Step
		want []plan.Touched
	}{
		"a created product": {
			plan.Step{Resource: catalog.ResourceProduct, TestID: "prod_a"},
			[]plan.Touched{{Resource: catalog.ResourceProduct, TestID: "prod_a", LiveID: "live"}},
		},
		"a changed product": {
			plan.Step{Resource: catalog.ResourceProduct, TestID: "prod_a", Before: product, Want: map[string]any{"name": "x", "active": true}},
			[]plan.Touched{{
				Resource: catalog.ResourceProduct, TestID: "prod_a", LiveID: "live",
				Product: &catalog.Product{ID: "prod_pro", Name: "Pro"}, Fields: []string{"active", "name"},
				Wrote: map[string]any{"name": "x", "active": true},
			}},
		},
		"a created price that takes a key": {
			plan.Step{Resource: catalog.ResourcePrice, TestID: "price_b", KeyFrom: price},
			[]plan.Touched{{Resource: catalog.ResourcePrice, TestID: "price_b", LiveID: "live"}, robbed},
		},
		"a changed price": {
			plan.Step{Resource: catalog.ResourcePrice, TestID: "price_a", Before: price, Want: map[string]any{"nickname": nil}},
			[]plan.Touched{{
				Resource: catalog.ResourcePrice, TestID: "price_a", LiveID: "live",
				Price: &catalog.Price{ID: "price_la", LookupKey: "pro"}, Fields: []string{"nickname"},
				Wrote: map[string]any{"nickname": nil},
			}},
		},
		"metadata, as journals of the first version name it": {
			plan.Step{
				Resource: catalog.ResourceProduct, TestID: "prod_a", Before: json.RawMessage(`{"metadata":{"a":"1","b":"2","same":"3","golive":"x"}}`),
				Want: map[string]any{"metadata": map[string]any{"b": "4", "c": "5", "same": "3"}},
			},
			[]plan.Touched{{
				Resource: catalog.ResourceProduct, TestID: "prod_a", LiveID: "live", Fields: []string{"metadata.a", "metadata.b", "metadata.c"},
				Wrote:   map[string]any{"metadata.a": nil, "metadata.b": "4", "metadata.c": "5"},
				Product: &catalog.Product{Metadata: map[string]string{"a": "1", "b": "2", "same": "3", "golive": "x"}},
			}},
		},
		"all metadata cleared, by the first version": {
			plan.Step{
				Resource: catalog.ResourceProduct, TestID: "prod_a", Before: json.RawMessage(`{"metadata":{"a":"1"}}`),
				Want: map[string]any{"metadata": nil},
			},
			[]plan.Touched{{
				Resource: catalog.ResourceProduct, TestID: "prod_a", LiveID: "live", Fields: []string{"metadata.a"},
				Wrote:   map[string]any{"metadata.a": nil},
				Product: &catalog.Product{Metadata: map[string]string{"a": "1"}},
			}},
		},
	} {
		got, err := plan.TouchedBy(c.step, "live")
		for i := range c.want {
			if c.want[i].Fields == nil {
				c.want[i].Fields = []string{}
			}
		}
		if err != nil || toJSON(got) != toJSON(c.want) {
			t.Errorf("%s: %s (%v), want %s", name, toJSON(got), err, toJSON(c.want))
		}
	}
	for name, step := range map[string]plan.Step{
		"product": {Resource: catalog.ResourceProduct, Before: json.RawMessage(`{"id":7}`)},
		"price":   {Resource: catalog.ResourcePrice, Before: json.RawMessage(`{`)},
		"key":     {Resource: catalog.ResourcePrice, KeyFrom: json.RawMessage(`[]`)},
	} {
		if got, err := plan.TouchedBy(step, "live"); err == nil || got != nil {
			t.Errorf("an unreadable %s: %v, %v", name, got, err)
		}
	}
}

// Only the fields that the deployment wrote go back; what others changed since in
// other fields stays, and so do prices that nobody touched.
func TestRestoreLeavesOtherFields(t *testing.T) {
	t.Parallel()
	now := sellable("price_la", "theirs", "1900")
	now.Nickname = "Changed by us"
	before := sellable("price_la", "ours", "1900")
	before.Nickname = "Old"
	live := catalog.NewSnapshot(catalog.Product{ID: "prod_pro", Name: "Ours", Description: "theirs", Active: true},
		[]catalog.Price{now, sellable("price_lx", "", "5")})
	back := plan.Restore(plan.Restoration{Live: &live, Touched: []plan.Touched{
		{
			Resource: catalog.ResourceProduct, TestID: "prod_pro", LiveID: "prod_pro", Fields: []string{"name", "no field of ours"},
			Product: &catalog.Product{ID: "prod_pro", Name: "Old", Description: "old"},
		},
		{Resource: catalog.ResourcePrice, TestID: "price_a", LiveID: "price_la", Price: &before, Fields: []string{"nickname", "no field of ours"}},
		{Resource: catalog.ResourcePrice, TestID: "price_b", LiveID: "price_gone", Price: &before, Fields: []string{"active"}},
		{Resource: catalog.ResourcePrice, TestID: "price_c", LiveID: "price_gone_too"},
	}})
	var bodies []string
	for _, s := range back.Steps {
		bodies = append(bodies, s.Path+" "+s.Body)
	}
	if want := []string{"/v1/prices/price_la nickname=Old", "/v1/products/prod_pro name=Old"}; !slices.Equal(bodies, want) {
		t.Errorf("steps %q, want %q", bodies, want)
	}
}

// What somebody changed since the deployment began is marked where turning back half way
// overwrites it.
func TestRestoreMarksWhatChangedSince(t *testing.T) {
	t.Parallel()
	in := pairOf(func(p *catalog.Product, price *catalog.Price) { p.Name, price.Nickname = "Pro II", "Best" }, nil)
	touched := touched(t, plan.Diff(in), in.Known.Links.Prices())
	left := pairOf(nil, func(p *catalog.Product, price *catalog.Price) { p.Name, price.Nickname = "Pro II", "Best" }).Live
	for name, changed := range map[string]bool{"as it was left": false, "changed since": true} {
		now := catalog.Snapshot{Product: left.Product, Prices: slices.Clone(left.Prices)}
		if changed {
			now.Product.Name, now.Prices[0].Nickname = "Max", "Worst"
		}
		known := plan.Known{Links: in.Known.Links, Product: &left.Product, Prices: map[string]catalog.Price{"price_a": left.Prices[0]}}
		back := plan.Restore(plan.Restoration{Touched: touched, Live: &now, Known: known})
		if len(back.Changes) != 2 {
			t.Fatalf("%s: changes %+v", name, back.Changes)
		}
		for _, c := range back.Changes {
			if len(c.Fields) != 1 || c.Fields[0].Drifted != changed {
				t.Errorf("%s: fields %+v", name, c.Fields)
			}
		}
	}
}

// A created price that became the default price steps down before it is archived.
func TestRestoreTakesTheDefaultPriceFirst(t *testing.T) {
	t.Parallel()
	live := catalog.NewSnapshot(catalog.Product{ID: "prod_pro", Active: true, DefaultPrice: "price_la"}, []catalog.Price{sellable("price_la", "", "5")})
	back := plan.Restore(plan.Restoration{Live: &live, Touched: []plan.Touched{{Resource: catalog.ResourcePrice, TestID: "price_a", LiveID: "price_la"}}})
	if len(back.Steps) != 2 || back.Steps[0].Body != "default_price=" || back.Steps[1].Body != "active=false" || !slices.Equal(back.Steps[1].After, []int{0}) {
		t.Errorf("steps %+v", back.Steps)
	}
}

// What is linked again is a price that was for sale before under a test id of its
// own, is for sale now, and is linked to nothing.
func TestRestoreLinksOnlyWhatWasSoldBefore(t *testing.T) {
	t.Parallel()
	sold := plan.Touched{Resource: catalog.ResourcePrice, TestID: "price_a", LiveID: "price_1", Price: &catalog.Price{ID: "price_1", Active: true}}
	for name, c := range map[string]struct {
		touched plan.Touched
		change  func(*plan.Touched, *plan.Known)
		linked  bool
	}{
		"sold before":           {change: func(*plan.Touched, *plan.Known) {}, linked: true},
		"created":               {change: func(p *plan.Touched, _ *plan.Known) { p.Price = nil }},
		"archived before":       {change: func(p *plan.Touched, _ *plan.Known) { p.Price = &catalog.Price{ID: "price_1"} }},
		"without a test id":     {change: func(p *plan.Touched, _ *plan.Known) { p.TestID = "" }},
		"called by its live id": {change: func(p *plan.Touched, _ *plan.Known) { p.TestID = "price_1" }},
		"linked to another one": {change: func(_ *plan.Touched, k *plan.Known) { k.Links[test("price_b")] = "price_1" }},
		"archived now":          {change: func(p *plan.Touched, _ *plan.Known) { p.LiveID = "price_3" }},
		"gone now":              {change: func(p *plan.Touched, _ *plan.Known) { p.LiveID = "price_4" }},
		"its heir is for sale":  {change: func(_ *plan.Touched, k *plan.Known) { k.Links[test("price_a")] = "price_2" }},
		"its heir is archived":  {change: func(_ *plan.Touched, k *plan.Known) { k.Links[test("price_a")] = "price_3" }, linked: true},
		"it is another one's":   {change: func(_ *plan.Touched, k *plan.Known) { k.Foreign = ofOthers("price_1") }},
	} {
		live := catalog.NewSnapshot(catalog.Product{ID: "prod_pro", Active: true},
			[]catalog.Price{{ID: "price_1", Active: true}, {ID: "price_2", Active: true}, {ID: "price_3"}})
		touched, known := sold, plan.Known{Links: linked(map[string]string{})}
		c.change(&touched, &known)
		// Twice over: a link is told once.
		back := plan.Restore(plan.Restoration{Live: &live, Known: known, Touched: []plan.Touched{touched, touched}})
		var want []plan.Link
		if c.linked {
			want = []plan.Link{{Resource: catalog.ResourcePrice, TestID: "price_a", LiveID: "price_1"}}
		}
		if !slices.Equal(back.Links, want) {
			t.Errorf("%s: links %+v, want %+v", name, back.Links, want)
		}
	}
}

// A go-live that stopped between a new price and the end of the one that it replaces:
// the old one is linked again, with its lookup key, and replaced anew by the next one.
func TestRestoreHalfAReplacement(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"", "pro"} {
		in := pairOf(onPrice(func(p *catalog.Price) { p.UnitAmountDecimal, p.LookupKey = "500", key }),
			onPrice(func(p *catalog.Price) { p.LookupKey = key }))
		in.StampOwner = tenantID
		w := &world{dice: newDice(1), account: &liveAccount{live: in.Live, links: in.Known.Links.Prices()}, test: in.Test}
		touched := w.carryOut(t, plan.Diff(in), []int{0})
		w.restore(t, touched)
		again := plan.Restore(w.restoration(touched))
		want := []plan.Link{{Resource: catalog.ResourcePrice, TestID: "price_a", LiveID: "price_la"}}
		if !again.IsEmpty() || !slices.Equal(again.Links, want) {
			t.Errorf("key %q: steps %+v, links %+v, want none and %+v", key, again.Steps, again.Links, want)
		}
		w.link(again.Links)
		w.goLive(t)
		w.asInTest(t)
		if active := w.account.live.ActivePrices(); len(active) != 1 || active[0].UnitAmountDecimal != "500" || active[0].LookupKey != key {
			t.Errorf("key %q: for sale are %+v", key, active)
		}
	}
}
