package server_test

import (
	"encoding/json"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/server"
	"github.com/golive-hq/golive/internal/tenant"
)

const viewerQuery = `{ viewer { email memberships { role tenant { slug } } } }`

func TestTokensOpenTheDoor(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, tokens := s.newTenant(t, "acme")
	got := s.ok(t, tokens[tenant.RoleDeployer], viewerQuery, nil)
	if email := get(t, got, "viewer", "email"); email != "deployer@example.com" {
		t.Errorf("the viewer is %v", email)
	}
	membership := get(t, got, "viewer", "memberships").([]any)[0]
	if get(t, membership, "role") != "DEPLOYER" || get(t, membership, "tenant", "slug") != "acme" {
		t.Errorf("the membership is %v", membership)
	}

	if a := s.post(t, "", viewerQuery, nil); a.Status != http.StatusOK || a.code() != "UNAUTHENTICATED" {
		t.Errorf("without a token: %d %s", a.Status, a.code())
	}
	revoked := tokens[tenant.RoleViewer]
	all, err := s.services.Tenants.ListTokens(t.Context(), "acme")
	must(t, err)
	for _, token := range all {
		if token.Email == "viewer@example.com" {
			must(t, s.services.Tenants.RevokeToken(t.Context(), token.ID))
		}
	}
	for _, path := range []string{"/graphql", "/api/v1/products/deploy"} {
		for name, authorization := range map[string]string{
			"revoked": "Bearer " + revoked, "unknown": "Bearer glt_nothing", "not bearer": "Basic Z2x0", "empty": "Bearer ",
		} {
			status, header, body := s.send(t, http.MethodPost, path, "", []byte(`{"query":"{ __typename }"}`), map[string]string{"Authorization": authorization})
			if status != http.StatusUnauthorized || !strings.Contains(string(body), `"UNAUTHENTICATED"`) || !json.Valid(body) {
				t.Errorf("%s at %s: %d %s", name, path, status, body)
			}
			if !strings.HasPrefix(header.Get("WWW-Authenticate"), "Bearer") {
				t.Errorf("%s at %s: no challenge", name, path)
			}
		}
	}
	for _, accept := range []string{jsonType, "application/problem+json"} {
		status, header, _ := s.send(t, http.MethodPost, "/api/v1/products/deploy", "", []byte(`{"action":"status","deploymentId":"x"}`), map[string]string{"Accept": accept})
		if status != http.StatusUnauthorized || !strings.HasPrefix(header.Get("WWW-Authenticate"), "Bearer") {
			t.Errorf("no token: %d %v", status, header)
		}
	}
	if !strings.Contains(s.logs.String(), `"operation":"query viewer"`) {
		t.Error("the log does not tell what was asked")
	}
	for _, token := range tokens {
		if strings.Contains(s.logs.String(), token) {
			t.Error("a token is in the log")
		}
	}
}

func TestKeysNeverComeBack(t *testing.T) {
	t.Parallel()
	s := start(t)
	id, tokens := s.newTenant(t, "acme")
	const connect = `mutation ($i: ConnectStripeInput!) { connectStripe(input: $i) { connection { accountId keyHint } userErrors { code message field } } }`
	for mode, key := range map[string]string{"TEST": s.sim.Account.TestKey, "LIVE": s.sim.Account.TestKey} {
		a := s.post(t, tokens[tenant.RoleAdmin], connect, vars{"i": vars{"tenantId": id, "mode": mode, "secretKey": key}})
		text, err := json.Marshal(a)
		must(t, err)
		if len(a.Errors) > 0 || strings.Contains(string(text), key) {
			t.Errorf("%s: %s", mode, text)
		}
		if (mode == "LIVE") != strings.Contains(string(text), "STRIPE_KEY_INVALID") {
			t.Errorf("%s: %s", mode, text)
		}
	}
	if strings.Contains(s.logs.String(), s.sim.Account.TestKey) {
		t.Error("the key is in the log")
	}
}

// What is scheduled would otherwise find no key when its time comes.
func TestAKeyStaysAsLongAsADeploymentNeedsIt(t *testing.T) {
	t.Parallel()
	s := start(t)
	tenantID, token, products := s.newShop(t, "acme")
	id := s.goLive(t, token, products[0])
	disconnect := func() (codes []any) {
		a := s.post(t, token, `mutation ($i: DisconnectStripeInput!) { disconnectStripe(input: $i) { userErrors { code } } }`,
			vars{"i": vars{"tenantId": tenantID, "mode": "LIVE"}})
		return get(t, a.Data, "disconnectStripe", "userErrors").([]any)
	}
	if codes := disconnect(); len(codes) != 1 || get(t, codes[0], "code") != "INVALID_STATE" {
		t.Errorf("%v", codes)
	}
	s.rest(t, token, vars{"action": "cancel", "deploymentId": id})
	for range 2 {
		if codes := disconnect(); len(codes) != 0 {
			t.Errorf("%v", codes)
		}
	}
	connected := s.ok(t, token, `{ tenant(slug: "acme") { stripeConnections { mode } } }`, nil)
	if modes := get(t, connected, "tenant", "stripeConnections").([]any); len(modes) != 1 || get(t, modes[0], "mode") != "TEST" {
		t.Errorf("%v", modes)
	}
}

// A fault of ours shows an id to ask by, and nothing else.
func TestInternalErrorsAreMasked(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, tokens := s.newTenant(t, "acme")
	_, err := s.pool.Exec(t.Context(), `ALTER TABLE products RENAME TO produce`)
	must(t, err)
	for _, bad := range []answer{s.post(t, "", `{ nothing }`, nil), s.post(t, "", `{ viewer { email } }`, nil), s.post(t, "glt_x", `{ __typename }`, nil)} {
		if id := bad.Header.Get("X-Request-Id"); id == "" || bad.Errors[0].Extensions["requestId"] != id {
			t.Errorf("%+v does not name request %s", bad.Errors, id)
		}
	}
	a := s.post(t, tokens[tenant.RoleViewer], `{ product(id: "01a2009f-8f9f-75a0-9276-251a6982f1c8") { name } }`, nil)
	id := a.Header.Get("X-Request-Id")
	if a.code() != "INTERNAL" || id == "" || a.Errors[0].Extensions["requestId"] != id {
		t.Errorf("got %+v with request %q", a.Errors, id)
	}
	if strings.Contains(a.Errors[0].Message, "products") {
		t.Errorf("the database's words are shown: %s", a.Errors[0].Message)
	}
	if log := s.logs.String(); !strings.Contains(log, `relation \"products\" does not exist`) || !strings.Contains(log, id) {
		t.Errorf("the log lacks the cause or the request: %s", log)
	}

	_, err = s.pool.Exec(t.Context(), `ALTER TABLE api_tokens RENAME TO coins`)
	must(t, err)
	status, _, body := s.send(t, http.MethodPost, "/graphql", "glt_x", []byte(`{"query":"{ __typename }"}`), nil)
	if status != http.StatusInternalServerError || strings.Contains(string(body), "api_tokens") || !strings.Contains(string(body), "INTERNAL") {
		t.Errorf("a token that cannot be checked: %d %s", status, body)
	}
}

func TestRequestIDsAreKeptWhereTheyAreHarmless(t *testing.T) {
	t.Parallel()
	s := start(t, func(c *server.Config) { c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")} })
	for given, kept := range map[string]bool{
		"trace-1.a_B": true, "": false, "two words": false, strings.Repeat("x", 65): false, `"}`: false,
	} {
		headers := map[string]string{}
		if given != "" {
			headers["X-Request-Id"] = given
		}
		_, header, _ := s.send(t, http.MethodGet, "/healthz", "", nil, headers)
		got := header.Get("X-Request-Id")
		if got == "" || (got == given) != kept {
			t.Errorf("%q came back as %q", given, got)
		}
		if !strings.Contains(s.logs.String(), got) {
			t.Errorf("the log does not name %q", got)
		}
	}
}

// A page of another site must not act with what the browser knows, nor listen.
func TestOtherSitesAreRefused(t *testing.T) {
	t.Parallel()
	s := start(t, func(c *server.Config) { c.PublicURL = "https://golive.example" })
	for name, headers := range map[string]map[string]string{
		"by fetch metadata": {"Sec-Fetch-Site": "cross-site"},
		"by origin":         {"Origin": "https://evil.example"},
	} {
		status, _, body := s.send(t, http.MethodPost, "/graphql", "", []byte(`{"query":"{ __typename }"}`), headers)
		if status != http.StatusForbidden || !strings.Contains(string(body), "FORBIDDEN") {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	for origin, want := range map[string]int{
		"https://evil.example": http.StatusForbidden, "null": http.StatusForbidden,
		"": http.StatusSwitchingProtocols, s.url: http.StatusSwitchingProtocols, "https://golive.example": http.StatusSwitchingProtocols,
	} {
		headers := map[string]string{
			"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
			"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol": "graphql-transport-ws",
		}
		if origin != "" {
			headers["Origin"] = origin
		}
		if status := s.upgrade(t, headers); status != want {
			t.Errorf("an upgrade from %q: %d, want %d", origin, status, want)
		}
	}
}
