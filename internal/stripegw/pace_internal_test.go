package stripegw

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/golive-hq/golive/internal/catalog"
)

func TestDefaultRatesLeaveRoomBelowStripesLimits(t *testing.T) {
	t.Parallel()
	if got := New(Config{}).paces.rates; got != (Rates{Live: 80, Test: 20, Endpoint: 20}) {
		t.Errorf("rates %+v", got)
	}
}

func TestIdleAccountNeverWaits(t *testing.T) {
	t.Parallel()
	s := newSecond(20)
	now := time.Now()
	for round := range 3 {
		at := now.Add(time.Duration(round) * 3 * time.Second)
		for i := range 20 {
			if got := s.reserve(at); got != at {
				t.Fatalf("call %d of round %d waits %s", i, round, got.Sub(at))
			}
		}
	}
}

func TestNoSecondHoldsMoreThanItsCalls(t *testing.T) {
	t.Parallel()
	const calls = 20
	s := newSecond(calls)
	var starts []time.Time
	now := time.Now()
	for i := range 300 { // in crowds of 50, one each 800 ms
		starts = append(starts, s.reserve(now.Add(time.Duration(i/50)*800*time.Millisecond)))
	}
	if !slices.IsSortedFunc(starts, time.Time.Compare) {
		t.Error("a later call starts before an earlier one")
	}
	for i := calls; i < len(starts); i++ {
		if within := starts[i].Sub(starts[i-calls]); within < time.Second {
			t.Fatalf("%d calls within %s", calls+1, within)
		}
	}
	if took, want := starts[len(starts)-1].Sub(now), 15*time.Second; took > want {
		t.Errorf("300 calls take %s, want at most %s", took, want)
	}
	if gap := starts[299].Sub(starts[298]); gap != time.Second/calls {
		t.Errorf("calls that wait start %s apart", gap)
	}
}

func TestPacesAreApartByAccountModeAndEndpoint(t *testing.T) {
	t.Parallel()
	g := New(Config{Rates: Rates{Test: 7}})
	live := g.Open(catalog.Live, "acct_1", "sk_1").pace
	if live != g.Open(catalog.Live, "acct_1", "sk_2").pace {
		t.Error("two keys of one account have a pace each")
	}
	test := g.Open(catalog.Test, "acct_1", "sk_1").pace
	if live == test || live == g.Open(catalog.Live, "acct_2", "sk_1").pace {
		t.Error("two accounts or modes share a pace")
	}
	if len(test.account.starts) != 7 {
		t.Errorf("test mode starts %d calls a second", len(test.account.starts))
	}
	if live.endpoint("GET /v1/prices") != live.endpoint("GET /v1/prices") || live.endpoint("GET /v1/prices") == live.endpoint("POST /v1/prices") {
		t.Error("endpoints are not counted apart")
	}
}

func TestWhoQueuesForAnEndpointHoldsNoSlotOfTheAccount(t *testing.T) {
	t.Parallel()
	p := New(Config{Rates: Rates{Endpoint: 1}}).paces.of(catalog.Live, "acct_1")
	if err := p.wait(t.Context(), "POST /v1/prices"); err != nil {
		t.Fatal(err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.wait(gone, "POST /v1/prices"); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if !p.account.starts[1].IsZero() {
		t.Error("the account's second slot is taken")
	}
}

func TestEndpointsAreMethodAndTemplate(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/v1/prices":                   "POST /v1/prices",
		"/v1/prices/price_1":           "POST /v1/prices/{id}",
		"/v1/products/a%2Fb":           "POST /v1/products/{id}",
		"/v1/products/prod_1/features": "POST /v1/products/{id}/features",
	} {
		if got := (call{method: "POST", path: path}).endpoint(); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}
