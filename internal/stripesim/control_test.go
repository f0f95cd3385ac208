package stripesim_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/stripesim"
)

// control calls the control API and decodes the answer.
func control[T any](b bench, method, path, body string) T {
	b.t.Helper()
	a := b.ok(method, "/_sim/"+path, body)
	var v T
	if err := json.Unmarshal([]byte(a.text), &v); err != nil {
		b.t.Fatal(err)
	}
	return v
}

type object = map[string]any

// TestControlFromAnotherProcess does by HTTP what tests in this process do by
// methods.
func TestControlFromAnotherProcess(t *testing.T) {
	t.Parallel()
	b := setup(t)
	account := control[stripesim.Account](b, "POST", "accounts", `{"id":"acct_1","test_key":"sk_test_own","keys":[{"key":"rk_live_1","mode":"live","rights":["products:read"]}]}`)
	if account.ID != "acct_1" || account.TestKey != "sk_test_own" || account.LiveKey == "" {
		t.Fatalf("account is %+v", account)
	}
	if all := control[[]stripesim.Account](b, "GET", "accounts", ""); len(all) != 2 {
		t.Errorf("accounts are %+v", all)
	}
	b.Account = account
	own := header("Authorization", "Bearer sk_test_own")
	b.ok("GET", "/v1/products", "", header("Authorization", "Bearer rk_live_1"))
	control[object](b, "PATCH", "accounts/acct_1", `{"set":{"charges_enabled":false},"omit":["requirements"]}`)
	if a := b.ok("GET", "/v1/account", "", own); a.get("charges_enabled") != "false" || a.has("requirements") {
		t.Errorf("account is %s", a.text)
	}
	control[object](b, "PUT", "accounts/acct_1/keys", `{"key":"rk_live_1","mode":"live","revoked":true}`)
	b.must("GET", "/v1/products", "", header("Authorization", "Bearer rk_live_1")).isRefusal(t, 401)

	control[object](b, "PUT", "state?account=acct_1&mode=test", `{"products":[{"id":"p","name":"One"}]}`)
	control[object](b, "POST", "state?account=acct_1&mode=test", `{"prices":[{"id":"price_1","product":"p","currency":"usd","unit_amount":5}]}`)
	state := control[stripesim.State](b, "GET", "state?account=acct_1&mode=test", "")
	if len(state.Products) != 1 || len(state.Prices) != 1 || !strings.Contains(string(state.Prices[0]), `"currency_options":{"usd"`) {
		t.Errorf("state is %s", encode(t, state))
	}

	before := control[struct{ Now string }](b, "GET", "clock", "").Now
	if after := control[struct{ Now string }](b, "POST", "clock", `{"advance":"25h"}`).Now; after[:10] <= before[:10] {
		t.Errorf("the clock went from %s to %s", before, after)
	}
	control[object](b, "PUT", "latency", `{"latency":"1ms"}`)
	control[object](b, "PUT", "limits", `{"mode":"live","per_account_rps":1}`)
	b.ok("GET", "/v1/balance", "", own)
	b.ok("GET", "/v1/balance", "", own)
	control[object](b, "PUT", "limits", `{}`)
}

func TestHoldAndReleaseByHTTP(t *testing.T) {
	t.Parallel()
	b := setup(t)
	fault := control[struct{ ID string }](b, "POST", "faults", `{"match":{"method":"POST"},"kind":"hold"}`)
	ended := make(chan reply)
	go func() {
		a, _ := b.send("POST", "/v1/products", "name=x&id=p", header(stripesim.EpochHeader, "3"), key("golive:d:1"))
		ended <- a
	}()
	held := control[[]stripesim.Held](b, "GET", "held?timeout=1m&fault="+fault.ID, "")
	if len(held) != 1 || held[0].FaultID != fault.ID || held[0].Request.Path != "/v1/products" {
		t.Fatalf("held: %+v", held)
	}
	if n := control[map[string]int](b, "POST", "release", fmt.Sprintf(`{"id":%q}`, held[0].ID))["released"]; n != 1 {
		t.Errorf("released %d", n)
	}
	if a := <-ended; a.status != 200 {
		t.Errorf("ended with %d %s", a.status, a.text)
	}
	if status := control[[]stripesim.FaultStatus](b, "GET", "faults", ""); len(status) != 1 || status[0].Hits != 1 {
		t.Errorf("faults: %+v", status)
	}
	control[object](b, "DELETE", "faults", "")

	lines := control[[]stripesim.Request](b, "GET", "requests?writes=true&mode=test&path=^/v1/products$", "")
	if len(lines) != 1 {
		t.Fatalf("lines: %+v", lines)
	}
	if l := lines[0]; l.Epoch != "3" || l.IdempotencyKey != "golive:d:1" || l.Status != 200 || l.Fault != "hold" || l.EffectSeq == 0 ||
		l.Account != b.Account.ID || l.Body != "name=x&id=p" || l.Replayed {
		t.Errorf("line: %+v", l)
	}
	b.ok("POST", "/v1/products", "name=x&id=p", key("golive:d:1"))
	lines = control[[]stripesim.Request](b, "GET", fmt.Sprintf("requests?after=%d", lines[0].Seq), "")
	if len(lines) != 1 || !lines[0].Replayed || lines[0].EffectSeq != 0 {
		t.Errorf("lines: %+v", lines)
	}
	if n := control[map[string]int](b, "GET", "requests?count=true&method=POST", "")["count"]; n != 2 {
		t.Errorf("%d POSTs, want 2", n)
	}
	control[object](b, "DELETE", "requests", "")
	if n := control[map[string]int](b, "GET", "requests?count=true", "")["count"]; n != 0 {
		t.Errorf("%d requests after clearing", n)
	}
	if found := control[[]string](b, "GET", "disagreements", ""); len(found) != 0 {
		t.Errorf("disagreements: %s", found)
	}
}

func TestControlRefusesNonsense(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, c := range []struct{ method, path, body, want string }{
		{"POST", "faults", `{"kind":"flood"}`, "unknown kind"},
		{"POST", "faults", `{"kind":"hold","mach":{}}`, "mach"},
		{"POST", "clock", `{"advance":"soon"}`, "advance"},
		{"PUT", "latency", `{"latency":"long"}`, "latency"},
		{"GET", "held?timeout=long", "", "timeout"},
		{"GET", "held?timeout=1ms", "", "no request was held"},
		{"GET", "requests?path=(", "", "path"},
		{"GET", "state?account=acct_none&mode=test", "", "acct_none"},
		{"GET", "state?account=" + b.Account.ID + "&mode=both", "", "both"},
		{"PATCH", "accounts/acct_none", "{}", "acct_none"},
		{"PUT", "accounts/acct_none/keys", "{}", "acct_none"},
		{"PUT", "limits", "[]", "body"},
		{"POST", "accounts", "", "body"},
		{"POST", "release", "", "body"},
		{"PUT", "state?account=" + b.Account.ID + "&mode=test", `{"products":[{"colour":"red"}]}`, "colour"},
	} {
		a := b.must(c.method, "/_sim/"+c.path, c.body)
		if a.status != 400 || !strings.Contains(a.get("error"), c.want) {
			t.Errorf("%s %s: %d %s, want %q", c.method, c.path, a.status, a.text, c.want)
		}
	}
}
