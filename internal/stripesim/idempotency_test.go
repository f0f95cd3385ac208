package stripesim_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/stripesim"
)

func TestKeyReplaysTheFirstAnswer(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.product("plan")
	const form = "product=plan&currency=usd&unit_amount=5"
	first := b.ok("POST", "/v1/prices", form, key("k"))
	again := b.ok("POST", "/v1/prices", "unit_amount=5&currency=usd&product=plan", key("k"))
	if again.text != first.text {
		t.Errorf("replay is %s, want %s", again.text, first.text)
	}
	for name, want := range map[string]string{
		"Idempotent-Replayed": "true", "Original-Request": first.header.Get("Request-Id"), "Idempotency-Key": "k",
	} {
		if got := again.header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if again.header.Get("Request-Id") == first.header.Get("Request-Id") || first.header.Get("Idempotent-Replayed") != "" {
		t.Error("a replay has its own request id, and the first answer is no replay")
	}
	for path, form := range map[string]string{"/v1/prices": form + "&nickname=N", "/v1/products": form, "/v1/prices/x": form} {
		b.must("POST", path, form, key("k")).isRefusal(t, 400, "type", "idempotency_error",
			"message", "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than 'k'")
	}
	if n := len(b.ok("GET", "/v1/prices", "").body["data"].([]any)); n != 1 {
		t.Errorf("%d prices exist, want 1", n)
	}
	// Another mode is another scope.
	b.ok("POST", "/v1/products", "name=x", key("k"), b.live())
}

func TestRefusalsAreKeptOnlyOnceTheEndpointRuns(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.must("POST", "/v1/prices", "product=later&currency=usd&unit_amount=5", key("ran")).isRefusal(t, 400, "code", "resource_missing")
	b.must("POST", "/v1/products", "id=later", key("invalid")).isRefusal(t, 400, "code", "parameter_missing")
	b.ok("POST", "/v1/products", "id=later&name=x", key("other"))
	b.ok("POST", "/v1/products", "id=two&name=x", key("invalid"))

	a := b.must("POST", "/v1/prices", "product=later&currency=usd&unit_amount=5", key("ran"))
	a.isRefusal(t, 400, "code", "resource_missing") // though the product exists by now
	if a.header.Get("Idempotent-Replayed") != "true" {
		t.Error("the kept refusal is not marked as a replay")
	}
	for i, kind := range []string{"429:endpoint-rate", stripesim.LockTimeout, stripesim.Error500, stripesim.Error503} {
		b.fault(stripesim.Fault{Kind: kind})
		form, k := fmt.Sprintf("name=x&id=free%d", i), key("free"+kind)
		if a := b.must("POST", "/v1/products", form, k); a.status < 400 {
			t.Errorf("%s: status %d", kind, a.status)
		}
		b.ok("POST", "/v1/products", form, k)
	}
}

func (b bench) fault(f stripesim.Fault) string {
	b.t.Helper()
	id, err := b.Sim.AddFault(f)
	if err != nil {
		b.t.Fatal(err)
	}
	return id
}

func TestKeysLiveForADay(t *testing.T) {
	t.Parallel()
	b := setup(t)
	create := func() string { return b.ok("POST", "/v1/products", "name=x", key("k")).get("id") }
	first := create()
	b.Sim.Advance(23*time.Hour + 59*time.Minute)
	if create() != first {
		t.Error("the key was forgotten within a day")
	}
	b.Sim.Advance(time.Minute + time.Second)
	if create() == first {
		t.Error("the key is still known after a day")
	}
}

func TestKeyInUse(t *testing.T) {
	t.Parallel()
	b := setup(t)
	fault := b.fault(stripesim.Fault{Kind: stripesim.Hold})
	done := make(chan reply)
	go func() {
		a, _ := b.send("POST", "/v1/products", "name=x&id=p", key("k"))
		done <- a
	}()
	held, err := b.Sim.Held(t.Context(), fault)
	if err != nil {
		t.Fatal(err)
	}
	b.must("POST", "/v1/products", "name=x&id=p", key("k")).isRefusal(t, http.StatusConflict, "code", "idempotency_key_in_use",
		"message", "another in-progress request using this Idempotent Key")
	b.refused(404, "GET", "/v1/products/p", "") // it has not happened
	if n := b.Sim.Release(held[0].ID, false); n != 1 {
		t.Errorf("released %d requests, want 1", n)
	}
	if a := <-done; a.status != http.StatusOK {
		t.Errorf("the held request ended with %d %s", a.status, a.text)
	}
	b.ok("POST", "/v1/products", "name=x&id=p", key("k"))
}

func TestManyAtOnceMakeOneObject(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.product("plan")
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			if a, err := b.send("POST", "/v1/prices", "product=plan&currency=usd&unit_amount=5", key("k")); err != nil || a.status != 200 && a.status != 409 {
				t.Errorf("%d %s %v", a.status, a.text, err)
			}
		})
	}
	all.Wait()
	if n := len(b.ok("GET", "/v1/prices?limit=100", "").body["data"].([]any)); n != 1 {
		t.Errorf("%d prices exist, want 1", n)
	}
}
