package stripesim_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/stripesim"
)

func TestFaultsBeforeAndAfterTheEffect(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind     string
		status   int // 0 is a broken connection
		happened bool
		again    int // what the same key answers next
		replayed bool
		reason   string
	}{
		{stripesim.ResetBefore, 0, false, 200, false, ""},
		{stripesim.ResetAfter, 0, true, 200, true, ""},
		{stripesim.Error500, 500, false, 200, false, ""},
		{stripesim.Stored500, 500, false, 500, true, ""},
		{stripesim.After500, 500, true, 500, true, ""},
		{stripesim.Error503, 503, false, 200, false, ""},
		{stripesim.Refused, 400, false, 200, false, ""},
		{stripesim.Firewall, 403, false, 200, false, ""},
		{stripesim.LockTimeout, 429, false, 200, false, ""},
		{"429:global-rate", 429, false, 200, false, "global-rate"},
		{"429:endpoint-rate", 429, false, 200, false, "endpoint-rate"},
		{"429:global-concurrency", 429, false, 200, false, "global-concurrency"},
		{"429:endpoint-concurrency", 429, false, 200, false, "endpoint-concurrency"},
		{"429:resource-specific", 429, false, 200, false, "resource-specific"},
		{stripesim.Truncated, 200, true, 200, true, ""},
		{stripesim.Delay, 200, true, 200, true, ""},
	} {
		t.Run(c.kind, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.fault(stripesim.Fault{Kind: c.kind, Match: stripesim.Match{Method: "POST", Path: "^/v1/products$"}})
			a, err := b.send("POST", "/v1/products", "name=x&id=p", key("k"))
			if (err != nil) != (c.status == 0) || a.status != c.status {
				t.Fatalf("status %d, error %v, want %d", a.status, err, c.status)
			}
			if got := a.header.Get("Stripe-Rate-Limited-Reason"); got != c.reason {
				t.Errorf("reason is %q, want %q", got, c.reason)
			}
			if c.kind == stripesim.Truncated && json.Valid([]byte(a.text)) {
				t.Errorf("the body is whole: %s", a.text)
			}
			if exists := b.must("GET", "/v1/products/p", "").status == 200; exists != c.happened {
				t.Errorf("exists: %v, want %v", exists, c.happened)
			}
			again := b.must("POST", "/v1/products", "name=x&id=p", key("k"))
			if again.status != c.again || (again.header.Get("Idempotent-Replayed") == "true") != c.replayed {
				t.Errorf("the same key answers %d %v, want %d, replayed %v", again.status, again.header, c.again, c.replayed)
			}
		})
	}
}

func TestFaultHitsWhatItMatches(t *testing.T) {
	t.Parallel()
	b := setup(t)
	other := b.Sim.AddAccount(stripesim.AccountConfig{})
	b.fault(stripesim.Fault{Kind: stripesim.Error503, Times: 2, Match: stripesim.Match{
		Method: "POST", Path: "/v1/products$", Nth: 2, Account: b.Account.ID, Mode: stripesim.Live, BodyContains: "name=hit",
	}})
	send := func(want int, method, path, form string, changes ...with) {
		t.Helper()
		if a := b.must(method, path, form, changes...); a.status != want {
			t.Errorf("%s %s %s: %d, want %d", method, path, form, a.status, want)
		}
	}
	for range 3 { // none of these count
		send(200, "POST", "/v1/products", "name=hit")
		send(200, "POST", "/v1/products", "name=hit", header("Authorization", "Bearer "+other.LiveKey))
		send(200, "POST", "/v1/products", "name=miss", b.live())
		send(200, "GET", "/v1/products", "", b.live())
	}
	for _, want := range []int{200, 503, 503, 200} {
		send(want, "POST", "/v1/products", "name=hit", b.live())
	}
	if f := b.Sim.Faults()[0]; f.Seen != 4 || f.Hits != 2 {
		t.Errorf("seen %d, hits %d, want 4 and 2", f.Seen, f.Hits)
	}
	b.fault(stripesim.Fault{Kind: stripesim.Error503, Times: -1})
	send(503, "GET", "/v1/balance", "")
	send(503, "GET", "/v1/balance", "")
	b.Sim.ClearFaults()
	b.fault(stripesim.Fault{Kind: "429:global-rate", ShouldRetry: "true"})
	if a := b.must("GET", "/v1/balance", ""); a.header.Get("Stripe-Should-Retry") != "true" {
		t.Errorf("no advice in %v", a.header)
	}
	send(200, "GET", "/v1/balance", "")
	for _, f := range []stripesim.Fault{{Kind: "429:mood"}, {Kind: "flood"}, {Kind: stripesim.Hold, At: "dawn"}, {Kind: stripesim.Error503, Match: stripesim.Match{Path: "("}}} {
		if _, err := b.Sim.AddFault(f); err == nil {
			t.Errorf("fault %+v was accepted", f)
		}
	}
}

func TestHeldRequests(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		at         string
		happened   bool // while held
		sameKey    int  // what the same key answers while it is held
		drop       bool
		endsBroken bool
		exists     bool // in the end, had nobody sent it again
	}{
		{stripesim.AtArrival, false, 200, false, false, true},
		{stripesim.AtArrival, false, 200, true, true, true},
		{stripesim.AtBefore, false, 409, false, false, true},
		{stripesim.AtBefore, false, 409, true, true, false},
		{stripesim.AtAfter, true, 200, false, false, true},
		{stripesim.AtAfter, true, 200, true, true, true},
	} {
		t.Run(c.at+map[bool]string{true: " dropped"}[c.drop], func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			id := b.fault(stripesim.Fault{Kind: stripesim.Hold, At: c.at, Match: stripesim.Match{Method: "POST"}})
			ended := make(chan error)
			go func() {
				_, err := b.send("POST", "/v1/products", "name=x&id=p", key("k"), header(stripesim.EpochHeader, "7"))
				ended <- err
			}()
			held, err := b.Sim.Held(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			if h := held[0]; h.Stage != c.at || h.IdempotencyKey != "k" || h.Epoch != "7" || h.Path != "/v1/products" {
				t.Errorf("held %+v", h)
			}
			if happened := b.must("GET", "/v1/products/p", "").status == 200; happened != c.happened {
				t.Errorf("happened: %v, want %v", happened, c.happened)
			}
			if a := b.must("POST", "/v1/products", "name=x&id=p", key("k")); a.status != c.sameKey {
				t.Errorf("the same key answers %d %s, want %d", a.status, a.text, c.sameKey)
			}
			b.Sim.Release("", c.drop)
			if err := <-ended; (err != nil) != c.endsBroken {
				t.Errorf("held request ended with %v, broken wanted: %v", err, c.endsBroken)
			}
			if exists := b.must("GET", "/v1/products/p", "").status == 200; exists != c.exists {
				t.Errorf("exists in the end: %v, want %v", exists, c.exists)
			}
		})
	}
}

// TestLostClientStillHasItsEffect: whoever kills a worker in the middle of a
// call must expect that the call happens all the same.
func TestLostClientStillHasItsEffect(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.fault(stripesim.Fault{Kind: stripesim.Hold})
	ctx, leave := context.WithCancel(t.Context())
	lost := make(chan error)
	go func() {
		_, err := b.send("POST", "/v1/products", "name=x&id=p", inContext(ctx))
		lost <- err
	}()
	if _, err := b.Sim.Held(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	leave()
	if err := <-lost; !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	b.Sim.Release("", false)
	b.eventually(func() bool { return b.must("GET", "/v1/products/p", "").status == 200 })
}

func TestRemovedFaultLetsGoAndHitsNoMore(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.fault(stripesim.Fault{Kind: stripesim.Hold, Times: -1})
	other := b.fault(stripesim.Fault{Kind: stripesim.Error503, Times: -1, Match: stripesim.Match{Path: "^/v1/balance$"}})
	ended := make(chan error)
	go func() {
		_, err := b.send("POST", "/v1/products", "name=x&id=p")
		ended <- err
	}()
	if _, err := b.Sim.Held(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	b.Sim.RemoveFault(id)
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if a := b.must("GET", "/v1/products/p", ""); a.status != 200 {
		t.Errorf("the next request: %d", a.status)
	}
	if a := b.must("GET", "/v1/balance", ""); a.status != 503 {
		t.Errorf("the other fault (%s) is gone: %d", other, a.status)
	}
}

func TestHeldGivesUpWithItsContext(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := b.Sim.Held(ctx, ""); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error is %v", err)
	}
}

func TestStrictExpansionRefusesWhatAPriceLacks(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.ok("POST", "/v1/products", "id=p&name=x")
	const tiered = "product=p&currency=usd&recurring[interval]=month&billing_scheme=tiered&tiers_mode=volume&tiers[0][up_to]=inf&tiers[0][unit_amount]=1"
	id := b.ok("POST", "/v1/prices", tiered+"&currency_options[eur][tiers][0][up_to]=inf&currency_options[eur][tiers][0][unit_amount]=1").body["id"].(string)
	const list = "/v1/prices?expand[]=data.currency_options.eur.tiers"
	one := "/v1/prices/" + id + "?expand[]=currency_options.eur.tiers"
	b.fault(stripesim.Fault{Kind: stripesim.StrictExpand, Times: -1})
	b.ok("GET", list, "")
	b.ok("GET", one, "")
	b.ok("POST", "/v1/prices", tiered)
	for _, path := range []string{list, strings.Replace(one, "eur", "gbp", 1)} {
		if a := b.must("GET", path, ""); a.status != 400 || !strings.Contains(a.text, "This property cannot be expanded (") || !strings.Contains(a.text, `"param":"expand"`) {
			t.Errorf("%s: %d %s", path, a.status, a.text)
		}
	}
}
