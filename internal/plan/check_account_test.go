package plan_test

import (
	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/plan"
)

var accountCases = []checkCase{
	{"account_ready", "charges disabled", account(func(a *catalog.Account) { a.ChargesEnabled = new(bool) }), plan.CheckFailed, "charge|field=charges_enabled"},
	{"account_ready", "charges unknown", account(func(a *catalog.Account) { a.ChargesEnabled = nil }), plan.CheckFailed, "charge|field=charges_enabled|key"},
	{"account_ready", "disabled", account(func(a *catalog.Account) { a.Requirements.DisabledReason = "rejected.fraud" }), plan.CheckFailed, "(rejected.fraud)|field=requirements.disabled_reason"},
	{"account_ready", "past due", account(func(a *catalog.Account) { a.Requirements.PastDue = []string{"tos_acceptance.date"} }), plan.CheckFailed, "(tos_acceptance.date)|field=requirements.past_due"},
	{"account_ready", "requirements unknown", account(func(a *catalog.Account) { a.Requirements = nil }), plan.CheckWarning, "requirements|field=requirements"},
	{"account_ready", "currently due", account(func(a *catalog.Account) { a.Requirements.CurrentlyDue = []string{"external_account"} }), plan.CheckWarning, "(external_account)|field=requirements.currently_due"},
	{"account_ready", "details missing", account(func(a *catalog.Account) { a.DetailsSubmitted = new(bool) }), plan.CheckWarning, "details haven't|field=details_submitted"},
	{"account_ready", "details unknown", account(func(a *catalog.Account) { a.DetailsSubmitted = nil }), plan.CheckWarning, "details may not|field=details_submitted"},
	{"account_ready", "payouts disabled", account(func(a *catalog.Account) { a.PayoutsEnabled = new(bool) }), plan.CheckWarning, "aren't|field=payouts_enabled"},
	{"account_ready", "payouts unknown", account(func(a *catalog.Account) { a.PayoutsEnabled = nil }), plan.CheckWarning, "may not|field=payouts_enabled"},
	{"account_ready", "the worst comes first", account(func(a *catalog.Account) {
		a.PayoutsEnabled = nil
		a.Requirements.DisabledReason = "under_review"
	}), plan.CheckFailed, "under_review"},

	{"statement_descriptor", "account has none", account(func(a *catalog.Account) { a.Settings.Payments.StatementDescriptor = "" }), plan.CheckWarning, "field=settings.payments.statement_descriptor"},
	{"statement_descriptor", "good", descriptor("ACME PRO"), plan.CheckPassed, ""},
	{"statement_descriptor", "22 characters", descriptor("ABCDEFGHIJKLMNOPQRSTUÄ"), plan.CheckPassed, ""},
	{"statement_descriptor", "23 characters", descriptor("ABCDEFGHIJKLMNOPQRSTUVW"), plan.CheckWarning, "ABCDEFGHIJKLMNOPQRSTUVW|22"},
	{"statement_descriptor", "no letter", descriptor("2024 10"), plan.CheckWarning, "2024 10|letter"},
	{"statement_descriptor", "forbidden <", descriptor("A<B"), plan.CheckWarning, "<|>|*|field=statement_descriptor"},
	{"statement_descriptor", "forbidden *", descriptor("A*B"), plan.CheckWarning, "<|>|*|field=statement_descriptor"},
	{"statement_descriptor", "forbidden backslash", descriptor(`A\B`), plan.CheckWarning, "<|>|*|field=statement_descriptor"},
	{"statement_descriptor", "forbidden quotes", descriptor(`A"B'C`), plan.CheckWarning, "<|>|*|field=statement_descriptor"},
}

func account(change func(*catalog.Account)) func(*plan.Evidence) {
	return func(e *plan.Evidence) { change(&e.LiveAccount.Value) }
}

func descriptor(d string) func(*plan.Evidence) {
	return func(e *plan.Evidence) { e.Test.Value.Product.StatementDescriptor = d }
}

var webhookCases = []checkCase{
	{"webhook_endpoint", "none", func(e *plan.Evidence) { e.Webhooks.Value = nil }, plan.CheckWarning, "live"},
	{"webhook_endpoint", "disabled", webhook(func(w *catalog.WebhookEndpoint) { w.Status = "disabled" }), plan.CheckWarning, "https://acme.com/stripe|disabled"},
	{"webhook_endpoint", "http", address("http://acme.com/stripe"), plan.CheckWarning, "use https|url=http://acme.com/stripe"},
	{"webhook_endpoint", "nonsense", address("https://%zz"), plan.CheckWarning, "(not a web address)"},
	{"webhook_endpoint", "localhost", address("https://localhost:3000/stripe"), plan.CheckWarning, " host "},
	{"webhook_endpoint", "single label", address("https://shop/stripe"), plan.CheckWarning, " host "},
	{"webhook_endpoint", "intranet", address("https://shop.internal/stripe"), plan.CheckWarning, " host "},
	{"webhook_endpoint", "loopback", address("https://127.0.0.1/stripe"), plan.CheckWarning, " host "},
	{"webhook_endpoint", "private IPv4", address("https://192.168.1.4/stripe"), plan.CheckWarning, " host "},
	{"webhook_endpoint", "link-local", address("https://169.254.1.4/stripe"), plan.CheckWarning, " host "},
	{"webhook_endpoint", "carrier-grade NAT", address("https://100.64.0.9/stripe"), plan.CheckWarning, " host "},
	{"webhook_endpoint", "private IPv6", address("https://[fd00::1]/stripe"), plan.CheckWarning, " host "},
	{"webhook_endpoint", "mapped loopback", address("https://[::ffff:127.0.0.1]/stripe"), plan.CheckWarning, " host "},
	{"webhook_endpoint", "public IP", address("https://203.0.114.9/stripe"), plan.CheckPassed, ""},
	{"webhook_endpoint", "ngrok", address("https://a1b2.ngrok-free.app/stripe"), plan.CheckWarning, "tunnel"},
	{"webhook_endpoint", "trycloudflare", address("https://x.TryCloudflare.com./stripe"), plan.CheckWarning, "tunnel"},
	{"webhook_endpoint", "a name that only contains a tunnel's", address("https://notngrok.io/stripe"), plan.CheckPassed, ""},
	{"webhook_endpoint", "secrets in the address stay there", address("https://u:hush@localhost/stripe?t=hush"), plan.CheckWarning, " https://localhost/stripe "},
	{"webhook_endpoint", "no version", webhook(func(w *catalog.WebhookEndpoint) { w.APIVersion = "" }), plan.CheckWarning, "default|apiVersion=|" + catalog.APIVersion},
	{"webhook_endpoint", "other version", webhook(func(w *catalog.WebhookEndpoint) { w.APIVersion = "2020-08-27" }), plan.CheckWarning, "2020-08-27|" + catalog.APIVersion},
	{"webhook_endpoint", "one good of two", func(e *plan.Evidence) {
		e.Webhooks.Value = append([]catalog.WebhookEndpoint{{URL: "http://localhost"}}, e.Webhooks.Value...)
	}, plan.CheckPassed, "https://acme.com/stripe"},
	{"webhook_endpoint", "two bad ones", func(e *plan.Evidence) {
		e.Webhooks.Value = []catalog.WebhookEndpoint{{URL: "http://a.com"}, {URL: "http://b.com"}}
	}, plan.CheckWarning, "1 more"},
}

func webhook(change func(*catalog.WebhookEndpoint)) func(*plan.Evidence) {
	return func(e *plan.Evidence) { change(&e.Webhooks.Value[0]) }
}

func address(url string) func(*plan.Evidence) {
	return webhook(func(w *catalog.WebhookEndpoint) { w.URL = url })
}
