package stripesim_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/stripesim"
	"github.com/golive-hq/golive/internal/stripesim/simtest"
)

func TestSeedAndDumpAreExact(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if err := b.Sim.Load(b.Account.ID, stripesim.Test, stripesim.DemoCatalogue()); err != nil {
		t.Fatal(err)
	}
	dumped, err := b.Sim.Dump(b.Account.ID, stripesim.Test)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Sim.Load(b.Account.ID, stripesim.Live, dumped); err != nil {
		t.Fatal(err)
	}
	copied, err := b.Sim.Dump(b.Account.ID, stripesim.Live)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(encode(t, copied), `"livemode":true`, `"livemode":false`)
	if text != encode(t, dumped) {
		t.Error("what was dumped and loaded differs from the original")
	}
}

func encode(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestSeedAddsReplacesAndRefuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	seed := func(product, price string) error {
		var products, prices []json.RawMessage
		if product != "" {
			products = append(products, json.RawMessage(product))
		}
		if price != "" {
			prices = append(prices, json.RawMessage(price))
		}
		return b.Sim.Seed(b.Account.ID, stripesim.Test, products, prices)
	}
	const price = `{"id":"price_1","product":"p","currency":"usd","unit_amount_decimal":"1.5","lookup_key":"k"`
	if err := seed(`{"id":"p","name":"One"}`, price+`}`); err != nil {
		t.Fatal(err)
	}
	if err := seed(`{"id":"p","name":"Two"}`, price+`,"active":false,"recurring":{"interval":"month"}}`); err != nil {
		t.Fatal(err)
	}
	b.ok("GET", "/v1/products", "").wants(t, "data.0.name", "Two", "data.1.id", "<none>", "data.0.metadata", "map[]")
	b.ok("GET", "/v1/prices?active=false&product=p", "").wants(t, "data.0.type", "recurring", "data.0.unit_amount", "<nil>", "data.1.id", "<none>",
		"data.0.recurring.usage_type", "licensed")
	b.price("p", "lookup_key=k&transfer_lookup_key=true")
	options := `{"id":"price_3","product":"p","currency":"usd","unit_amount":5,"currency_options":{"usd":{"unit_amount":5},"eur":{"unit_amount":4}}}`
	if err := seed("", options); err != nil {
		t.Fatal(err)
	}
	b.ok("POST", "/v1/prices/price_3", "tax_behavior=inclusive&expand[]=currency_options").wants(t,
		"currency_options.usd.tax_behavior", "inclusive", "currency_options.eur.unit_amount", "4")
	if err := seed("", `{"id":"price_2","product":"nowhere","currency":"usd"}`); err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("price without product: %v", err)
	}
	if err := seed(`{"id":"x","name":"x","colour":"red"}`, ""); err == nil || !strings.Contains(err.Error(), "colour") {
		t.Errorf("unknown field: %v", err)
	}
	if err := b.Sim.Seed("acct_none", stripesim.Test, nil, nil); err == nil {
		t.Error("unknown account: no error")
	}
	if _, err := b.Sim.Dump(b.Account.ID, "sandbox"); err == nil {
		t.Error("unknown mode: no error")
	}
	if err := b.Sim.Load(b.Account.ID, stripesim.Test, stripesim.State{}); err != nil {
		t.Fatal(err)
	}
	b.ok("GET", "/v1/products", "").wants(t, "data", "[]")
}

// TestStateSurvivesARestart goes through the file: objects, keys, events,
// idempotency and the clock.
func TestStateSurvivesARestart(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "stripe.json")
	var account stripesim.Account
	var before stripesim.State
	t.Run("first", func(t *testing.T) {
		b := bench{simtest.StartWith(t, stripesim.Config{StateFile: file}), t}
		account = b.Account
		if err := b.Sim.Load(account.ID, stripesim.Live, stripesim.DemoCatalogue()); err != nil {
			t.Fatal(err)
		}
		b.ok("POST", "/v1/products", "id=p&name=x", key("k"))
		b.price("p", "lookup_key=gold")
		b.ok("POST", "/v1/webhook_endpoints", "url=https://a.example&enabled_events[]=*", b.live())
		b.ok("POST", "/v1/coupons", "percent_off=5&id=FIVE")
		b.Sim.Advance(time.Hour)
		before = dump(t, b)
	})
	b := bench{simtest.StartWith(t, stripesim.Config{StateFile: file}), t}
	b.Account = account
	if after := dump(t, b); !reflect.DeepEqual(after, before) {
		t.Error("the objects differ after the restart")
	}
	if a := b.ok("POST", "/v1/products", "id=p&name=x", key("k")); a.header.Get("Idempotent-Replayed") != "true" {
		t.Error("the idempotency key was forgotten")
	}
	b.ok("GET", "/v1/events", "").wants(t, "data.0.type", "coupon.created", "data.2.type", "product.created")
	b.refused(400, "POST", "/v1/prices", "product=p&currency=usd&unit_amount=5&lookup_key=gold", "param", "lookup_key")
	if ahead := time.Until(b.Sim.Now()); ahead < 59*time.Minute {
		t.Errorf("the clock is ahead by %s, want an hour", ahead)
	}
}

func dump(t *testing.T, b bench) stripesim.State {
	t.Helper()
	both := stripesim.State{}
	for _, mode := range []stripesim.Mode{stripesim.Test, stripesim.Live} {
		s, err := b.Sim.Dump(b.Account.ID, mode)
		if err != nil {
			t.Fatal(err)
		}
		both.Products = append(both.Products, s.Products...)
		both.Prices = append(both.Prices, s.Prices...)
		both.Coupons = append(both.Coupons, s.Coupons...)
		both.WebhookEndpoints = append(both.WebhookEndpoints, s.WebhookEndpoints...)
	}
	return both
}

// TestStateIsWrittenWhileRunning: a crash must not lose what anybody was told of.
func TestStateIsWrittenWhileRunning(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "stripe.json")
	b := bench{simtest.StartWith(t, stripesim.Config{StateFile: file}), t}
	b.product("survivor")
	if data, err := os.ReadFile(file); err != nil || !strings.Contains(string(data), "survivor") {
		t.Errorf("%v, the file holds %d bytes", err, len(data))
	}
}

func TestBrokenStateFileIsNotOverwritten(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "stripe.json")
	if err := os.WriteFile(file, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if recover() == nil {
			t.Error("New went on with a broken file")
		}
	}()
	stripesim.New(stripesim.Config{StateFile: file})
}
