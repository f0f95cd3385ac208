package plan_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/plan"
)

// Of a deployment that completed it is known what it left: what somebody has changed since
// is theirs, and the way back goes around it and says so.
func TestRestoreLeavesWhatOthersChangedSince(t *testing.T) {
	t.Parallel()
	in := pairOf(func(p *catalog.Product, price *catalog.Price) {
		p.Name, p.Description, price.Nickname, price.LookupKey = "Pro II", "Ours", "Best", "new"
	}, nil)
	touched := touched(t, plan.Diff(in), in.Known.Links.Prices())
	left := pairOf(nil, func(p *catalog.Product, price *catalog.Price) {
		p.Name, p.Description, price.Nickname, price.LookupKey = "Pro II", "Ours", "Best", "new"
	}).Live
	now := catalog.Snapshot{Product: left.Product, Prices: slices.Clone(left.Prices)}
	now.Product.Name, now.Prices[0].LookupKey = "Max", "theirs"
	// What was kept of live last is of a later deployment's end, and has theirs in it.
	known := plan.Known{Links: in.Known.Links, Product: &now.Product, Prices: map[string]catalog.Price{"price_a": now.Prices[0]}}
	back := plan.Restore(plan.Restoration{Touched: touched, Live: &now, Known: known, Completed: true})
	var fields []string
	for _, c := range back.Changes {
		for _, f := range c.Fields {
			fields = append(fields, f.Field)
		}
	}
	if want := []string{"nickname", "description"}; !slices.Equal(fields, want) {
		t.Errorf("restores %q, want %q", fields, want)
	}
	if len(back.Notes) != 2 || !strings.Contains(strings.Join(back.Notes, " "), "The name of product Max was changed in live mode since") {
		t.Errorf("notes %q", back.Notes)
	}
}

// What a later deployment that failed has left behind is no choice of others'.
func TestRestoreTakesBackWhatALaterOneLeftHalfUndone(t *testing.T) {
	t.Parallel()
	wrote := func(name string) plan.Touched {
		return plan.Touched{
			Resource: catalog.ResourceProduct, TestID: "prod_pro", LiveID: "prod_pro", Fields: []string{"name"},
			Product: &catalog.Product{ID: "prod_pro", Name: "Pro"}, Wrote: map[string]any{"name": name},
		}
	}
	live := catalog.NewSnapshot(catalog.Product{ID: "prod_pro", Name: "Pro III"}, nil)
	r := plan.Restoration{Live: &live, Completed: true, Touched: []plan.Touched{wrote("Pro II")}, Later: []plan.Touched{wrote("Pro III")}}
	if back := plan.Restore(r); len(back.Steps) != 1 || len(back.Notes) != 0 {
		t.Errorf("steps %+v, notes %q", back.Steps, back.Notes)
	}
	r.Later[0].LiveID = "prod_other"
	if back := plan.Restore(r); !back.IsEmpty() || len(back.Notes) != 1 {
		t.Errorf("steps %+v, notes %q", back.Steps, back.Notes)
	}
}

// It is the same with the keys of metadata, which are told one by one.
func TestRestoreTakesBackMetadataThatALaterOneLeftHalfUndone(t *testing.T) {
	t.Parallel()
	wrote := func(tier string) plan.Touched {
		return plan.Touched{
			Resource: catalog.ResourceProduct, TestID: "prod_pro", LiveID: "prod_pro", Fields: []string{"metadata.tier"},
			Product: &catalog.Product{ID: "prod_pro", Metadata: map[string]string{"tier": "1"}}, Wrote: map[string]any{"metadata.tier": tier},
		}
	}
	live := catalog.NewSnapshot(catalog.Product{ID: "prod_pro", Metadata: map[string]string{"tier": "3"}}, nil)
	r := plan.Restoration{Live: &live, Completed: true, Touched: []plan.Touched{wrote("2")}}
	if back := plan.Restore(r); !back.IsEmpty() || len(back.Notes) != 1 {
		t.Errorf("theirs: steps %+v, notes %q", back.Steps, back.Notes)
	}
	r.Later = []plan.Touched{wrote("3")}
	if back := plan.Restore(r); len(back.Steps) != 1 || back.Steps[0].Body != "metadata%5Btier%5D=1" || len(back.Notes) != 0 {
		t.Errorf("ours: steps %+v, notes %q", back.Steps, back.Notes)
	}
}

// A price may lose its key to another one and get a third in one deployment: both are what
// that has made of it.
func TestRestoreOfAKeyThatWasTakenAndReplaced(t *testing.T) {
	t.Parallel()
	before := sellable("price_old", "pro", "5")
	image, err := json.Marshal(before)
	if err != nil {
		t.Fatal(err)
	}
	taken, err := plan.TouchedBy(plan.Step{
		Resource: catalog.ResourcePrice, Action: plan.Create, TestID: "price_b", Want: map[string]any{"lookup_key": "pro"}, KeyFrom: image,
	}, "price_new")
	if err != nil {
		t.Fatal(err)
	}
	renamed, err := plan.TouchedBy(plan.Step{
		Resource: catalog.ResourcePrice, Action: plan.Update, TestID: "price_a", Want: map[string]any{"lookup_key": "basic"}, Before: image,
	}, "price_old")
	if err != nil {
		t.Fatal(err)
	}
	now := before
	now.LookupKey = "basic"
	live := catalog.NewSnapshot(catalog.Product{ID: "prod_pro", Active: true}, []catalog.Price{now, sellable("price_new", "pro", "6")})
	back := plan.Restore(plan.Restoration{Live: &live, Completed: true, Touched: append(taken, renamed...)})
	if len(back.Notes) != 0 || !slices.ContainsFunc(back.Steps, func(s plan.Step) bool { return s.LiveID == "price_old" && s.Want["lookup_key"] == "pro" }) {
		t.Errorf("steps %+v, notes %q", back.Steps, back.Notes)
	}
}

// A price that lost its lookup key to its successor may have got another one since.
func TestRestoreLeavesAKeyGivenSinceToAPriceThatLostItsOwn(t *testing.T) {
	t.Parallel()
	old := sellable("price_old", "pro", "5")
	image, err := json.Marshal(old)
	if err != nil {
		t.Fatal(err)
	}
	touched, err := plan.TouchedBy(plan.Step{
		Resource: catalog.ResourcePrice, Action: plan.Create, TestID: "price_a", Want: map[string]any{"lookup_key": "pro"}, KeyFrom: image,
	}, "price_new")
	if err != nil {
		t.Fatal(err)
	}
	for key, stays := range map[string]bool{"vip": true, "": false, "pro": false} {
		old.LookupKey = key
		live := catalog.NewSnapshot(catalog.Product{ID: "prod_pro", Active: true}, []catalog.Price{old, sellable("price_new", "pro", "6")})
		back := plan.Restore(plan.Restoration{Live: &live, Touched: touched, Completed: true})
		returned := slices.ContainsFunc(back.Steps, func(s plan.Step) bool { return s.LiveID == "price_old" })
		if stays != (len(back.Notes) == 1) || returned != (key == "") {
			t.Errorf("%q: steps %+v, notes %q", key, back.Steps, back.Notes)
		}
	}
}

// Options that differ only in what was decided about tax since are as they were left.
func TestRestoreTakesDecidedTaxesForNoChangeOfOptions(t *testing.T) {
	t.Parallel()
	options := func(amount catalog.Decimal, tax string) map[string]catalog.CurrencyOption {
		return map[string]catalog.CurrencyOption{"eur": {UnitAmountDecimal: amount, TaxBehavior: tax}}
	}
	before := sellable("price_a", "", "5")
	before.CurrencyOptions = options("5", "unspecified")
	for name, c := range map[string]struct {
		now   map[string]catalog.CurrencyOption
		notes int
	}{
		"as left":         {options("6", "unspecified"), 0},
		"taxed since":     {options("6", "inclusive"), 0},
		"repriced since":  {options("7", "unspecified"), 1},
		"both since":      {options("7", "inclusive"), 1},
		"gone since":      {nil, 1},
		"another besides": {map[string]catalog.CurrencyOption{"eur": options("6", "")["eur"], "gbp": {UnitAmountDecimal: "9"}}, 1},
	} {
		now := before
		now.CurrencyOptions = c.now
		live := catalog.NewSnapshot(catalog.Product{ID: "prod_pro", Active: true}, []catalog.Price{now})
		back := plan.Restore(plan.Restoration{Live: &live, Completed: true, Touched: []plan.Touched{{
			Resource: catalog.ResourcePrice, TestID: "price_a", LiveID: "price_a", Price: &before, Fields: []string{"currency_options"},
			Wrote: map[string]any{"currency_options": map[string]any{"eur": map[string]any{"unit_amount_decimal": "6", "tax_behavior": "unspecified"}}},
		}}})
		if len(back.Notes) != c.notes || back.IsEmpty() != (c.notes == 1) {
			t.Errorf("%s: steps %+v, notes %q", name, back.Steps, back.Notes)
		}
	}
}

// A default price that somebody has chosen since stays, and so the one before need not be
// for sale any more.
func TestRestoreGoesAroundAThirdDefaultPrice(t *testing.T) {
	t.Parallel()
	left := catalog.Product{ID: "prod_pro", Name: "Pro", Active: true, DefaultPrice: "price_new"}
	now := left
	now.DefaultPrice = "price_theirs"
	live := catalog.NewSnapshot(now, []catalog.Price{
		{ID: "price_new", Active: true}, {ID: "price_theirs", Active: true}, {ID: "price_old", Active: false},
	})
	r := plan.Restoration{
		Live: &live, Completed: true, Known: plan.Known{Product: &left, Links: linked(map[string]string{"prod_pro": "prod_pro"})},
		Touched: []plan.Touched{{
			Resource: catalog.ResourceProduct, TestID: "prod_pro", LiveID: "prod_pro", Fields: []string{"default_price"},
			Product: &catalog.Product{ID: "prod_pro", Name: "Pro", Active: true, DefaultPrice: "price_old"}, Wrote: map[string]any{"default_price": "price_new"},
		}},
	}
	back := plan.Restore(r)
	if !back.IsEmpty() || len(back.Notes) != 1 {
		t.Errorf("%+v, notes %q", back.Changes, back.Notes)
	}
	if results := plan.CheckRestore(r, &back, nil); !plan.OK(results) {
		t.Errorf("%+v", results)
	}
}

// One of the deployment's own, which goes with it, can't stay the default price.
func TestRestoreKeepsNoDefaultPriceThatGoes(t *testing.T) {
	t.Parallel()
	live := catalog.NewSnapshot(catalog.Product{ID: "prod_pro", Active: true, DefaultPrice: "price_2"}, []catalog.Price{
		sellable("price_0", "", "5"), sellable("price_1", "", "6"), sellable("price_2", "", "7"),
	})
	r := plan.Restoration{Live: &live, Completed: true, Touched: []plan.Touched{
		{
			Resource: catalog.ResourceProduct, TestID: "prod_pro", LiveID: "prod_pro", Fields: []string{"default_price"},
			Product: &catalog.Product{ID: "prod_pro", Active: true, DefaultPrice: "price_0"}, Wrote: map[string]any{"default_price": "price_1"},
		},
		{Resource: catalog.ResourcePrice, TestID: "price_a", LiveID: "price_1"},
		{Resource: catalog.ResourcePrice, TestID: "price_b", LiveID: "price_2"},
	}}
	back := plan.Restore(r)
	if len(back.Steps) != 3 || back.Steps[0].Body != "default_price=price_0" || len(back.Notes) != 0 {
		t.Errorf("steps %+v, notes %q", back.Steps, back.Notes)
	}
	live.Prices[0].Active = false
	if results := plan.CheckRestore(r, &back, nil); plan.OK(results) {
		t.Errorf("nothing is for sale: %+v", results)
	}
}

// A default price that nobody can name any more is restored, and says nothing of the
// other fields that were written with it.
func TestRestoreOfADefaultPriceThatNobodyKnowsAnyMore(t *testing.T) {
	t.Parallel()
	live := catalog.NewSnapshot(catalog.Product{ID: "prod_pro", Name: "Pro II", Active: true, DefaultPrice: "price_new"},
		[]catalog.Price{sellable("price_old", "", "5"), sellable("price_new", "", "6")})
	for name, wrote := range map[string]any{"as stored": plan.Ref{Resource: catalog.ResourcePrice, ID: "gone"}, "in an old journal": "{price:gone}"} {
		back := plan.Restore(plan.Restoration{Live: &live, Completed: true, Touched: []plan.Touched{{
			Resource: catalog.ResourceProduct, TestID: "prod_pro", LiveID: "prod_pro", Fields: []string{"default_price", "name"},
			Product: &catalog.Product{ID: "prod_pro", Name: "Pro", Active: true, DefaultPrice: "price_old"},
			Wrote:   map[string]any{"default_price": wrote, "name": "Pro II"},
		}}})
		if len(back.Steps) != 1 || back.Steps[0].Body != "name=Pro&default_price=price_old" || len(back.Notes) != 0 {
			t.Errorf("%s: steps %+v, notes %q", name, back.Steps, back.Notes)
		}
	}
}
