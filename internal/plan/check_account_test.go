package plan_test

import (
	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/plan"
)

var accountCases = []checkCase{
	{"account_ready", "charges disabled", account(func(a *catalog.Account) { a.ChargesEnabled = new(bool) }), plan.CheckFailed, "can't charge customers yet"},
	{"account_ready", "charges unknown", account(func(a *catalog.Account) { a.ChargesEnabled = nil }), plan.CheckFailed, "doesn't say whether the live account can charge"},
	{"account_ready", "disabled", account(func(a *catalog.Account) { a.Requirements.DisabledReason = "rejected.fraud" }), plan.CheckFailed, "disabled the live account (rejected.fraud)"},
	{"account_ready", "past due", account(func(a *catalog.Account) { a.Requirements.PastDue = []string{"tos_acceptance.date"} }), plan.CheckFailed, "past due (tos_acceptance.date)"},
	{"account_ready", "requirements unknown", account(func(a *catalog.Account) { a.Requirements = nil }), plan.CheckWarning, "doesn't say whether the live account has outstanding requirements"},
	{"account_ready", "currently due", account(func(a *catalog.Account) { a.Requirements.CurrentlyDue = []string{"external_account"} }), plan.CheckWarning, "soon (external_account)"},
	{"account_ready", "details missing", account(func(a *catalog.Account) { a.DetailsSubmitted = new(bool) }), plan.CheckWarning, "details haven't been submitted"},
	{"account_ready", "details unknown", account(func(a *catalog.Account) { a.DetailsSubmitted = nil }), plan.CheckWarning, "details may not have been"},
	{"account_ready", "payouts disabled", account(func(a *catalog.Account) { a.PayoutsEnabled = new(bool) }), plan.CheckWarning, "Payouts from the live account aren't enabled"},
	{"account_ready", "payouts unknown", account(func(a *catalog.Account) { a.PayoutsEnabled = nil }), plan.CheckWarning, "Payouts from the live account may not be"},
	{"account_ready", "the worst comes first", account(func(a *catalog.Account) {
		a.PayoutsEnabled = nil
		a.Requirements.DisabledReason = "under_review"
	}), plan.CheckFailed, "under_review"},

	{"statement_descriptor", "account has none", account(func(a *catalog.Account) { a.Settings.Payments.StatementDescriptor = "" }), plan.CheckWarning, "has no statement descriptor"},
	{"statement_descriptor", "good", descriptor("ACME PRO"), plan.CheckPassed, ""},
	{"statement_descriptor", "22 characters", descriptor("ABCDEFGHIJKLMNOPQRSTUÄ"), plan.CheckPassed, ""},
	{"statement_descriptor", "23 characters", descriptor("ABCDEFGHIJKLMNOPQRSTUVW"), plan.CheckWarning, "longer than 22"},
	{"statement_descriptor", "no letter", descriptor("2024 10"), plan.CheckWarning, "contains no letters"},
	{"statement_descriptor", "forbidden <", descriptor("A<B"), plan.CheckWarning, "contains one of"},
	{"statement_descriptor", "forbidden *", descriptor("A*B"), plan.CheckWarning, "contains one of"},
	{"statement_descriptor", "forbidden backslash", descriptor(`A\B`), plan.CheckWarning, "contains one of"},
	{"statement_descriptor", "forbidden quotes", descriptor(`A"B'C`), plan.CheckWarning, "contains one of"},
}

func account(change func(*catalog.Account)) func(*plan.Evidence) {
	return func(e *plan.Evidence) { change(&e.LiveAccount.Value) }
}

func descriptor(d string) func(*plan.Evidence) {
	return func(e *plan.Evidence) { e.Test.Value.Product.StatementDescriptor = d }
}

var webhookCases = []checkCase{
	{"webhook_endpoint", "none", func(e *plan.Evidence) { e.Webhooks.Value = nil }, plan.CheckWarning, "There's no live webhook endpoint"},
	{"webhook_endpoint", "disabled", webhook(func(w *catalog.WebhookEndpoint) { w.Status = "disabled" }), plan.CheckWarning, "is disabled"},
	{"webhook_endpoint", "http", address("http://acme.com/stripe"), plan.CheckWarning, "doesn't use https"},
	{"webhook_endpoint", "nonsense", address("https://%zz"), plan.CheckWarning, "(not a web address)"},
	{"webhook_endpoint", "localhost", address("https://localhost:3000/stripe"), plan.CheckWarning, "can't reach"},
	{"webhook_endpoint", "single label", address("https://shop/stripe"), plan.CheckWarning, "can't reach"},
	{"webhook_endpoint", "intranet", address("https://shop.internal/stripe"), plan.CheckWarning, "can't reach"},
	{"webhook_endpoint", "loopback", address("https://127.0.0.1/stripe"), plan.CheckWarning, "can't reach"},
	{"webhook_endpoint", "private IPv4", address("https://192.168.1.4/stripe"), plan.CheckWarning, "can't reach"},
	{"webhook_endpoint", "link-local", address("https://169.254.1.4/stripe"), plan.CheckWarning, "can't reach"},
	{"webhook_endpoint", "carrier-grade NAT", address("https://100.64.0.9/stripe"), plan.CheckWarning, "can't reach"},
	{"webhook_endpoint", "private IPv6", address("https://[fd00::1]/stripe"), plan.CheckWarning, "can't reach"},
	{"webhook_endpoint", "mapped loopback", address("https://[::ffff:127.0.0.1]/stripe"), plan.CheckWarning, "can't reach"},
	{"webhook_endpoint", "public IP", address("https://203.0.114.9/stripe"), plan.CheckPassed, ""},
	{"webhook_endpoint", "ngrok", address("https://a1b2.ngrok-free.app/stripe"), plan.CheckWarning, "tunnel"},
	{"webhook_endpoint", "trycloudflare", address("https://x.TryCloudflare.com./stripe"), plan.CheckWarning, "tunnel"},
	{"webhook_endpoint", "a name that only contains a tunnel's", address("https://notngrok.io/stripe"), plan.CheckPassed, ""},
	{"webhook_endpoint", "secrets in the address stay there", address("https://u:hush@localhost/stripe?t=hush"), plan.CheckWarning, "endpoint https://localhost/stripe is"},
	{"webhook_endpoint", "no version", webhook(func(w *catalog.WebhookEndpoint) { w.APIVersion = "" }), plan.CheckWarning, "default API version. Replace it with one that uses version " + catalog.APIVersion},
	{"webhook_endpoint", "other version", webhook(func(w *catalog.WebhookEndpoint) { w.APIVersion = "2020-08-27" }), plan.CheckWarning, "API version 2020-08-27. Replace it with one that uses version " + catalog.APIVersion},
	{"webhook_endpoint", "one good of two", func(e *plan.Evidence) {
		e.Webhooks.Value = append([]catalog.WebhookEndpoint{{URL: "http://localhost"}}, e.Webhooks.Value...)
	}, plan.CheckPassed, "https://acme.com/stripe"},
	{"webhook_endpoint", "two bad ones", func(e *plan.Evidence) {
		e.Webhooks.Value = []catalog.WebhookEndpoint{{URL: "http://a.com"}, {URL: "http://b.com"}}
	}, plan.CheckWarning, "See the details for 1 more"},
}

func webhook(change func(*catalog.WebhookEndpoint)) func(*plan.Evidence) {
	return func(e *plan.Evidence) { change(&e.Webhooks.Value[0]) }
}

func address(url string) func(*plan.Evidence) {
	return webhook(func(w *catalog.WebhookEndpoint) { w.URL = url })
}
