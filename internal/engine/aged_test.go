package engine_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/engine"
	"github.com/golive-hq/golive/internal/stripesim"
)

// The owner dies right after a create, a person takes the stamp off what was created,
// and a day later Stripe has forgotten the key: nothing is created twice.
func TestAgedCreateWithoutItsStampIsFound(t *testing.T) {
	t.Parallel()
	for step := range 3 { // the product and both prices
		b := setup(t)
		b.plan(t, 1)
		b.crashAt = fmt.Sprintf("effect %d", step)
		if err := b.run(t); !errors.Is(err, errCrash) {
			t.Fatalf("first run: %v", err)
		}
		b.age()
		b.edit(t, func(object map[string]any) { object["metadata"] = map[string]any{} })
		if err := b.run(t); err != nil {
			t.Fatalf("step %d: %v", step, err)
		}
		b.verify(t, 2)
	}
}

// What is not what the step creates is somebody else's, whatever its id or lookup key:
// Stripe then refuses the step.
func TestAgedCreateTakesNothingOfOthers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		step int
		edit func(object map[string]any)
	}{
		"a product of another name": {0, func(o map[string]any) { o["metadata"], o["name"] = map[string]any{}, "Other" }},
		"a price of another amount": {1, func(o map[string]any) {
			if o["object"] == "price" {
				o["metadata"], o["unit_amount"], o["unit_amount_decimal"] = map[string]any{}, 5, "5"
			}
		}},
		"a price with a stamp of another step": {1, func(o map[string]any) {
			if o["object"] == "price" {
				o["metadata"] = map[string]any{catalog.StampKey: "t/price_other/9/9"}
			}
		}},
	} {
		b := setup(t)
		b.plan(t, 1)
		b.crashAt = fmt.Sprintf("effect %d", c.step)
		if err := b.run(t); !errors.Is(err, errCrash) {
			t.Fatalf("%s: first run: %v", name, err)
		}
		b.age()
		b.edit(t, c.edit)
		var refused *engine.StepError
		if err := b.run(t); !errors.As(err, &refused) || refused.Index != c.step {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// age lets a day go by.
func (b *bench) age() {
	b.server.Sim.Advance(25 * time.Hour)
	for i := range b.steps {
		b.steps[i].Aged = b.steps[i].Status == engine.Running
	}
}

// edit changes everything in live, and makes Stripe forget its keys.
func (b *bench) edit(t *testing.T, change func(object map[string]any)) {
	t.Helper()
	state, err := b.server.Sim.Dump(b.server.Account.ID, stripesim.Live)
	if err != nil {
		t.Fatal(err)
	}
	for _, all := range [][]json.RawMessage{state.Products, state.Prices} {
		for i, raw := range all {
			var object map[string]any
			if err := json.Unmarshal(raw, &object); err != nil {
				t.Fatal(err)
			}
			change(object)
			if all[i], err = json.Marshal(object); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := b.server.Sim.Load(b.server.Account.ID, stripesim.Live, state); err != nil {
		t.Fatal(err)
	}
}

// A step that refers to what nobody knows fails for good before anything is sent.
func TestUnknownPlaceholderIsFinal(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"default_price={price:gone}", "default_price={product:price_a}", "default_price={price_a}", "name=x&default_price={"} {
		b := setup(t)
		b.plan(t, 1)
		b.steps[3].Body = body
		var refused *engine.StepError
		if err := b.run(t); !errors.As(err, &refused) || refused.Index != 3 || b.steps[3].Status != "FAILED" {
			t.Errorf("%s: %v, step %s", body, err, b.steps[3].Status)
		}
		sent, err := b.server.Sim.Requests(stripesim.RequestFilter{Writes: true, Path: "^/v1/products/"})
		if err != nil || len(sent) != 0 {
			t.Errorf("%s: sent %+v (%v)", body, sent, err)
		}
	}
}

// Prices have ids like parts of a body, a path or a stamp; the default price is the one
// that is meant, after a crash at any point, too.
func TestOddIDsSurviveEveryCrash(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"stamp", "{x}", "x}&active=false{", "a/b?c#d%e", "prod_pro", "{stamp}", "цена 1/2"} {
		for _, point := range crashes {
			b := setup(t)
			b.test = product(id, "1900")
			b.plan(t, 1)
			b.crashAt = point + " 3"
			if strings.HasSuffix(b.steps[3].Path, "/v1/products") {
				t.Fatalf("the last step is %+v", b.steps[3])
			}
			if err := b.run(t); !errors.Is(err, errCrash) {
				t.Fatalf("%q: first run: %v", id, err)
			}
			if err := b.run(t); err != nil {
				t.Fatalf("%q, %s: %v", id, point, err)
			}
			b.verify(t, 2)
		}
	}
}
