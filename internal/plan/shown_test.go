package plan_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/plan"
)

// course is a product with a price in each state that people tell apart.
func course() catalog.Snapshot {
	return catalog.NewSnapshot(
		catalog.Product{ID: "prod_course", Name: "Course: barista", Active: true, DefaultPrice: "price_a"},
		[]catalog.Price{
			{ID: "price_a", Product: "prod_course", Active: true, Currency: "usd", BillingScheme: "per_unit", UnitAmountDecimal: "2900", TaxBehavior: "inclusive"},
			{ID: "price_b", Product: "prod_course", Active: true, Currency: "chf", BillingScheme: "per_unit", UnitAmountDecimal: "1.25", TaxBehavior: "inclusive", Nickname: "Per bean"},
		})
}

func money(m *catalog.Money) string {
	if m == nil {
		return "-"
	}
	return m.Amount() + " " + m.Currency
}

func TestChangesTellWhatPricesCostBeforeAndAfter(t *testing.T) {
	t.Parallel()
	live := course()
	live.Prices[0].ID, live.Prices[1].ID, live.Product.DefaultPrice = "price_A", "price_B", "price_A"
	known := plan.Known{Links: linked(map[string]string{"prod_course": "prod_course", "price_a": "price_A", "price_b": "price_B"})}
	repriced := course()
	repriced.Prices[0].UnitAmountDecimal = "3900"
	repriced.Prices[1].Active = false
	for want, in := range map[string]plan.Input{
		"[CREATE Course: barista one-time  - -> 29.00 usd CREATE Per bean  - -> 0.0125 chf]":                 {Test: course()},
		"[CREATE Course: barista one-time price_A 29.00 usd -> 39.00 usd ARCHIVE Per bean  0.0125 chf -> -]": {Test: repriced, Live: &live, Known: known},
	} {
		var got []string
		for _, c := range plan.Diff(in).Changes {
			if c.Resource == catalog.ResourceProduct {
				if c.Label() != "Course: barista" {
					t.Errorf("the product is called %q", c.Label())
				}
				continue
			}
			got = append(got, fmt.Sprintf("%s %s %s %s -> %s", c.Action, c.Label(), c.Replaces, money(c.AmountBefore), money(c.AmountAfter)))
		}
		if fmt.Sprint(got) != want {
			t.Errorf("got  %s\nwant %s", fmt.Sprint(got), want)
		}
	}
}

// Plans that earlier versions stored have summaries alone.
func TestStoredPlansHaveLabels(t *testing.T) {
	t.Parallel()
	var old plan.Change
	if err := json.Unmarshal([]byte(`{"summary": "Beans monthly: $9.00, new price"}`), &old); err != nil || old.Label() != "Beans monthly" {
		t.Errorf("%q, %v", old.Label(), err)
	}
}

// Fields are shown alike whether a plan was made or read.
func TestEveryFieldHasItsKind(t *testing.T) {
	t.Parallel()
	rich := course()
	on, upTo := true, int64(10)
	rich.Product.Shippable, rich.Product.Images = &on, []string{"https://a.example/b.png"}
	rich.Product.Metadata = map[string]string{"color": "green"}
	rich.Prices[0].Recurring = &catalog.Recurring{Interval: "month", IntervalCount: 1}
	rich.Prices[1].Tiers, rich.Prices[1].UnitAmountDecimal = []catalog.Tier{{UnitAmountDecimal: "5", UpTo: &upTo}}, ""
	made := plan.Diff(plan.Input{Test: rich})
	var stored plan.Plan
	b, err := json.Marshal(made)
	if err != nil || json.Unmarshal(b, &stored) != nil {
		t.Fatal(err)
	}
	want := map[string]plan.FieldKind{
		"name": plan.FieldText, "active": plan.FieldFlag, "shippable": plan.FieldFlag, "images": plan.FieldList, "metadata.color": plan.FieldText,
		"unit_amount_decimal": plan.FieldMoney, "tiers": plan.FieldList, "recurring": plan.FieldMap, "currency": plan.FieldText,
	}
	seen := map[string]bool{}
	for i, c := range made.Changes {
		for j, f := range c.Fields {
			seen[f.Field] = true
			if kind := f.Kind(); kind != stored.Changes[i].Fields[j].Kind() || want[f.Field] != "" && kind != want[f.Field] {
				t.Errorf("%s is %s, once stored %s", f.Field, kind, stored.Changes[i].Fields[j].Kind())
			}
		}
	}
	for name := range want {
		if !seen[name] {
			t.Errorf("no change of %s", name)
		}
	}
}

func TestEveryCheckHasAGroup(t *testing.T) {
	t.Parallel()
	live := course()
	names := plan.CheckNames()
	for _, r := range plan.CheckRestore(plan.Restoration{Live: &live}, &plan.Plan{}, nil) {
		names = append(names, r.Check)
	}
	for _, name := range names {
		if !slices.Contains(plan.Grouped(), name) {
			t.Errorf("%s is in no group", name)
		}
	}
}

func TestProblemsAreToldOneByOne(t *testing.T) {
	t.Parallel()
	test := course()
	test.Prices[0].UnitAmountDecimal, test.Prices[1].UnitAmountDecimal = "-1", "0"
	e := plan.Evidence{StripeProductID: "prod_course", TestAccountID: "acct_1", LiveAccountID: "acct_1", Test: plan.Read[*catalog.Snapshot]{Value: &test}}
	find := func(e plan.Evidence) (found plan.Result) {
		for _, r := range plan.Check(e) {
			if r.Check == "product_price" {
				found = r
			}
		}
		return found
	}
	made := find(e)
	var stored plan.Result
	b, err := json.Marshal(made)
	if err != nil || json.Unmarshal(b, &stored) != nil {
		t.Fatal(err)
	}
	for _, r := range []plan.Result{made, stored} {
		if p := r.Problems(); len(p) != 2 || p[0].Status != plan.CheckFailed || p[1].Status != plan.CheckWarning || p[0].Message == "" || r.CouldNotRun() {
			t.Errorf("%+v", p)
		}
	}
	test.Product.Active = false
	if r := find(e); r.Status != plan.CheckWarning || r.Problems()[0].Status != plan.CheckWarning {
		t.Errorf("archiving is blocked by %+v", r.Problems())
	}
	e.TestAccountID = ""
	if r := find(e); !r.CouldNotRun() || len(r.Problems()) != 1 || r.Problems()[0].Message != r.Message {
		t.Errorf("%+v", r)
	}
}
