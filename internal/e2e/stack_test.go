package e2e_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/app"
	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/ratelimit"
	"github.com/golive-hq/golive/internal/seal"
	"github.com/golive-hq/golive/internal/seal/sealtest"
	"github.com/golive-hq/golive/internal/stripesim"
	"github.com/golive-hq/golive/internal/stripesim/simtest"
	"github.com/golive-hq/golive/internal/tenant"
)

// stack is a whole Golive on a database of its own, with a simulator.
type stack struct {
	stripe *simtest.Server
	// urls are those of its API processes.
	urls []string
	// admit makes a tenant and a token of an admin of it.
	admit func(t testing.TB, slug string) (tenantID, token string)
	pool  *pgxpool.Pool
	// processes are the APIs and then the workers, none where all is in this process.
	processes []*process
	env       []string
}

// newStack is an API, a worker and a simulator in this process, talking to each
// other as they do anywhere.
func newStack(t *testing.T) *stack {
	t.Helper()
	url := pgtest.URL(t)
	return newStackOn(t, databases{url, url, url}, 10*time.Second, nil)
}

// databases are the ways to one database: the test's own, and those of the API and
// of the worker.
type databases struct{ own, api, worker string }

// newStackOn is newStack on a migrated database. Where its services may meet
// trouble, said counts what they say of it; nil makes every error one of the test.
func newStackOn(t *testing.T, db databases, lease time.Duration, said *sayings) *stack {
	t.Helper()
	s := &stack{stripe: simtest.Start(t)}
	pool, err := postgres.Open(t.Context(), db.own)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	if err := audit.LeaveUnchained(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	cfg := app.Config{
		DatabaseURL: app.Secret(db.api), Keys: newKeys(t), Addr: "127.0.0.1:0", WorkerAddr: "127.0.0.1:0", AdminAddr: "127.0.0.1:0",
		StripeAPIBase: s.stripe.URL, PublicURL: "http://golive.example", LogFormat: "text", Lease: lease,
		Rates: ratelimit.DefaultRates,
	}
	s.urls = []string{"http://" + start(t, newListener(t, "api", said), cfg, app.API)}
	cfg.DatabaseURL = app.Secret(db.worker)
	start(t, newListener(t, "worker", said), cfg, app.Worker)
	s.pool, s.admit = pool, admitter(&tenant.Service{DB: pool})
	return s
}

func admitter(tenants *tenant.Service) func(t testing.TB, slug string) (tenantID, token string) {
	return func(t testing.TB, slug string) (tenantID, token string) {
		t.Helper()
		made, err := tenants.CreateTenant(t.Context(), slug, slug, "Europe/Berlin")
		if err != nil {
			t.Fatal(err)
		}
		token, err = tenants.CreateToken(t.Context(), slug, "owner@"+slug+".example", tenant.RoleAdmin)
		if err != nil {
			t.Fatal(err)
		}
		return made.ID, token
	}
}

func newKeys(t testing.TB) *seal.Keys {
	t.Helper()
	_, keys := sealtest.Keys(t)
	return keys
}

// start runs a service until the test ends, and returns the address at which it
// listens once it says so.
func start(t *testing.T, log *listener, cfg app.Config, run func(context.Context, app.Config, *slog.Logger) error) string {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, cfg, slog.New(log)) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("%s: %v", log.name, err)
		}
	})
	select {
	case addr := <-log.addr:
		return addr
	case err := <-ended:
		ended <- nil
		t.Fatalf("%s: %v", log.name, err)
		return ""
	}
}

// listener is a log that waits for the line that says where a service listens,
// and fails the test on any line that reports an error, unless trouble is expected.
type listener struct {
	t    *testing.T
	name string
	addr chan string
	once *sync.Once
	said *sayings
}

func newListener(t *testing.T, name string, said *sayings) *listener {
	t.Helper()
	return &listener{t: t, name: name, addr: make(chan string, 1), once: &sync.Once{}, said: said}
}

func (l *listener) Enabled(context.Context, slog.Level) bool { return true }
func (l *listener) WithAttrs([]slog.Attr) slog.Handler       { return l }
func (l *listener) WithGroup(string) slog.Handler            { return l }

func (l *listener) Handle(_ context.Context, r slog.Record) error {
	var line strings.Builder
	var what, failed string
	r.Attrs(func(a slog.Attr) bool {
		switch a.Key {
		case "what":
			what = a.Value.String()
		case "error":
			failed = "failed: "
		case "addr":
			l.once.Do(func() { l.addr <- a.Value.String() })
		}
		fmt.Fprintf(&line, " %s", a)
		return true
	})
	switch {
	case l.said != nil:
		l.said.count(failed + what)
	case r.Level >= slog.LevelError:
		l.t.Errorf("%s:%s", r.Message, line.String())
	}
	return nil
}

// shop is a tenant with Stripe connected.
type shop struct {
	api
	slug, tenantID string
	// test and live are the same account unless test is a sandbox.
	test, live stripesim.Account
	sim        *stripesim.Sim
	// newest is the newest request that now has seen.
	newest int
}

// newShop makes a tenant with an account of its own, so that cases side by side
// have nothing in common.
func (s *stack) newShop(t testing.TB, slug string, sandbox bool) *shop {
	t.Helper()
	live := s.stripe.Sim.AddAccount(stripesim.AccountConfig{})
	test := live
	if sandbox {
		test = s.stripe.Sim.AddAccount(stripesim.AccountConfig{Sandbox: true})
	}
	return s.connect(t, slug, test, live)
}

// connect makes a tenant that uses these accounts.
func (s *stack) connect(t testing.TB, slug string, test, live stripesim.Account) *shop {
	t.Helper()
	id, token := s.admit(t, slug)
	sh := &shop{api: newAPI(s.urls[0], token), slug: slug, tenantID: id, test: test, live: live, sim: s.stripe.Sim}
	sh.connectStripe(t, id, "TEST", test.TestKey, false)
	sh.connectStripe(t, id, "LIVE", live.LiveKey, test.ID != live.ID)
	return sh
}

// at is the same member at another API process.
func (sh *shop) at(url string) api { return newAPI(url, sh.Token) }

// setTest replaces what is in test, and imports it.
func (sh *shop) setTest(t testing.TB, w *world) {
	t.Helper()
	if err := sh.sim.Load(sh.test.ID, stripesim.Test, w.state()); err != nil {
		t.Fatal(err)
	}
	sh.importProducts(t, sh.tenantID)
}

// dump returns one mode as it is.
func (sh *shop) dump(t testing.TB, account stripesim.Account, mode stripesim.Mode) *world {
	t.Helper()
	state, err := sh.sim.Dump(account.ID, mode)
	if err != nil {
		t.Fatal(err)
	}
	w, err := worldOf(state)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (sh *shop) liveWorld(t testing.TB) *world {
	t.Helper()
	return sh.dump(t, sh.live, stripesim.Live)
}

func (sh *shop) testWorld(t testing.TB) *world {
	t.Helper()
	return sh.dump(t, sh.test, stripesim.Test)
}

// writes returns the calls after a sequence number that change something, in
// either mode.
func (sh *shop) writes(t testing.TB, after int) []stripesim.Request {
	t.Helper()
	var all []stripesim.Request
	for _, account := range accountsOf(sh) {
		found, err := sh.sim.Requests(stripesim.RequestFilter{Account: account, Writes: true, After: after})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, found...)
	}
	return all
}

func accountsOf(sh *shop) []string {
	if sh.test.ID == sh.live.ID {
		return []string{sh.live.ID}
	}
	return []string{sh.test.ID, sh.live.ID}
}

// now is the sequence number of the newest request.
func (sh *shop) now(t testing.TB) int {
	t.Helper()
	for _, account := range accountsOf(sh) {
		found, err := sh.sim.Requests(stripesim.RequestFilter{Account: account, After: sh.newest})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range found {
			sh.newest = max(sh.newest, r.Seq)
		}
	}
	return sh.newest
}

// product returns the product with that id in test.
func (sh *shop) product(t testing.TB, testID string) imported {
	t.Helper()
	for _, p := range sh.products(t, sh.slug) {
		if p.StripeProductID == testID {
			return p
		}
	}
	t.Fatalf("product %s was not imported", testID)
	return imported{}
}

// liveIDs maps test ids to live ids, as the API tells them.
func (sh *shop) liveIDs(t testing.TB) map[string]string {
	t.Helper()
	ids := map[string]string{}
	for _, p := range sh.products(t, sh.slug) {
		if p.LiveProductID != nil {
			ids[p.StripeProductID] = *p.LiveProductID
		}
		for _, price := range p.Prices {
			if price.LiveID != nil {
				ids[price.TestID] = *price.LiveID
			}
		}
	}
	return ids
}
