package e2e_test

import (
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/stripesim"
)

// sayings counts what services tell of while their database fails them: by the name of
// what was done, or of what failed, however a line puts it.
type sayings struct {
	mu    sync.Mutex
	times map[string]int
	more  chan struct{}
}

func newSayings() *sayings { return &sayings{times: map[string]int{}, more: make(chan struct{})} }

func (s *sayings) count(message string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.times[message]++
	close(s.more)
	s.more = make(chan struct{})
}

func (s *sayings) of(message string) (int, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.times[message], s.more
}

// await waits until a message was said n times more.
func (s *sayings) await(t testing.TB, message string, n int) {
	t.Helper()
	before, _ := s.of(message)
	for {
		said, more := s.of(message)
		if said >= before+n {
			return
		}
		select {
		case <-more:
		case <-time.After(time.Minute):
			t.Fatalf("%q was said %d times, not %d", message, said-before, n)
		}
	}
}

// shortLease keeps tests short in which a lease has to end.
const shortLease = 2 * time.Second

// unswept is what a worker tells of where it could not look for what nobody works on.
const unswept = "failed: abandoned deployments"

// longerThanALease is a number of sweeps, of which two are a tenth of a second apart at
// least.
const longerThanALease = 20

// manyPrices is a product that takes n + 2 calls.
func manyPrices(n int) *world {
	w := &world{products: []object{{"id": "prod_plans", "name": "Plans", "default_price": "price_1"}}}
	for i := range n {
		w.prices = append(w.prices, object{
			"id": fmt.Sprintf("price_%d", i+1), "product": "prod_plans", "currency": "usd", "unit_amount": number(100 + i),
			"lookup_key": fmt.Sprintf("key_%d", i+1),
		})
	}
	return w
}

// wantOnce holds a deployment to have completed under its first job's attempts,
// and live to hold each object of test once.
func (sh *shop) wantOnce(t *testing.T, s *stack, id string) {
	t.Helper()
	if d := sh.deployment(t, id); d.Status != "COMPLETED" {
		t.Errorf("ended %s: %s", d.Status, d.ProgressMessage)
	}
	live, test := sh.liveWorld(t), sh.testWorld(t)
	if len(live.prices) != len(test.prices) || len(live.products) != len(test.products) {
		t.Errorf("live holds %d products and %d prices, test %d and %d", len(live.products), len(live.prices), len(test.products), len(test.prices))
	}
	var attempts int
	err := s.pool.QueryRow(t.Context(), `SELECT coalesce(sum(cardinality(errors)), 0) FROM river_job
		WHERE args ->> 'deployment_id' = $1`, id).Scan(&attempts)
	if err != nil || attempts > 0 {
		t.Errorf("%d attempts were counted as failures, %v", attempts, err)
	}
}

func migrated(t *testing.T, url string) string {
	t.Helper()
	if err := postgres.Migrate(t.Context(), url, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	return url
}

// Postgres stops while a call is under way, stays away for longer than the lease,
// and comes back. No write starts meanwhile, nothing is marked failed, and whoever
// watches misses nothing.
func TestPostgresRestartsInMidDeployment(t *testing.T) {
	t.Parallel()
	server := pgtest.NewPrivate(t)
	url := migrated(t, server.URL)
	said := newSayings()
	s := newStackOn(t, databases{url, url, url}, shortLease, said)
	sh := s.newShop(t, "restart", false)
	sh.setTest(t, manyPrices(12))
	held := sh.hold(t, stripesim.Match{Method: "POST", Path: "^/v1/prices$", Nth: 2}, stripesim.AtAfter)
	d := sh.mustGoLive(t, goLiveInput{ProductID: sh.product(t, "prod_plans").ID})
	watching := mustSubscribe(t, sh.api, d.ID, 0)
	held.wait(t)

	server.Stop(t)
	held.release()
	said.await(t, unswept, longerThanALease)
	mark := len(sh.writes(t, 0))
	said.await(t, unswept, 2)
	if n := len(sh.writes(t, 0)); n != mark {
		t.Errorf("%d writes started without a lease", n-mark)
	}
	server.Start(t)

	for _, wrong := range oddities(watching.rest(t), 0) {
		t.Error(wrong)
	}
	sh.wantOnce(t, s, d.ID)
}

// Every connection is cut at every call; no cut is counted against the deployment.
func TestConnectionsCutAtEveryCall(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	s := newStackOn(t, databases{url, url, url}, shortLease, newSayings())
	sh := s.newShop(t, "cut", false)
	sh.setTest(t, manyPrices(12))
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	fault := sh.fault(t, stripesim.Fault{
		Kind: stripesim.Hold, At: stripesim.AtAfter, Times: -1, Match: stripesim.Match{Method: "POST", Mode: stripesim.Live},
	})
	d := sh.mustGoLive(t, goLiveInput{ProductID: sh.product(t, "prod_plans").ID})
	watching := mustSubscribe(t, sh.api, d.ID, 0)
	for range 12 {
		held, err := sh.sim.Held(t.Context(), fault)
		if err != nil {
			t.Fatal(err)
		}
		_, err = conn.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE datname = current_database() AND pid <> pg_backend_pid()`)
		if err != nil {
			t.Fatal(err)
		}
		sh.sim.Release(held[0].ID, false)
	}
	sh.sim.ClearFaults()
	for _, wrong := range oddities(watching.rest(t), 0) {
		t.Error(wrong)
	}
	s.pool.Reset() // of what was cut
	sh.wantOnce(t, s, d.ID)
}

// A network that swallows everything: no error tells the worker, yet it stops in
// time, and goes on over new connections.
func TestConnectionsFreeze(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	worker, api := pgtest.NewProxy(t, url), pgtest.NewProxy(t, url)
	said := newSayings()
	s := newStackOn(t, databases{url, api.URL, worker.URL}, shortLease, said)
	sh := s.newShop(t, "frozen", false)
	sh.setTest(t, manyPrices(12))
	held := sh.hold(t, stripesim.Match{Method: "POST", Path: "^/v1/prices$", Nth: 2}, stripesim.AtAfter)
	d := sh.mustGoLive(t, goLiveInput{ProductID: sh.product(t, "prod_plans").ID})
	watching := mustSubscribe(t, sh.api, d.ID, 0)
	held.wait(t)
	if worker.Freeze() == 0 || api.Freeze() == 0 {
		t.Fatal("nothing to freeze")
	}
	held.release()
	for _, wrong := range oddities(watching.rest(t), 0) {
		t.Error(wrong)
	}
	sh.wantOnce(t, s, d.ID)
}

// Far fewer connections than work: everything takes its turn.
func TestFewConnections(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	few := url + "&pool_max_conns=2"
	if !strings.Contains(url, "?") {
		few = url + "?pool_max_conns=2"
	}
	s := newStackOn(t, databases{url, few, few}, 10*time.Second, nil)
	const shops = 6
	var all sync.WaitGroup
	for i := range shops {
		sh := s.newShop(t, fmt.Sprintf("few-%d", i), false)
		sh.setTest(t, manyPrices(6))
		d := sh.mustGoLive(t, goLiveInput{ProductID: sh.product(t, "prod_plans").ID})
		for range 10 {
			watching := mustSubscribe(t, sh.api, d.ID, 0)
			all.Go(func() {
				for _, wrong := range oddities(watching.rest(t), 0) {
					t.Error(wrong)
				}
			})
		}
		all.Go(func() {
			sh.end(t, d.ID)
			sh.wantOnce(t, s, d.ID)
		})
	}
	all.Wait()
}
