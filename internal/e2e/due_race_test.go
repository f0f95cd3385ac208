package e2e_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/domaintest"
	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/stripesim"
	"github.com/golive-hq/golive/internal/tenant"
)

// Races are run in waves. The products of one wave are due in one second, and are of
// different accounts, so that no limit keeps any waiting.
const (
	waves   = 10
	perWave = 20
)

// dueRace is one schedule, and what two people were told who changed it at once,
// each at another API process, while two workers due deployments.
type dueRace struct {
	shop    *shop
	product string
	was     *scheduled
	told    map[string]fault.Code // by what was asked, "" for done
}

// TestRacesAgainstTheDueInstantByProcesses: whatever is asked in the very moment in
// which a schedule falls due, one thing happens, everybody is told the truth, and
// live agrees.
func TestRacesAgainstTheDueInstantByProcesses(t *testing.T) {
	t.Parallel()
	s := newProcesses(t, 2, 2)
	if err := audit.LeaveUnchained(t.Context(), s.pool); err != nil {
		t.Fatal(err)
	}
	s.admit = admitter(&tenant.Service{DB: s.pool})
	base := at(t, "2026-12-25T08:00:00Z")
	moved := base.Add(10 * time.Hour)
	s.clock(t, base)
	races := s.scheduleWaves(t, base)
	for w := range waves {
		s.race(t, races[w*perWave:(w+1)*perWave], moved)
	}
	s.clock(t, moved)
	for _, r := range races {
		r.shop.end(t, r.was.ID)
	}
	outcomes, found := map[string]int{}, map[*shop]inLive{}
	for _, r := range races {
		if _, looked := found[r.shop]; !looked {
			found[r.shop] = inLive{r.shop.liveWorld(t), r.shop.writes(t, 0)}
		}
		outcomes[r.judge(t, s, found[r.shop], moved)]++
	}
	for _, outcome := range slices.Sorted(maps.Keys(outcomes)) {
		t.Logf("%3d %s", outcomes[outcome], outcome)
	}
	if len(outcomes) < 6 {
		t.Errorf("no races: %v", outcomes)
	}
}

// scheduleWaves gives each account a product in each wave.
func (s *stack) scheduleWaves(t *testing.T, base time.Time) []*dueRace {
	t.Helper()
	races := make([]*dueRace, waves*perWave)
	all := sideBySide(8)
	for i := range perWave {
		all.add(func() {
			sh := s.newShop(t, fmt.Sprintf("shop-%d", i), false)
			sh.setTest(t, onePriceEach(waves))
			for _, p := range sh.products(t, sh.slug) {
				var w int
				_, _ = fmt.Sscanf(p.StripeProductID, "prod_%d", &w) // 0 is one of them
				d := sh.schedule(t, object{"productId": p.ID, "instant": base.Add(time.Duration(w+1) * 2 * time.Minute), "timeZone": "UTC"})
				races[w*perWave+i] = &dueRace{shop: sh, product: p.StripeProductID, was: d, told: map[string]fault.Code{}}
			}
		})
	}
	all.wait()
	return races
}

func onePriceEach(n int) *world {
	w := &world{}
	for i := range n {
		w.products = append(w.products, object{"id": fmt.Sprintf("prod_%d", i), "name": fmt.Sprintf("Product %d", i), "default_price": fmt.Sprintf("price_%d", i)})
		w.prices = append(w.prices, object{
			"id": fmt.Sprintf("price_%d", i), "product": fmt.Sprintf("prod_%d", i), "currency": "usd", "unit_amount": number(100 + i), "lookup_key": fmt.Sprintf("key_%d", i),
		})
	}
	return w
}

// pairs are what two people ask at once.
var pairs = [][]string{{"move", "cancel"}, {"cancel", "now"}, {"now", "move"}}

// race lets a wave fall due after the first answer: some people come before that
// moment, most in it or after.
func (s *stack) race(t *testing.T, wave []*dueRace, moved time.Time) {
	t.Helper()
	var all sync.WaitGroup
	var mu sync.Mutex
	gate, first := make(chan struct{}), make(chan struct{}, 2*len(wave))
	for i, r := range wave {
		for person, what := range pairs[i%len(pairs)] {
			all.Go(func() {
				if i%2 == 1 {
					<-gate
				}
				err := r.ask(t.Context(), r.shop.at(s.urls[(i+person)%len(s.urls)]), what, moved)
				if err != nil && fault.As(err) == nil {
					t.Errorf("%s: %v", what, err)
				}
				mu.Lock()
				r.told[what] = fault.CodeOf(err)
				mu.Unlock()
				first <- struct{}{}
			})
		}
	}
	domaintest.Receive(t, first, "the first answer")
	s.clock(t, wave[0].was.ScheduledFor)
	close(gate)
	domaintest.Wait(t, &all, "the answers of a wave")
}

func (r *dueRace) ask(ctx context.Context, a api, what string, moved time.Time) (err error) {
	switch what {
	case "move":
		_, err = a.reschedule(ctx, r.was, moved)
	case "now":
		_, err = a.deployNow(ctx, r.was)
	default:
		_, err = a.cancel(ctx, r.was)
	}
	return err
}

// judge returns what happened, in words, and fails where not all of it agrees.
func (r *dueRace) judge(t *testing.T, s *stack, live inLive, moved time.Time) string {
	t.Helper()
	end := r.shop.scheduled(t, r.was.ID)
	starts := len(s.begun(t, end.ID))
	outcome := fmt.Sprintf("%v: %s by %s, %d starts", r.told, end.Status, end.Trigger, starts)
	did := func(what string) bool { code, asked := r.told[what]; return asked && code == "" }
	for wrong, is := range map[string]bool{
		"it began more than once":                    starts > 1,
		"its move is not what was told":              did("move") != end.ScheduledFor.Equal(moved),
		"its start is not what was told":             did("now") != (end.Trigger == "IMMEDIATE"),
		"its cancel is not what was told":            did("cancel") != (end.Status == "CANCELLED"),
		"it was both moved and started at once":      did("move") && did("now"),
		"it has not ended as completed or cancelled": end.Status != "COMPLETED" && end.Status != "CANCELLED",
		"it completed without a start":               end.Status == "COMPLETED" && starts != 1,
		"live is not as it says":                     live.sells(r.product) != (end.Status == "COMPLETED"),
	} {
		if is {
			t.Errorf("%s: %s", wrong, outcome)
		}
	}
	for what, code := range r.told {
		if code != "" && code != fault.InvalidState && code != fault.VersionConflict {
			t.Errorf("%s was told %s: %s", what, code, outcome)
		}
	}
	if n := live.creates(r.product); end.Status == "COMPLETED" && n != 2 {
		t.Errorf("%d objects were created: %s", n, outcome)
	}
	return outcome
}

// inLive is what an account holds in live, and how that came about.
type inLive struct {
	*world
	writes []stripesim.Request
}

// sells tells that a product can be bought: it and its one price are active.
func (l inLive) sells(product string) bool {
	o := l.find(product)
	if o == nil || o["active"] != true {
		return false
	}
	prices := 0
	for _, p := range l.prices {
		if p["product"] == product && p["active"] == true {
			prices++
		}
	}
	return prices == 1
}

// creates counts the calls that made the product or its price.
func (l inLive) creates(product string) (n int) {
	for _, w := range l.writes {
		if (w.Path == "/v1/products" || w.Path == "/v1/prices") && w.Mode == stripesim.Live && strings.Contains(w.Body+"&", product+"&") {
			n++
		}
	}
	return n
}
