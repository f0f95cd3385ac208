package plan_test

import (
	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/plan"
)

var keyCases = []checkCase{
	{"stripe_integration", "key refused", func(e *plan.Evidence) { refuse(&e.TestBalance.Err) }, plan.CheckFailed, "test|mode=TEST"},
	{"stripe_integration", "not connected", func(e *plan.Evidence) { e.TestAccountID = "" }, plan.CheckFailed, "test|Connect|mode=TEST"},
	{"stripe_integration", "product elsewhere", func(e *plan.Evidence) { e.Test.Value = nil }, plan.CheckFailed, "acct_1|prod_pro"},
	{"stripe_integration", "a right is lacking elsewhere", func(e *plan.Evidence) { forbid(&e.TestBalance.Err) }, plan.CheckPassed, ""},

	{"production_config", "key refused", func(e *plan.Evidence) { refuse(&e.Webhooks.Err) }, plan.CheckFailed, "live|mode=LIVE"},
	{"production_config", "not connected", func(e *plan.Evidence) { e.LiveAccountID = "" }, plan.CheckFailed, "live|Connect|mode=LIVE"},
	{"production_config", "one answer of many lost", func(e *plan.Evidence) { e.LiveBalance.Err = &catalog.Error{Kind: catalog.KindNetwork} }, plan.CheckPassed, ""},
	{"production_config", "no answer at all", loseLive, plan.CheckFailed, "couldNotRun=true|mode=LIVE"},

	{"key_permissions", "one right", func(e *plan.Evidence) { forbid(&e.Webhooks.Err) }, plan.CheckFailed, "live|read webhook endpoints|mode=LIVE"},
	{"key_permissions", "several rights", func(e *plan.Evidence) {
		forbid(&e.Live.Err)
		forbid(&e.KeyHolders.Err)
		forbid(&e.LiveAccount.Err)
	}, plan.CheckFailed, "read the account|read products and prices|mode=LIVE"},
	{"key_permissions", "both keys", func(e *plan.Evidence) {
		forbid(&e.TestAccount.Err)
		forbid(&e.LiveAccount.Err)
	}, plan.CheckFailed, "1 more"},
	{"key_permissions", "a missing right beats a lost answer", func(e *plan.Evidence) {
		e.TestBalance.Err = &catalog.Error{Kind: catalog.KindNetwork}
		forbid(&e.Webhooks.Err)
	}, plan.CheckFailed, "live|read webhook endpoints|mode=LIVE"},

	{"key_permissions", "the first of two lost answers is told", func(e *plan.Evidence) {
		e.TestBalance.Err, e.Webhooks.Err = &catalog.Error{Kind: catalog.KindNetwork}, &catalog.Error{Kind: catalog.KindNetwork}
	}, plan.CheckFailed, "test|couldNotRun=true|mode=TEST"},
	{"key_permissions", "an account without an id lacks no right", func(e *plan.Evidence) { e.LiveAccount.Value = catalog.Account{} }, plan.CheckPassed, ""},

	{"key_mode", "live key as test", func(e *plan.Evidence) { e.TestBalance.Value.Livemode = true }, plan.CheckFailed, "live key|mode=TEST"},
	{"key_mode", "test key as live", func(e *plan.Evidence) { e.LiveBalance.Value.Livemode = false }, plan.CheckFailed, "test key|mode=LIVE"},

	{"same_account", "one account", func(*plan.Evidence) {}, plan.CheckPassed, "acct_1"},
	{"same_account", "two accounts", twoAccounts, plan.CheckFailed, "acct_1|acct_2"},
	{"same_account", "two accounts, allowed", func(e *plan.Evidence) {
		twoAccounts(e)
		e.DifferentAccountAllowed = true
	}, plan.CheckPassed, "acct_2|acct_1"},
	{"same_account", "test key now of another account", func(e *plan.Evidence) { e.TestAccount.Value.ID = "acct_2" }, plan.CheckFailed, "test key|acct_2|acct_1"},
	{"same_account", "live key now of another account, though two are allowed", func(e *plan.Evidence) {
		e.DifferentAccountAllowed = true
		e.LiveAccount.Value.ID = "acct_3"
	}, plan.CheckFailed, "live key|acct_3|acct_1"},
	{"same_account", "account without an id", func(e *plan.Evidence) { e.LiveAccount.Value = catalog.Account{} }, plan.CheckFailed, "live|couldNotRun=true|mode=LIVE"},
}

func refuse(err *error) { *err = &catalog.Error{Kind: catalog.KindPermission, Status: 401} }

func forbid(err *error) { *err = &catalog.Error{Kind: catalog.KindPermission, Status: 403} }

func twoAccounts(e *plan.Evidence) { e.TestAccountID, e.TestAccount.Value.ID = "acct_2", "acct_2" }

func loseLive(e *plan.Evidence) {
	for _, err := range []*error{&e.LiveBalance.Err, &e.LiveAccount.Err, &e.Live.Err, &e.KeyHolders.Err, &e.Webhooks.Err} {
		*err = &catalog.Error{Kind: catalog.KindUnavailable, Status: 503}
	}
}
