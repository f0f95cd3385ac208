package app_test

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/golive-hq/golive/internal/app"
	"github.com/golive-hq/golive/internal/audit"
	"github.com/golive-hq/golive/internal/catalog"
	"github.com/golive-hq/golive/internal/connection"
	"github.com/golive-hq/golive/internal/deployment"
	"github.com/golive-hq/golive/internal/inbox"
	"github.com/golive-hq/golive/internal/order"
	"github.com/golive-hq/golive/internal/pgtest"
	"github.com/golive-hq/golive/internal/postgres"
	"github.com/golive-hq/golive/internal/seal"
	"github.com/golive-hq/golive/internal/tenant"
)

// connect stores a key of a tenant of its own, sealed with this keyset.
func connect(t *testing.T, url, keyset, slug string) {
	t.Helper()
	pool, err := postgres.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	if err := audit.LeaveUnchained(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	tenants := &tenant.Service{DB: pool}
	made, err := tenants.CreateTenant(t.Context(), slug, slug, "UTC")
	if err != nil {
		t.Fatal(err)
	}
	token, err := tenants.CreateToken(t.Context(), slug, "ada@example.com", tenant.RoleAdmin)
	if err != nil {
		t.Fatal(err)
	}
	actor, err := tenants.Authenticate(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	_, err = sealing(t, pool, keyset).Connect(tenant.WithActor(t.Context(), actor), connection.Input{TenantID: made.ID, Mode: catalog.Test, SecretKey: "sk_test_" + slug})
	if err != nil {
		t.Fatal(err)
	}
}

func newKeyset(t *testing.T) string {
	t.Helper()
	text, err := seal.NewKeyset()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func sealing(t *testing.T, pool *pgxpool.Pool, keyset string) *connection.Service {
	t.Helper()
	keys, err := seal.ParseKeys(keyset)
	if err != nil {
		t.Fatal(err)
	}
	return connection.New(connection.Deps{
		DB: pool, Keys: keys, NeededAccount: deployment.NeededAccount, Unfinished: deployment.Unfinished, Connected: inbox.Connected, Paying: order.Paying,
		Prove: func(_ context.Context, key string) (connection.Proof, error) {
			return connection.Proof{Account: catalog.Account{ID: "acct_" + key}}, nil
		},
	})
}

// A keyset of somebody else would fail every deployment as it falls due; so no worker
// starts with it. An API does, for there Stripe is connected anew. One that opens a
// part serves those tenants.
func TestAKeysetThatOpensNothingStopsWorkers(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	ours, theirs := newKeyset(t), newKeyset(t)
	connect(t, url, theirs, "theirs")
	const nothing, part = " 1 of 1 ", " 1 of 2 " // of the stored keys
	p := run(t, "worker", map[string]string{"DATABASE_URL": url, "GOLIVE_SEALING_KEYS": ours})
	if err := <-p.err; err == nil || !strings.Contains(err.Error(), nothing) || !strings.Contains(err.Error(), "TEST of tenant ") {
		t.Errorf("a worker: %v", err)
	}
	p = run(t, "api", map[string]string{"DATABASE_URL": url, "GOLIVE_SEALING_KEYS": ours})
	if status, _ := p.get(t, "/readyz"); status != 200 || strings.Count(p.log.String(), nothing) != 1 {
		t.Errorf("an API: %d, %s", status, p.log)
	}
	connect(t, url, ours, "ours")
	for _, name := range []string{"api", "worker"} {
		p := run(t, name, map[string]string{"DATABASE_URL": url, "GOLIVE_SEALING_KEYS": ours})
		if status, _ := p.get(t, "/readyz"); status != 200 || strings.Count(p.log.String(), part) != 1 {
			t.Errorf("%s: %d, %s", name, status, p.log)
		}
	}
	told := ""
	for f := range app.Examine(t.Context(), environment(t, map[string]string{"DATABASE_URL": url, "GOLIVE_SEALING_KEYS": theirs, "GOLIVE_STRIPE_API_BASE": "http://127.0.0.1:1"})) {
		if f.Subject == "keys" && f.Fix {
			told += f.Says
		}
	}
	if !strings.Contains(told, part) {
		t.Errorf("the doctor says %q", told)
	}
}

// A keyset that opens less of what is stored is not gone over to; one that opens all of it
// is, and nobody can tell where the database is away.
func TestAKeysetThatOpensLessIsRefused(t *testing.T) {
	t.Parallel()
	url, text := pgtest.URL(t), newKeyset(t)
	connect(t, url, text, "acme")
	pool, err := postgres.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	keys, err := seal.ParseKeys(text)
	if err != nil {
		t.Fatal(err)
	}
	rotated, err := seal.RotateKeyset(text)
	if err != nil {
		t.Fatal(err)
	}
	if err := app.ReplaceKeys(t.Context(), pool, keys, newKeyset(t)); err == nil || !strings.Contains(err.Error(), "TEST of tenant") {
		t.Errorf("a keyset that opens nothing is taken: %v", err)
	}
	if err := app.ReplaceKeys(t.Context(), pool, keys, rotated); err != nil {
		t.Errorf("a rotated keyset: %v", err)
	}
	if _, unopened, err := connection.Unopened(t.Context(), pool, keys); len(unopened) > 0 || err != nil {
		t.Errorf("%v can't be opened any more, %v", unopened, err)
	}
	pool.Close()
	if err := app.ReplaceKeys(t.Context(), pool, keys, rotated); err == nil {
		t.Error("it is known what a keyset opens with no database")
	}
}
