package stripesim_test

import (
	"net/http"
	"testing"

	"github.com/golive-hq/golive/internal/stripesim"
)

func TestKeys(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, k := range []stripesim.KeyConfig{
		{Key: "rk_live_readsproducts", Mode: stripesim.Live, Rights: []string{"products:read"}},
		{Key: "rk_test_writesproducts", Mode: stripesim.Test, Rights: []string{"products:write"}},
		{Key: "sk_live_expiredexpired", Mode: stripesim.Live, Expired: true},
		{Key: "sk_live_revokedrevoked", Mode: stripesim.Live, Revoked: true},
	} {
		if err := b.Sim.SetKey(b.Account.ID, k); err != nil {
			t.Fatal(err)
		}
	}
	bearer := func(k string) with { return header("Authorization", "Bearer "+k) }
	for _, c := range []struct {
		name, method, path, form string
		change                   with
		status                   int
		code, message            string
	}{
		{"none", "GET", "/v1/balance", "", header("Authorization", ""), 401, "", "You did not provide an API key."},
		{"unknown", "GET", "/v1/balance", "", bearer("sk_live_unknown1abcd"), 401, "", "Invalid API Key provided: sk_live_********abcd"},
		{"revoked", "GET", "/v1/balance", "", bearer("sk_live_revokedrevoked"), 401, "", "Invalid API Key provided"},
		{"expired", "GET", "/v1/balance", "", bearer("sk_live_expiredexpired"), 401, "api_key_expired", "Expired API Key"},
		{"publishable", "GET", "/v1/balance", "", bearer("pk_live_whatever"), 403, "secret_key_required", "publishable"},
		{"no right to write", "POST", "/v1/products", "name=x", bearer("rk_live_readsproducts"), 403, "more_permissions_required", "'products:write'"},
		{"no right to read", "GET", "/v1/prices", "", bearer("rk_live_readsproducts"), 403, "more_permissions_required", "account '" + b.Account.ID + "'"},
		{"foreign account", "GET", "/v1/balance", "", header("Stripe-Account", "acct_other"), 403, "account_invalid", "acct_other"},
		{"other version", "GET", "/v1/balance", "", header("Stripe-Version", "2024-04-10"), 400, "", "Invalid Stripe API version"},
		{"unknown before URL", "GET", "/v1/nothing", "", bearer("sk_live_unknown1abcd"), 401, "", "Invalid API Key"},
		{"unknown URL", "GET", "/v1/nothing", "", header("X", "y"), 404, "", "Unrecognized request URL (GET: /v1/nothing)."},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := b.must(c.method, c.path, c.form, c.change)
			a.isRefusal(t, c.status, "code", c.code, "message", c.message, "type", "invalid_request_error")
		})
	}
	b.ok("GET", "/v1/products", "", bearer("rk_live_readsproducts"))
	b.ok("POST", "/v1/products", "name=x", bearer("rk_test_writesproducts"))
	b.ok("GET", "/v1/products", "", bearer("rk_test_writesproducts")).wants(t, "data.0.livemode", "false")
	b.ok("GET", "/v1/balance", "", func(r *http.Request) { r.SetBasicAuth(b.Account.LiveKey, "") }).wants(t, "livemode", "true")
}

func TestHeadersOfAnAnswer(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.ok("POST", "/v1/products", "name=x", key("k1"), header("Stripe-Account", b.Account.ID))
	for name, want := range map[string]string{
		"Idempotency-Key": "k1", "Stripe-Account": b.Account.ID, "Stripe-Version": "2023-10-16", "Content-Type": "application/json",
	} {
		if got := a.header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if id := a.header.Get("Request-Id"); len(id) != len("req_")+14 {
		t.Errorf("Request-Id is %q", id)
	}
	b.refused(404, "GET", "/v1/products/none", "", "request_log_url", "https://dashboard.stripe.com/test/logs/req_")
}

func TestAccountFieldsCanBeChangedAndLeftOut(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.ok("GET", "/v1/account", "").wants(t, "id", b.Account.ID, "charges_enabled", "true", "settings.payments.statement_descriptor", "HARBOUR AND PINE")
	err := b.Sim.SetAccount(b.Account.ID, map[string]any{"requirements.past_due": []string{"external_account"}, "settings.payments.statement_descriptor": nil}, "charges_enabled", "capabilities")
	if err != nil {
		t.Fatal(err)
	}
	a := b.ok("GET", "/v1/account", "", b.live())
	a.wants(t, "requirements.past_due.0", "external_account", "settings.payments.statement_descriptor", "<nil>")
	if a.has("charges_enabled") || a.has("capabilities") {
		t.Error("fields to be left out are there")
	}
	if err := b.Sim.SetAccount(b.Account.ID, map[string]any{"charges_enabled": false}); err != nil {
		t.Fatal(err)
	}
	b.ok("GET", "/v1/account", "").wants(t, "charges_enabled", "false", "requirements.past_due.0", "external_account")
}

func TestSandboxHasNoLiveMode(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sandbox := b.Sim.AddAccount(stripesim.AccountConfig{Sandbox: true})
	if sandbox.LiveKey != "" || sandbox.ID == b.Account.ID {
		t.Errorf("sandbox is %+v", sandbox)
	}
	b.ok("GET", "/v1/account", "", header("Authorization", "Bearer "+sandbox.TestKey)).wants(t, "id", sandbox.ID)
}
