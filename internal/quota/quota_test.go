package quota_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/fault"
	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/quota"
	"github.com/golive-hq/golive/internal/tenant"
)

func by(principal string) context.Context {
	return tenant.WithActor(context.Background(), tenant.Actor{Email: "ada@acme.example", Principal: principal})
}

// asked counts how many of so many calls at once were let through.
func asked(t *testing.T, db *pgxpool.Pool, n int, ask func(ctx context.Context) error) int {
	t.Helper()
	var all sync.WaitGroup
	var granted atomic.Int64
	for range n {
		all.Go(func() {
			err := ask(t.Context())
			switch e := fault.As(err); {
			case err == nil:
				granted.Add(1)
			case e == nil || e.Code != fault.RateLimited || e.RetryAfter <= 0 || e.RetryAfter > time.Minute:
				t.Errorf("%v, again after %v", err, e)
			}
		})
	}
	all.Wait()
	return int(granted.Load())
}

// still keeps what was spent from coming back while a test looks.
func still(t *testing.T, db *pgxpool.Pool) {
	t.Helper()
	if _, err := db.Exec(t.Context(), `UPDATE quotas SET full_at = full_at + interval '20 s'`); err != nil {
		t.Fatal(err)
	}
}

// All processes share a caller's and a tenant's quota; what is refused costs nothing.
func TestCallersAndTenantsHaveAQuota(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	ask := func(principal, tenantID string) int {
		return asked(t, db, 1, func(context.Context) error { return quota.ToAskStripe(by(principal), db, tenantID) })
	}
	got := asked(t, db, 100, func(context.Context) error { return quota.ToAskStripe(by("token/1"), db, "one") })
	if got < 60 || got > 65 { // a few have come back meanwhile
		t.Errorf("a caller got %d", got)
	}
	still(t, db)
	if ask("token/1", "two") != 0 {
		t.Error("a caller has a quota for each tenant")
	}
	if ask("token/2", "one") != 1 {
		t.Error("one caller spends another's")
	}
	got = asked(t, db, 150, func(context.Context) error { return quota.ToAskStripe(by("token/3"), db, "three") })
	got += asked(t, db, 60, func(context.Context) error { return quota.ToAskStripe(by("token/5"), db, "three") })
	more := asked(t, db, 150, func(context.Context) error { return quota.ToAskStripe(by("token/4"), db, "three") })
	if got+more < 120 || got+more > 140 {
		t.Errorf("a tenant got %d and %d", got, more)
	}
}

func TestKeysHaveAQuota(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	got := asked(t, db, 20, func(context.Context) error { return quota.ToCheckAKey(by("token/1"), db, "one") })
	if got != 5 {
		t.Errorf("%d keys", got)
	}
	if got := asked(t, db, 1, func(context.Context) error { return quota.ToCheckAKey(by("token/1"), db, "two") }); got != 1 {
		t.Error("a tenant spends another's")
	}
}

// What is spent comes back, and is forgotten once all is there again.
func TestQuotasComeBack(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	key := func() error { return quota.ToCheckAKey(by("token/1"), db, "one") }
	for range 5 {
		if err := key(); err != nil {
			t.Fatal(err)
		}
	}
	err := key()
	if e := fault.As(err); e == nil || e.Seconds() < 10 || e.Seconds() > 12 || e.Message != "Too many Stripe keys to check: the limit is 5 per minute for each tenant. Try again in 12 seconds." {
		t.Errorf("%v", err)
	}
	if _, err := db.Exec(t.Context(), `UPDATE quotas SET full_at = full_at - interval '12 s'`); err != nil {
		t.Fatal(err)
	}
	if err := key(); err != nil {
		t.Error(err)
	}
	if err := key(); fault.CodeOf(err) != fault.RateLimited {
		t.Errorf("more than one came back: %v", err)
	}
	if _, err := db.Exec(t.Context(), `UPDATE quotas SET full_at = 'epoch'`); err != nil {
		t.Fatal(err)
	}
	if err := quota.ToAskStripe(by("token/2"), db, "two"); err != nil {
		t.Fatal(err)
	}
	var rows int
	if err := db.QueryRow(t.Context(), `SELECT count(*) FROM quotas`).Scan(&rows); err != nil || rows != 3 { // two are forgotten at a time
		t.Errorf("%d rows, %v", rows, err)
	}
}

// A worker's own reads, and a database that is away, are no caller's fault.
func TestNobodysQuota(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	for range 150 {
		if err := quota.ToAskStripe(t.Context(), db, "one"); err != nil {
			t.Fatal(err)
		}
	}
	over, cancel := context.WithCancel(by("token/1"))
	cancel()
	if err := quota.ToAskStripe(over, db, "one"); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
