package stripesim_test

import (
	"testing"
	"time"
)

func TestEventsTellWhatChanged(t *testing.T) {
	t.Parallel()
	b := setup(t)
	created := b.ok("POST", "/v1/products", "id=plan&name=Plan&metadata[a]=1", key("k1"))
	first := b.price("plan", "lookup_key=gold")
	latest := func() reply { t.Helper(); return b.ok("GET", "/v1/events?limit=4", "") }

	latest().wants(t, "data.0.type", "price.created", "data.0.data.object.id", first, "data.0.data.object.lookup_key", "gold",
		"data.0.pending_webhooks", "0", "data.1.type", "product.created", "data.1.data.object.name", "Plan", "data.1.api_version", "2023-10-16",
		"data.1.request.id", created.header.Get("Request-Id"), "data.1.request.idempotency_key", "k1", "data.2.id", "<none>",
		"data.0.data.previous_attributes", "<nil>")

	b.ok("POST", "/v1/products", "id=plan&name=Plan&metadata[a]=1", key("k1")) // a replay
	b.ok("POST", "/v1/products/plan", "name=Plan")                             // no change
	latest().wants(t, "data.0.type", "price.created")

	b.Sim.Advance(time.Second)
	b.ok("POST", "/v1/products/plan", "name=Better&metadata[a]=2&metadata[b]=3")
	a := latest()
	a.wants(t, "data.0.type", "product.updated", "data.0.data.previous_attributes.name", "Plan",
		"data.0.data.previous_attributes.metadata", "map[a:1 b:<nil>]", "data.0.data.previous_attributes.updated", created.get("updated"),
		"data.0.data.previous_attributes.active", "<nil>")

	second := b.price("plan", "lookup_key=gold&transfer_lookup_key=true")
	latest().wants(t, "data.0.type", "price.created", "data.0.data.object.id", second,
		"data.1.type", "price.updated", "data.1.data.object.id", first, "data.1.data.previous_attributes", "map[lookup_key:gold]")

	b.product("gone")
	b.ok("DELETE", "/v1/products/gone", "")
	latest().wants(t, "data.0.type", "product.deleted", "data.0.data.object.active", "false")
	b.ok("POST", "/v1/prices", "currency=usd&unit_amount=5&product_data[name]=Made")
	latest().wants(t, "data.0.type", "price.created", "data.1.type", "product.created")
}

func TestEventsAreFilteredAndForgotten(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.product("plan")
	b.price("plan", "")
	count := func(query, want string) {
		t.Helper()
		n := 0
		for range b.ok("GET", "/v1/events?"+query, "").body["data"].([]any) {
			n++
		}
		if got := string(rune('0' + n)); got != want {
			t.Errorf("%s: %s events, want %s", query, got, want)
		}
	}
	count("", "2")
	count("type=product.created", "1")
	count("type=product.*", "1")
	count("types[]=product.created&types[]=price.created", "2")
	count("delivery_success=false", "0")
	count("created[gt]=32503680000", "0")
	id := b.ok("GET", "/v1/events?limit=1", "").get("data.0.id")
	b.ok("GET", "/v1/events/"+id, "").wants(t, "object", "event", "livemode", "false")
	b.must("GET", "/v1/events?limit=1", "", b.live()).wants(t, "data", "[]")
	b.Sim.Advance(30*24*time.Hour + time.Second)
	count("", "0")
	b.refused(404, "GET", "/v1/events/"+id, "", "param", "id")
}
