package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/identity"
	"github.com/golive-hq/golive/internal/stripesim"
	"github.com/golive-hq/golive/internal/tenant"
)

// orders sends a request about orders; key is its idempotency key, "" for none, and a nil
// body is none.
func (s *stack) orders(t *testing.T, token, method, path, key string, body any) (int, map[string]any) {
	t.Helper()
	var text []byte
	if body != nil {
		var err error
		text, err = json.Marshal(body)
		must(t, err)
	}
	headers := map[string]string{}
	if key != "" {
		headers["Idempotency-Key"] = key
	}
	status, _, answered := s.send(t, method, "/api/v1/orders"+path, token, text, headers)
	var answer map[string]any
	must(t, json.Unmarshal(answered, &answer))
	return status, answer
}

// did is orders, where what comes back has to be a success.
func (s *stack) did(t *testing.T, token, method, path, key string, body any) map[string]any {
	t.Helper()
	status, answer := s.orders(t, token, method, path, key, body)
	if status >= http.StatusBadRequest {
		t.Fatalf("%s %s: %d %v", method, path, status, answer)
	}
	return answer
}

// coffee is what a new order is made of.
func coffee(more vars) vars {
	input := vars{"mode": "TEST", "customer": "cus-1", "lines": []vars{{"lookupKey": "coffee_dockside_500", "quantity": 2}}}
	for name, value := range more {
		input[name] = value
	}
	return input
}

// shop is a tenant that sells, its id, an admin's token and one for orders alone.
func (s *stack) shop(t *testing.T, slug string) (tenantID, admin, forOrders string) {
	t.Helper()
	tenantID, admin, _ = s.newShop(t, slug)
	s.sells(t, tenantID)
	made := s.ok(t, admin, tokenMutation, vars{"i": vars{"tenantId": tenantID, "role": "DEPLOYER", "service": true, "name": "shop", "scope": "ORDERS"}})
	return tenantID, admin, get(t, made, "createToken", "secret").(string)
}

// A shop's server sells by REST alone, with a token for orders: it creates an order, sends
// the customer to pay, learns of it and fulfils it; an admin refunds.
func TestAnOrderByREST(t *testing.T) {
	t.Parallel()
	s := start(t)
	tenantID, admin, shop := s.shop(t, "acme")
	input := coffee(vars{"email": "jane@example.com", "reference": "A-1", "metadata": vars{"cart": "17"}})
	status, got := s.orders(t, shop, http.MethodPost, "", "k", input)
	if status != http.StatusCreated || get(t, got, "order", "status") != "CREATED" || get(t, got, "order", "email") != "jane@example.com" {
		t.Fatalf("create: %d %v", status, got)
	}
	id := get(t, got, "order", "id").(string)
	if again := s.did(t, shop, http.MethodPost, "", "k", input); get(t, again, "order", "id") != id {
		t.Error("the same key made another order")
	}
	if status, got := s.orders(t, shop, http.MethodPost, "", "k", coffee(nil)); status != http.StatusConflict || get(t, got, "error", "code") != "IDEMPOTENCY_KEY_REUSED" {
		t.Errorf("the key with other input: %d %v", status, got)
	}
	started := s.did(t, shop, http.MethodPost, "/"+id+"/checkout", "c", vars{"successUrl": "https://shop.example/thanks", "cancelUrl": "https://shop.example/cart"})
	if !strings.HasPrefix(get(t, started, "checkoutUrl").(string), s.sim.URL) || get(t, started, "payment", "status") != "OPEN" {
		t.Errorf("checkout: %v", started)
	}
	session := get(t, started, "payment", "stripeSessionId").(string)
	must(t, s.sim.Sim.Pay(session, stripesim.Card))
	s.ring(t, tenantID, session)
	paid := s.did(t, shop, http.MethodGet, "/"+id, "", nil)
	if get(t, paid, "order", "status") != "PAID" || get(t, paid, "order", "captured", "amount") != "37.00" || get(t, paid, "order", "can", "fulfill", "ok") != true {
		t.Errorf("paid: %v", paid)
	}
	if done := s.did(t, shop, http.MethodPost, "/"+id+"/fulfill", "f", nil); get(t, done, "order", "status") != "FULFILLED" {
		t.Errorf("fulfill, which needs no body: %v", done)
	}
	part := vars{"amount": vars{"amount": "7.00", "currency": "usd"}}
	if status, got := s.orders(t, shop, http.MethodPost, "/"+id+"/refunds", "r", part); status != http.StatusForbidden {
		t.Errorf("a shop's token refunded: %d %v", status, got)
	}
	for range 2 {
		back := s.did(t, admin, http.MethodPost, "/"+id+"/refunds", "r", part)
		if get(t, back, "refund", "status") != "SUCCEEDED" || get(t, back, "order", "refunded", "amount") != "7.00" {
			t.Errorf("refund: %v", back)
		}
	}
	if strings.Contains(s.logs.String(), "jane@example.com") {
		t.Error("the log names the customer")
	}
}

func TestHeldMoneyByREST(t *testing.T) {
	t.Parallel()
	s := start(t)
	tenantID, admin, _ := s.shop(t, "acme")
	id := get(t, s.did(t, admin, http.MethodPost, "", "k", coffee(vars{"captureMethod": "MANUAL"})), "order", "id").(string)
	started := s.did(t, admin, http.MethodPost, "/"+id+"/checkout", "c", vars{"flow": "ELEMENTS"})
	if started["clientSecret"] == nil || started["checkoutUrl"] != nil {
		t.Errorf("elements need a client secret and no page: %v", started)
	}
	must(t, s.sim.Sim.Pay(get(t, started, "payment", "stripePaymentIntentId").(string), stripesim.Card))
	must(t, s.services.Orders.Check(t.Context(), domaintest.CheckOf(id, tenantID)))
	took := s.did(t, admin, http.MethodPost, "/"+id+"/capture", "t", vars{"amount": vars{"amount": "12.5", "currency": "usd"}})
	if get(t, took, "order", "status") != "PAID" || get(t, took, "order", "captured", "amount") != "12.50" {
		t.Errorf("capture: %v", took)
	}
	if status, got := s.orders(t, admin, http.MethodPost, "/"+id+"/cancel", "x", vars{}); status != http.StatusConflict || get(t, got, "error", "code") != "INVALID_STATE" {
		t.Errorf("a paid order was cancelled: %d %v", status, got)
	}
	other := get(t, s.did(t, admin, http.MethodPost, "", "o", coffee(nil)), "order", "id").(string)
	gone := s.did(t, admin, http.MethodPost, "/"+other+"/cancel", "x", vars{"reason": "sold out", "version": 1})
	if get(t, gone, "order", "status") != "CANCELLED" || get(t, gone, "order", "cancelReason") != "sold out" {
		t.Errorf("cancel: %v", gone)
	}
}

// idsOf are those of a list of orders.
func idsOf(t *testing.T, list map[string]any) (ids []string) {
	t.Helper()
	for _, o := range get(t, list, "orders").([]any) {
		ids = append(ids, get(t, o, "id").(string))
	}
	return ids
}

// Lists are newest first and filtered; who polls by changed_since sees every change, page by
// page, and an order that changes between two pages comes again.
func TestListsOfOrdersByREST(t *testing.T) {
	t.Parallel()
	s := start(t)
	tenantID, admin, shop := s.shop(t, "acme")
	var made []string
	for i := range 3 {
		o := s.did(t, shop, http.MethodPost, "", fmt.Sprint(i), coffee(vars{"customer": fmt.Sprint("cus-", i%2)}))
		made = append(made, get(t, o, "order", "id").(string))
	}
	list := func(query string) map[string]any { return s.did(t, shop, http.MethodGet, "?mode=TEST&"+query, "", nil) }
	s.did(t, shop, http.MethodPost, "/"+made[0]+"/cancel", "x", nil)
	for query, want := range map[string][]string{
		"":                                   {made[2], made[1], made[0]},
		"status=CANCELLED":                   {made[0]},
		"status=CANCELLED,CREATED":           {made[2], made[1], made[0]},
		"customer=cus-0":                     {made[2], made[0]},
		"tenant_id=" + tenantID:              {made[2], made[1], made[0]},
		"changed_since=2020-01-01T00:00:00Z": {made[1], made[2], made[0]},
		"changed_since=2100-01-01T00:00:00Z": nil,
		"changed_since=2020-01-01T00:00:00Z&customer=cus-0": {made[2], made[0]},
	} {
		if got := idsOf(t, list(query)); !slices.Equal(got, want) {
			t.Errorf("%s lists %q, want %q", query, got, want)
		}
	}
	if live := idsOf(t, s.did(t, shop, http.MethodGet, "", "", nil)); live != nil {
		t.Errorf("without a mode it lists %q", live)
	}
	since := "first=2&changed_since=" + url.QueryEscape(time.Unix(0, 0).Format(time.RFC3339))
	page := list(since)
	s.did(t, admin, http.MethodPost, "/"+made[1]+"/cancel", "y", nil)
	rest := list(since + "&after=" + url.QueryEscape(get(t, page, "pageInfo", "endCursor").(string)))
	if got := append(idsOf(t, page), idsOf(t, rest)...); !slices.Equal(got, []string{made[1], made[2], made[0], made[1]}) || get(t, rest, "pageInfo", "hasNextPage") != false {
		t.Errorf("by pages: %q, want all and then %s again", got, made[1])
	}
	first := list("first=1")
	if second := idsOf(t, list("first=1&after="+get(t, first, "pageInfo", "endCursor").(string))); !slices.Equal(second, made[1:2]) {
		t.Errorf("the second is %q", second)
	}
}

func TestRESTSaysWhatIsWrongWithOrders(t *testing.T) {
	t.Parallel()
	s := start(t)
	_, admin, shop := s.shop(t, "acme")
	id := get(t, s.did(t, shop, http.MethodPost, "", "k", coffee(nil)), "order", "id").(string)
	_, tokens := s.newTenant(t, "others")
	for name, c := range map[string]struct {
		token, method, path, key string
		body                     any
		status                   int
		code                     string
	}{
		"no key":              {admin, "POST", "", "", coffee(nil), 400, "INVALID_INPUT"},
		"no key, 2":           {admin, "POST", "/" + id + "/cancel", "", nil, 400, "INVALID_INPUT"},
		"long key":            {admin, "POST", "", strings.Repeat("k", 256), coffee(nil), 400, "INVALID_INPUT"},
		"key that is no text": {admin, "POST", "", "k\xff", coffee(nil), 400, "INVALID_INPUT"},
		"key in the body":     {admin, "POST", "", "k2", coffee(vars{"idempotencyKey": "k2"}), 400, "INVALID_INPUT"},
		"no customer":         {admin, "POST", "", "k2", coffee(vars{"customer": nil}), 400, "INVALID_INPUT"},
		"no body":             {admin, "POST", "", "k2", nil, 400, "INVALID_INPUT"},
		"no object":           {admin, "POST", "", "k2", []string{}, 400, "BAD_REQUEST"},
		"misspelt":            {admin, "POST", "", "k2", coffee(vars{"capture_method": "MANUAL"}), 400, "INVALID_INPUT"},
		"wrong type":          {admin, "POST", "", "k2", coffee(vars{"customer": 5}), 400, "BAD_REQUEST"},
		"no such price":       {admin, "POST", "", "k2", coffee(vars{"lines": []vars{{"lookupKey": "none"}}}), 404, "NOT_FOUND"},
		"another's tenant":    {tokens[tenant.RoleAdmin], "GET", "/" + id, "", nil, 404, "NOT_FOUND"},
		"payments are off":    {tokens[tenant.RoleAdmin], "POST", "", "k", coffee(nil), 409, "PAYMENTS_DISABLED"},
		"only looks":          {tokens[tenant.RoleViewer], "POST", "", "k", coffee(nil), 403, "FORBIDDEN"},
		"nobody":              {"", "GET", "", "", nil, 401, "UNAUTHENTICATED"},
		"nobody, 2":           {"", "POST", "", "k", coffee(nil), 401, "UNAUTHENTICATED"},
		"nobody, 3":           {"", "GET", "/" + id, "", nil, 401, "UNAUTHENTICATED"},
		"no order":            {admin, "GET", "/x", "", nil, 404, "NOT_FOUND"},
		"no order, 2":         {admin, "POST", "/x/cancel", "k", nil, 404, "NOT_FOUND"},
		"no action":           {admin, "POST", "/" + id + "/explode", "k", nil, 404, "NOT_FOUND"},
		"method":              {admin, "PUT", "", "k", coffee(nil), 405, "BAD_REQUEST"},
		"method, 2":           {admin, "DELETE", "/" + id, "k", nil, 405, "BAD_REQUEST"},
		"method, 3":           {admin, "GET", "/" + id + "/refunds", "", nil, 405, "BAD_REQUEST"},
		"not paid":            {admin, "POST", "/" + id + "/fulfill", "k", nil, 409, "INVALID_STATE"},
		"another version":     {admin, "POST", "/" + id + "/cancel", "k", vars{"version": 9}, 409, "VERSION_CONFLICT"},
		"unknown parameter":   {admin, "GET", "?mod=TEST", "", nil, 400, "INVALID_INPUT"},
		"empty parameter":     {admin, "GET", "?customer=", "", nil, 400, "INVALID_INPUT"},
		"twice":               {admin, "GET", "?mode=TEST&mode=LIVE", "", nil, 400, "BAD_REQUEST"},
		"unreadable":          {admin, "GET", "?mode=%zz", "", nil, 400, "BAD_REQUEST"},
		"control characters":  {admin, "GET", "?customer=%00", "", nil, 400, "INVALID_INPUT"},
		"no mode":             {admin, "GET", "?mode=test", "", nil, 400, "BAD_REQUEST"},
		"no status":           {admin, "GET", "?status=NONE", "", nil, 400, "BAD_REQUEST"},
		"no time":             {admin, "GET", "?changed_since=yesterday", "", nil, 400, "BAD_REQUEST"},
		"no number":           {admin, "GET", "?first=ten", "", nil, 400, "INVALID_INPUT"},
		"too many":            {admin, "GET", "?first=101", "", nil, 400, "INVALID_INPUT"},
		"no cursor":           {admin, "GET", "?after=x", "", nil, 400, "INVALID_INPUT"},
		"no cursor, 2":        {admin, "GET", "?changed_since=2020-01-01T00:00:00Z&after=" + id, "", nil, 400, "INVALID_INPUT"},
		"no tenant":           {admin, "GET", "?tenant_id=x", "", nil, 404, "NOT_FOUND"},
	} {
		status, got := s.orders(t, c.token, c.method, c.path, c.key, c.body)
		if status != c.status || get(t, got, "error", "code") != c.code || get(t, got, "error", "message") == "" {
			t.Errorf("%s: %d %v, want %d %s", name, status, got, c.status, c.code)
		}
	}
	if left := idsOf(t, s.did(t, shop, http.MethodGet, "?mode=TEST", "", nil)); !slices.Equal(left, []string{id}) {
		t.Errorf("there are %q", left)
	}
}

// Whoever belongs to several tenants says which one is meant.
func TestTheTenantOfAnOrderByREST(t *testing.T) {
	t.Parallel()
	s := startForPeople(t)
	tenantID, _, _ := s.shop(t, "acme")
	s.newTenant(t, "second")
	link, err := s.services.Identity.CreateLink(t.Context(), "admin@example.com")
	must(t, err)
	secret, err := s.services.Identity.UseLink(t.Context(), link, identity.Browser{})
	must(t, err)
	ask := func(method, query string, body vars) (int, string) {
		text, err := json.Marshal(body)
		must(t, err)
		headers := map[string]string{"Cookie": "golive=" + secret, "Origin": s.url, "Idempotency-Key": "k"}
		status, _, answer := s.send(t, method, "/api/v1/orders"+query, "", text, headers)
		return status, string(answer)
	}
	for _, c := range []struct {
		method, query string
		body          vars
		status        int
		says          string
	}{
		{"GET", "", nil, http.StatusBadRequest, "tenant_id"},
		{"POST", "", coffee(nil), http.StatusBadRequest, "tenantId"},
		{"POST", "", coffee(vars{"tenantId": strings.ToUpper(tenantID)}), http.StatusCreated, "CREATED"},
		{"GET", "?mode=TEST&tenant_id=" + strings.ToUpper(tenantID), nil, http.StatusOK, "CREATED"},
	} {
		if status, text := ask(c.method, c.query, c.body); status != c.status || !strings.Contains(text, c.says) {
			t.Errorf("%s %q: %d %s", c.method, c.query, status, text)
		}
	}
}
