package app

import (
	"context"
	"log/slog"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/ratelimit"
	"github.com/golive-hq/golive/internal/runner"
	"github.com/golive-hq/golive/internal/seal/sealtest"
)

// Whichever way a process reaches the database, what it records is chained at once.
func TestEveryPoolChains(t *testing.T) {
	t.Parallel()
	_, keys := sealtest.Keys(t)
	cfg := Config{DatabaseURL: Secret(pgtest.URL(t)), Keys: keys, Lease: runner.DefaultLease, Rates: ratelimit.DefaultRates, StripeAPIBase: "http://127.0.0.1:1"}
	for _, connect := range []func(context.Context, Config) (pools, error){callersPools, onePool} {
		p, err := open(t.Context(), cfg, slog.New(slog.DiscardHandler), connect)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(p.pools.close)
		for _, pool := range []*pgxpool.Pool{p.pools.main, p.pools.door} {
			wantChained(t, pool)
		}
	}
}

func wantChained(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	var tenantID string
	err := pool.QueryRow(postgres.Across(t.Context(), postgres.Operators), `INSERT INTO tenants (id, slug, name) VALUES (gen_random_uuid(), gen_random_uuid()::text, 'T') RETURNING id::text`).Scan(&tenantID)
	if err != nil {
		t.Fatal(err)
	}
	err = postgres.InTx(t.Context(), pool, func(tx pgx.Tx) error {
		return audit.Record(t.Context(), tx, audit.Entry{TenantID: tenantID, Actor: "golive", Action: "x.done", Subject: "s"})
	})
	if err != nil {
		t.Fatal(err)
	}
	page, err := audit.List(postgres.For(t.Context(), tenantID), pool, audit.Filter{TenantID: tenantID}, 1, "")
	if err != nil || len(page.Entries) != 1 || page.Entries[0].Number == nil {
		t.Errorf("%+v %v", page.Entries, err)
	}
}
