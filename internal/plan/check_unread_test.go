package plan_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/plan"
)

// reads are the answers that evidence consists of, and the checks that cannot do
// without each.
var reads = []struct {
	name   string
	fail   func(*plan.Evidence, error)
	checks []string
}{
	{"TestBalance", func(e *plan.Evidence, err error) { e.TestBalance.Err = err }, []string{"key_permissions", "key_mode"}},
	{"LiveBalance", func(e *plan.Evidence, err error) { e.LiveBalance.Err = err }, []string{"key_permissions", "key_mode"}},
	{"TestAccount", func(e *plan.Evidence, err error) { e.TestAccount.Err = err }, []string{"key_permissions", "same_account"}},
	{
		"LiveAccount", func(e *plan.Evidence, err error) { e.LiveAccount.Err = err },
		[]string{"key_permissions", "same_account", "account_ready", "statement_descriptor"},
	},
	{
		"Test", func(e *plan.Evidence, err error) { e.Test = plan.Read[*catalog.Snapshot]{Err: err} },
		[]string{
			"product_exists", "product_name", "product_price", "product_description", "product_images", "default_price",
			"price_tax_behavior", "lookup_keys", "metadata", "stripe_integration", "key_permissions", "statement_descriptor",
			"live_conflict", "something_to_deploy",
		},
	},
	{
		"Live", func(e *plan.Evidence, err error) { e.Live.Err = err },
		[]string{"lookup_keys", "key_permissions", "live_conflict", "drift", "something_to_deploy"},
	},
	{"KeyHolders", func(e *plan.Evidence, err error) { e.KeyHolders.Err = err }, []string{"lookup_keys", "key_permissions"}},
	{"Webhooks", func(e *plan.Evidence, err error) { e.Webhooks.Err = err }, []string{"key_permissions", "webhook_endpoint"}},
}

func TestCheckUnreadFails(t *testing.T) {
	t.Parallel()
	const later = "Try again|minute|couldNotRun=true|category="
	errs := map[string]struct {
		err   error
		names string
	}{
		"network":       {&catalog.Error{Kind: catalog.KindNetwork}, later + "NETWORK"},
		"outage":        {&catalog.Error{Kind: catalog.KindUnavailable, Status: 503}, later + "STRIPE_UNAVAILABLE"},
		"rate limit":    {&catalog.Error{Kind: catalog.KindRateLimit, Status: 429}, later + "STRIPE_RATE_LIMIT"},
		"a proxy's 401": {&catalog.Error{Kind: catalog.KindUnavailable, Status: 401}, later + "STRIPE_UNAVAILABLE"},
		"a proxy's 403": {&catalog.Error{Kind: catalog.KindUnavailable, Status: 403}, later + "STRIPE_UNAVAILABLE"},
		"conflict":      {&catalog.Error{Kind: catalog.KindConflict, Status: 409}, later + "CONFLICT"},
		"bad request":   {&catalog.Error{Kind: catalog.KindRequest, Status: 400, Code: "parameter_unknown"}, "parameter_unknown|couldNotRun=true"},
		"odd status":    {&catalog.Error{Kind: catalog.KindRequest, Status: 402}, "402|couldNotRun=true"},
		"our fault":     {errSecret, "internal|couldNotRun=true|category=<nil>"},
	}
	for _, read := range reads {
		for name, c := range errs {
			e := healthy()
			read.fail(&e, c.err)
			failed := failedChecks(t, conclude(e))
			for _, check := range read.checks {
				if r := failed[check]; missing(r, c.names) != "" {
					t.Errorf("%s: %s: %s is %q %v, which does not name %q", read.name, name, check, r.Message, r.Details, missing(r, c.names))
				}
			}
			if len(failed) != len(read.checks) {
				t.Errorf("%s: %s: %d checks fail, want %d: %v", read.name, name, len(failed), len(read.checks), failed)
			}
		}
	}
}

// TestCheckMissingRightIsNamed: a 403 fails key_permissions for cause, and the checks
// that needed the answer for lack of it.
func TestCheckMissingRightIsNamed(t *testing.T) {
	t.Parallel()
	rights := map[string]string{
		"TestBalance": "test key|mode=TEST|read the balance",
		"LiveBalance": "live key|mode=LIVE|read the balance",
		"TestAccount": "test key|mode=TEST|read the account",
		"LiveAccount": "live key|mode=LIVE|read the account",
		"Test":        "test key|mode=TEST|read products and prices",
		"Live":        "live key|mode=LIVE|read products and prices",
		"KeyHolders":  "live key|mode=LIVE|read products and prices",
		"Webhooks":    "live key|mode=LIVE|read webhook endpoints",
	}
	for _, read := range reads {
		e := healthy()
		read.fail(&e, &catalog.Error{Kind: catalog.KindPermission, Status: 403, Message: "Enable rak_x.", RequestID: "req_1"})
		failed := failedChecks(t, conclude(e))
		for _, check := range read.checks {
			r := failed[check]
			if missing(r, rights[read.name]) != "" || couldNotRun(r) != (check != "key_permissions") {
				t.Errorf("%s: %s: %s %v", read.name, check, r.Message, r.Details)
			}
		}
		if len(failed) != len(read.checks) {
			t.Errorf("%s: %d checks fail, want %d: %v", read.name, len(failed), len(read.checks), failed)
		}
	}
}

// TestCheckRefusedKeyIsSaidFirst: with a 401 everything of that mode is unknown, and
// every message names the key.
func TestCheckRefusedKeyIsSaidFirst(t *testing.T) {
	t.Parallel()
	refused := &catalog.Error{Kind: catalog.KindPermission, Status: 401, Code: "api_key_expired"}
	for mode, c := range map[string]struct {
		about string
		fails int
	}{"Test": {"stripe_integration", 16}, "Live": {"production_config", 11}} {
		e := healthy()
		for _, read := range reads {
			isTest := strings.HasPrefix(read.name, "Test")
			if isTest == (mode == "Test") {
				read.fail(&e, refused)
			}
		}
		failed := failedChecks(t, conclude(e))
		for check, r := range failed {
			if missing(r, strings.ToLower(mode)+" key|mode="+strings.ToUpper(mode)) != "" && check != "something_to_deploy" {
				t.Errorf("%s: %s: %s", mode, check, r.Message)
			}
		}
		if couldNotRun(failed[c.about]) || len(failed) != c.fails {
			t.Errorf("%s: %d checks fail, want %d; %s: %v", mode, len(failed), c.fails, c.about, failed[c.about])
		}
	}
}

// TestCheckNotConnectedIsSaidFirst: zero values of a mode that is not connected never
// count as answers.
func TestCheckNotConnectedIsSaidFirst(t *testing.T) {
	t.Parallel()
	for mode, disconnect := range map[string]func(*plan.Evidence){
		"test": func(e *plan.Evidence) { e.TestAccountID = "" },
		"live": func(e *plan.Evidence) { e.LiveAccountID = "" },
	} {
		e := healthy()
		disconnect(&e)
		failed := failedChecks(t, conclude(e))
		for check, r := range failed {
			actionable(t, r)
			if missing(r, mode+" key|Connect|mode="+strings.ToUpper(mode)) != "" {
				t.Errorf("%s: %s: %s", mode, check, r.Message)
			}
		}
		for _, check := range []string{"key_mode", "same_account", "key_permissions", "live_conflict"} {
			if _, ok := failed[check]; !ok {
				t.Errorf("%s: %s does not fail", mode, check)
			}
		}
	}
}

func TestCheckNothingKnownNothingPasses(t *testing.T) {
	t.Parallel()
	for _, r := range plan.Check(plan.Evidence{}) {
		actionable(t, r)
		if r.Status != plan.CheckFailed && r.Check != "concurrent_deployment" {
			t.Errorf("%s is %s: %s", r.Check, r.Status, r.Message)
		}
	}
}

func TestCheckErrorsKeepTheirSecrets(t *testing.T) {
	t.Parallel()
	for _, read := range reads {
		e := healthy()
		read.fail(&e, errSecret)
		if out := encoded(t, conclude(e)); strings.Contains(out, "sk_live") || strings.Contains(out, "10.0.0.7") {
			t.Errorf("%s: %s", read.name, out)
		}
	}
}

// TestCheckGoneFromTestIsSaidFirst: without a product there is nothing to judge of it.
func TestCheckGoneFromTestIsSaidFirst(t *testing.T) {
	t.Parallel()
	e := healthy()
	e.Test.Value = nil
	failed := failedChecks(t, conclude(e))
	for _, check := range []string{"product_name", "product_images", "lookup_keys", "live_conflict", "something_to_deploy"} {
		if r := failed[check]; missing(r, "product|test mode|couldNotRun=true") != "" {
			t.Errorf("%s: %s", check, r.Message)
		}
	}
}

// TestCheckStripesOwnWordsAreDetails: support asks for the request id.
func TestCheckStripesOwnWordsAreDetails(t *testing.T) {
	t.Parallel()
	e := healthy()
	e.Webhooks.Err = &catalog.Error{Kind: catalog.KindUnavailable, Status: 500, RequestID: "req_7", Message: "Sorry."}
	want := map[string]any{
		"couldNotRun": true, "mode": "LIVE", "category": "STRIPE_UNAVAILABLE", "stripeRequestId": "req_7", "stripeMessage": "Sorry.",
	}
	if got := resultOf(t, conclude(e), "webhook_endpoint").Details; !maps.Equal(got, want) {
		t.Errorf("details %v, want %v", got, want)
	}
}
