package plan_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/plan"
)

const tenantID = "7b1d"

// rules is what the documentation promises of each check, in order: whether what
// it finds may block, also the archiving of a product.
var rules = []struct {
	check             string
	blocks, archiving bool
}{
	{"product_exists", true, true},
	{"product_name", true, false},
	{"product_price", true, false},
	{"product_description", false, false},
	{"product_images", false, false},
	{"default_price", true, false},
	{"price_tax_behavior", false, false},
	{"lookup_keys", true, false},
	{"metadata", true, false},
	{"stripe_integration", true, true},
	{"production_config", true, true},
	{"key_permissions", true, true},
	{"key_mode", true, true},
	{"same_account", true, true},
	{"account_ready", true, false},
	{"statement_descriptor", false, false},
	{"webhook_endpoint", false, false},
	{"live_conflict", true, true},
	{"drift", false, false},
	{"concurrent_deployment", false, false},
	{"something_to_deploy", false, false},
}

// checkCase changes healthy evidence and tells what one check makes of it.
type checkCase struct {
	check, name string
	change      func(*plan.Evidence)
	want        plan.CheckStatus
	// says is part of the message.
	says string
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

func sellable(id, key string, amount catalog.Decimal) catalog.Price {
	return catalog.Price{
		ID: id, Product: "prod_pro", Active: true, Currency: "usd", BillingScheme: "per_unit",
		UnitAmountDecimal: amount, LookupKey: key, TaxBehavior: "exclusive",
		Recurring: &catalog.Recurring{Interval: "month", IntervalCount: 1, UsageType: "licensed"},
	}
}

// deployed is evidence of the same product after it went live unchanged.
func deployed(e *plan.Evidence) {
	e.Known = plan.Known{
		Links:  map[string]string{"prod_pro": "prod_pro", "price_month": "price_L1", "price_year": "price_L2"},
		Prices: map[string]catalog.Price{},
	}
	product := e.Test.Value.Product
	product.DefaultPrice = "price_L1"
	product.Metadata = stampedCopy(product.Metadata, "prod_pro")
	var prices []catalog.Price
	for _, p := range e.Test.Value.Prices {
		p.Metadata = stampedCopy(p.Metadata, p.ID)
		testID := p.ID
		p.ID = e.Known.Links[testID]
		e.Known.Prices[testID] = p
		prices = append(prices, p)
	}
	live := catalog.NewSnapshot(product, prices)
	known := product
	known.Metadata = maps.Clone(product.Metadata)
	e.Known.Product = &known
	e.Live.Value = &live
	e.KeyHolders.Value = slices.Clone(live.Prices)
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

func TestHealthyProductPassesEverything(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*plan.Evidence){"never live": func(*plan.Evidence) {}, "live and repriced": repriced} {
		e := healthy()
		change(&e)
		results := conclude(e)
		if !plan.OK(results) {
			t.Errorf("%s: not OK", name)
		}
		for _, r := range results {
			if r.Status != plan.CheckPassed || r.Details != nil {
				t.Errorf("%s: %s is %s: %s %v", name, r.Check, r.Status, r.Message, r.Details)
			}
		}
	}
}

func repriced(e *plan.Evidence) {
	deployed(e)
	e.Test.Value.Product.Name = "Pro II"
}

func TestNamesAreStable(t *testing.T) {
	t.Parallel()
	var want []string
	for _, r := range rules {
		want = append(want, r.check)
	}
	if got := plan.CheckNames(); !slices.Equal(got, want) {
		t.Errorf("CheckNames() = %q, want %q", got, want)
	}
	for i, r := range plan.Check(plan.Evidence{}) {
		if r.Check != want[i] {
			t.Errorf("result %d is of %s, want %s", i, r.Check, want[i])
		}
	}
}

func TestCases(t *testing.T) {
	t.Parallel()
	for _, c := range allCases() {
		t.Run(c.check+"/"+c.name, func(t *testing.T) {
			t.Parallel()
			e := healthy()
			c.change(&e)
			results := conclude(e)
			got := resultOf(t, results, c.check)
			if got.Status != c.want || !strings.Contains(got.Message, c.says) {
				t.Errorf("%s: %s\nwant %s: …%s…", got.Status, got.Message, c.want, c.says)
			}
			for _, r := range results {
				oneSentence(t, r)
			}
		})
	}
}

// oneSentence demands of a message what a person can act on.
func oneSentence(t *testing.T, r plan.Result) {
	t.Helper()
	body, ended := strings.CutSuffix(r.Message, ".")
	if !ended || strings.Contains(body, ". ") || body == "" || strings.Contains(body, "(0 more") {
		t.Errorf("%s: not one sentence: %q", r.Check, r.Message)
	}
	told := strings.Contains(r.Message, ", so ") || strings.Contains(r.Message, ", because ")
	if r.Status != plan.CheckPassed && !told {
		t.Errorf("%s: does not say what to do: %q", r.Check, r.Message)
	}
}

// TestEveryCheckCanObject: a check without a case that fails is no check.
func TestEveryCheckCanObject(t *testing.T) {
	t.Parallel()
	for _, rule := range rules {
		worst := plan.CheckPassed
		for _, c := range allCases() {
			if c.check == rule.check && c.want != plan.CheckPassed && worst != plan.CheckFailed {
				worst = c.want
			}
		}
		want := plan.CheckWarning
		if rule.blocks {
			want = plan.CheckFailed
		}
		if worst != want {
			t.Errorf("the worst case of %s is %s, want %s", rule.check, worst, want)
		}
	}
}

// TestOnlyListedChecksBlock: whatever any case shows them, the other checks warn
// at most.
func TestOnlyListedChecksBlock(t *testing.T) {
	t.Parallel()
	for _, c := range allCases() {
		e := healthy()
		c.change(&e)
		for i, r := range conclude(e) {
			relieved := strings.HasPrefix(r.Message, "Not needed to archive")
			if (r.Status == plan.CheckFailed || relieved) && !rules[i].blocks && !couldNotRun(r) {
				t.Errorf("%s/%s makes %s fail: %s", c.check, c.name, r.Check, r.Message)
			}
		}
	}
}

// TestArchivingIsHeldUpByLess: with the product archived in test, the same
// findings block only where they concern the archiving.
func TestArchivingIsHeldUpByLess(t *testing.T) {
	t.Parallel()
	blocking := map[string]bool{}
	for _, c := range allCases() {
		e := healthy()
		c.change(&e)
		if e.Test.Err != nil || e.Test.Value == nil || e.TestAccountID == "" {
			continue // nobody knows that it is archived
		}
		before := conclude(e)
		e.Test.Value.Product.Active = false
		for i, r := range conclude(e) {
			oneSentence(t, r)
			if r.Status == plan.CheckFailed {
				blocking[r.Check] = true
			}
			if r.Status == plan.CheckFailed && !rules[i].archiving {
				t.Errorf("%s/%s: %s fails for an archived product: %s", c.check, c.name, r.Check, r.Message)
			}
			if before[i].Status == plan.CheckFailed && rules[i].archiving && r.Status != plan.CheckFailed {
				t.Errorf("%s/%s: %s does not fail for an archived product: %s", c.check, c.name, r.Check, r.Message)
			}
		}
	}
	delete(blocking, "product_exists") // a product that is not there is not archived
	if want := 6; len(blocking) != want {
		t.Errorf("%d checks can block an archiving besides product_exists, want %d: %v", len(blocking), want, blocking)
	}
}

func TestSameEvidenceSameResults(t *testing.T) {
	t.Parallel()
	for _, c := range allCases() {
		e := healthy()
		c.change(&e)
		first := encoded(t, conclude(e))
		for range 5 {
			if again := encoded(t, conclude(e)); again != first {
				t.Fatalf("%s/%s: %s\nthen %s", c.check, c.name, first, again)
			}
		}
	}
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

func TestMoreProblemsAreCounted(t *testing.T) {
	t.Parallel()
	e := healthy()
	e.Test.Value.Prices[0].UnitAmountDecimal = "1"
	e.Test.Value.Prices[1].UnitAmountDecimal = "-1"
	got := resultOf(t, conclude(e), "product_price")
	if got.Status != plan.CheckFailed || !strings.Contains(got.Message, "price_year") || !strings.HasSuffix(got.Message, " (1 more in the details).") {
		t.Errorf("%s: %s", got.Status, got.Message)
	}
	problems, ok := got.Details["problems"].([]map[string]any)
	if !ok || len(problems) != 2 || problems[0]["price"] != "price_month" || problems[1]["status"] != "FAILED" {
		t.Errorf("details: %v", got.Details)
	}
}

// TestDocumentedAsBuilt: the table in docs/checks.md names every check, in order,
// and what it may block.
func TestDocumentedAsBuilt(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/checks.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), "API version "+catalog.APIVersion) {
		t.Errorf("docs/checks.md does not tell API version %s", catalog.APIVersion)
	}
	var rows []string
	for line := range strings.Lines(string(page)) {
		if cells := strings.Split(line, "|"); len(cells) == 7 && strings.HasPrefix(line, "| `") {
			rows = append(rows, strings.Join(cells[1:4], "|"))
		}
	}
	var want []string
	yesNo := map[bool]string{true: "blocks", false: "warns"}
	for _, r := range rules {
		want = append(want, fmt.Sprintf(" `%s` | %s | %s ", r.check, yesNo[r.blocks], yesNo[r.archiving]))
	}
	if !slices.Equal(rows, want) {
		t.Errorf("docs/checks.md has\n%s\nwant\n%s", strings.Join(rows, "\n"), strings.Join(want, "\n"))
	}
}

var errSecret = errors.New("dial 10.0.0.7: key sk_live_51abc rejected")
