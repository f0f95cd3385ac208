package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/stripesim"
)

// TestAlwaysSellable looks every 5 ms at what customers could buy while prices
// change a hundred times: as new prices and by reactivating earlier ones, with a
// default price and without.
func TestAlwaysSellable(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	lanes := []lane{{}, {twoPricesInTurn: true}, {hasDefault: true}, {twoPricesInTurn: true, hasDefault: true}}
	var all sync.WaitGroup
	for i, l := range lanes {
		sh := s.newShop(t, fmt.Sprint("lane-", i), false)
		all.Go(func() {
			t.Run(sh.slug, func(t *testing.T) { repriceUnderWatch(t, sh, l, 100/len(lanes)) })
		})
	}
	all.Wait()
}

// repriceUnderWatch goes live once, and then with so many other prices, while a
// probe looks on.
func repriceUnderWatch(t *testing.T, sh *shop, l lane, times int) {
	t.Helper()
	// Each write takes longer than the probe waits between two looks, so that no
	// state between two writes can hide.
	sh.fault(t, stripesim.Fault{Kind: stripesim.Delay, Delay: 20, Times: -1, Match: stripesim.Match{Method: "POST", Mode: stripesim.Live}})
	probe := &probe{shop: sh, lane: l}
	for step := range times + 1 {
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
	looks int
	wrong []string
}

// start looks every 5 ms until the returned function is called, which reports.
func (p *probe) start(t *testing.T) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var looking sync.WaitGroup
	looking.Go(func() {
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				p.look()
			case <-ctx.Done():
				return
			}
		}
	})
	return func() {
		cancel()
		looking.Wait()
		t.Logf("looked %d times", p.looks)
		if p.looks == 0 {
			t.Error("the probe never looked")
		}
		for _, wrong := range p.wrong {
			t.Error(wrong)
		}
	}
}

// look reads, as a shop's pages do, the active prices with their product. One
// answer shows one instant.
func (p *probe) look() {
	p.looks++
	var prices struct {
		Data []struct {
			ID        string
			LookupKey string `json:"lookup_key"`
			Product   struct {
				DefaultPrice string `json:"default_price"`
			}
		}
	}
	body := p.get("/v1/prices?active=true&limit=100&product=prod_lane&expand[]=data.product")
	if err := json.Unmarshal(body, &prices); err != nil {
		p.wrong = append(p.wrong, err.Error())
	}
	holders, defaults := 0, 0
	for _, price := range prices.Data {
		if price.LookupKey == "lane" {
			holders++
		}
		if price.ID == price.Product.DefaultPrice {
			defaults++
		}
	}
	if holders != 1 || p.lane.hasDefault && defaults != 1 {
		p.wrong = append(p.wrong, fmt.Sprintf("%d active prices hold the lookup key, %d of them are the default: %s", holders, defaults, body))
	}
}

// get asks the simulator without a network between, which would only slow it down.
func (p *probe) get(path string) []byte {
	r := httptest.NewRequest("GET", path, nil)
	r.Header.Set("Authorization", "Bearer "+p.live.LiveKey)
	w := httptest.NewRecorder()
	p.sim.ServeHTTP(w, r)
	return w.Body.Bytes()
}
