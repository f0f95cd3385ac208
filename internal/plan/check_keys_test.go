package plan_test

import (
	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/plan"
)

var keyCases = []checkCase{
	{"stripe_integration", "key refused", func(e *plan.Evidence) { refuse(&e.TestBalance.Err) }, plan.CheckFailed, "Stripe rejected the test key"},
	{"stripe_integration", "not connected", func(e *plan.Evidence) { e.TestAccountID = "" }, plan.CheckFailed, "Connect one first"},
	{"stripe_integration", "product elsewhere", func(e *plan.Evidence) { e.Test.Value = nil }, plan.CheckFailed, "acct_1 doesn't have product prod_pro"},
	{"stripe_integration", "a right is lacking elsewhere", func(e *plan.Evidence) { forbid(&e.TestBalance.Err) }, plan.CheckPassed, "works"},

	{"production_config", "key refused", func(e *plan.Evidence) { refuse(&e.Webhooks.Err) }, plan.CheckFailed, "Stripe rejected the live key"},
	{"production_config", "not connected", func(e *plan.Evidence) { e.LiveAccountID = "" }, plan.CheckFailed, "No Stripe live key is connected"},
	{"production_config", "one answer of many lost", func(e *plan.Evidence) { e.LiveBalance.Err = &catalog.Error{Kind: catalog.KindNetwork} }, plan.CheckPassed, "valid"},
	{"production_config", "no answer at all", loseLive, plan.CheckFailed, "Try again"},

	{"key_permissions", "one right", func(e *plan.Evidence) { forbid(&e.Webhooks.Err) }, plan.CheckFailed, "permission to read webhook endpoints. Grant it"},
	{"key_permissions", "several rights", func(e *plan.Evidence) {
		forbid(&e.Live.Err)
		forbid(&e.KeyHolders.Err)
		forbid(&e.LiveAccount.Err)
	}, plan.CheckFailed, "permission to read the account and to read products and prices."},
	{"key_permissions", "both keys", func(e *plan.Evidence) {
		forbid(&e.TestAccount.Err)
		forbid(&e.LiveAccount.Err)
	}, plan.CheckFailed, "See the details for 1 more"},
	{"key_permissions", "a missing right beats a lost answer", func(e *plan.Evidence) {
		e.TestBalance.Err = &catalog.Error{Kind: catalog.KindNetwork}
		forbid(&e.Webhooks.Err)
	}, plan.CheckFailed, "webhook endpoints"},

	{"key_permissions", "the first of two lost answers is told", func(e *plan.Evidence) {
		e.TestBalance.Err, e.Webhooks.Err = &catalog.Error{Kind: catalog.KindNetwork}, &catalog.Error{Kind: catalog.KindNetwork}
	}, plan.CheckFailed, "Stripe test did not show"},
	{"key_permissions", "an account without an id lacks no right", func(e *plan.Evidence) { e.LiveAccount.Value = catalog.Account{} }, plan.CheckPassed, ""},

	{"key_mode", "live key as test", func(e *plan.Evidence) { e.TestBalance.Value.Livemode = true }, plan.CheckFailed, "connected for test mode is a live key"},
	{"key_mode", "test key as live", func(e *plan.Evidence) { e.LiveBalance.Value.Livemode = false }, plan.CheckFailed, "connected for live mode is a test key"},

	{"same_account", "one account", func(*plan.Evidence) {}, plan.CheckPassed, "Both keys belong to account acct_1"},
	{"same_account", "two accounts", twoAccounts, plan.CheckFailed, "account acct_2 and the live key to acct_1"},
	{"same_account", "two accounts, allowed", func(e *plan.Evidence) {
		twoAccounts(e)
		e.DifferentAccountAllowed = true
	}, plan.CheckPassed, "Test is account acct_2 and live is acct_1"},
	{"same_account", "test key now of another account", func(e *plan.Evidence) { e.TestAccount.Value.ID = "acct_2" }, plan.CheckFailed, "instead of acct_1"},
	{"same_account", "live key now of another account, though two are allowed", func(e *plan.Evidence) {
		e.DifferentAccountAllowed = true
		e.LiveAccount.Value.ID = "acct_3"
	}, plan.CheckFailed, "Connect a key for acct_1"},
	{"same_account", "account without an id", func(e *plan.Evidence) { e.LiveAccount.Value = catalog.Account{} }, plan.CheckFailed, "didn't say which account the live key belongs to"},
}

func refuse(err *error) { *err = &catalog.Error{Kind: catalog.KindPermission, Status: 401} }

func forbid(err *error) { *err = &catalog.Error{Kind: catalog.KindPermission, Status: 403} }

func twoAccounts(e *plan.Evidence) { e.TestAccountID, e.TestAccount.Value.ID = "acct_2", "acct_2" }

func loseLive(e *plan.Evidence) {
	for _, err := range []*error{&e.LiveBalance.Err, &e.LiveAccount.Err, &e.Live.Err, &e.KeyHolders.Err, &e.Webhooks.Err} {
		*err = &catalog.Error{Kind: catalog.KindUnavailable, Status: 503}
	}
}
