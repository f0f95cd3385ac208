package plan_test

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/plan"
)

// checkOrder: a step comes after those it waits for, archiving waits for all else.
func checkOrder(t *testing.T, p plan.Plan) {
	t.Helper()
	archived := false
	for i, s := range p.Steps {
		for _, a := range s.After {
			if a >= i {
				t.Errorf("step %d waits for step %d", i, a)
			}
		}
		if s.Action == plan.Archive && s.Resource == catalog.ResourcePrice {
			archived = true
		} else if archived {
			t.Errorf("step %d comes after a price was archived", i)
		}
	}
}

var actions = []plan.Action{plan.Create, plan.Update, plan.Archive, plan.Reactivate}

// checkSteps: whoever carries a step out, or turns it back, finds in it all that
// takes, whatever the plan.
func checkSteps(t *testing.T, p plan.Plan) {
	t.Helper()
	for i, c := range p.Changes {
		if c.Reversible != (c.RollbackNote == "") || c.TestID == "" || c.Summary == "" || (c.LiveID == "") != (c.Action == plan.Create) {
			t.Errorf("change %d is incomplete: %+v", i, c)
		}
		if !slices.ContainsFunc(p.Steps, func(s plan.Step) bool { return s.Change == i && s.Resource == c.Resource }) {
			t.Errorf("change %d has no step", i)
		}
	}
	for i, s := range p.Steps {
		creates := s.Action == plan.Create
		if !slices.Contains(actions, s.Action) || s.Method != "POST" || s.Summary == "" || s.TestID == "" || s.Change < 0 || s.Change >= len(p.Changes) {
			t.Errorf("step %d is incomplete: %+v", i, s)
		}
		if creates != (s.LiveID == "") || creates && (len(s.Want) > 0 || len(s.Before) > 0) {
			t.Errorf("step %d is half a create: %+v", i, s)
		}
		if !creates {
			checkWrites(t, s)
		}
		checkKeyFrom(t, s)
	}
}

// checkWrites: an update wants just what it writes.
func checkWrites(t *testing.T, s plan.Step) {
	t.Helper()
	written, err := decodeForm(s.Body)
	if err != nil {
		t.Fatal(err)
	}
	active, said := written["active"]
	if isArchive := s.Action == plan.Archive; isArchive != (active == false) || said && !isArchive && s.Action != plan.Reactivate {
		t.Errorf("%s %s is called %q", s.Path, s.Body, s.Action)
	}
	delete(written, "transfer_lookup_key")
	keys, _ := written["metadata"].(map[string]any)
	for key, value := range keys {
		written["metadata."+key] = value
	}
	delete(written, "metadata")
	writes, wants := slices.Sorted(maps.Keys(written)), slices.Sorted(maps.Keys(s.Want))
	if !slices.Equal(writes, wants) || len(writes) == 0 {
		t.Errorf("%s writes %v and wants %v", s.Path, writes, wants)
	}
	// A product that this plan creates has its default price set later: nothing was before.
	if before := idOf(t, s.Before); before != s.LiveID && len(s.Before) > 0 {
		t.Errorf("%s: what was before is %s, not %s", s.Path, s.Before, s.LiveID)
	}
}

// checkKeyFrom: a price that loses its lookup key to another one is kept as it was,
// and Stripe is asked to take the key from it.
func checkKeyFrom(t *testing.T, s plan.Step) {
	t.Helper()
	written, err := decodeForm(s.Body)
	if err != nil {
		t.Fatal(err)
	}
	if transfers := written["transfer_lookup_key"] == true; transfers != (len(s.KeyFrom) > 0) {
		t.Errorf("%s transfers a key: %v, from %s", s.Path, transfers, s.KeyFrom)
	}
	if len(s.KeyFrom) == 0 {
		return
	}
	var from catalog.Price
	if err := json.Unmarshal(s.KeyFrom, &from); err != nil {
		t.Fatal(err)
	}
	if from.LookupKey != written["lookup_key"] || from.ID == "" || from.ID == s.LiveID {
		t.Errorf("%s takes the key %v from %s", s.Path, written["lookup_key"], s.KeyFrom)
	}
}

func idOf(t *testing.T, image json.RawMessage) string {
	t.Helper()
	var object struct {
		ID string `json:"id"`
	}
	if len(image) > 0 {
		if err := json.Unmarshal(image, &object); err != nil {
			t.Fatal(err)
		}
	}
	return object.ID
}

// What of a go-live nobody can take back is said with each change.
func TestDiffTellsWhatStaysAfterARollback(t *testing.T) {
	t.Parallel()
	yes := true
	options := func(tax string) map[string]catalog.CurrencyOption {
		return map[string]catalog.CurrencyOption{"eur": {UnitAmountDecimal: "1800", TaxBehavior: tax}}
	}
	for name, c := range map[string]struct {
		test, live func(*catalog.Product, *catalog.Price)
		reversible bool
	}{
		"a name": {func(p *catalog.Product, _ *catalog.Price) { p.Name = "Pro II" }, nil, true},
		"shippable, decided": {
			func(p *catalog.Product, _ *catalog.Price) { p.Shippable = &yes }, nil, false,
		},
		"shippable, changed": {
			func(p *catalog.Product, _ *catalog.Price) { p.Shippable = &yes },
			func(p *catalog.Product, _ *catalog.Price) { p.Shippable = new(bool) }, true,
		},
		"tax, decided": {
			nil, func(_ *catalog.Product, p *catalog.Price) { p.TaxBehavior = "unspecified" }, false,
		},
		"tax, decided where it was null": {
			nil, func(_ *catalog.Product, p *catalog.Price) { p.TaxBehavior = "" }, false,
		},
		"tax of an option, decided": {
			func(_ *catalog.Product, p *catalog.Price) { p.CurrencyOptions = options("inclusive") },
			func(_ *catalog.Product, p *catalog.Price) { p.CurrencyOptions = options("unspecified") }, false,
		},
		"amount of an option whose tax was decided": {
			func(_ *catalog.Product, p *catalog.Price) { p.CurrencyOptions = options("inclusive") },
			func(_ *catalog.Product, p *catalog.Price) {
				p.CurrencyOptions = map[string]catalog.CurrencyOption{"eur": {UnitAmountDecimal: "1", TaxBehavior: "inclusive"}}
			}, true,
		},
		"an option that is new": {
			func(_ *catalog.Product, p *catalog.Price) { p.CurrencyOptions = options("inclusive") }, nil, true,
		},
		"an option that goes": {
			nil, func(_ *catalog.Product, p *catalog.Price) { p.CurrencyOptions = options("unspecified") }, true,
		},
		"a price that is archived": {func(_ *catalog.Product, p *catalog.Price) { p.Active = false }, nil, true},
		"a price that is replaced": {func(_ *catalog.Product, p *catalog.Price) { p.UnitAmountDecimal = "5" }, nil, false},
	} {
		in := pairOf(c.test, c.live)
		p := plan.Diff(in)
		checkSteps(t, p)
		if len(p.Changes) != 1 || p.Changes[0].Reversible != c.reversible {
			t.Errorf("%s: want one change, reversible %v, got %+v", name, c.reversible, p.Changes)
		}
	}
}

// pairOf is a product with one price, alike in test and live but for these changes.
func pairOf(test, live func(*catalog.Product, *catalog.Price)) plan.Input {
	side := func(id string, change func(*catalog.Product, *catalog.Price)) catalog.Snapshot {
		product, price := catalog.Product{ID: "prod_pro", Name: "Pro", Active: true}, sellable(id, "", "1900")
		if change != nil {
			change(&product, &price)
		}
		return catalog.NewSnapshot(product, []catalog.Price{price})
	}
	inLive := side("price_la", live)
	return plan.Input{
		Test: side("price_a", test), Live: &inLive,
		Known: plan.Known{Links: linked(map[string]string{"prod_pro": "prod_pro", "price_a": "price_la"})},
	}
}
