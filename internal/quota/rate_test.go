package quota_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/quota"
	"github.com/golive-hq/golive/internal/tenant"
)

// queries counts what is asked of Postgres.
type queries struct{ n atomic.Int64 }

func (q *queries) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	q.n.Add(1)
	return ctx
}
func (q *queries) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}
func (q *queries) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData)     {}
func (q *queries) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return ctx
}
func (q *queries) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func counted(t *testing.T) (*pgxpool.Pool, *queries) {
	t.Helper()
	config, err := pgxpool.ParseConfig(pgtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	q := &queries{}
	config.ConnConfig.Tracer = q
	db, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	return db, q
}

// process returns the rates of one, in which no time passes but by the function that it
// returns.
func process(db *pgxpool.Pool) (r *quota.Rates, pass func(time.Duration)) {
	now := time.Now()
	r = quota.NewRates(db, slog.New(slog.DiscardHandler))
	r.Patience = time.Minute
	r.At(func() time.Time { return now })
	return r, func(d time.Duration) { now = now.Add(d) }
}

// member is somebody in these tenants.
func member(principal string, tenants ...string) context.Context {
	actor := tenant.Actor{Email: "ada@acme.example", Principal: principal}
	for _, id := range tenants {
		actor.Memberships = append(actor.Memberships, tenant.Membership{Tenant: tenant.Tenant{ID: id}})
	}
	return tenant.WithActor(context.Background(), actor)
}

// until counts how often do goes well before the first refusal.
func until(t *testing.T, do func() error) (n int) {
	t.Helper()
	for ; n < 2000; n++ {
		err := do()
		if e := fault.As(err); e != nil && e.Code == fault.RateLimited && e.RetryAfter > 0 {
			return n
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Fatal("there is no end")
	return n
}

// elapsed returns a look at how long it has been by the clock that counts.
func elapsed(t *testing.T, db *pgxpool.Pool) func() float64 {
	t.Helper()
	read := func() (at time.Time) {
		if err := db.QueryRow(context.Background(), `SELECT clock_timestamp()`).Scan(&at); err != nil {
			t.Fatal(err)
		}
		return at
	}
	began := read()
	return func() float64 { return read().Sub(began).Seconds() }
}

// However many processes there are, a caller has one rate.
func TestProcessesShareARate(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	one, _ := process(db)
	two, _ := process(db)
	since := elapsed(t, db)
	n := 0
	for _, r := range []*quota.Rates{one, two} {
		n += until(t, func() error { return r.Request(member("token/1")) })
	}
	if most := 200 + 50*since(); n < 200 || float64(n) > most {
		t.Errorf("%d requests, want 200 to %.0f", n, most)
	}
	if other := until(t, func() error { return two.Request(member("token/2")) }); other < 200 {
		t.Errorf("another caller's: %d", other)
	}
}

func TestATenantsCallersShareItsRate(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	r, _ := process(db)
	since := elapsed(t, db)
	n := 0
	for i := range 8 {
		n += until(t, func() error { return r.Request(member(fmt.Sprint("token/", i), "crowded")) })
	}
	if most := 800 + 200*since(); n < 800 || float64(n) > most {
		t.Errorf("%d requests, want 800 to %.0f", n, most)
	}
	if _, err := db.Exec(t.Context(), `UPDATE rates SET full_at = clock_timestamp() + interval '1 h' WHERE whose = 'crowded'`); err != nil {
		t.Fatal(err)
	}
	if n := until(t, func() error { return r.Request(member("token/9", "crowded")) }); n > 0 {
		t.Errorf("%d more", n)
	}
	if n := until(t, func() error { return r.Request(member("token/10", "crowded", "quiet")) }); n < 190 {
		t.Errorf("whoever is in another tenant, too, has %d", n)
	}
}

// A read costs no commit: what a caller needs for a second is leased at once.
func TestALeaseLastsForASecond(t *testing.T) {
	t.Parallel()
	db, asked := counted(t)
	r, pass := process(db)
	request := func(n int) int64 {
		t.Helper()
		before := asked.n.Load()
		for range n {
			if err := r.Request(member("token/1")); err != nil {
				t.Fatal(err)
			}
		}
		return asked.n.Load() - before
	}
	if got := request(10); got != 1 {
		t.Errorf("%d leases for the first ten", got)
	}
	if got := request(60); got != 2 { // 20 and 40
		t.Errorf("%d leases for a burst", got)
	}
	pass(time.Second)
	request(1)
	pass(4 * time.Second)
	if got := request(15); got != 0 {
		t.Errorf("%d leases for what was left", got)
	}
	pass(6 * time.Second)
	if got := request(1); got != 1 {
		t.Errorf("%d leases once what was left has lapsed", got)
	}
}

// Whoever asks for too much costs few queries, and what is spent comes back.
func TestRatesComeBack(t *testing.T) {
	t.Parallel()
	db, asked := counted(t)
	r, pass := process(db)
	request := func() error { return r.Request(member("token/1")) }
	until(t, request)
	before := asked.n.Load()
	for range 100 {
		if fault.CodeOf(request()) != fault.RateLimited {
			t.Fatal("let through")
		}
	}
	if got := asked.n.Load() - before; got != 0 {
		t.Errorf("refusing a hundred took %d queries", got)
	}
	pass(time.Second)
	if _, err := db.Exec(t.Context(), `UPDATE rates SET full_at = clock_timestamp() + interval '3.9 s'`); err != nil {
		t.Fatal(err)
	}
	if n := until(t, request); n < 5 {
		t.Errorf("%d came back in a tenth of a second", n)
	}
}

func TestMutationsAndSubscriptionsHaveRates(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	r, pass := process(db)
	since := elapsed(t, db)
	if n := until(t, func() error { return r.Mutate(member("token/1"), 10) }); n < 5 || float64(n) > 5+since() {
		t.Errorf("%d times ten mutations", n)
	}
	if err := r.Mutate(member("token/2"), 51); fault.CodeOf(err) != fault.BadRequest {
		t.Errorf("51 at once: %v", err)
	}
	ctx, end := context.WithCancel(member("token/3"))
	open := 0
	for range 6 { // bursts
		open += until(t, func() error { return r.Subscribe(ctx) })
		pass(10 * time.Second)
		if _, err := db.Exec(t.Context(), `UPDATE rates SET full_at = 'epoch'`); err != nil {
			t.Fatal(err)
		}
	}
	if open != 1000 {
		t.Errorf("%d open", open)
	}
	end()
	for fault.CodeOf(r.Subscribe(member("token/3"))) == fault.RateLimited { // what ends, ends soon
		pass(10 * time.Second)
	}
}

// Without Postgres nobody is refused for that, and nobody has no limit.
func TestEachProcessCountsAloneWhilePostgresIsAway(t *testing.T) {
	t.Parallel()
	db, _ := counted(t)
	r, pass := process(db)
	db.Close()
	request := func() error { return r.Request(member("token/1")) }
	if n := until(t, request); n != 200 {
		t.Errorf("%d requests", n)
	}
	pass(time.Second)
	if n := until(t, request); n != 50 {
		t.Errorf("%d requests a second later", n)
	}
}

// Whoever has no credential costs no query, and however many networks there are, they are
// remembered within bounds.
func TestNobodyIsCountedByNetwork(t *testing.T) {
	t.Parallel()
	db, asked := counted(t)
	r, pass := process(db)
	if n := until(t, func() error { return r.Anonymous("192.0.2.1/32") }); n != 200 {
		t.Errorf("%d requests", n)
	}
	for i := range 3 * quota.KeysAtOnce {
		if err := r.Anonymous(fmt.Sprintf("2001:db8:%x::/64", i)); err != nil {
			t.Fatal(err)
		}
		if i == quota.KeysAtOnce {
			pass(6 * time.Second)
		}
	}
	if r.Keys() > quota.KeysAtOnce || asked.n.Load() != 0 {
		t.Errorf("%d keys, %d queries", r.Keys(), asked.n.Load())
	}
}

func TestRatesThatAreFullAgainAreForgotten(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	for i := range 3 {
		r, _ := process(db)
		if err := r.Request(member(fmt.Sprint("token/", i))); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.Exec(t.Context(), `UPDATE rates SET full_at = 'epoch'`); err != nil {
		t.Fatal(err)
	}
	r, _ := process(db)
	if err := r.Request(member("token/9")); err != nil {
		t.Fatal(err)
	}
	var rows int
	if err := db.QueryRow(t.Context(), `SELECT count(*) FROM rates`).Scan(&rows); err != nil || rows != 2 { // two are forgotten at a time
		t.Errorf("%d rows, %v", rows, err)
	}
}

func TestWithoutRatesNobodyIsHeld(t *testing.T) {
	t.Parallel()
	var r *quota.Rates
	ctx := member("token/1", "one")
	for range 300 {
		if r.Request(ctx) != nil || r.Anonymous("192.0.2.1/32") != nil || r.Mutate(ctx, 60) != nil || r.Subscribe(ctx) != nil {
			t.Fatal("refused")
		}
	}
}
