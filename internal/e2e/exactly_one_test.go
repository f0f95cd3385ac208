package e2e_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/client"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/stripesim"
)

// plans is a product with a default price and two more, which takes five writes.
func plans() *world {
	price := func(id, interval string, amount int, key string) object {
		return object{
			"id": id, "product": "prod_plans", "currency": "usd", "unit_amount": number(amount),
			"recurring": object{"interval": interval}, "lookup_key": key,
		}
	}
	return &world{
		products: []object{{"id": "prod_plans", "name": "Plans", "default_price": "price_month"}},
		prices:   []object{price("price_month", "month", 1900, "month"), price("price_week", "week", 600, "week"), price("price_year", "year", 19000, "year")},
	}
}

func number(n int) json.Number { return json.Number(fmt.Sprint(n)) }

// answer is what one of many callers got.
type answer struct {
	deployment *deployment
	refused    *fault.Error
}

// storm calls goLive n times at once, turn by turn at each API process. Who is told to
// try again does so.
func storm(t *testing.T, s *stack, sh *shop, n int, input func(i int) goLiveInput) []answer {
	t.Helper()
	answers := make([]answer, n)
	gate := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-gate
			d, err := sh.at(s.urls[i%len(s.urls)]).goLive(t.Context(), input(i))
			refused := fault.As(err)
			for refused != nil && (refused.Code == fault.RateLimited || refused.Code == fault.Unavailable) {
				d, err = sh.at(s.urls[i%len(s.urls)]).goLive(t.Context(), input(i)) // as it was told
				refused = fault.As(err)
			}
			if err != nil && refused == nil {
				t.Errorf("call %d: %v", i, err)
			}
			answers[i] = answer{d, refused}
		})
	}
	close(gate)
	domaintest.Wait(t, &all, "the answers of a storm")
	return answers
}

// once fails unless live holds exactly the plans, each created by one call.
func once(t *testing.T, sh *shop) {
	t.Helper()
	live, ids := sh.liveWorld(t), sh.liveIDs(t)
	if len(live.products) != 1 || len(live.prices) != 3 {
		t.Errorf("live holds %d products and %d prices, want 1 and 3", len(live.products), len(live.prices))
	}
	test := sh.testWorld(t)
	for _, o := range append(test.products, test.prices...) {
		testID := o["id"].(string)
		found := live.find(ids[testID])
		if found == nil {
			t.Errorf("%s is not in live", testID)
			continue
		}
		for _, d := range disagreements(o, found, ids) {
			t.Errorf("%s: %s", testID, d)
		}
	}
}

// TestTwoHundredCallersStartOneDeployment runs against a Stripe that takes a
// second for each call, so that all callers meet the running deployment.
func TestTwoHundredCallersStartOneDeployment(t *testing.T) {
	t.Parallel()
	// A call that is held must not time out before the last caller has come.
	s := newProcesses(t, 2, 2, "GOLIVE_LEASE=1m")
	keyed := func(key string) func(int) goLiveInput {
		return func(int) goLiveInput { return goLiveInput{IdempotencyKey: key} }
	}
	storms := map[string]func(i int) goLiveInput{
		"nobody-has-a-key":   keyed(""),
		"all-have-one-key":   keyed("the same"),
		"half-have-one-key":  func(i int) goLiveInput { return goLiveInput{IdempotencyKey: []string{"", "half"}[i/2%2]} },
		"each-has-its-own":   func(i int) goLiveInput { return goLiveInput{IdempotencyKey: fmt.Sprint("key ", i)} },
		"one-key-and-a-plan": nil,
	}
	shops := map[string]*shop{}
	for name := range storms {
		shops[name] = s.newShop(t, name, false)
		shops[name].setTest(t, plans())
	}
	p, err := shops["one-key-and-a-plan"].plan(t, shops["one-key-and-a-plan"].product(t, "prod_plans").ID, false)
	if err != nil {
		t.Fatal(err)
	}
	storms["one-key-and-a-plan"] = func(int) goLiveInput { return goLiveInput{IdempotencyKey: "planned", PlanHash: p.Hash} }
	s.stripe.Sim.SetLatency(time.Second)
	for name, input := range storms {
		t.Run(name, func(t *testing.T) {
			sh := shops[name]
			productID := sh.product(t, "prod_plans").ID
			mark := sh.now(t)
			// However slow the callers are, the deployment outlasts them.
			held := sh.hold(t, stripesim.Match{Method: "POST"}, stripesim.AtArrival)
			answers := storm(t, s, sh, 200, func(i int) goLiveInput {
				in := input(i)
				in.ProductID = productID
				return in
			})
			held.wait(t)
			held.release()
			id := judgeStorm(t, answers, input)
			t.Parallel() // the storms come one by one, their ends are awaited together
			if d := sh.end(t, id); d.Status != "COMPLETED" {
				t.Errorf("ended %s: %s", d.Status, d.ProgressMessage)
			}
			once(t, sh)
			if writes := sh.writes(t, mark); len(writes) != 5 {
				t.Errorf("%d writes, want 5:\n%s", len(writes), listing(writes))
			}
		})
	}
}

// judgeStorm returns the deployment that all answers speak of. Whoever started it,
// or came with the key of whoever did, got it without an error.
func judgeStorm(t *testing.T, answers []answer, input func(int) goLiveInput) string {
	t.Helper()
	ids, started := map[string]int{}, map[string]bool{}
	winners := 0
	for i, a := range answers {
		if a.deployment == nil {
			t.Errorf("call %d got no deployment: %v", i, a.refused)
			continue
		}
		ids[a.deployment.ID]++
		if a.refused == nil {
			winners++
			started[input(i).IdempotencyKey] = true
		}
	}
	if len(ids) != 1 || len(started) != 1 {
		t.Fatalf("%d deployments, started under the keys %v", len(ids), started)
	}
	for i, a := range answers {
		key := input(i).IdempotencyKey
		wins := started[key] && (key != "" || winners == 1 && a.refused == nil)
		switch {
		case wins && a.refused != nil:
			t.Errorf("call %d has the key of the one that started it, and got %v", i, a.refused)
		case !wins && (a.refused == nil || a.refused.Code != fault.DeploymentInProgress || !strings.Contains(a.refused.Message, a.deployment.ID)):
			t.Errorf("call %d got %v", i, a.refused)
		}
	}
	for id := range ids {
		return id
	}
	return ""
}

// TestReusedKeyWithOtherInput also holds after the deployment has ended.
func TestReusedKeyWithOtherInput(t *testing.T) {
	t.Parallel()
	sh := newStack(t).newShop(t, "reuse", false)
	sh.setTest(t, plans())
	in := goLiveInput{ProductID: sh.product(t, "prod_plans").ID, IdempotencyKey: "deploy 1", Reason: "spring"}
	first := sh.mustGoLive(t, in)
	sh.end(t, first.ID)
	mark := sh.now(t)
	if again := sh.mustGoLive(t, in); again.ID != first.ID || again.Status != "COMPLETED" {
		t.Errorf("the same call gave %s (%s), want %s", again.ID, again.Status, first.ID)
	}
	others := map[string]goLiveInput{"reason": in, "adopt": in, "plan": in}
	for what, other := range others {
		switch what {
		case "reason":
			other.Reason = "autumn"
		case "adopt":
			other.Adopt = true
		case "plan":
			other.PlanHash = "v1:00000000000000000000000000000000"
		}
		if d, err := sh.goLive(t.Context(), other); d != nil || fault.CodeOf(err) != fault.IdempotencyKeyReused {
			t.Errorf("other %s: %v %v", what, d, err)
		}
	}
	if requests, err := sh.sim.Requests(stripesim.RequestFilter{Account: sh.live.ID, After: mark}); err != nil || len(requests) > 0 {
		t.Errorf("repetitions asked Stripe %d times: %v", len(requests), err)
	}
}

// TestTwoTenantsShareALiveAccount: one of them deploys, the other learns that it
// has to wait, and not for whom.
func TestTwoTenantsShareALiveAccount(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	one := s.newShop(t, "one", false)
	two := s.connect(t, "two", one.test, one.live)
	one.setTest(t, plans())
	two.importProducts(t, two.tenantID)
	held := one.hold(t, stripesim.Match{Method: "POST", Path: "^/v1/products$"}, stripesim.AtArrival)
	first := one.mustGoLive(t, goLiveInput{ProductID: one.product(t, "prod_plans").ID})
	held.wait(t)
	theirs := two.product(t, "prod_plans").ID
	d, err := two.goLive(t.Context(), goLiveInput{ProductID: theirs})
	if d != nil || fault.CodeOf(err) != fault.DeploymentInProgress || strings.Contains(err.Error(), first.ID) {
		t.Errorf("meanwhile the other tenant got %v %v", d, err)
	}
	held.release()
	if ended := one.end(t, first.ID); ended.Status != "COMPLETED" {
		t.Fatalf("ended %s: %s", ended.Status, ended.ProgressMessage)
	}
	once(t, one)
	if hidden, err := client.Deployment[deployment](t.Context(), two.Client, first.ID, deploymentFields); hidden != nil {
		t.Errorf("the other tenant sees the deployment (%v)", err)
	}
	mark := two.now(t)
	if d := two.end(t, two.mustGoLive(t, goLiveInput{ProductID: theirs}).ID); d.Status == "COMPLETED" && len(two.writes(t, mark)) > 0 {
		t.Errorf("the other tenant wrote the same again:\n%s", listing(two.writes(t, mark)))
	}
	once(t, one)
}
