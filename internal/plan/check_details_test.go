package plan_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/plan"
)

// What programs are told of a check's first problem, beside the sentence for people.
var detailCases = []struct {
	check, name string
	change      func(*plan.Evidence)
	want        string
}{
	{"product_exists", "gone", func(e *plan.Evidence) { e.Test.Value = nil }, `{"product":"prod_pro"}`},
	{
		"product_exists", "unknown field", func(e *plan.Evidence) { e.Test.Value.Product.Unknown = []string{"a", "b"} },
		`{"fields":["a","b"],"product":"prod_pro"}`,
	},
	{"product_name", "none", name(""), `{"field":"name"}`},
	{"product_name", "placeholder", name("foo"), `{"field":"name"}`},
	{"product_description", "none", description(""), `{"field":"description"}`},
	{"product_description", "placeholder", description("foo"), `{"field":"description"}`},
	{"product_images", "none", images(), `{"field":"images"}`},
	{"product_images", "with a secret", images("http://u:p@acme.com/a.png?token=x#y"), `{"field":"images","image":"http://acme.com/a.png"}`},
	{"default_price", "none of two", defaultPrice(""), `{"field":"default_price","price":""}`},
	{"default_price", "unknown", defaultPrice("price_x"), `{"field":"default_price","price":"price_x"}`},
	{"default_price", "archived", func(e *plan.Evidence) { e.Test.Value.Prices[0].Active = false }, `{"field":"default_price","price":"price_month"}`},
	{"product_price", "none", func(e *plan.Evidence) { e.Test.Value.Prices = nil }, `{"product":"prod_pro"}`},
	{"product_price", "meter", meter("mtr_1"), `{"field":"recurring.meter","price":"price_month"}`},
	{
		"product_price", "unknown field", price(func(p *catalog.Price) { p.Unknown = []string{"x"} }),
		`{"fields":["x"],"price":"price_month"}`,
	},
	{"product_price", "no amount", price(func(p *catalog.Price) { p.UnitAmountDecimal = "" }), `{"price":"price_month"}`},
	{"product_price", "too high", costs("100000000", "usd"), `{"amount":"100000000","currency":"usd","price":"price_month"}`},
	{"product_price", "odd", also("eur", "1"), `{"amount":"1","currency":"eur","price":"price_month"}`},
	{
		"price_tax_behavior", "undecided", price(func(p *catalog.Price) { p.TaxBehavior = "" }),
		`{"field":"tax_behavior","price":"price_month"}`,
	},
	{
		"lookup_keys", "shared", func(e *plan.Evidence) { e.Test.Value.Prices[1].LookupKey = "pro_monthly" },
		`{"lookupKey":"pro_monthly","price":"price_year"}`,
	},
	{"lookup_keys", "held", unlinkedHolder, `{"livePrice":"price_9","liveProduct":"prod_pro","lookupKey":"pro_monthly"}`},
	{"metadata", "reserved", productMetadata("golive", "1"), `{"key":"golive","resource":"product","testId":"prod_pro"}`},
	{"metadata", "full", func(e *plan.Evidence) { e.Test.Value.Prices[1].Metadata = keys(50) }, `{"key":"","resource":"price","testId":"price_year"}`},
	{"metadata", "a test id", priceMetadata("next", "price_year"), `{"key":"next","resource":"price","testId":"price_month"}`},
	{"stripe_integration", "another account", func(e *plan.Evidence) { e.Test.Value = nil }, `{"accountId":"acct_1"}`},
	{"stripe_integration", "refused", func(e *plan.Evidence) { refuse(&e.TestBalance.Err) }, `{"mode":"TEST"}`},
	{"production_config", "none", func(e *plan.Evidence) { e.LiveAccountID = "" }, `{"mode":"LIVE"}`},
	{"key_permissions", "one right of two reads", func(e *plan.Evidence) {
		forbid(&e.Live.Err)
		forbid(&e.KeyHolders.Err)
	}, `{"missing":["read products and prices"],"mode":"LIVE"}`},
	{"key_mode", "live as test", func(e *plan.Evidence) { e.TestBalance.Value.Livemode = true }, `{"mode":"TEST"}`},
	{"key_mode", "test as live", func(e *plan.Evidence) { e.LiveBalance.Value.Livemode = false }, `{"mode":"LIVE"}`},
	{"same_account", "two", twoAccounts, `{"liveAccountId":"acct_1","testAccountId":"acct_2"}`},
	{"account_ready", "charges", account(func(a *catalog.Account) { a.ChargesEnabled = nil }), `{"field":"charges_enabled"}`},
	{"account_ready", "payouts", account(func(a *catalog.Account) { a.PayoutsEnabled = nil }), `{"field":"payouts_enabled"}`},
	{"account_ready", "details", account(func(a *catalog.Account) { a.DetailsSubmitted = nil }), `{"field":"details_submitted"}`},
	{"account_ready", "requirements", account(func(a *catalog.Account) { a.Requirements = nil }), `{"field":"requirements"}`},
	{
		"account_ready", "disabled", account(func(a *catalog.Account) { a.Requirements.DisabledReason = "listed" }),
		`{"field":"requirements.disabled_reason","value":"listed"}`,
	},
	{
		"account_ready", "past due", account(func(a *catalog.Account) { a.Requirements.PastDue = []string{"x", "y"} }),
		`{"field":"requirements.past_due","value":["x","y"]}`,
	},
	{
		"account_ready", "currently due", account(func(a *catalog.Account) { a.Requirements.CurrentlyDue = []string{"x"} }),
		`{"field":"requirements.currently_due","value":["x"]}`,
	},
	{"statement_descriptor", "of the product", descriptor("1"), `{"field":"statement_descriptor"}`},
	{
		"statement_descriptor", "of the account", account(func(a *catalog.Account) { a.Settings.Payments.StatementDescriptor = "" }),
		`{"field":"settings.payments.statement_descriptor"}`,
	},
	{
		"webhook_endpoint", "old", webhook(func(w *catalog.WebhookEndpoint) { w.APIVersion = "2020-08-27" }),
		`{"apiVersion":"2020-08-27","url":"https://acme.com/stripe","webhookEndpoint":"we_1"}`,
	},
	{"live_conflict", "made by hand", foreign, `{"liveProduct":"prod_pro","name":"Pro"}`},
	{"live_conflict", "taken over", func(e *plan.Evidence) {
		foreign(e)
		e.Adopt = true
	}, `{"livePrices":["price_L1","price_L2"],"liveProduct":"prod_pro","name":"Pro"}`},
	{"live_conflict", "taken over without prices", func(e *plan.Evidence) {
		foreign(e)
		e.Adopt, e.Live.Value.Prices = true, nil
	}, `{"livePrices":[],"liveProduct":"prod_pro","name":"Pro"}`},
	{"drift", "product gone", func(e *plan.Evidence) {
		deployed(e)
		e.Live.Value = nil
	}, `{"liveProduct":"prod_pro"}`},
	{"drift", "product", func(e *plan.Evidence) {
		deployed(e)
		e.Live.Value.Product.URL = "https://acme.com"
	}, `{"fields":["url"],"liveId":"prod_pro","resource":"product"}`},
	{"drift", "price", func(e *plan.Evidence) {
		deployed(e)
		e.Live.Value.Prices[1].Nickname, e.Live.Value.Prices[1].Active = "x", false
	}, `{"fields":["active","nickname"],"liveId":"price_L2","resource":"price"}`},
	{"drift", "price gone", func(e *plan.Evidence) {
		deployed(e)
		e.Live.Value.Prices = e.Live.Value.Prices[:1]
	}, `{"livePrice":"price_L2"}`},
	{"drift", "price added", func(e *plan.Evidence) {
		deployed(e)
		e.Live.Value.Prices = append(e.Live.Value.Prices, sellable("price_9", "", "5"))
	}, `{"livePrice":"price_9"}`},
	{"concurrent_deployment", "one", func(e *plan.Evidence) { e.ActiveDeployment = "d7" }, `{"deployment":"d7"}`},
	{"something_to_deploy", "nothing", deployed, `{}`},
}

func TestCheckDetails(t *testing.T) {
	t.Parallel()
	for _, c := range detailCases {
		e := healthy()
		c.change(&e)
		r := resultOf(t, conclude(e), c.check)
		problems, _ := r.Details["problems"].([]map[string]any)
		if len(problems) == 0 {
			t.Errorf("%s/%s: %s without problems", c.check, c.name, r.Status)
			continue
		}
		first := maps.Clone(problems[0])
		delete(first, "message")
		delete(first, "status")
		if got := toJSON(first); got != c.want {
			t.Errorf("%s/%s: details %s, want %s", c.check, c.name, got, c.want)
		}
	}
}

// TestCheckDetailsCoverAll: a check that can object says of what.
func TestCheckDetailsCoverAll(t *testing.T) {
	t.Parallel()
	covered := map[string]bool{}
	for _, c := range detailCases {
		covered[c.check] = true
	}
	for _, check := range plan.CheckNames() {
		if !covered[check] {
			t.Errorf("%s has no case", check)
		}
	}
}

// Each problem is listed with its own verdict, in the order of finding; the first
// of the worst is the message.
func TestCheckListsEveryProblem(t *testing.T) {
	t.Parallel()
	e := healthy()
	account(func(a *catalog.Account) {
		a.PayoutsEnabled, a.DetailsSubmitted = nil, nil
		a.Requirements.CurrentlyDue, a.Requirements.DisabledReason = []string{"x"}, "listed"
	})(&e)
	r := resultOf(t, conclude(e), "account_ready")
	var got []string
	problems, _ := r.Details["problems"].([]map[string]any)
	for _, p := range problems {
		message, _ := p["message"].(string)
		if message == "" {
			t.Errorf("no sentence about %v", p["field"])
		}
		got = append(got, fmt.Sprint(p["status"], " ", p["field"]))
	}
	want := `["FAILED requirements.disabled_reason","WARNING requirements.currently_due","WARNING details_submitted","WARNING payouts_enabled"]`
	if toJSON(got) != want || r.Status != plan.CheckFailed {
		t.Errorf("%s with %s, want %s", r.Status, toJSON(got), want)
	}
}

// A lookup key that two prices share and another one holds is told once as either.
func TestCheckListsASharedKeyOnce(t *testing.T) {
	t.Parallel()
	e := healthy()
	unlinkedHolder(&e)
	e.Test.Value.Prices[1].LookupKey = "pro_monthly"
	problems, _ := resultOf(t, conclude(e), "lookup_keys").Details["problems"].([]map[string]any)
	if len(problems) != 2 || problems[0]["livePrice"] != "price_9" || problems[1]["price"] != "price_year" {
		t.Errorf("problems %v", problems)
	}
}

// The first of the worst problems is the message: of warnings alone the first one,
// and of failures the first, however many warnings come before and after.
func TestCheckTellsTheFirstOfTheWorst(t *testing.T) {
	t.Parallel()
	e := healthy()
	prices := e.Test.Value.Prices
	prices = append(prices, sellable("price_z1", "", "1"), sellable("price_z2", "", "1"))
	e.Test.Value.Prices = prices
	for _, c := range []struct {
		amounts [4]catalog.Decimal
		about   string
	}{
		{[4]catalog.Decimal{"1900", "1", "1", "1"}, "price_year"},
		{[4]catalog.Decimal{"1", "1", "-1", "-1"}, "price_z1"},
		{[4]catalog.Decimal{"-1", "1", "-1", "1"}, "price_month"},
		{[4]catalog.Decimal{"1", "1", "1", "-1"}, "price_z2"},
	} {
		for i, amount := range c.amounts {
			prices[i].UnitAmountDecimal = amount
		}
		if r := resultOf(t, conclude(e), "product_price"); !strings.Contains(r.Message, c.about) {
			t.Errorf("%v: %s, want it about %s", c.amounts, r.Message, c.about)
		}
	}
}

func TestCheckOK(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		statuses []plan.CheckStatus
		ok       bool
	}{
		{nil, true},
		{[]plan.CheckStatus{plan.CheckPassed}, true},
		{[]plan.CheckStatus{plan.CheckWarning, plan.CheckPassed}, true},
		{[]plan.CheckStatus{plan.CheckFailed}, false},
		{[]plan.CheckStatus{plan.CheckPassed, plan.CheckWarning, plan.CheckFailed}, false},
	} {
		var results []plan.Result
		for _, s := range c.statuses {
			results = append(results, plan.Result{Status: s})
		}
		if plan.OK(results) != c.ok {
			t.Errorf("%v is OK: %v, want %v", c.statuses, !c.ok, c.ok)
		}
	}
}
