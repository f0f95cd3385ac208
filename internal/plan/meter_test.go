package plan_test

import (
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/plan"
)

// With the product archived in test, which no price holds up, a price that is
// billed by a meter is neither made in live nor does it replace one there.
func TestDiffMeterOfAnArchivedProductStaysInTest(t *testing.T) {
	t.Parallel()
	in := plan.Input{
		Test: catalog.NewSnapshot(catalog.Product{ID: "prod_pro", Name: "Pro"}, []catalog.Price{counted("price_a", "mtr_1"), counted("price_b", "mtr_1")}),
		Live: &catalog.Snapshot{
			Product: catalog.Product{ID: "prod_pro", Name: "Pro", Active: true}, Prices: []catalog.Price{counted("price_live", "")},
		},
		Known: plan.Known{Links: linked(map[string]string{"prod_pro": "prod_pro", "price_a": "price_live"})},
	}
	want := `ARCHIVE product prod_pro: Pro: archived, no longer for sale
    active: true -> false
0. POST /v1/products/prod_pro after []
    active=false
`
	if got := render(t, plan.Diff(in)); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// A live price with a meter is no twin of one without: it is not taken over as
// one, and what replaces it shows the meter that goes.
func TestDiffMeterInLiveIsSeen(t *testing.T) {
	t.Parallel()
	in := plan.Input{
		Test: catalog.NewSnapshot(catalog.Product{ID: "prod_pro", Name: "Pro", Active: true}, []catalog.Price{counted("price_a", "")}),
		Live: &catalog.Snapshot{
			Product: catalog.Product{ID: "prod_pro", Name: "Pro", Active: true}, Prices: []catalog.Price{counted("price_live", "mtr_live")},
		},
		Adopt: true,
	}
	if p := plan.Diff(in); len(p.Links) != 1 || len(p.Steps) != 1 || strings.Contains(p.Steps[0].Path, "price_live") {
		t.Errorf("a price with a meter is taken over as one without:\n%s", render(t, p))
	}
	in.Known.Links = linked(map[string]string{"prod_pro": "prod_pro", "price_a": "price_live"})
	shown := `recurring: {"interval":"month","interval_count":1,"meter":"mtr_live","usage_type":"metered"} -> {"interval":"month","interval_count":1,"usage_type":"metered"}`
	if got := render(t, plan.Diff(in)); !strings.Contains(got, shown) {
		t.Errorf("the plan does not show that the meter goes:\n%s", got)
	}
}

// What is archived in test is archived in live, meter or not.
func TestDiffArchivedMeterIsArchivedInLive(t *testing.T) {
	t.Parallel()
	gone := counted("price_a", "mtr_1")
	gone.Active = false
	in := plan.Input{
		Test: catalog.NewSnapshot(catalog.Product{ID: "prod_pro", Name: "Pro", Active: true}, []catalog.Price{gone}),
		Live: &catalog.Snapshot{
			Product: catalog.Product{ID: "prod_pro", Name: "Pro", Active: true}, Prices: []catalog.Price{counted("price_live", "")},
		},
		Known: plan.Known{Links: linked(map[string]string{"prod_pro": "prod_pro", "price_a": "price_live"})},
	}
	if p := plan.Diff(in); len(p.Steps) != 1 || p.Steps[0].Body != "active=false" {
		t.Errorf("want the live price archived and no more:\n%s", render(t, p))
	}
}
