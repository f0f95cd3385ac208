package e2e_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/golive-hq/golive/internal/stripesim"
)

// setback is a go-live that Stripe refuses for good in the middle.
type setback struct {
	name string
	// at is the request that is stopped; then happens something that makes it fail.
	at   stripesim.Match
	then func(sh *shop) error
	// What the deployment must say.
	category, code, hints string
	// unchanged tells that it comes before the first effect.
	unchanged bool
	// lost drops the stopped request on the wire, so that the next try meets the new
	// state of things: Stripe judges a key when a request arrives. If the key is
	// void then, nobody can look what became of the lost one.
	lost bool
}

var setbacks = []setback{
	{
		name: "the product's id is taken in the last moment",
		at:   stripesim.Match{Method: "POST", Path: "^/v1/products$"},
		then: func(sh *shop) error {
			return sh.sim.Seed(sh.live.ID, stripesim.Live, rawAll([]object{{"id": "prod_plans", "name": "Theirs"}}), nil)
		},
		category: "STRIPE_REQUEST", code: "resource_already_exists", unchanged: true,
	},
	{
		name: "somebody takes the lookup key in the last moment",
		at:   stripesim.Match{Method: "POST", Path: "^/v1/prices$", BodyContains: "lookup_key=year"},
		then: func(sh *shop) error {
			return sh.sim.Seed(sh.live.ID, stripesim.Live, rawAll([]object{{"id": "prod_theirs", "name": "Theirs"}}),
				rawAll([]object{{"id": "price_theirs", "product": "prod_theirs", "currency": "usd", "unit_amount": number(100), "lookup_key": "year"}}))
		},
		category: "STRIPE_REQUEST", hints: "lookup key",
	},
	{
		name: "the live key loses its rights before the first write",
		at:   stripesim.Match{Method: "POST", Path: "^/v1/products$"},
		then: func(sh *shop) error {
			return sh.sim.SetKey(sh.live.ID, stripesim.KeyConfig{Key: sh.live.LiveKey, Mode: stripesim.Live, Rights: []string{"products:read", "prices:read"}})
		},
		category: "PERMISSION", code: "more_permissions_required", unchanged: true, hints: "key",
	},
	{
		name: "the live key expires while a write is lost on the wire",
		at:   stripesim.Match{Method: "POST", Path: "^/v1/products$"},
		then: func(sh *shop) error {
			return sh.sim.SetKey(sh.live.ID, stripesim.KeyConfig{Key: sh.live.LiveKey, Mode: stripesim.Live, Expired: true})
		},
		category: "PERMISSION", code: "api_key_expired", lost: true, hints: "key",
	},
	{
		name: "the live key loses its rights after the product was made",
		at:   stripesim.Match{Method: "POST", Path: "^/v1/prices$"},
		then: func(sh *shop) error {
			return sh.sim.SetKey(sh.live.ID, stripesim.KeyConfig{Key: sh.live.LiveKey, Mode: stripesim.Live, Rights: []string{"products:write", "prices:read"}})
		},
		category: "PERMISSION", code: "more_permissions_required", hints: "key",
	},
}

// TestStripeRefusesForGood: the deployment ends FAILED and says why, with what
// Stripe said and what a person can do, and tells the truth about live.
func TestStripeRefusesForGood(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	for i, b := range setbacks {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			sh := s.newShop(t, fmt.Sprint("setback-", i), false)
			sh.setTest(t, plans())
			held := sh.meet(t, b)
			mark := sh.now(t)
			d := sh.mustGoLive(t, goLiveInput{ProductID: sh.product(t, "prod_plans").ID})
			held()
			b.judge(t, sh, sh.end(t, d.ID), mark)
		})
	}
}

// meet arranges the setback and returns what waits until it has happened.
func (sh *shop) meet(t *testing.T, b setback) (wait func()) {
	t.Helper()
	held := sh.hold(t, b.at, stripesim.AtArrival)
	return func() {
		t.Helper()
		one := held.wait(t)
		if err := b.then(sh); err != nil {
			t.Error(err)
		}
		sh.sim.Release(one.ID, b.lost)
	}
}

func (b setback) judge(t *testing.T, sh *shop, d *deployment, mark int) {
	t.Helper()
	if d.Status != "FAILED" || d.Error == nil || d.LiveOutcome == nil {
		t.Fatalf("ended %s, error %v, outcome %v", d.Status, d.Error, d.LiveOutcome)
	}
	e := d.Error
	if e.Category != b.category || deref(e.StripeCode) != b.code {
		t.Errorf("says %s, code %q; want %s, %q", e.Category, deref(e.StripeCode), b.category, b.code)
	}
	if !strings.HasPrefix(deref(e.StripeRequestID), "req_") || e.Message == "" || !strings.Contains(deref(e.Hint), b.hints) || deref(e.Hint) == "" {
		t.Errorf("says %q, request %q, hint %q", e.Message, deref(e.StripeRequestID), deref(e.Hint))
	}
	if strings.Contains(e.Message+deref(e.Hint), sh.live.LiveKey) {
		t.Error("tells the key")
	}
	if !b.lost && (e.StepIndex == nil || d.Steps[*e.StepIndex].Status != "FAILED") {
		t.Errorf("blames step %v of %+v", e.StepIndex, d.Steps)
	}
	b.judgeOutcome(t, sh, d, mark)
}

// judgeOutcome compares the outcome with what is in live. What the deployment made
// can be archived again; then live is as restored as Stripe lets it be.
func (b setback) judgeOutcome(t *testing.T, sh *shop, d *deployment, mark int) {
	t.Helper()
	effects := 0
	for _, w := range sh.writes(t, mark) {
		if w.EffectSeq > 0 && w.Status == 200 {
			effects++
		}
	}
	made := 0
	live := sh.liveWorld(t)
	for _, o := range append(live.products, live.prices...) {
		if stamp := stampOf(o); stamp != nil && stamp.Deployment == d.ID && o["active"] == true {
			made++
		}
	}
	want := "PARTIAL"
	switch {
	case b.lost:
	case effects == 0:
		want = "UNCHANGED"
	case made == 0:
		want = "RESTORED"
	}
	if *d.LiveOutcome != want || b.unchanged != (want == "UNCHANGED") {
		t.Errorf("%d writes took effect, %d objects were made and are active, and the outcome is %s", effects, made, *d.LiveOutcome)
	}
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// TestGoLiveAfterAFailureTakesUpWhatIsThere: nothing is made twice.
func TestGoLiveAfterAFailureTakesUpWhatIsThere(t *testing.T) {
	t.Parallel()
	sh := newStack(t).newShop(t, "again", false)
	sh.setTest(t, plans())
	rights := func(rights []string) {
		if err := sh.sim.SetKey(sh.live.ID, stripesim.KeyConfig{Key: sh.live.LiveKey, Mode: stripesim.Live, Rights: rights}); err != nil {
			t.Fatal(err)
		}
	}
	rights([]string{"products:write", "prices:read", "balance:read", "account:read", "webhook_endpoints:read"})
	in := goLiveInput{ProductID: sh.product(t, "prod_plans").ID}
	d := sh.end(t, sh.mustGoLive(t, in).ID)
	if d.Status != "FAILED" || deref(d.LiveOutcome) != "RESTORED" {
		t.Fatalf("ended %s, outcome %s: %s", d.Status, deref(d.LiveOutcome), d.ProgressMessage)
	}
	rights(nil)
	if d := sh.end(t, sh.mustGoLive(t, in).ID); d.Status != "COMPLETED" {
		t.Fatalf("ended %s: %s", d.Status, d.ProgressMessage)
	}
	once(t, sh)
}

// TestStalePlanWritesNothing: what the person saw no longer holds.
func TestStalePlanWritesNothing(t *testing.T) {
	t.Parallel()
	sh := newStack(t).newShop(t, "stale", false)
	sh.setTest(t, plans())
	productID := sh.product(t, "prod_plans").ID
	p, err := sh.plan(t, productID, false)
	if err != nil {
		t.Fatal(err)
	}
	changed := plans()
	changed.prices[0]["nickname"] = "Monthly"
	sh.setTest(t, changed)
	mark := sh.now(t)
	d := sh.end(t, sh.mustGoLive(t, goLiveInput{ProductID: productID, PlanHash: p.Hash}).ID)
	if d.Status != "FAILED" || d.Error == nil || d.Error.Category != "PLAN_CHANGED" || deref(d.LiveOutcome) != "UNCHANGED" || deref(d.Error.Hint) == "" {
		t.Errorf("ended %s, error %+v, outcome %s", d.Status, d.Error, deref(d.LiveOutcome))
	}
	if d.Plan == nil || d.Plan.Hash == p.Hash {
		t.Errorf("the deployment shows the plan %v, want the one that holds now", d.Plan)
	}
	if writes := sh.writes(t, mark); len(writes) > 0 {
		t.Errorf("it wrote all the same:\n%s", listing(writes))
	}
	if d := sh.end(t, sh.mustGoLive(t, goLiveInput{ProductID: productID, PlanHash: d.Plan.Hash}).ID); d.Status != "COMPLETED" {
		t.Errorf("with the new plan it ended %s: %s", d.Status, d.ProgressMessage)
	}
	once(t, sh)
}

// troubles pass; each is tried at each write.
var troubles = []string{
	stripesim.ResetBefore, stripesim.ResetAfter, stripesim.LockTimeout, stripesim.Error500, stripesim.Stored500, stripesim.After500,
	stripesim.Error503, stripesim.Truncated, "429:global-rate", "429:endpoint-rate", "429:global-concurrency", "429:endpoint-concurrency", "429:resource-specific",
}

// TestPassingTroubleAtEveryWrite: the deployment completes, and every object is
// there once.
func TestPassingTroubleAtEveryWrite(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	run := sideBySide(12)
	for _, trouble := range troubles {
		for write := 1; write <= 5; write++ {
			run.add(func() {
				name := strings.NewReplacer(":", "-", "_", "-").Replace(fmt.Sprintf("%s-at-%d", trouble, write))
				t.Run(name, func(t *testing.T) {
					sh := s.newShop(t, name, false)
					sh.setTest(t, plans())
					id := sh.fault(t, stripesim.Fault{Kind: trouble, Match: stripesim.Match{Method: "POST", Mode: stripesim.Live, Nth: write}})
					d := sh.end(t, sh.mustGoLive(t, goLiveInput{ProductID: sh.product(t, "prod_plans").ID}).ID)
					if d.Status != "COMPLETED" {
						t.Errorf("ended %s: %s", d.Status, d.ProgressMessage)
					}
					if !sh.hit(id) {
						t.Error("the trouble never came")
					}
					once(t, sh)
				})
			})
		}
	}
	run.wait()
}

// hit tells that a fault has struck.
func (sh *shop) hit(id string) bool {
	for _, f := range sh.sim.Faults() {
		if f.ID == id {
			return f.Hits == 1
		}
	}
	return false
}
