package stripesim_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/golive-hq/golive/internal/stripesim"
)

// burst sends n requests at once and counts those that were let through, and
// those that were not by reason.
func (b bench) burst(n int, method, path, form string, change with) (passed int64, reasons map[string]int) {
	b.t.Helper()
	reasons = map[string]int{}
	var ok atomic.Int64
	var mu sync.Mutex
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			a, err := b.send(method, path, form, change)
			if err != nil {
				b.t.Error(err)
				return
			}
			if a.status == 429 {
				mu.Lock()
				reasons[a.header.Get("Stripe-Rate-Limited-Reason")]++
				mu.Unlock()
				return
			}
			ok.Add(1)
		})
	}
	all.Wait()
	return ok.Load(), reasons
}

// TestLimitsCountPerEndpointAccountAndMode uses limits of one request a second
// at most where it wants refusals, so that a slow machine can only see more
// pass, which it allows for.
func TestLimitsCountPerEndpointAccountAndMode(t *testing.T) {
	t.Parallel()
	b := setup(t)
	none := header("X-None", "1")
	b.Sim.SetLimits(stripesim.Live, stripesim.Limits{PerEndpoint: 3})
	passed, reasons := b.burst(30, "GET", "/v1/products", "", b.live())
	if passed < 3 || reasons["endpoint-rate"] == 0 || len(reasons) != 1 {
		t.Errorf("%d passed, refused by %v", passed, reasons)
	}
	if passed, _ := b.burst(3, "POST", "/v1/products", "name=x", b.live()); passed != 3 {
		t.Errorf("another method shares the endpoint's limit: %d passed", passed)
	}
	if passed, _ := b.burst(30, "GET", "/v1/products", "", none); passed != 30 {
		t.Errorf("test mode shares live's limit: %d passed", passed)
	}
	b.Sim.SetLimits(stripesim.Test, stripesim.Limits{PerAccount: 4})
	passed, reasons = b.burst(30, "GET", "/v1/balance", "", none)
	if passed < 4 || reasons["global-rate"] == 0 || len(reasons) != 1 {
		t.Errorf("%d passed, refused by %v", passed, reasons)
	}
	other := b.Sim.AddAccount(stripesim.AccountConfig{})
	if passed, _ := b.burst(4, "GET", "/v1/balance", "", header("Authorization", "Bearer "+other.TestKey)); passed != 4 {
		t.Errorf("another account shares the limit: %d passed", passed)
	}
	b.Sim.SetLimits(stripesim.Test, stripesim.Limits{})
	if passed, _ := b.burst(30, "GET", "/v1/balance", "", none); passed != 30 {
		t.Errorf("no limit, and yet %d passed", passed)
	}
}

// TestPathsOfOneTemplateShareALimit: two products are one endpoint.
func TestPathsOfOneTemplateShareALimit(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.product("a")
	b.product("b")
	b.Sim.SetLimits(stripesim.Test, stripesim.Limits{PerEndpoint: 1})
	refused := 0
	for range 50 { // some pair falls into one second
		for _, path := range []string{"/v1/products/a", "/v1/products/b"} {
			if b.must("GET", path, "").status == 429 {
				refused++
			}
		}
	}
	if refused == 0 {
		t.Error("nothing was refused")
	}
	lines, err := b.Sim.Requests(stripesim.RequestFilter{Path: "^/v1/products/b$"})
	if err != nil || len(lines) != 50 || lines[0].Endpoint != "GET /v1/products/{id}" {
		t.Errorf("%d lines, %v", len(lines), err)
	}
}
