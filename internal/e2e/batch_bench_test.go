package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/stripesim"
	"github.com/golive-hq/golive/internal/stripesim/simtest"
)

// BenchmarkFiftyGoLives takes 50 products with 150 prices live, one go-live each,
// by two workers, at Stripe's documented limits and 120 ms a call; and then again,
// when nothing has changed. The floor of the first, which its 150 prices set, is
// 6 s at Stripe's limit of 25 a second, and 7.45 s at ours of 20.
func BenchmarkFiftyGoLives(b *testing.B) {
	for b.Loop() {
		sim := stripesim.New(stripesim.Config{})
		server := httptest.NewServer(sim)
		s := spawnAll(b, server.URL, 1, 2)
		s.stripe = &simtest.Server{URL: server.URL, Sim: sim, Account: sim.AddAccount(stripesim.AccountConfig{})}
		sh := s.connect(b, "batch", s.stripe.Account, s.stripe.Account)
		seedBatch(b, sh)
		sim.SetLatency(120 * time.Millisecond)
		sim.SetLimits(stripesim.Test, stripesim.Limits{PerAccount: 25, PerEndpoint: 25})
		sim.SetLimits(stripesim.Live, stripesim.Limits{PerAccount: 100, PerEndpoint: 25})
		sh.importProducts(b, sh.tenantID)
		pool, err := postgres.Open(b.Context(), s.databaseURL)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(sh.goLiveWithAll(b, pool, 200), "s/first")
		b.ReportMetric(sh.goLiveWithAll(b, pool, 0), "s/again")
		pool.Close()
		server.Close()
	}
}

func seedBatch(b *testing.B, sh *shop) {
	b.Helper()
	var products, prices []json.RawMessage
	for i := range 50 {
		products = append(products, json.RawMessage(fmt.Sprintf(`{"id":"prod_%02d","name":"Product %d","metadata":{"tier":"%d"}}`, i, i, i)))
		for j, interval := range []string{"month", "quarter", "year"} {
			every := 1
			if interval == "quarter" {
				interval, every = "month", 3
			}
			prices = append(prices, json.RawMessage(fmt.Sprintf(
				`{"id":"price_%02d_%d","product":"prod_%02d","currency":"usd","unit_amount":%d,"lookup_key":"key_%02d_%d","recurring":{"interval":%q,"interval_count":%d}}`,
				i, j, i, 1000+10*i+j, i, j, interval, every)))
		}
	}
	if err := sh.sim.Seed(sh.test.ID, stripesim.Test, products, prices); err != nil {
		b.Fatal(err)
	}
}

// goLiveWithAll returns how many seconds it took until all were COMPLETED.
func (sh *shop) goLiveWithAll(b *testing.B, pool *pgxpool.Pool, writes int) float64 {
	b.Helper()
	ids, err := postgres.All(b.Context(), pool, pgx.RowTo[string], `SELECT id::text FROM products`)
	if err != nil {
		b.Fatal(err)
	}
	before := sh.now(b)
	start := time.Now()
	var all sync.WaitGroup
	for _, id := range ids {
		all.Go(func() {
			d, userErrors, err := sh.goLive(b.Context(), goLiveInput{ProductID: id})
			if err != nil || len(userErrors) > 0 || d == nil {
				b.Errorf("goLive: %v %v", userErrors, err)
			}
		})
	}
	all.Wait()
	told := time.Since(start)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for left := 1; left > 0; <-tick.C {
		if err := pool.QueryRow(b.Context(), `SELECT count(*) FROM deployments WHERE finished_at IS NULL`).Scan(&left); err != nil {
			b.Fatal(err)
		}
	}
	took := time.Since(start)
	var failed int
	if err := pool.QueryRow(b.Context(), `SELECT count(*) FROM deployments WHERE status <> 'COMPLETED'`).Scan(&failed); err != nil || failed > 0 {
		b.Errorf("%d deployments did not complete, %v", failed, err)
	}
	sh.judge(b, before, writes)
	b.Logf("%d calls of goLive answered in %s, all completed in %s", len(ids), told.Round(time.Millisecond), took.Round(time.Millisecond))
	return took.Seconds()
}

// judge counts the calls to Stripe after a sequence number.
func (sh *shop) judge(b *testing.B, after, writes int) {
	b.Helper()
	requests, err := sh.sim.Requests(stripesim.RequestFilter{Account: sh.live.ID, After: after})
	if err != nil {
		b.Fatal(err)
	}
	first := time.Now()
	for _, r := range requests {
		if r.At.Before(first) {
			first = r.At
		}
	}
	wrote := 0
	calls, last := map[string]int{}, map[string]time.Duration{}
	for _, r := range requests {
		if r.Status == http.StatusTooManyRequests {
			b.Errorf("refused for its rate: %s %s", r.Mode, r.Endpoint)
		}
		if r.Method == http.MethodPost {
			wrote++
		}
		name := string(r.Mode) + " " + r.Endpoint
		calls[name]++
		last[name] = max(last[name], r.At.Sub(first))
	}
	if wrote != writes {
		b.Errorf("%d writes, want %d", wrote, writes)
	}
	for name, n := range calls {
		b.Logf("%4d %s, the last one after %s", n, name, last[name].Round(time.Millisecond))
	}
}
