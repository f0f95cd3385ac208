package plan_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/plan"
)

const tenantID = "7b1d"

// checkCase changes healthy evidence and tells what one check makes of it.
type checkCase struct {
	check, name string
	change      func(*plan.Evidence)
	want        plan.CheckStatus
	// names is what the result must name, see missing.
	names string
}

// missing returns the first of names, divided by |, that a result leaves out. Ids,
// numbers, fields and terms stand in the sentence; key=value stands in the details,
// of the result or of its first problem. How the sentence puts it is not judged.
func missing(r plan.Result, names string) string {
	details := maps.Clone(r.Details)
	if problems, ok := r.Details["problems"].([]map[string]any); ok {
		details = problems[0]
	}
	for name := range strings.SplitSeq(names, "|") {
		key, value, isDetail := strings.Cut(name, "=")
		if isDetail && fmt.Sprint(details[key]) != value || !isDetail && !strings.Contains(r.Message, name) {
			return name
		}
	}
	return ""
}

func allCases() []checkCase {
	return slices.Concat(productCases, priceCases, amountCases, keyCases, accountCases, webhookCases, lookupCases, metadataCases, liveCases)
}

// healthy is evidence of a product of two prices that was never live.
func healthy() plan.Evidence {
	yes := true
	account := catalog.Account{
		ID: "acct_1", ChargesEnabled: &yes, PayoutsEnabled: &yes, DetailsSubmitted: &yes,
		Requirements: &catalog.Requirements{},
	}
	account.Settings.Payments.StatementDescriptor = "ACME"
	test := testSnapshot()
	return plan.Evidence{
		StripeProductID: "prod_pro", StampOwner: tenantID,
		TestAccountID: "acct_1", LiveAccountID: "acct_1",
		LiveBalance: plan.Read[catalog.Balance]{Value: catalog.Balance{Livemode: true}},
		TestAccount: plan.Read[catalog.Account]{Value: account},
		LiveAccount: plan.Read[catalog.Account]{Value: account},
		Test:        plan.Read[*catalog.Snapshot]{Value: &test},
		Webhooks: plan.Read[[]catalog.WebhookEndpoint]{Value: []catalog.WebhookEndpoint{
			{ID: "we_1", URL: "https://acme.com/stripe", Status: "enabled", APIVersion: catalog.APIVersion},
		}},
	}
}

func testSnapshot() catalog.Snapshot {
	return catalog.NewSnapshot(
		catalog.Product{
			ID: "prod_pro", Name: "Pro", Active: true, Description: "All features.",
			Images: []string{"https://acme.com/pro.png"}, DefaultPrice: "price_month",
			Metadata: map[string]string{"tier": "2"},
		},
		[]catalog.Price{sellable("price_month", "pro_monthly", "1900"), sellable("price_year", "pro_yearly", "19000")},
	)
}

// deployed is evidence of the same product after it went live unchanged.
func deployed(e *plan.Evidence) {
	e.Known = plan.Known{
		Links:  linked(map[string]string{"prod_pro": "prod_pro", "price_month": "price_L1", "price_year": "price_L2"}),
		Prices: map[string]catalog.Price{},
	}
	product := e.Test.Value.Product
	product.DefaultPrice = "price_L1"
	product.Metadata = stampedCopy(product.Metadata, "prod_pro")
	var prices []catalog.Price
	for _, p := range e.Test.Value.Prices {
		p.Metadata = stampedCopy(p.Metadata, p.ID)
		testID := p.ID
		p.ID = e.Known.Links.Price(testID)
		left := p
		left.Metadata = maps.Clone(p.Metadata)
		e.Known.Prices[testID] = left
		prices = append(prices, p)
	}
	live := catalog.NewSnapshot(product, prices)
	known := product
	known.Metadata = maps.Clone(product.Metadata)
	e.Known.Product = &known
	e.Live.Value = &live
	e.KeyHolders.Value = slices.Clone(live.Prices)
}

func repriced(e *plan.Evidence) {
	deployed(e)
	e.Test.Value.Product.Name = "Pro II"
}

func stampedCopy(metadata map[string]string, testID string) map[string]string {
	m := map[string]string{catalog.StampKey: catalog.Stamp{Tenant: tenantID, TestID: testID, Deployment: "d1", Step: 1}.String()}
	maps.Copy(m, metadata)
	return m
}

// conclude runs all checks on the evidence with the plan that follows from it.
func conclude(e plan.Evidence) []plan.Result {
	if e.Plan == nil && e.Test.Err == nil && e.Test.Value != nil && e.Live.Err == nil {
		p := plan.Diff(plan.Input{
			Test: *e.Test.Value, Live: e.Live.Value, Known: e.Known, Adopt: e.Adopt, StampOwner: e.StampOwner,
		})
		e.Plan = &p
	}
	return plan.Check(e)
}

func resultOf(t *testing.T, results []plan.Result, check string) plan.Result {
	t.Helper()
	for _, r := range results {
		if r.Check == check {
			return r
		}
	}
	t.Fatalf("no result of %s", check)
	return plan.Result{}
}

func encoded(t *testing.T, results []plan.Result) string {
	t.Helper()
	b, err := json.Marshal(results)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func couldNotRun(r plan.Result) bool { return r.Details["couldNotRun"] == true }

var errSecret = errors.New("dial 10.0.0.7: key sk_live_51abc rejected")

func failedChecks(t *testing.T, results []plan.Result) map[string]plan.Result {
	t.Helper()
	failed := map[string]plan.Result{}
	for _, r := range results {
		actionable(t, r)
		if r.Status == plan.CheckFailed {
			failed[r.Check] = r
		}
	}
	return failed
}
