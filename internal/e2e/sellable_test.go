package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// TestAlwaysSellable looks every 5 ms at what customers could buy while prices
// change a hundred times: on ten products, each ten times, as new prices and by
// reactivating earlier ones, with a default price and without.
func TestAlwaysSellable(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	var shops [10]*shop
	for i := range shops {
		shops[i] = s.newShop(t, fmt.Sprint("lane-", i), false)
	}
	// Each call takes longer than a look at live, so that no state between two
	// calls can hide.
	s.stripe.Sim.SetLatency(10 * time.Millisecond)
	var all sync.WaitGroup
	for i, sh := range shops {
		l := lane{twoPricesInTurn: i%2 == 1, hasDefault: i%4 < 2}
		all.Go(func() {
			t.Run(sh.slug, func(t *testing.T) { repriceUnderWatch(t, sh, l) }) //nolint:paralleltest // the loop is parallel
		})
	}
	all.Wait()
}

// repriceUnderWatch goes live once, and then with ten other prices, while a probe
// looks on.
func repriceUnderWatch(t *testing.T, sh *shop, l lane) {
	t.Helper()
	probe := &probe{shop: sh, lane: l}
	for step := range 11 {
		sh.setTest(t, l.at(step))
		d := sh.end(t, sh.mustGoLive(t, goLiveInput{ProductID: sh.product(t, "prod_lane").ID}).ID)
		if d.Status != "COMPLETED" {
			t.Fatalf("step %d ended %s: %s", step, d.Status, d.ProgressMessage)
		}
		judgeLane(t, sh, step)
		if step == 0 {
			defer probe.start(t)()
		}
	}
}

// judgeLane: after each step exactly one price is for sale, with the key and the
// amount of that step.
func judgeLane(t *testing.T, sh *shop, step int) {
	t.Helper()
	var active []object
	for _, p := range sh.liveWorld(t).prices {
		if p["active"] == true {
			active = append(active, p)
		}
	}
	if len(active) != 1 || active[0]["lookup_key"] != "lane" || active[0]["unit_amount"] != number(laneAmount(step)) {
		t.Errorf("after step %d these are for sale: %s", step, text(active))
	}
}

func laneAmount(step int) int { return 1000 + 500*(step%2) }

func lanePrice(id string, step int, active bool) object {
	p := object{"id": id, "product": "prod_lane", "currency": "usd", "unit_amount": number(laneAmount(step)), "recurring": object{"interval": "month"}, "active": active}
	if active {
		p["lookup_key"] = "lane"
	}
	return p
}

// lane is how one product's prices go from A to B, to A and so on: each one new,
// or the same two in turn.
type lane struct{ twoPricesInTurn, hasDefault bool }

func (l lane) at(step int) *world {
	w := &world{}
	for i := range step + 1 {
		if !l.twoPricesInTurn || i < 2 {
			w.prices = append(w.prices, lanePrice(l.id(i), i, l.id(i) == l.id(step)))
		}
	}
	product := object{"id": "prod_lane", "name": "Lane"}
	if l.hasDefault {
		product["default_price"] = l.id(step)
	}
	w.products = []object{product}
	return w
}

func (l lane) id(step int) string {
	if l.twoPricesInTurn {
		step %= 2
	}
	return fmt.Sprint("price_", step)
}

// probe is a customer who keeps looking.
type probe struct {
	*shop
	lane  lane
	mu    sync.Mutex
	looks int
	wrong []string
}

// start looks every 5 ms until the returned function is called, which reports.
func (p *probe) start(t *testing.T) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() {
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				all.Go(p.look)
			case <-ctx.Done():
				return
			}
		}
	})
	return func() {
		cancel()
		all.Wait()
		if p.looks == 0 {
			t.Error("the probe never looked")
		}
		for _, wrong := range p.wrong {
			t.Error(wrong)
		}
	}
}

// look reads, as a shop's pages do, the active prices and the default price.
func (p *probe) look() {
	var prices struct{ Data []object }
	p.get("/v1/prices?active=true&limit=100&product=prod_lane", &prices)
	holders := 0
	for _, price := range prices.Data {
		if price["lookup_key"] == "lane" {
			holders++
		}
	}
	var product struct {
		DefaultPrice object `json:"default_price"`
	}
	p.get("/v1/products/prod_lane?expand[]=default_price", &product)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.looks++
	if holders != 1 {
		p.wrong = append(p.wrong, fmt.Sprintf("%s: %d active prices hold the lookup key: %s", p.slug, holders, text(prices.Data)))
	}
	if p.lane.hasDefault && product.DefaultPrice["active"] != true {
		p.wrong = append(p.wrong, fmt.Sprintf("%s: the default price is not for sale: %s", p.slug, text(product.DefaultPrice)))
	}
}

// get asks the simulator without a network between, which would only slow it down.
func (p *probe) get(path string, into any) {
	r := httptest.NewRequest("GET", path, nil)
	r.Header.Set("Authorization", "Bearer "+p.live.LiveKey)
	w := httptest.NewRecorder()
	p.sim.ServeHTTP(w, r)
	if err := json.Unmarshal(w.Body.Bytes(), into); err != nil || w.Code != 200 {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.wrong = append(p.wrong, fmt.Sprintf("%s: %d %s", path, w.Code, w.Body))
	}
}
